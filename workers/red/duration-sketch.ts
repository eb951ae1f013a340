// Hot: receive → window. Bench: bench/ingest.
import { DURATION_GAMMA } from '../../proto/columns/index.ts';

/** An entry is `bucket * 2^32 + count`: exact in a double while count < 2^32 and bucket < 2^21. */
const BUCKET_UNIT = 2 ** 32;
/** Runs begin and end at multiples of it. */
const RUN_STEP = 64;
/** As many counts take as much memory as an entry of a list that is half full. */
const COUNTS_AN_ENTRY = 4;
const NO_RUN = new Uint32Array(0);

/** The value that stands for a bucket, in ns: off by at most 1 % from anything in it. */
export function bucketNanos(bucket: number): number {
  return (2 * DURATION_GAMMA ** bucket) / (DURATION_GAMMA + 1);
}

/**
 * Counts of durations by logarithmic bucket (DDSketch, VLDB 2019), quantiles within 1 % relative error. First a list, sparse and sorted,
 * 8 bytes a bucket in use, since a second of one service rarely spans more than a few dozen. When it has doubled, and a count for every
 * bucket between the first and the last takes no more memory than it may, a run of these, in which nothing has to be searched.
 */
export class DurationSketch {
  /** An array of numbers: typed ones take longer to make, and there are many short lists. */
  private entries: number[] = [];
  private used = 0;
  /** Empty while there is a list. */
  private run = NO_RUN;
  /** Bucket of the first count of the run. */
  private first = 0;
  total = 0;

  /** A bucket counts to 2^32 - 1: two hours of half a million spans a second, all of one duration, where a window holds one. */
  add(bucket: number, count = 1): void {
    const { run } = this;
    const at = bucket - this.first;
    if (at >= 0 && at < run.length) {
      const found = run[at] ?? 0;
      if (found === 0) this.used += 1;
      run[at] = found + count;
    } else this.addBeside(bucket, count);
    this.total += count;
  }

  merge(other: DurationSketch): void {
    other.forEach((bucket, count) => {
      this.add(bucket, count);
    });
  }

  /** Buckets in ascending order. */
  forEach(visit: (bucket: number, count: number) => void): void {
    const { places } = this;
    for (let place = 0; place < places; place += 1) {
      const count = this.countAt(place);
      if (count > 0) visit(this.bucketAt(place), count);
    }
  }

  /** Ascending; `counts` has theirs in the same order. */
  buckets(): number[] {
    const buckets: number[] = [];
    this.forEach((bucket) => buckets.push(bucket));
    return buckets;
  }

  counts(): number[] {
    const counts: number[] = [];
    this.forEach((_bucket, count) => counts.push(count));
    return counts;
  }

  /** The `q`-quantile in ns, `undefined` when nothing was counted. `q` from 0 to 1, rank `⌈q · total⌉`. */
  quantileNanos(q: number): number | undefined {
    if (this.total === 0) return undefined;
    let rank = Math.max(1, Math.ceil(q * this.total));
    const { places } = this;
    for (let place = 0; place < places; place += 1) {
      rank -= this.countAt(place);
      if (rank <= 0) return bucketNanos(this.bucketAt(place));
    }
    return undefined;
  }

  private get places(): number {
    return this.run.length > 0 ? this.run.length : this.used;
  }

  private countAt(place: number): number {
    return this.run.length > 0 ? (this.run[place] ?? 0) : (this.entries[place] ?? 0) % BUCKET_UNIT;
  }

  private bucketAt(place: number): number {
    return this.run.length > 0 ? this.first + place : Math.floor((this.entries[place] ?? 0) / BUCKET_UNIT);
  }

  /** To the list, or to a run that has to be longer for it. */
  private addBeside(bucket: number, count: number): void {
    if (this.run.length > 0) {
      const last = this.first + this.run.length - 1;
      if (this.makeRun(Math.min(this.first, bucket), Math.max(last, bucket))) {
        this.run[bucket - this.first] = count;
        this.used += 1;
        return;
      }
      this.makeList();
    }
    const at = this.lowerBound(bucket);
    const found = this.entries[at] ?? 0;
    if (at < this.used && Math.floor(found / BUCKET_UNIT) === bucket) this.entries[at] = found + count;
    else this.insert(at, bucket, count);
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

  private insert(at: number, bucket: number, count: number): void {
    const { entries, used } = this;
    const hasDoubled = (used & (used - 1)) === 0;
    if (
      hasDoubled &&
      this.makeRun(Math.min(this.bucketAt(0), bucket), Math.max(this.bucketAt(used - 1), bucket))
    ) {
      this.run[bucket - this.first] = count;
      this.used += 1;
      return;
    }
    entries.push(0);
    for (let place = used; place > at; place -= 1) entries[place] = entries[place - 1] ?? 0;
    entries[at] = bucket * BUCKET_UNIT + count;
    this.used += 1;
  }

  /** Of what there is, and all between two buckets. Whether that is short enough. */
  private makeRun(firstBucket: number, lastBucket: number): boolean {
    const first = firstBucket - (firstBucket % RUN_STEP);
    const length = lastBucket - (lastBucket % RUN_STEP) + RUN_STEP - first;
    if (!(length <= COUNTS_AN_ENTRY * this.used)) return false;
    const run = new Uint32Array(length);
    this.forEach((bucket, count) => {
      run[bucket - first] = count;
    });
    this.run = run;
    this.first = first;
    this.entries = [];
    return true;
  }

  private makeList(): void {
    const entries: number[] = [];
    this.forEach((bucket, count) => entries.push(bucket * BUCKET_UNIT + count));
    this.entries = entries;
    this.used = entries.length;
    this.run = NO_RUN;
    this.first = 0;
  }
}
