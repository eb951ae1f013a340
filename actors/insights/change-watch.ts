import { serviceIdOf, type ServiceId } from '../../proto/columns/index.ts';
import type { SeenResource } from '../../workers/watch/index.ts';
import type { ChangeStore, ServiceChange } from '../ports/index.ts';
import { RetryingSaver } from './retrying-saver.ts';

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
  private changes: ServiceChange[] = [];

  /** Answers what has changed. */
  add(resources: readonly SeenResource[], nowMs: number): readonly ServiceChange[] {
    const found: ServiceChange[] = [];
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
      if (isNewVersion) found.push({ serviceId, kind: 'deploy', name: version, atMs: nowMs });
      else if (isNewInstance) {
        found.push({ serviceId, kind: others > 1 ? 'scaling' : 'restart', name: instance, atMs: nowMs });
      }
    }
    this.changes = [...this.changes, ...found].filter(({ atMs }) => nowMs - atMs < KEPT_MS);
    this.changes = this.changes.slice(-MOST_CHANGES);
    return found;
  }

  /** Those of a stretch, oldest first. */
  between(fromMs: number, toMs: number): readonly ServiceChange[] {
    return this.changes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }
}

/** In words that go on a sentence. */
export function describeChange({ kind, name }: ServiceChange): string {
  if (kind === 'deploy') return `deploy of version ${name}`;
  return kind === 'restart' ? `restart as ${name}` : `new instance ${name}`;
}

/** Changes on their way into the store. */
export function changeSaver(store: ChangeStore | undefined): RetryingSaver<ServiceChange> {
  return new RetryingSaver({
    save: async (changes) => store?.save(changes),
    keyOf: ({ serviceId, kind, name, atMs }) => [serviceId, kind, name, atMs].join('\n'),
    mayGoUnsaved: () => true,
  });
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
