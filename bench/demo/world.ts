import type { Meter, Tracer } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';

/** What a service reports with. */
export interface ServiceTelemetry {
  readonly tracer: Tracer;
  readonly meter: Meter;
  readonly logger: Logger;
  /** Sends what is left. */
  shutdown(): Promise<void>;
}

/** Time, chance and telemetry of a shop: real ones, or simulated ones in which hours take seconds. */
export interface ShopWorld {
  readonly pause: (ms: number) => Promise<void>;
  /** 0 to 1, 1 left out. */
  readonly random: () => number;
  /** Since any one moment. */
  readonly nowMs: () => number;
  readonly unixMs: () => number;
  /** Until what it answers is called. */
  readonly every: (ms: number, work: () => void) => () => void;
  readonly telemetryOf: (service: string, version: string) => ServiceTelemetry;
}

/** A log-normal spread around a usual duration: most near it, a few much longer, as services answer. */
export function spread(usualMs: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return usualMs * Math.exp(0.35 * normal);
}
