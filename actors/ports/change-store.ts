import type { ServiceChangeJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';

/** A deploy, a restart or a scaling of a service. */
export interface ServiceChange {
  readonly serviceId: ServiceId;
  readonly kind: ServiceChangeJson['kind'];
  /** The version of a deploy, the instance of the others. */
  readonly name: string;
  /** Unix ms. */
  readonly atMs: number;
}

/** Where changes of services are kept. */
export interface ChangeStore {
  /** One that is there already stays as it is. Rejects with `StorageUnavailableError`. */
  save(changes: readonly ServiceChange[]): Promise<void>;
}
