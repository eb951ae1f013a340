import {
  newChunk,
  SERIES_A_CHUNK,
  TEST_KINDS,
  type SharedStates,
  type TestKind,
} from '../../workers/watch/index.ts';
import type { CrowdedOut } from './insight-counters.ts';
import { watch, type WatchedSeries, type SeriesIdentity, keyOf } from './watched-series.ts';

/** Series that nothing came of for so long may be given up for others. */
const IDLE_MS = 3_600_000;
const SWEEP_EVERY_MS = 60_000;

interface Kind {
  readonly chunks: SharedArrayBuffer[];
  readonly series: (WatchedSeries | undefined)[];
  readonly free: number[];
}

/** All series that are watched, a bounded number, and the memory of their tests. */
export class SeriesRegistry {
  private readonly kinds: Readonly<Record<TestKind, Kind>> = {
    share: newKind(),
    durations: newKind(),
    count: newKind(),
    point: newKind(),
  };
  private readonly byKey = new Map<string, WatchedSeries>();
  private readonly mostSeries: number;
  private sweptMs = 0;
  private readonly crowdedOut: CrowdedOut;

  /** Series that find no place are counted as often as they are asked for. */
  constructor(mostSeries: number, crowdedOut: CrowdedOut) {
    this.mostSeries = mostSeries;
    this.crowdedOut = crowdedOut;
  }

  get size(): number {
    return this.byKey.size;
  }

  get states(): SharedStates {
    const { share, durations, count, point } = this.kinds;
    return {
      share: [...share.chunks],
      durations: [...durations.chunks],
      count: [...count.chunks],
      point: [...point.chunks],
    };
  }

  find(key: string): WatchedSeries | undefined {
    return this.byKey.get(key);
  }

  at(kind: TestKind, place: number): WatchedSeries | undefined {
    return this.kinds[kind].series[place];
  }

  all(): IterableIterator<WatchedSeries> {
    return this.byKey.values();
  }

  /** The series, made if it is new; undefined when there are too many. */
  ensure(identity: SeriesIdentity, nowMs: number): WatchedSeries | undefined {
    const key = keyOf(identity);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    if (this.byKey.size >= this.mostSeries) {
      this.crowdedOut.series += 1;
      return undefined;
    }
    const kind = this.kinds[identity.test];
    const place = kind.free.pop() ?? kind.series.length;
    if (place >= kind.chunks.length * SERIES_A_CHUNK) kind.chunks.push(newChunk(identity.test));
    const series = watch(identity, key, place, nowMs);
    kind.series[place] = series;
    this.byKey.set(key, series);
    return series;
  }

  /** A series as it was when it was last watched; false where it is watched already, or there are too many. */
  restore(identity: SeriesIdentity, bornMs: number, state: Float64Array, nowMs: number): boolean {
    if (this.byKey.has(keyOf(identity))) return false;
    const series = this.ensure(identity, nowMs);
    if (series === undefined) return false;
    series.bornMs = bornMs;
    series.isLearning = false;
    series.isRestored = true;
    this.bytesOf(series).set(new Uint8Array(state.buffer, state.byteOffset, state.byteLength));
    return true;
  }

  /** The state of its test, shared with the judge. */
  bytesOf({ test, place }: WatchedSeries): Uint8Array {
    const chunk = this.kinds[test].chunks[Math.floor(place / SERIES_A_CHUNK)];
    if (chunk === undefined) throw new Error(`series ${place} of ${test} has no state`);
    const bytes = chunk.byteLength / SERIES_A_CHUNK;
    return new Uint8Array(chunk, (place % SERIES_A_CHUNK) * bytes, bytes);
  }

  /** Gives up what is idle; now and then, and not while a judge works. */
  sweep(nowMs: number): void {
    if (nowMs - this.sweptMs < SWEEP_EVERY_MS) return;
    this.sweptMs = nowMs;
    for (const test of TEST_KINDS) {
      const kind = this.kinds[test];
      for (const series of kind.series) {
        if (series === undefined || nowMs - series.seenMs < IDLE_MS) continue;
        kind.series[series.place] = undefined;
        kind.free.push(series.place);
        this.byKey.delete(series.key);
        clear(kind.chunks[Math.floor(series.place / SERIES_A_CHUNK)], series.place % SERIES_A_CHUNK);
      }
    }
  }
}

function newKind(): Kind {
  return { chunks: [], series: [], free: [] };
}

function clear(chunk: SharedArrayBuffer | undefined, place: number): void {
  if (chunk === undefined) return;
  const bytes = chunk.byteLength / SERIES_A_CHUNK;
  new Uint8Array(chunk, place * bytes, bytes).fill(0);
}
