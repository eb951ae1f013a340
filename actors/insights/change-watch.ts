import { serviceIdOf, type ServiceId } from '../../proto/columns/index.ts';
import type { SeenResource } from '../../workers/watch/index.ts';

/** A deploy, a restart or a scaling of a service. */
export interface Change {
  readonly serviceId: ServiceId;
  readonly what: string;
  readonly atMs: number;
}

interface Known {
  readonly firstMs: number;
  readonly versions: Map<string, number>;
  readonly instances: Map<string, number>;
}

const KEPT_MS = 3_600_000;
const MOST_CHANGES = 1_000;
const MOST_INSTANCES = 500;
/** What is first seen while a service itself is new is no change. */
const SETTLED_MS = 60_000;
/** An instance that was heard of so lately still runs. */
const ALIVE_MS = 60_000;

/** Which versions and processes of services there are, and when that changed. */
export class ChangeWatch {
  private readonly services = new Map<ServiceId, Known>();
  private changes: Change[] = [];

  add(resources: readonly SeenResource[], nowMs: number): void {
    for (const { service, version, instance } of resources) {
      const serviceId = serviceIdOf(service);
      let known = this.services.get(serviceId);
      if (known === undefined) {
        known = { firstMs: nowMs, versions: new Map(), instances: new Map() };
        this.services.set(serviceId, known);
      }
      const isSettled = nowMs - known.firstMs > SETTLED_MS;
      const isNewVersion = note(known.versions, version, nowMs);
      const others = [...known.instances.values()].filter((seenMs) => nowMs - seenMs < ALIVE_MS).length;
      const isNewInstance = note(known.instances, instance, nowMs);
      if (!isSettled) continue;
      if (isNewVersion) this.push({ serviceId, what: `deploy of version ${version}`, atMs: nowMs });
      else if (isNewInstance) {
        this.push({
          serviceId,
          what: others > 1 ? `new instance ${instance}` : `restart as ${instance}`,
          atMs: nowMs,
        });
      }
    }
  }

  /** Those of a stretch, oldest first. */
  between(fromMs: number, toMs: number): readonly Change[] {
    return this.changes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }

  private push(change: Change): void {
    this.changes.push(change);
    this.changes = this.changes.filter(({ atMs }) => change.atMs - atMs < KEPT_MS).slice(-MOST_CHANGES);
  }
}

/** Whether it was not known. */
function note(known: Map<string, number>, name: string, nowMs: number): boolean {
  const isNew = name !== '' && !known.has(name);
  if (isNew && known.size >= MOST_INSTANCES) {
    for (const oldest of known.keys()) {
      known.delete(oldest);
      break;
    }
  }
  known.set(name, nowMs);
  return isNew;
}
