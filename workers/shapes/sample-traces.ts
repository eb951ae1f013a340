// Hot: once a span. Bench: bench/advice.
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader, type DictionaryReader } from '../columns/index.ts';
import { isWithin } from '../scan/index.ts';
import { traceHash, traceWords } from '../scan/index.ts';

export interface SampleTracesInput {
  /** Of a span's start. */
  readonly range: TimeRange;
  /** The span's name; without it any. */
  readonly operation?: string;
  /** Traces that are wanted at most. */
  readonly most: number;
}

/**
 * Which traces to look at: of all that have such a span, those with the least hashes of their ids, ascending. A sample without a choice, which is the same
 * on every thread and can be merged: bottom-k (Cohen & Kelley 1997). One pass, O(spans) in the mean.
 */
export function sampleTraces(
  { range, operation, most }: SampleTracesInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): Uint32Array {
  const least = new LeastOf(most);
  for (const { batch } of batches) {
    if (batch.signal !== 'traces') continue;
    const { columns, rowCount, dictionary } = batch as Batch<'traces'>;
    const names = operation === undefined ? undefined : new NameTest(dictionaryReader(dictionary), operation);
    const ids = traceWords(batch as Batch<'traces'>);
    for (let row = 0; row < rowCount; row += 1) {
      const hash = traceHash(ids, row);
      if (hash > least.greatest) continue;
      if (names && !names.isMeant(columns.name[row] ?? 0)) continue;
      if (isWithin(columns.startTimeUnixNano[row] ?? 0n, range)) least.add(hash);
    }
  }
  return least.take();
}

/** The least of what several threads have found. */
export function mergeSamples(samples: readonly Uint32Array[], most: number): Uint32Array {
  const least = new LeastOf(most);
  for (const sample of samples) for (const hash of sample) least.add(hash);
  return least.take();
}

/** How many traces there are in all, from a sample of `most`; its standard error is 1 / √most. */
export function estimateTraces(sample: Uint32Array, most: number): number {
  if (sample.length < most) return sample.length;
  return Math.round((most - 1) / (((sample.at(-1) ?? 0) + 1) / 2 ** 32));
}

class LeastOf {
  private readonly most: number;
  private readonly hashes = new Set<number>();
  greatest = Infinity;

  constructor(most: number) {
    this.most = most;
  }

  add(hash: number): void {
    if (hash > this.greatest) return;
    this.hashes.add(hash);
    if (this.hashes.size >= 4 * this.most) this.compact();
  }

  take(): Uint32Array {
    return Uint32Array.from(this.hashes).sort().slice(0, this.most);
  }

  private compact(): void {
    const least = this.take();
    this.hashes.clear();
    for (const hash of least) this.hashes.add(hash);
    this.greatest = least.at(-1) ?? Infinity;
  }
}

class NameTest {
  private readonly dictionary: DictionaryReader;
  private readonly name: string;
  private readonly known: (boolean | undefined)[] = [];

  constructor(dictionary: DictionaryReader, name: string) {
    this.dictionary = dictionary;
    this.name = name;
  }

  isMeant(code: number): boolean {
    return (this.known[code] ??= this.dictionary.string(code) === this.name);
  }
}
