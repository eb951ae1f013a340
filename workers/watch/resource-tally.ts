import type { Batch, ServiceId, ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';

/** A process of a service that sent something. */
export interface SeenResource {
  readonly service: ServiceKey;
  /** `service.version`, or empty. */
  readonly version: string;
  /** `service.instance.id`, else process id and host; empty where nothing tells processes apart. */
  readonly instance: string;
}

const MOST_RESOURCES = 1_000;
const LONGEST_TEXT = 200;
const INSTANCE_KEYS = ['service.instance.id', 'k8s.pod.uid', 'k8s.pod.name', 'host.name'] as const;

/** Which processes and versions sent spans; a bounded number of them. */
export class ResourceTally {
  private readonly found = new Map<string, SeenResource>();
  /** Codes that were looked at, by service and generation. */
  private readonly noted = new Map<string, Set<number>>();

  add(id: ServiceId, service: ServiceKey, batch: Batch<'traces'>): void {
    const { resource } = batch.columns;
    const key = `${id} ${batch.dictionary.id}`;
    let noted = this.noted.get(key);
    if (noted === undefined) this.noted.set(key, (noted = new Set()));
    let last = -1;
    for (let row = 0; row < batch.rowCount; row += 1) {
      const code = resource[row] ?? 0;
      if (code === last) continue;
      last = code;
      if (noted.has(code)) continue;
      noted.add(code);
      this.note(id, service, batch, code);
    }
  }

  list(): readonly SeenResource[] {
    return [...this.found.values()];
  }

  private note(id: ServiceId, service: ServiceKey, batch: Batch<'traces'>, code: number): void {
    const values = new Map<string, string>();
    for (const { key, value } of dictionaryReader(batch.dictionary).resource(code).attributes) {
      values.set(key, anyValueText(value).slice(0, LONGEST_TEXT));
    }
    const version = values.get('service.version') ?? '';
    const named = INSTANCE_KEYS.map((key) => values.get(key)).find((value) => value !== undefined);
    const process = values.get('process.pid');
    const instance = [named, process].filter((part) => part !== undefined).join(' ');
    const key = [id, version, instance].join('\n');
    if (this.found.size < MOST_RESOURCES) this.found.set(key, { service, version, instance });
  }
}
