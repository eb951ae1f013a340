import type { Signal } from '../../proto/columns/index.ts';

export const ENCODINGS = ['protobuf', 'json'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** One accepted request as it came in. */
export interface JournalRecord {
  readonly signal: Signal;
  readonly encoding: Encoding;
  /** Items in it, as the sender counts them; bounds the segment. */
  readonly itemCount: number;
  readonly receivedAtUnixMs: number;
  /** The journal's until the append has settled; not to be written meanwhile. */
  readonly bytes: Uint8Array;
}

export interface ReplayedRecord extends JournalRecord {
  readonly segment: number;
}

export interface SealedSegment {
  /** Positive, growing over the life of the directory. */
  readonly number: number;
  readonly recordCount: number;
  readonly itemCount: number;
  readonly sizeBytes: number;
}

export type AppendOutcome =
  | { readonly segment: number }
  /** The byte quota is reached (segments wait to be released), or too much waits to be written. Try again later. */
  | { readonly refused: 'journal-full' }
  /** The record could not be made durable. */
  | { readonly refused: 'journal-unavailable'; readonly cause: unknown };

export interface JournalStatistics {
  readonly appendedRecords: number;
  readonly appendedBytes: number;
  readonly commits: number;
  readonly refusedFull: number;
  readonly refusedUnavailable: number;
  /** Bytes behind the last complete record that were cut off at the start. */
  readonly tornBytes: number;
  /** Bytes between complete records that could not be read. */
  readonly damagedBytes: number;
  /** Of all unreleased segments. */
  readonly usedBytes: number;
  readonly pendingSegments: number;
}

/**
 * What makes accepted requests outlive the process. Records are held in segments, numbered upwards forever; a
 * segment is sealed at a bound of items, bytes or age, archived by somebody else, and then released.
 */
export interface Journal {
  /**
   * Makes a record durable, then calls `deliver` with its segment, synchronously and in the order of the appends,
   * then resolves. All deliveries of a segment come before it is sealed. Rejects only with what `deliver` throws.
   */
  append(record: JournalRecord, deliver: (segment: number) => void): Promise<AppendOutcome>;
  /** Seals what was appended so far; the number of the sealed segment, or undefined when it held nothing. */
  seal(): Promise<number | undefined>;
  /** Tells of segments sealed from now on. Returns what ends it. */
  onSealed(listener: (segment: SealedSegment) => void): () => void;
  /** Forgets a sealed segment. Of an unknown one: nothing happens. */
  release(segment: number): Promise<void>;
  /** Sealed, unreleased segments in order; after a start: all that were found. */
  pending(): readonly SealedSegment[];
  /** All records that the start found, in order. What is appended meanwhile is not among them. */
  replay(): AsyncIterable<ReplayedRecord>;
  statistics(): JournalStatistics;
  /** Makes durable what waits, delivers it, and gives the journal free. Appends are refused from now on. */
  close(): Promise<void>;
}
