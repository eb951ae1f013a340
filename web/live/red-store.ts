import { RED_RING_SECONDS } from '../../proto/live/index.ts';
import type { Frame } from './frame.ts';

const SLOTS = RED_RING_SECONDS;

/**
 * The last 900 seconds of one service or operation, one slot a second: slot `second % 900` holds `second` only while
 * `seconds[slot] === second` (Unix seconds). Other slots are left over from earlier rounds.
 */
export interface RedSeries {
  readonly key: string;
  readonly seconds: Float64Array;
  readonly requests: Uint32Array;
  readonly errors: Uint32Array;
  readonly satisfied: Uint32Array;
  readonly tolerated: Uint32Array;
  readonly spans: Uint32Array;
  readonly logs: Uint32Array;
  readonly points: Uint32Array;
  readonly p50Ms: Float32Array;
  readonly p95Ms: Float32Array;
  readonly p99Ms: Float32Array;
  firstSecond: number;
  lastSecond: number;
}

const COUNTS = ['requests', 'errors', 'satisfied', 'tolerated', 'spans', 'logs', 'points'] as const;
const LATENCIES = ['p50Ms', 'p95Ms', 'p99Ms'] as const;

/** The slot that holds `second`, or -1 when nothing is known of it. */
export function slotOf(series: RedSeries, second: number): number {
  const slot = second % SLOTS;
  return series.seconds[slot] === second ? slot : -1;
}

function makeSeries(key: string): RedSeries {
  const counts = () => new Uint32Array(SLOTS);
  const latencies = () => new Float32Array(SLOTS);
  return {
    key,
    seconds: new Float64Array(SLOTS).fill(-1),
    requests: counts(),
    errors: counts(),
    satisfied: counts(),
    tolerated: counts(),
    spans: counts(),
    logs: counts(),
    points: counts(),
    p50Ms: latencies(),
    p95Ms: latencies(),
    p99Ms: latencies(),
    firstSecond: Infinity,
    lastSecond: -Infinity,
  };
}

export interface RedStoreOptions {
  /** What tells one series from another. `operation` keys are span names, '' is the service as a whole. */
  readonly keyColumn: 'service' | 'operation';
  /** Rows of further series are left out and counted. A series takes 43 KB. */
  readonly maxSeries: number;
}

export interface RedStore {
  apply(frame: Frame): void;
  /** Forgets series without a row in the last 900 seconds. */
  evict(nowSecond: number): void;
  get(key: string): RedSeries | undefined;
  all(): IterableIterator<RedSeries>;
  /** Newest second of any row, Unix seconds; undefined before the first. */
  readonly newestSecond: number | undefined;
  readonly size: number;
  readonly leftOutRows: number;
}

export function makeRedStore({ keyColumn, maxSeries }: RedStoreOptions): RedStore {
  const byKey = new Map<string, RedSeries>();
  let newestSecond: number | undefined;
  let leftOutRows = 0;

  const seriesOf = (key: string) => {
    const known = byKey.get(key);
    if (known !== undefined || byKey.size >= maxSeries) return known;
    const made = makeSeries(key);
    byKey.set(key, made);
    return made;
  };

  /** Frame row → slot of its series, or -1 for a row that is older than the slot or has no series. */
  const place = (keys: ArrayLike<string>, millis: ArrayLike<number>, count: number) => {
    const owners: (RedSeries | undefined)[] = new Array<RedSeries | undefined>(count);
    const slots = new Int32Array(count).fill(-1);
    for (let row = 0; row < count; row++) {
      const key = keys[row] ?? '';
      const previous = row > 0 ? owners[row - 1] : undefined;
      const series = previous?.key === key ? previous : seriesOf(key);
      if (series === undefined) {
        leftOutRows += 1;
        continue;
      }
      owners[row] = series;
      const second = Math.floor((millis[row] ?? 0) / 1_000);
      const slot = second % SLOTS;
      if (!(second >= (series.seconds[slot] ?? -1))) continue;
      series.seconds[slot] = second;
      series.firstSecond = Math.min(series.firstSecond, second);
      series.lastSecond = Math.max(series.lastSecond, second);
      if (newestSecond === undefined || second > newestSecond) newestSecond = second;
      slots[row] = slot;
    }
    return { owners, slots };
  };

  return {
    apply(frame) {
      if (frame.mode === 'snapshot') byKey.clear();
      const count = frame.rowCount;
      const { owners, slots } = place(frame.strings(keyColumn), frame.numbers('second'), count);
      for (const name of [...COUNTS, ...LATENCIES]) {
        const values = frame.numbers(name);
        for (let row = 0; row < count; row++) {
          const slot = slots[row] ?? -1;
          const owner = owners[row];
          if (slot >= 0 && owner !== undefined) owner[name][slot] = values[row] ?? 0;
        }
      }
    },
    evict(nowSecond) {
      for (const series of byKey.values()) {
        if (series.lastSecond <= nowSecond - SLOTS) byKey.delete(series.key);
      }
    },
    get: (key) => byKey.get(key),
    all: () => byKey.values(),
    get newestSecond() {
      return newestSecond;
    },
    get size() {
      return byKey.size;
    },
    get leftOutRows() {
      return leftOutRows;
    },
  };
}
