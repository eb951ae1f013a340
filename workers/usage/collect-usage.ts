// Hot: once a point, every ten minutes. Bench: bench/advice.
import {
  MetricKind,
  serviceIdOf,
  ValueKind,
  type Batch,
  type ServiceBatch,
} from '../../proto/columns/index.ts';
import { dictionaryReader, type Attribute, type DictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import { signedAt, unsignedAt, wordsOf } from '../red/index.ts';
import { USAGE_METRICS, type UsageMetric, type UsageRole } from './usage-metrics.ts';
import { ownerOfUsage, type OwnerOfUsage } from './usage-owner.ts';

export interface CollectUsageInput {
  /** Of points' times, Unix ms; the end is not in it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A thread collects no more. */
  readonly mostSeries: number;
  readonly mostPoints: number;
}

/** What one metric said of one instance; a thread has some of its points: see `joinUsage`. */
export interface UsageSeries extends OwnerOfUsage {
  readonly metric: string;
  readonly role: UsageRole;
  readonly rank: number;
  readonly resource: UsageMetric['resource'];
  readonly owner: UsageMetric['owner'];
  /** Service id. */
  readonly service: string;
  /** Values are increases since the time before, not totals since a start. */
  readonly isDelta: boolean;
  /** By time, Unix ms: the values of all attribute sets together; of histograms counts. */
  readonly values: Map<number, number>;
  /** Of histograms. */
  readonly sums: Map<number, number>;
  /** Of deltas: seconds that a value covers. */
  readonly seconds: Map<number, number>;
}

const DELTA = 1;
const NO_RECORDED_VALUE = 1;
const STATES = ['db.client.connection.state', 'db.client.connections.state', 'state'];
const HEAP_TYPES = ['jvm.memory.type', 'type'];

/** Points of the metrics that say what is used of CPU, memory and connections, and what there is of them. */
export function collectUsage(
  { fromMs, toMs, mostSeries, mostPoints }: CollectUsageInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): UsageSeries[] {
  const series = new SeriesByOwner(mostSeries);
  let points = 0;
  for (const { service, batch } of batches) {
    if (batch.signal !== 'metrics') continue;
    const reader = new BatchReader(batch as Batch<'metrics'>, serviceIdOf(service), series);
    for (let row = 0; row < batch.rowCount && points < mostPoints; row += 1) {
      if (!reader.isMeant(row)) continue;
      const timeMs = reader.timeMs(row);
      if (timeMs < fromMs || timeMs >= toMs) continue;
      points += 1;
      for (const one of reader.seriesOf(row)) reader.addTo(one, row, timeMs);
    }
  }
  return series.all();
}

/** Series by what they are of, and, so that it need not be read again at each point, by its codes in a generation of dictionaries. */
class SeriesByOwner {
  private readonly most: number;
  private readonly found = new Map<string, UsageSeries>();
  private readonly byCodes = new Map<string, readonly UsageSeries[]>();

  constructor(most: number) {
    this.most = most;
  }

  ofCodes(codes: string, read: () => readonly UsageSeries[]): readonly UsageSeries[] {
    let known = this.byCodes.get(codes);
    if (!known) {
      known = read();
      this.byCodes.set(codes, known);
    }
    return known;
  }

  /** `undefined` where there are too many already. */
  take(key: string, make: () => UsageSeries): UsageSeries | undefined {
    let known = this.found.get(key);
    if (!known && this.found.size < this.most) {
      known = make();
      this.found.set(key, known);
    }
    return known;
  }

  all(): UsageSeries[] {
    return [...this.found.values()];
  }
}

class BatchReader {
  private readonly batch: Batch<'metrics'>;
  private readonly service: string;
  private readonly series: SeriesByOwner;
  private readonly dictionary: DictionaryReader;
  private readonly times: Uint32Array;
  private readonly starts: Uint32Array;
  private readonly integers: Uint32Array;
  private readonly counts: Uint32Array;
  private readonly meant = new Map<number, UsageMetric | undefined>();

  constructor(batch: Batch<'metrics'>, service: string, series: SeriesByOwner) {
    this.batch = batch;
    this.service = service;
    this.series = series;
    this.dictionary = dictionaryReader(batch.dictionary);
    this.times = wordsOf(batch.columns.timeUnixNano);
    this.starts = wordsOf(batch.columns.startTimeUnixNano);
    this.integers = wordsOf(batch.columns.intValue);
    this.counts = wordsOf(batch.columns.count);
  }

  timeMs(row: number): number {
    return unsignedAt(this.times, row) / 1e6;
  }

  isMeant(row: number): boolean {
    const { flags } = this.batch.columns;
    return this.usageMetric(row) !== undefined && ((flags[row] ?? 0) & NO_RECORDED_VALUE) === 0;
  }

  /** The series that a point counts for. */
  seriesOf(row: number): readonly UsageSeries[] {
    const { columns, dictionary } = this.batch;
    const { offsets, items } = columns.attributes;
    let codes = `${dictionary.id} ${columns.metric[row] ?? 0} ${columns.resource[row] ?? 0}`;
    for (let item = offsets[row] ?? 0; item < (offsets[row + 1] ?? 0); item += 1) {
      codes += ` ${items[item] ?? 0}`;
    }
    return this.series.ofCodes(codes, () => this.readSeries(row));
  }

  private readSeries(row: number): UsageSeries[] {
    const usage = this.usageMetric(row);
    const attributes = this.attributesOf(row);
    if (!usage || (usage.resource === 'heap' && !isOfHeap(attributes))) return [];
    const { columns } = this.batch;
    const sender = this.dictionary.resource(columns.resource[row] ?? 0).attributes;
    const owner = ownerOfUsage(usage, sender, attributes);
    if (!owner) return [];
    const { name, temporality, isMonotonic } = this.dictionary.metric(columns.metric[row] ?? 0);
    const kind = columns.metricKind[row];
    const isHistogram = kind !== MetricKind.gauge && kind !== MetricKind.sum;
    const isDelta = temporality === DELTA && (isMonotonic || isHistogram);
    // A sender of its own is one of its service.
    const who = usage.owner === 'sender' ? this.service : '';
    return rolesOf(usage, attributes).flatMap((role) => {
      const key = JSON.stringify([who, usage.owner, owner.instance, name, role]);
      const make = (): UsageSeries => ({
        ...{ ...owner, metric: name, role, rank: usage.rank, resource: usage.resource },
        ...{ owner: usage.owner, service: this.service, isDelta },
        ...{ values: new Map(), sums: new Map(), seconds: new Map() },
      });
      return this.series.take(key, make) ?? [];
    });
  }

  addTo({ values, sums, seconds, isDelta }: UsageSeries, row: number, timeMs: number): void {
    const { columns } = this.batch;
    const factor = this.usageMetric(row)?.factor ?? 1;
    const kind = columns.metricKind[row];
    if (kind === MetricKind.gauge || kind === MetricKind.sum) {
      if (columns.valueKind[row] === ValueKind.absent) return;
      const isInteger = columns.valueKind[row] === ValueKind.int;
      const value = isInteger ? signedAt(this.integers, row) : (columns.doubleValue[row] ?? 0);
      // Limits that are none are sent as nothing, or less.
      add(values, timeMs, Math.max(0, value) * factor);
    } else {
      add(values, timeMs, unsignedAt(this.counts, row));
      add(sums, timeMs, (columns.sum[row] ?? 0) * factor);
    }
    if (isDelta) seconds.set(timeMs, (timeMs - unsignedAt(this.starts, row) / 1e6) / 1e3);
  }

  private usageMetric(row: number): UsageMetric | undefined {
    const code = this.batch.columns.metric[row] ?? 0;
    if (!this.meant.has(code)) this.meant.set(code, USAGE_METRICS.get(this.dictionary.metric(code).name));
    return this.meant.get(code);
  }

  private attributesOf(row: number): Attribute[] {
    const { offsets, items } = this.batch.columns.attributes;
    return Array.from(items.subarray(offsets[row] ?? 0, offsets[row + 1] ?? 0), (code) =>
      this.dictionary.attribute(code),
    );
  }
}

/** What is used of a pool counts as open, too. */
function rolesOf({ resource, role }: UsageMetric, attributes: readonly Attribute[]): UsageRole[] {
  if (resource !== 'connections' || role !== 'usage') return [role];
  const state = textOf(attributes, STATES);
  return state === undefined || state === 'used' ? ['usage', 'open'] : ['open'];
}

/** What a JVM uses besides its heap has another limit. */
function isOfHeap(attributes: readonly Attribute[]): boolean {
  const type = textOf(attributes, HEAP_TYPES);
  return type === undefined || type === 'heap';
}

function textOf(attributes: readonly Attribute[], keys: readonly string[]): string | undefined {
  const found = attributes.find(({ key }) => keys.includes(key));
  return found && anyValueText(found.value);
}

function add(values: Map<number, number>, timeMs: number, value: number): void {
  values.set(timeMs, (values.get(timeMs) ?? 0) + value);
}
