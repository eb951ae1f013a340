import { serviceIdOf, type ServiceId } from '../../proto/columns/index.ts';
import type { TalliedException } from '../../workers/watch/index.ts';

/** A type of failure of a service's operation. */
export interface WatchedError extends TalliedException {
  readonly serviceId: ServiceId;
  readonly firstMs: number;
  lastMs: number;
  /** Of the last minutes: half of it is forgotten every five. */
  recent: number;
}

const MOST_ERRORS = 2_000;
const HALF_LIFE_MS = 300_000;

/** Which failures services have had, those longest unseen forgotten first. */
export class ErrorWatch {
  private readonly errors = new Map<string, WatchedError>();

  add(exceptions: readonly TalliedException[], nowMs: number): void {
    for (const seen of exceptions) {
      const serviceId = serviceIdOf(seen.service);
      const key = [serviceId, seen.operation, seen.exceptionType].join('\n');
      const known = this.errors.get(key);
      const error = known ?? { ...seen, serviceId, count: 0, firstMs: nowMs, lastMs: nowMs, recent: 0 };
      error.recent = error.recent * 0.5 ** ((nowMs - error.lastMs) / HALF_LIFE_MS) + seen.count;
      error.count += seen.count;
      error.lastMs = nowMs;
      this.errors.delete(key);
      this.errors.set(key, error);
    }
    for (const key of this.errors.keys()) {
      if (this.errors.size <= MOST_ERRORS) break;
      this.errors.delete(key);
    }
  }

  /** Those of a service that came since a moment, the most frequent first. */
  ofService(serviceId: string, sinceMs: number): readonly WatchedError[] {
    return [...this.errors.values()]
      .filter((error) => error.serviceId === serviceId && error.lastMs >= sinceMs)
      .sort((one, other) => other.recent - one.recent);
  }
}
