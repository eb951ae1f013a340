import type { DictionarySnapshot } from '../../proto/columns/index.ts';
import { InterningTable } from './interning-table.ts';
import { SharedDictionary } from './shared-dictionary.ts';

const NOTHING = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };

/** A dictionary whose entries are found by their bytes. */
export class DictionaryGeneration {
  readonly shared = new SharedDictionary();
  readonly strings: InterningTable;
  readonly attributes: InterningTable;
  readonly resources: InterningTable;
  readonly scopes: InterningTable;
  readonly metrics: InterningTable;
  readonly bounds: InterningTable;

  constructor() {
    const seed = Math.floor(Math.random() * 2 ** 32) | 0;
    const { tables } = this.shared;
    this.strings = new InterningTable(seed, tables.strings);
    this.attributes = new InterningTable(seed, tables.attributes);
    this.resources = new InterningTable(seed, tables.resources);
    this.scopes = new InterningTable(seed, tables.scopes);
    this.metrics = new InterningTable(seed, tables.metrics);
    this.bounds = new InterningTable(seed, tables.bounds);
    this.strings.intern(NOTHING, 0, 0);
    this.bounds.intern(NOTHING, 0, 0);
  }

  get id(): number {
    return this.shared.id;
  }

  get entryCount(): number {
    return this.shared.entryCount;
  }

  get sizeBytes(): number {
    return this.shared.sizeBytes;
  }

  /** The same object until an entry is added. */
  snapshot(): DictionarySnapshot {
    return this.shared.snapshot();
  }
}
