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
  /** As `Journal.digest` gives it, for a record that is appended it may be left out. Kept longer than the record. */
  readonly digest?: Uint8Array;
  /** The journal's until the append has settled; not to be written meanwhile. */
  readonly bytes: Uint8Array;
}

export const DIGEST_BYTES = 16;

/** A request that an earlier process made durable, and that may come again. */
export interface FoundDigest {
  readonly segment: number;
  readonly digest: Uint8Array;
  readonly receivedAtUnixMs: number;
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
  /** Of all segments released since the start. */
  readonly releasedBytes: number;
  readonly pendingSegments: number;
}

/**
 * What makes accepted requests outlive the process. Records are held in segments, numbered upwards forever; a
 * segment is sealed at a bound of items, bytes or age, archived by somebody else, and then released.
 */
export interface Journal {
  /** What a request is known by when it comes again: `DIGEST_BYTES` bytes. The same after a restart. */
  digest(record: Pick<JournalRecord, 'signal' | 'encoding' | 'bytes'>): Uint8Array;
  /**
   * Makes a record durable, then calls `deliver` with its segment, synchronously and in the order of the appends,
   * then resolves. All deliveries of a segment come before it is sealed. Rejects only with what `deliver` throws.
   */
  append(record: JournalRecord, deliver: (segment: number) => void): Promise<AppendOutcome>;
  /** Whether a record of so many bytes would be taken just now. */
  hasRoom(sizeBytes: number): boolean;
  /** Seals what was appended so far; the number of the sealed segment, or undefined when it held nothing. */
  seal(): Promise<number | undefined>;
  /** Tells of segments sealed from now on. Returns what ends it. */
  onSealed(listener: (segment: SealedSegment) => void): () => void;
  /** Forgets a sealed segment. Of an unknown one: nothing happens. */
  release(segment: number): Promise<void>;
  /** Sealed, unreleased segments in order; after a start: all that were found. */
  pending(): readonly SealedSegment[];
  /**
   * Records of a sealed segment, in order; one that was released, or never was, has none. The bytes of a record are
   * good until the next one is asked for.
   */
  read(segment: number): AsyncIterable<JournalRecord>;
  /** False where the records of an unreleased segment were never written. */
  canRead(segment: number): boolean;
  statistics(): JournalStatistics;
  /** Makes durable what waits, delivers it, and gives the journal free. Appends are refused from now on. */
  close(): Promise<void>;
}
