import { SIGNALS, type AnyBatch, type Batch, type Signal } from '../../proto/columns/index.ts';
import { joinBatches } from '../../workers/columns/index.ts';

/** A batch in a window, with the journal segment that keeps it until the archive has it. */
export interface WindowPart<S extends Signal = Signal> {
  readonly segment: number;
  readonly batch: Batch<S>;
  /** Of the batch's first item, among those of its signal in the segment; of a joined one only its last item's is known by it. */
  readonly firstOrdinal: number;
  /** Of its columns. Once a batch: a shared buffer takes longer to tell its size than all the rest that a scan asks of a part. */
  readonly sizeBytes: number;
  /** Number of the delivery that brought it, or the last of it, since the platform started: tails go on from one. */
  readonly arrival: number;
  /** The batch was made of several, between whose items others may have arrived. Only of segments that are archived. */
  readonly joinedOf?: JoinedOf;
}

/** Of each batch that a joined one was made of, in order of its rows. */
export interface JoinedOf {
  readonly arrivals: Float64Array;
  readonly rows: Uint32Array;
}

/** Rows of a part that arrived together: from the first up to `toRow`. */
export interface ArrivedRows {
  readonly arrival: number;
  readonly fromRow: number;
  readonly toRow: number;
}

/** In order of arrival. */
export function arrivedRows({ arrival, batch, joinedOf }: WindowPart): readonly ArrivedRows[] {
  if (!joinedOf) return [{ arrival, fromRow: 0, toRow: batch.rowCount }];
  let toRow = 0;
  return Array.from(joinedOf.arrivals, (each, at) => {
    const fromRow = toRow;
    toRow += joinedOf.rows[at] ?? 0;
    return { arrival: each, fromRow, toRow };
  });
}

/** Parts of a segment became one, which takes less. */
export interface Joined {
  readonly segment: number;
  readonly fewerParts: number;
  /** Of columns. */
  readonly fewerBytes: number;
}

/** A larger batch costs little beside its columns. */
const SMALL_ROWS = 256;
/** A joined batch is made of no more, so that it takes 1 to 3 ms, and its times still tell whether it has to be read. */
const MOST_PARTS = 64;
const MOST_ROWS = 4_096;

/** Rolling window of one service: its batches by signal, in order of arrival. */
export class Window {
  private readonly parts: { [S in Signal]: WindowPart<S>[] } = { traces: [], metrics: [], logs: [] };
  /** Segments up to this one were looked at. */
  private joinedThrough = 0;

  append(segment: number, batch: AnyBatch, firstOrdinal: number, arrival: number): void {
    // Sound: `signal` picks the array of the batch's own type; TypeScript does not follow the correlation.
    (this.parts[batch.signal] as WindowPart[]).push({
      segment,
      batch,
      firstOrdinal,
      sizeBytes: batch.buffer.byteLength,
      arrival,
    });
  }

  /**
   * The parts as they are now, those that hold nothing newer than `afterArrival` left out; batches never change, so the answer may be
   * read at leisure.
   */
  snapshot<S extends Signal>(signal: S, afterArrival?: number): readonly WindowPart<S>[] {
    const parts: readonly WindowPart<S>[] = this.parts[signal];
    return afterArrival === undefined ? [...parts] : parts.filter(({ arrival }) => arrival > afterArrival);
  }

  /** Drops all that came with these segments. */
  evict(segments: ReadonlySet<number>): void {
    for (const signal of SIGNALS) {
      const parts = this.parts[signal] as WindowPart[];
      const kept = parts.filter(({ segment }) => !segments.has(segment));
      if (kept.length < parts.length) (this.parts[signal] as WindowPart[]) = kept;
    }
  }

  /**
   * Puts some small batches of archived segments together, which are of one segment and generation of dictionaries; `undefined`: there
   * are none. Called until then, each batch is copied once.
   */
  join(through: number): Joined | undefined {
    if (through <= this.joinedThrough) return undefined;
    for (const signal of SIGNALS) {
      const parts = this.parts[signal] as WindowPart[];
      const group = firstGroup(parts.filter((part) => this.isLoose(part, through)));
      const [first] = group;
      if (!first) continue;
      const part = joinParts(group);
      const others = new Set(group.slice(1));
      (this.parts[signal] as WindowPart[]) = parts
        .filter((each) => !others.has(each))
        .map((each) => (each === first ? part : each));
      return {
        segment: part.segment,
        fewerParts: others.size,
        fewerBytes: bytesOf(group) - bytesOf([part]),
      };
    }
    this.joinedThrough = through;
    return undefined;
  }

  private isLoose({ segment, batch, joinedOf }: WindowPart, through: number): boolean {
    return segment > this.joinedThrough && segment <= through && batch.rowCount < SMALL_ROWS && !joinedOf;
  }
}

/** The first that may be one batch, in order of arrival; none of a single part. */
function firstGroup(parts: readonly WindowPart[]): readonly WindowPart[] {
  const groups = new Map<string, { readonly parts: WindowPart[]; rows: number }>();
  for (const part of parts) {
    const { segment, batch } = part;
    const key = `${segment} ${batch.dictionary.id}`;
    const group = groups.get(key);
    if (!group) {
      groups.set(key, { parts: [part], rows: batch.rowCount });
      continue;
    }
    const isFull = group.parts.length === MOST_PARTS || group.rows + batch.rowCount > MOST_ROWS;
    if (isFull) return group.parts;
    group.parts.push(part);
    group.rows += batch.rowCount;
  }
  return [...groups.values()].find((group) => group.parts.length > 1)?.parts ?? [];
}

function joinParts(group: readonly WindowPart[]): WindowPart {
  const batch = joinBatches(group.map((part) => part.batch));
  const last = group.at(-1);
  if (!last) throw new Error('there are no parts to join');
  const firstOrdinal = last.firstOrdinal + last.batch.rowCount - batch.rowCount;
  const joinedOf = {
    arrivals: Float64Array.from(group, (part) => part.arrival),
    rows: Uint32Array.from(group, (part) => part.batch.rowCount),
  };
  return {
    segment: last.segment,
    batch,
    firstOrdinal,
    sizeBytes: batch.buffer.byteLength,
    arrival: last.arrival,
    joinedOf,
  };
}

function bytesOf(parts: readonly WindowPart[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
