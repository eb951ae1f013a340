// Hot: receive → window. Bench: bench/ingest.
import { DURATION_GAMMA } from '../../proto/columns/index.ts';

/** An entry is `bucket * 2^32 + count`: exact in a double while count < 2^32 and bucket < 2^21. */
const BUCKET_UNIT = 2 ** 32;

/** The value that stands for a bucket, in ns: off by at most 1 % from anything in it. */
export function bucketNanos(bucket: number): number {
  return (2 * DURATION_GAMMA ** bucket) / (DURATION_GAMMA + 1);
}

/**
 * Counts of durations by logarithmic bucket (DDSketch, VLDB 2019), quantiles within 1 % relative error. Sparse and
 * sorted: 8 bytes a bucket in use, since a second of one service rarely spans more than a few dozen.
 */
export class DurationSketch {
  private entries = new Float64Array(4);
  private used = 0;
  total = 0;

  add(bucket: number, count = 1): void {
    const at = this.lowerBound(bucket);
    const found = this.entries[at] ?? 0;
    if (at < this.used && Math.floor(found / BUCKET_UNIT) === bucket) this.entries[at] = found + count;
    else this.insert(at, bucket * BUCKET_UNIT + count);
    this.total += count;
  }

  merge(other: DurationSketch): void {
    other.forEach((bucket, count) => {
      this.add(bucket, count);
    });
  }

  /** Buckets in ascending order. */
  forEach(visit: (bucket: number, count: number) => void): void {
    for (let i = 0; i < this.used; i += 1) {
      const entry = this.entries[i] ?? 0;
      visit(Math.floor(entry / BUCKET_UNIT), entry % BUCKET_UNIT);
    }
  }

  /** Ascending; `counts` has theirs in the same order. */
  buckets(): number[] {
    return Array.from(this.entries.subarray(0, this.used), (entry) => Math.floor(entry / BUCKET_UNIT));
  }

  counts(): number[] {
    return Array.from(this.entries.subarray(0, this.used), (entry) => entry % BUCKET_UNIT);
  }

  /** The `q`-quantile in ns, `undefined` when nothing was counted. `q` from 0 to 1, rank `⌈q · total⌉`. */
  quantileNanos(q: number): number | undefined {
    if (this.total === 0) return undefined;
    let rank = Math.max(1, Math.ceil(q * this.total));
    for (let i = 0; i < this.used; i += 1) {
      const entry = this.entries[i] ?? 0;
      rank -= entry % BUCKET_UNIT;
      if (rank <= 0) return bucketNanos(Math.floor(entry / BUCKET_UNIT));
    }
    return undefined;
  }

  private lowerBound(bucket: number): number {
    const key = bucket * BUCKET_UNIT;
    let low = 0;
    let high = this.used;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insert(at: number, entry: number): void {
    if (this.used === this.entries.length) {
      const wider = new Float64Array(this.used * 2);
      wider.set(this.entries);
      this.entries = wider;
    }
    this.entries.copyWithin(at + 1, at, this.used);
    this.entries[at] = entry;
    this.used += 1;
  }
}
