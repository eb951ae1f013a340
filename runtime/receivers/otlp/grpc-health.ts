import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

/** `grpc.health.v1.Health` of the whole server ('') and of each of its services. */
export class GrpcHealth {
  private readonly names: readonly string[];
  private readonly implementation = new HealthImplementation();

  constructor(services: readonly string[]) {
    this.names = ['', ...services];
    this.setAll('SERVING');
  }

  addTo(server: Server): void {
    this.implementation.addToServer(server);
  }

  /** Tells whoever asks or watches to go elsewhere. */
  drain(): void {
    this.setAll('NOT_SERVING');
  }

  private setAll(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const name of this.names) this.implementation.setStatus(name, status);
  }
}
