// Hot: once a log record, every ten minutes. Bench: bench/advice.
import {
  BodyKind,
  serviceIdOf,
  type Batch,
  type DictionarySnapshot,
  type ServiceBatch,
} from '../../proto/columns/index.ts';
import { xxHash32 } from '../aggregate/index.ts';
import { entryId } from '../native/index.ts';
import { unsignedAt, wordsOf } from '../red/index.ts';

export interface CountRepeatsInput {
  /** Of records' times, Unix ms; the end is not in it. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Lines of a service, and those of them that say the same, to the letter: text, severity, attributes and trace. */
export interface RepeatedLines {
  /** Service id. */
  readonly service: string;
  readonly total: number;
  /** The most frequent: counts are too low where lines are many and different, never too high. */
  readonly lines: readonly RepeatedLine[];
}

export interface RepeatedLine {
  readonly hash: number;
  readonly count: number;
  readonly text: string;
  readonly severityNumber: number;
}

/** Counters of a service: what makes up more than a 64th of its lines has one. */
const COUNTERS = 64;
const LONGEST_TEXT = 300;

/**
 * The lines that are most often repeated, of each service: Misra & Gries 1982, over hashes of whole records. A line's count is too low by at most
 * a 65th of all the service's lines. O(lines) in the mean, 64 counters a service.
 */
export function countRepeats(
  { fromMs, toMs }: CountRepeatsInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): RepeatedLines[] {
  const services = new Map<string, LineCounter>();
  for (const { service, batch } of batches) {
    if (batch.signal !== 'logs') continue;
    const id = serviceIdOf(service);
    const counter = services.get(id) ?? new LineCounter();
    services.set(id, counter);
    const logs = batch as Batch<'logs'>;
    const times = wordsOf(logs.columns.timeUnixNano);
    const observed = wordsOf(logs.columns.observedTimeUnixNano);
    const hasher = new RecordHasher(logs);
    for (let row = 0; row < logs.rowCount; row += 1) {
      const timeMs = (unsignedAt(times, row) || unsignedAt(observed, row)) / 1e6;
      if (timeMs >= fromMs && timeMs < toMs) counter.add(hasher.hashOf(row), logs, row);
    }
  }
  return Array.from(services, ([service, counter]) => counter.repeats(service));
}

/** Of all threads together: each line's counts added. */
export function joinRepeats(shares: readonly (readonly RepeatedLines[])[]): RepeatedLines[] {
  const services = new Map<string, { total: number; lines: Map<number, RepeatedLine> }>();
  for (const { service, total, lines } of shares.flat()) {
    const known = services.get(service) ?? { total: 0, lines: new Map<number, RepeatedLine>() };
    services.set(service, known);
    known.total += total;
    for (const line of lines) {
      known.lines.set(line.hash, { ...line, count: line.count + (known.lines.get(line.hash)?.count ?? 0) });
    }
  }
  return Array.from(services, ([service, { total, lines }]) => ({
    ...{ service, total },
    lines: [...lines.values()].sort((a, b) => b.count - a.count || a.hash - b.hash),
  }));
}

class LineCounter {
  private readonly counts = new Map<number, number>();
  private readonly shown = new Map<number, { readonly text: string; readonly severityNumber: number }>();
  private total = 0;

  add(hash: number, batch: Batch<'logs'>, row: number): void {
    this.total += 1;
    const count = this.counts.get(hash);
    if (count !== undefined) this.counts.set(hash, count + 1);
    else if (this.counts.size < COUNTERS) {
      this.counts.set(hash, 1);
      this.shown.set(hash, {
        text: textAt(batch, row),
        severityNumber: batch.columns.severityNumber[row] ?? 0,
      });
    } else this.lower();
  }

  repeats(service: string): RepeatedLines {
    const lines = Array.from(this.counts, ([hash, count]) => ({
      ...{ hash, count },
      ...(this.shown.get(hash) ?? { text: '', severityNumber: 0 }),
    }));
    return { service, total: this.total, lines };
  }

  /** Each addition pays for one such step at most: constant cost in the mean. */
  private lower(): void {
    for (const [hash, count] of this.counts) {
      if (count > 1) this.counts.set(hash, count - 1);
      else {
        this.counts.delete(hash);
        this.shown.delete(hash);
      }
    }
  }
}

/** Hashes of records that are the same in all but time and span, whichever dictionary they were decoded with. */
class RecordHasher {
  private readonly batch: Batch<'logs'>;

  constructor(batch: Batch<'logs'>) {
    this.batch = batch;
  }

  hashOf(row: number): number {
    const { columns, dictionary } = this.batch;
    const { offsets, bytes } = columns.body;
    let hash = xxHash32(bytes.subarray(offsets[row] ?? 0, offsets[row + 1] ?? 0));
    hash = (Math.imul(hash, 31) + (columns.severityNumber[row] ?? 0)) | 0;
    // A line of each request is one that tells of its request.
    hash = (Math.imul(hash, 31) + xxHash32(columns.traceId.subarray(16 * row, 16 * row + 16))) | 0;
    const list = columns.attributes;
    for (let item = list.offsets[row] ?? 0; item < (list.offsets[row + 1] ?? 0); item += 1) {
      hash = (hash + attributeWord(dictionary, list.items[item] ?? 0)) | 0;
    }
    return hash >>> 0;
  }
}

const words = new WeakMap<DictionarySnapshot, Map<number, number>>();

function attributeWord(snapshot: DictionarySnapshot, code: number): number {
  let known = words.get(snapshot);
  if (!known) {
    known = new Map();
    words.set(snapshot, known);
  }
  let word = known.get(code);
  if (word === undefined) {
    const { offsets, bytes } = snapshot.tables.attributes;
    word = Number(entryId(bytes.slice(offsets[code], offsets[code + 1])) & 0xffff_ffffn);
    known.set(code, word);
  }
  return word;
}

const decoder = new TextDecoder();

function textAt({ columns }: Batch<'logs'>, row: number): string {
  if (columns.bodyKind[row] !== BodyKind.text) return '';
  const { offsets, bytes } = columns.body;
  const start = offsets[row] ?? 0;
  return decoder
    .decode(bytes.slice(start, Math.min(offsets[row + 1] ?? 0, start + 4 * LONGEST_TEXT)))
    .slice(0, LONGEST_TEXT);
}
