import { threadId } from 'node:worker_threads';
import { DICTIONARY_NAMES, type DictionarySnapshot } from '../../proto/columns/index.ts';
import { InterningTable } from './interning-table.ts';

let generations = 0;

/** High part: the thread, so that ids are unique in the process without the threads talking to each other. */
function nextGenerationId(): number {
  return threadId * 2 ** 32 + generations++;
}

const NOTHING = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };

/** The six interning tables that batches of one stretch of time refer to. One writer; readers have snapshots. */
export class DictionaryGeneration {
  readonly id = nextGenerationId();
  readonly strings: InterningTable;
  readonly attributes: InterningTable;
  readonly resources: InterningTable;
  readonly scopes: InterningTable;
  readonly metrics: InterningTable;
  readonly bounds: InterningTable;
  private latest: DictionarySnapshot | undefined;

  constructor() {
    const seed = Math.floor(Math.random() * 2 ** 32) | 0;
    this.strings = new InterningTable(seed);
    this.attributes = new InterningTable(seed);
    this.resources = new InterningTable(seed);
    this.scopes = new InterningTable(seed);
    this.metrics = new InterningTable(seed);
    this.bounds = new InterningTable(seed);
    this.strings.intern(NOTHING, 0, 0);
    this.bounds.intern(NOTHING, 0, 0);
  }

  get entryCount(): number {
    return DICTIONARY_NAMES.reduce((sum, name) => sum + this[name].count, 0);
  }

  get sizeBytes(): number {
    return DICTIONARY_NAMES.reduce((sum, name) => sum + this[name].sizeBytes, 0);
  }

  /** The same object until an entry is added. */
  snapshot(): DictionarySnapshot {
    const tables = {
      strings: this.strings.snapshot(),
      attributes: this.attributes.snapshot(),
      resources: this.resources.snapshot(),
      scopes: this.scopes.snapshot(),
      metrics: this.metrics.snapshot(),
      bounds: this.bounds.snapshot(),
    };
    const latest = this.latest;
    if (latest && DICTIONARY_NAMES.every((name) => latest.tables[name] === tables[name])) return latest;
    this.latest = { id: this.id, tables };
    return this.latest;
  }
}
