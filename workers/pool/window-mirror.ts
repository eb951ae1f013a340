// Hot: once a batch and scan. Bench: bench/hot-query.
import {
  SIGNALS,
  type Batch,
  type Columns,
  type DictionarySnapshot,
  type ServiceKey,
  type Signal,
} from '../../proto/columns/index.ts';
import { scanColumnsIn } from '../columns/index.ts';
import type { DescribedBatches, WindowNews } from './protocol.ts';
import type { ScannedPart } from './task.ts';

/** What a thread keeps of a batch: no views, which are more than the columns themselves in small batches. */
interface KnownBatch {
  readonly signal: Signal;
  readonly rowCount: number;
  readonly zeroArrays: number;
  readonly minTimeUnixNano: bigint;
  readonly maxTimeUnixNano: bigint;
  readonly service: ServiceKey;
  readonly generation: number;
  readonly buffer: SharedArrayBuffer;
}

/** A batch for one scan; its columns are found when asked for, and garbage with it. */
class ScannedBatch implements Batch {
  readonly dictionary: DictionarySnapshot;
  private readonly known: KnownBatch;
  private found: Columns<Signal> | undefined;

  constructor(known: KnownBatch, dictionary: DictionarySnapshot) {
    this.known = known;
    this.dictionary = dictionary;
  }

  get signal(): Signal {
    return this.known.signal;
  }

  get rowCount(): number {
    return this.known.rowCount;
  }

  get buffer(): SharedArrayBuffer {
    return this.known.buffer;
  }

  get zeroArrays(): number {
    return this.known.zeroArrays;
  }

  get minTimeUnixNano(): bigint {
    return this.known.minTimeUnixNano;
  }

  get maxTimeUnixNano(): bigint {
    return this.known.maxTimeUnixNano;
  }

  get columns(): Columns<Signal> {
    const { signal, buffer, rowCount, zeroArrays } = this.known;
    return (this.found ??= scanColumnsIn(signal, buffer, rowCount, zeroArrays));
  }
}

/** One thread's share of the windows, as it was told. */
export class WindowMirror {
  private readonly services: ServiceKey[] = [];
  /** The latest snapshot of each generation: it holds all that earlier ones do. */
  private readonly dictionaries = new Map<number, DictionarySnapshot>();
  private readonly batchesOf = new Map<number, number>();
  private readonly batches = new Map<number, KnownBatch>();
  private readonly bySegment = new Map<number, number[]>();

  /** Answers how many bytes of buffers were let go, and which generations with them. */
  apply({ services, dictionaries, batches, evicted }: WindowNews): {
    readonly releasedBytes: number;
    readonly forgottenGenerations: readonly number[];
  } {
    this.services.push(...services);
    for (const dictionary of dictionaries) this.dictionaries.set(dictionary.id, dictionary);
    let releasedBytes = 0;
    for (const segment of evicted) releasedBytes += this.evict(segment);
    this.add(batches);
    return { releasedBytes, forgottenGenerations: this.forgetGenerations() };
  }

  has(ids: Uint32Array): boolean {
    for (const id of ids) if (!this.batches.has(id)) return false;
    return true;
  }

  *read(ids: Uint32Array, places: Uint32Array, checkpoint: () => void): Generator<ScannedPart> {
    for (let index = 0; index < ids.length; index += 1) {
      checkpoint();
      const id = ids[index] ?? 0;
      const known = this.batches.get(id);
      const dictionary = known && this.dictionaries.get(known.generation);
      if (!dictionary) throw new Error(`batch ${id} was not told, or its dictionary was not`);
      yield {
        place: places[index] ?? 0,
        service: known.service,
        batch: new ScannedBatch(known, dictionary),
      };
    }
  }

  private add(described: DescribedBatches): void {
    for (const [index, buffer] of described.buffers.entries()) {
      const signal = SIGNALS[described.signals[index] ?? 0];
      const service = this.services[described.services[index] ?? 0];
      if (!signal || !service) {
        throw new Error('a batch was described with a signal or service that there is not');
      }
      const id = described.ids[index] ?? 0;
      const segment = described.segments[index] ?? 0;
      const generation = described.generations[index] ?? 0;
      this.batches.set(id, {
        signal,
        rowCount: described.rowCounts[index] ?? 0,
        zeroArrays: described.zeroArrays[index] ?? 0,
        minTimeUnixNano: described.timesUnixNano[2 * index] ?? 0n,
        maxTimeUnixNano: described.timesUnixNano[2 * index + 1] ?? 0n,
        service,
        generation,
        buffer,
      });
      this.batchesOf.set(generation, (this.batchesOf.get(generation) ?? 0) + 1);
      const ids = this.bySegment.get(segment);
      if (ids) ids.push(id);
      else this.bySegment.set(segment, [id]);
    }
  }

  private evict(segment: number): number {
    let releasedBytes = 0;
    for (const id of this.bySegment.get(segment) ?? []) {
      const known = this.batches.get(id);
      if (!known) continue;
      releasedBytes += known.buffer.byteLength;
      this.batches.delete(id);
      this.batchesOf.set(known.generation, (this.batchesOf.get(known.generation) ?? 1) - 1);
    }
    this.bySegment.delete(segment);
    return releasedBytes;
  }

  private forgetGenerations(): number[] {
    const forgotten: number[] = [];
    for (const generation of this.dictionaries.keys()) {
      if ((this.batchesOf.get(generation) ?? 0) > 0) continue;
      forgotten.push(generation);
      this.dictionaries.delete(generation);
      this.batchesOf.delete(generation);
    }
    return forgotten;
  }
}
