// Hot: once a point. Bench: bench/detect.
import { MetricKind, ValueKind, type Batch, type ServiceBatch } from '../../proto/columns/index.ts';
import { dictionaryReader, type DictionaryReader } from '../columns/index.ts';
import { signedAt, unsignedAt, wordsOf } from '../red/index.ts';
import { SeriesHasher } from './series-hash.ts';

/** What the value of a point means. Counters count events; sums of histograms stand beside their counts. */
export const PointKind = {
  gauge: 1,
  cumulativeCount: 2,
  deltaCount: 3,
  cumulativeHistogram: 4,
  deltaHistogram: 5,
} as const;

/** Points, an element each, in the order they were read; of a series they come in order of arrival. */
export interface PointTally {
  /** Of the series: see `SeriesHasher`. */
  readonly hashes: Float64Array;
  readonly kinds: Uint8Array;
  readonly timesMs: Float64Array;
  /** Of the interval that a delta covers; 0 where it is not known. */
  readonly startsMs: Float64Array;
  /** Of histograms the count. */
  readonly values: Float64Array;
  /** Of histograms, else 0. */
  readonly sums: Float64Array;
  /** Where the point is: whoever has the batches can say which series it is of. */
  readonly places: Uint32Array;
  readonly rows: Uint32Array;
  /** Points beyond the bound, which were not read. */
  readonly skipped: number;
}

export interface TallyPointsInput {
  readonly mostPoints: number;
}

const NO_RECORDED_VALUE = 1;
const DELTA = 1;
const NONE = 0;

/** All points that a series of numbers can be made of. */
export function tallyPoints(
  { mostPoints }: TallyPointsInput,
  { batches }: { readonly batches: Iterable<ServiceBatch & { readonly place: number }> },
): PointTally {
  const list = [...batches].filter(({ batch }) => batch.signal === 'metrics');
  const rows = list.reduce((sum, { batch }) => sum + batch.rowCount, 0);
  const writer = new PointWriter(Math.min(rows, mostPoints));
  for (const { batch, place } of list) writer.addBatch(batch as Batch<'metrics'>, place);
  return writer.tally(Math.max(0, rows - mostPoints));
}

class PointWriter {
  private readonly hashes: Float64Array;
  private readonly kinds: Uint8Array;
  private readonly timesMs: Float64Array;
  private readonly startsMs: Float64Array;
  private readonly values: Float64Array;
  private readonly sums: Float64Array;
  private readonly places: Uint32Array;
  private readonly rows: Uint32Array;
  private readonly most: number;
  private count = 0;

  constructor(most: number) {
    this.most = most;
    this.hashes = new Float64Array(most);
    this.kinds = new Uint8Array(most);
    this.timesMs = new Float64Array(most);
    this.startsMs = new Float64Array(most);
    this.values = new Float64Array(most);
    this.sums = new Float64Array(most);
    this.places = new Uint32Array(most);
    this.rows = new Uint32Array(most);
  }

  addBatch(batch: Batch<'metrics'>, place: number): void {
    const { columns } = batch;
    const dictionary = dictionaryReader(batch.dictionary);
    const hasher = new SeriesHasher(batch);
    const times = wordsOf(columns.timeUnixNano);
    const starts = wordsOf(columns.startTimeUnixNano);
    const integers = wordsOf(columns.intValue);
    const counts = wordsOf(columns.count);
    let lastMetric = -1;
    let kind: number = NONE;
    for (let row = 0; row < batch.rowCount && this.count < this.most; row += 1) {
      const metric = columns.metric[row] ?? 0;
      if (metric !== lastMetric) {
        kind = kindOf(dictionary, metric, columns.metricKind[row] ?? 0);
        lastMetric = metric;
      }
      if (kind === NONE || ((columns.flags[row] ?? 0) & NO_RECORDED_VALUE) !== 0) continue;
      const at = this.count;
      const isNumber = kind <= PointKind.deltaCount;
      if (isNumber) {
        const valueKind = columns.valueKind[row];
        if (valueKind === ValueKind.absent) continue;
        this.values[at] =
          valueKind === ValueKind.int ? signedAt(integers, row) : (columns.doubleValue[row] ?? 0);
      } else {
        this.values[at] = unsignedAt(counts, row);
        this.sums[at] = columns.sum[row] ?? 0;
      }
      this.hashes[at] = hasher.hashOf(row);
      this.kinds[at] = kind;
      this.timesMs[at] = unsignedAt(times, row) / 1e6;
      this.startsMs[at] = unsignedAt(starts, row) / 1e6;
      this.places[at] = place;
      this.rows[at] = row;
      this.count += 1;
    }
  }

  tally(skipped: number): PointTally {
    const { count } = this;
    return {
      hashes: this.hashes.slice(0, count),
      kinds: this.kinds.slice(0, count),
      timesMs: this.timesMs.slice(0, count),
      startsMs: this.startsMs.slice(0, count),
      values: this.values.slice(0, count),
      sums: this.sums.slice(0, count),
      places: this.places.slice(0, count),
      rows: this.rows.slice(0, count),
      skipped,
    };
  }
}

/** Sums that may fall are levels; deltas of them cannot be told from a level and are taken as they are. */
function kindOf(dictionary: DictionaryReader, code: number, metricKind: number): number {
  switch (metricKind) {
    case MetricKind.gauge:
      return PointKind.gauge;
    case MetricKind.sum: {
      const { isMonotonic, temporality } = dictionary.metric(code);
      if (!isMonotonic) return PointKind.gauge;
      return temporality === DELTA ? PointKind.deltaCount : PointKind.cumulativeCount;
    }
    case MetricKind.histogram:
    case MetricKind.exponentialHistogram:
      return dictionary.metric(code).temporality === DELTA
        ? PointKind.deltaHistogram
        : PointKind.cumulativeHistogram;
    case MetricKind.summary:
      return PointKind.cumulativeHistogram;
    default:
      return NONE;
  }
}
