import {
  createNoopMeter,
  type Attributes,
  type Meter,
  type MetricOptions,
  type ObservableCallback,
  type ObservableResult,
} from '@opentelemetry/api';
import type { OtlpWriter } from './otlp-writer.ts';

interface Cell {
  readonly attributes: Attributes;
  value: number;
  count: number;
  buckets: number[];
}

interface Instrument {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'counter' | 'up-down-counter' | 'histogram';
  readonly bounds: readonly number[];
  readonly cells: Map<string, Cell>;
  readonly callbacks: ObservableCallback[];
}

const CUMULATIVE = 2;

/** Instruments that the shop makes, collected by hand: a meter whose clock is the caller's. */
export class VirtualMeter {
  private readonly instruments: Instrument[] = [];
  private readonly startUnixMs: number;

  constructor(startUnixMs: number) {
    this.startUnixMs = startUnixMs;
  }

  /** What the shop does not use of a meter does nothing. */
  asMeter(): Meter {
    // All meters that do nothing are one object.
    const meter = Object.create(createNoopMeter()) as Meter;
    meter.createCounter = (name, options) => this.adding('counter', name, options);
    meter.createUpDownCounter = (name, options) => this.adding('up-down-counter', name, options);
    meter.createHistogram = (name, options) => {
      const instrument = this.create('histogram', name, options);
      return {
        record: (value: number, attributes?: Attributes) => {
          record(instrument, value, attributes ?? {});
        },
      };
    };
    meter.createObservableGauge = (name, options) => {
      const { callbacks } = this.create('gauge', name, options);
      return {
        addCallback: (callback) => {
          callbacks.push(callback);
        },
        removeCallback() {
          throw new Error('the shop keeps its callbacks');
        },
      };
    };
    return meter;
  }

  /** All points as `Metric`s of a `ScopeMetrics`. */
  async write(writer: OtlpWriter, unixMs: number): Promise<void> {
    for (const instrument of this.instruments) {
      for (const callback of instrument.callbacks) await callback(observing(instrument));
      if (instrument.cells.size > 0) writeMetric(writer, instrument, this.startUnixMs, unixMs);
    }
  }

  private create(kind: Instrument['kind'], name: string, options: MetricOptions = {}): Instrument {
    const { unit = '', advice } = options;
    const bounds = advice?.explicitBucketBoundaries ?? [];
    const instrument = { name, unit, kind, bounds, cells: new Map<string, Cell>(), callbacks: [] };
    this.instruments.push(instrument);
    return instrument;
  }

  private adding(
    kind: Instrument['kind'],
    name: string,
    options: MetricOptions | undefined,
  ): { add(value: number, attributes?: Attributes): void } {
    const instrument = this.create(kind, name, options);
    return {
      add: (value, attributes = {}) => {
        cellOf(instrument, attributes).value += value;
      },
    };
  }
}

function observing(instrument: Instrument): ObservableResult {
  return {
    observe: (value, attributes = {}) => {
      cellOf(instrument, attributes).value = value;
    },
  };
}

function record(instrument: Instrument, value: number, attributes: Attributes): void {
  const cell = cellOf(instrument, attributes);
  const above = instrument.bounds.findIndex((bound) => value <= bound);
  const bucket = above < 0 ? instrument.bounds.length : above;
  cell.value += value;
  cell.count += 1;
  cell.buckets[bucket] = (cell.buckets[bucket] ?? 0) + 1;
}

function cellOf({ cells, bounds }: Instrument, attributes: Attributes): Cell {
  const key = Object.values(attributes).join('\n');
  let cell = cells.get(key);
  if (cell === undefined) {
    cell = { attributes, value: 0, count: 0, buckets: new Array<number>(bounds.length + 1).fill(0) };
    cells.set(key, cell);
  }
  return cell;
}

function writeMetric(writer: OtlpWriter, instrument: Instrument, startMs: number, unixMs: number): void {
  const { kind } = instrument;
  writer.within(2, () => {
    writer.text(1, instrument.name);
    writer.text(3, instrument.unit);
    writer.within(kind === 'gauge' ? 5 : kind === 'histogram' ? 9 : 7, () => {
      for (const cell of instrument.cells.values()) {
        writer.within(1, () => {
          writer.timeMs(2, startMs);
          writer.timeMs(3, unixMs);
          if (kind === 'histogram') writeHistogram(writer, instrument, cell);
          else {
            writer.real(4, cell.value);
            writer.attributes(7, cell.attributes);
          }
        });
      }
      if (kind === 'gauge') return;
      writer.integer(2, CUMULATIVE);
      if (kind === 'counter') writer.integer(3, 1);
    });
  });
}

function writeHistogram(writer: OtlpWriter, { bounds }: Instrument, cell: Cell): void {
  writer.unsigned(4, BigInt(cell.count));
  writer.real(5, cell.value);
  for (const bucket of cell.buckets) writer.unsigned(6, BigInt(bucket));
  for (const bound of bounds) writer.real(7, bound);
  writer.attributes(9, cell.attributes);
}
