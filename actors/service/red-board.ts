import type { AnyBatch, Batch } from '../../proto/columns/index.ts';
import { RED_RING_SECONDS } from '../../proto/live/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { readRequests } from '../../workers/red/index.ts';
import type { EndedRequests } from '../ports/index.ts';
import { addRequest, addRequests, RedSeries, type RedSecond, type RedTally } from './red-series.ts';

/** Operations beyond this many are counted together, so that span names with ids in them cannot fill the memory. */
const MAX_OPERATIONS = 200;
const OTHER_OPERATIONS = '(other operations)';

/** A second of one operation, or of the whole service (`operation` ''). */
export interface RedRow {
  readonly operation: string;
  readonly figures: RedSecond;
}

/** Memory of a board's figures. */
export interface RedSize {
  readonly whole: RedTally;
  readonly operations: RedTally;
}

/** Where the last request of a series in a batch was counted: most are of the same second as the one before. */
interface SlotOfBatch {
  readonly series: RedSeries;
  second: number;
  figures: RedSecond | undefined;
}

/** The first second that is kept. */
export interface RedKept {
  readonly whole: number;
  readonly operations: number;
}

export function noRedSize(): RedSize {
  return { whole: { bytes: 0 }, operations: { bytes: 0 } };
}

/** RED figures of a service and of each of its operations, a second a slot. */
export class RedBoard {
  private readonly whole: RedSeries;
  private readonly operations = new Map<string, RedSeries>();
  private readonly size: RedSize;

  constructor(size: RedSize = noRedSize()) {
    this.size = size;
    this.whole = new RedSeries(RED_RING_SECONDS, size.whole);
  }

  add(batch: AnyBatch, nowSecond: number): void {
    const arrived = this.whole.at(nowSecond, nowSecond);
    switch (batch.signal) {
      case 'traces':
        if (arrived) arrived.spans += batch.rowCount;
        this.addRequests(batch, nowSecond);
        break;
      case 'logs':
        if (arrived) arrived.logs += batch.rowCount;
        break;
      case 'metrics':
        if (arrived) arrived.points += batch.rowCount;
        break;
    }
  }

  /** Adds what was counted elsewhere; not the items that arrived, whose time is not kept. */
  addEnded(ended: readonly EndedRequests[], nowSecond: number): void {
    for (const each of ended) {
      const whole = this.whole.at(each.second, nowSecond);
      if (!whole) continue;
      addRequests(whole, each);
      const operation = this.operation(each.operation).at(each.second, nowSecond);
      if (operation) addRequests(operation, each);
    }
  }

  /** Operations of which nothing is left are forgotten. */
  trim(kept: RedKept): void {
    this.whole.trim(kept.whole);
    const empty = new Set<RedSeries>();
    for (const series of this.operations.values()) {
      series.trim(kept.operations);
      if (series.isEmpty) empty.add(series);
    }
    for (const [name, series] of this.operations) if (empty.has(series)) this.operations.delete(name);
    for (const series of empty) series.dispose();
  }

  takeChanges(sequence: number): readonly RedRow[] {
    return this.rows((series) => series.takeChanges(sequence));
  }

  shownAfter(sequence: number, nowSecond: number): readonly RedRow[] {
    return this.rows((series) => series.shownAfter(sequence, nowSecond));
  }

  private addRequests(batch: Batch<'traces'>, nowSecond: number): void {
    const dictionary = dictionaryReader(batch.dictionary);
    const { count, operations, seconds, durationsNano, buckets, errors } = readRequests(batch);
    const slots = new Map<number, SlotOfBatch>();
    const whole: SlotOfBatch = { series: this.whole, second: NaN, figures: undefined };
    for (let at = 0; at < count; at += 1) {
      const code = operations[at] ?? 0;
      let slot = slots.get(code);
      if (!slot) {
        slot = { series: this.operation(dictionary.string(code)), second: NaN, figures: undefined };
        slots.set(code, slot);
      }
      const second = seconds[at] ?? 0;
      const duration = durationsNano[at] ?? 0;
      const bucket = buckets[at] ?? 0;
      const isError = errors[at] === 1;
      addToSlot(whole, second, nowSecond, duration, bucket, isError);
      addToSlot(slot, second, nowSecond, duration, bucket, isError);
    }
  }

  private operation(name: string): RedSeries {
    const known = this.operations.get(name);
    if (known) return known;
    const label = this.operations.size < MAX_OPERATIONS ? name : OTHER_OPERATIONS;
    const series = this.operations.get(label) ?? new RedSeries(RED_RING_SECONDS, this.size.operations);
    this.operations.set(label, series);
    return series;
  }

  private rows(secondsOf: (series: RedSeries) => readonly RedSecond[]): RedRow[] {
    const rows: RedRow[] = [];
    for (const figures of secondsOf(this.whole)) rows.push({ operation: '', figures });
    for (const [operation, series] of this.operations) {
      for (const figures of secondsOf(series)) rows.push({ operation, figures });
    }
    return rows;
  }
}

function addToSlot(
  slot: SlotOfBatch,
  second: number,
  nowSecond: number,
  durationNano: number,
  bucket: number,
  isError: boolean,
): void {
  if (slot.second !== second) {
    slot.second = second;
    slot.figures = slot.series.at(second, nowSecond);
  }
  if (slot.figures) addRequest(slot.figures, durationNano, bucket, isError);
}
