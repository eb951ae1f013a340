import type { Batch, ServiceId, ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';

/** Which attributes the spans of a service have. */
export interface TalliedAttributes {
  readonly service: ServiceKey;
  spans: number;
  /** Of these, those whose attributes were read. */
  sampled: number;
  /** By key, the sampled spans that have it; a bounded number of keys. */
  readonly keys: Map<string, number>;
}

/** Enough to see what spans have in common; reading all would cost more than counting them. */
const SAMPLED_OF_A_BATCH = 32;
const SAMPLED_OF_A_SERVICE = 200;
const MOST_KEYS = 500;
const LONGEST_KEY = 200;

/** Keys of the attributes of spans, of a sample evenly taken from the first batches of each service. */
export class AttributeTally {
  private readonly found = new Map<ServiceId, TalliedAttributes>();

  add(id: ServiceId, service: ServiceKey, batch: Batch<'traces'>): void {
    const tally = this.tallyOf(id, service);
    tally.spans += batch.rowCount;
    const step = Math.max(1, Math.ceil(batch.rowCount / SAMPLED_OF_A_BATCH));
    const { offsets, items } = batch.columns.attributes;
    const dictionary = dictionaryReader(batch.dictionary);
    for (let row = 0; row < batch.rowCount && tally.sampled < SAMPLED_OF_A_SERVICE; row += step) {
      tally.sampled += 1;
      const end = offsets[row + 1] ?? 0;
      for (let at = offsets[row] ?? 0; at < end; at += 1) {
        count(tally.keys, dictionary.attributeKey(items[at] ?? 0).slice(0, LONGEST_KEY));
      }
    }
  }

  list(): readonly TalliedAttributes[] {
    return [...this.found.values()];
  }

  private tallyOf(id: ServiceId, service: ServiceKey): TalliedAttributes {
    let tally = this.found.get(id);
    if (tally === undefined) {
      tally = { service, spans: 0, sampled: 0, keys: new Map() };
      this.found.set(id, tally);
    }
    return tally;
  }
}

function count(keys: Map<string, number>, key: string): void {
  const known = keys.get(key);
  if (known !== undefined || keys.size < MOST_KEYS) keys.set(key, (known ?? 0) + 1);
}
