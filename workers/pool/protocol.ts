import type { DictionarySnapshot, ServiceKey } from '../../proto/columns/index.ts';

/** Batches that a thread shall know, an element each. From its buffer and these numbers it finds a batch's columns. */
export interface DescribedBatches {
  readonly ids: Uint32Array;
  /** Places in `SIGNALS`. */
  readonly signals: Uint8Array;
  readonly rowCounts: Uint32Array;
  readonly zeroArrays: Float64Array;
  /** Least and greatest, a pair a batch. */
  readonly timesUnixNano: BigUint64Array;
  readonly segments: Float64Array;
  /** Places among all services that the thread was told. */
  readonly services: Uint32Array;
  readonly generations: Float64Array;
  readonly buffers: readonly SharedArrayBuffer[];
}

/** What has changed since the thread was last told. */
export interface WindowNews {
  readonly services: readonly ServiceKey[];
  /** New generations, and known ones that have grown. */
  readonly dictionaries: readonly DictionarySnapshot[];
  readonly batches: DescribedBatches;
  /** Segments whose batches have left the windows. */
  readonly evicted: readonly number[];
}

export type ThreadRequest =
  /** `isFirst` begins an epoch: whatever the thread knows is forgotten. */
  | { readonly type: 'tell'; readonly epoch: number; readonly isFirst: boolean; readonly news: WindowNews }
  | {
      readonly type: 'run';
      readonly epoch: number;
      readonly name: string;
      readonly input: unknown;
      /** Batches to read, each told before. */
      readonly ids: Uint32Array;
      /** See `ScannedPart`. */
      readonly places: Uint32Array;
      /** Not zero: stop at the next checkpoint. */
      readonly cancelled: Int32Array;
    };

export type ThreadReply =
  | { readonly type: 'told'; readonly forgottenGenerations: readonly number[] }
  | { readonly type: 'answer'; readonly output: unknown }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: unknown }
  /** The thread is new, or lacks a batch: tell it everything again. */
  | { readonly type: 'stale' };
