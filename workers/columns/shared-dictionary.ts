import { threadId } from 'node:worker_threads';
import { DICTIONARY_NAMES, type DictionaryName, type DictionarySnapshot } from '../../proto/columns/index.ts';
import { SharedTable } from './shared-table.ts';

let generations = 0;

/** High part: the thread, so that ids are unique in the process without the threads talking to each other. */
function nextGenerationId(): number {
  return threadId * 2 ** 32 + generations++;
}

/** The six tables that batches of one stretch of time refer to. One writer; readers have snapshots. */
export class SharedDictionary {
  readonly id = nextGenerationId();
  readonly tables: { readonly [Name in DictionaryName]: SharedTable } = {
    strings: new SharedTable(),
    attributes: new SharedTable(),
    resources: new SharedTable(),
    scopes: new SharedTable(),
    metrics: new SharedTable(),
    bounds: new SharedTable(),
  };
  private latest: DictionarySnapshot | undefined;

  get entryCount(): number {
    return DICTIONARY_NAMES.reduce((sum, name) => sum + this.tables[name].count, 0);
  }

  get sizeBytes(): number {
    return DICTIONARY_NAMES.reduce((sum, name) => sum + this.tables[name].sizeBytes, 0);
  }

  /** The same object until an entry is added. */
  snapshot(): DictionarySnapshot {
    const tables = {
      strings: this.tables.strings.snapshot(),
      attributes: this.tables.attributes.snapshot(),
      resources: this.tables.resources.snapshot(),
      scopes: this.tables.scopes.snapshot(),
      metrics: this.tables.metrics.snapshot(),
      bounds: this.tables.bounds.snapshot(),
    };
    const latest = this.latest;
    if (latest && DICTIONARY_NAMES.every((name) => latest.tables[name] === tables[name])) return latest;
    this.latest = { id: this.id, tables };
    return this.latest;
  }
}
