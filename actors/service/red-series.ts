import { APDEX_T_MS } from '../../proto/live/index.ts';
import { DurationSketch } from '../../workers/red/index.ts';
import type { EndedRequests } from '../ports/index.ts';

const SATISFIED_NANO = APDEX_T_MS * 1e6;
const TOLERATED_NANO = 4 * SATISFIED_NANO;

/** Figures of one second. */
export interface RedSecond {
  /** Unix seconds. */
  readonly second: number;
  requests: number;
  errors: number;
  satisfied: number;
  tolerated: number;
  spans: number;
  logs: number;
  points: number;
  readonly durations: DurationSketch;
  /** Sequence of the live frame that first shows the present content; 0 while no frame has. */
  shownBy: number;
}

/** Memory of many series, kept by themselves. */
export interface RedTally {
  bytes: number;
}

/** Measured: a second with ten durations, and an empty ring. */
const SECOND_BYTES = 780;
const RING_BYTES = 7_300;

/** A ring of seconds. Writing to a second that has left the ring, or is not yet near, has no place: `undefined`. */
export class RedSeries {
  private readonly ring: (RedSecond | undefined)[];
  private readonly changed = new Set<RedSecond>();
  private readonly ringSeconds: number;
  private readonly tally: RedTally;
  private filled = 0;
  /** Seconds before it have no place any more. */
  private begin = 0;

  constructor(ringSeconds: number, tally: RedTally = { bytes: 0 }) {
    this.ringSeconds = ringSeconds;
    this.ring = new Array<RedSecond | undefined>(ringSeconds);
    this.tally = tally;
    tally.bytes += RING_BYTES;
  }

  get isEmpty(): boolean {
    return this.filled === 0;
  }

  /** The second's figures, to be added to. `nowSecond` bounds what the ring holds: (now − ring, now + 5 s]. */
  at(second: number, nowSecond: number): RedSecond | undefined {
    if (!(second > nowSecond - this.ringSeconds && second <= nowSecond + 5)) return undefined;
    if (second < this.begin) return undefined;
    const index = second % this.ringSeconds;
    let slot = this.ring[index];
    if (slot?.second !== second) {
      // A second just ahead of the clock must not push out one that is still within the ring.
      if (slot && slot.second > second) return undefined;
      if (slot) this.changed.delete(slot);
      else {
        this.filled += 1;
        this.tally.bytes += SECOND_BYTES;
      }
      slot = emptySecond(second);
      this.ring[index] = slot;
    }
    this.changed.add(slot);
    return slot;
  }

  /** Forgets all seconds before this one. */
  trim(before: number): void {
    for (let second = Math.max(this.begin, before - this.ringSeconds); second < before; second += 1) {
      const index = second % this.ringSeconds;
      const slot = this.ring[index];
      if (!slot || slot.second >= before) continue;
      this.ring[index] = undefined;
      this.changed.delete(slot);
      this.filled -= 1;
      this.tally.bytes -= SECOND_BYTES;
    }
    this.begin = Math.max(this.begin, before);
  }

  /** Before it is given up; it is empty. */
  dispose(): void {
    this.tally.bytes -= RING_BYTES;
  }

  /** What changed since the last call, from now on counted as shown by frame `sequence`. */
  takeChanges(sequence: number): readonly RedSecond[] {
    const changes = [...this.changed];
    for (const second of changes) second.shownBy = sequence;
    this.changed.clear();
    return changes;
  }

  /** What frames after `sequence` have shown, within the ring, oldest first. */
  shownAfter(sequence: number, nowSecond: number): readonly RedSecond[] {
    const found: RedSecond[] = [];
    for (const slot of this.ring) {
      if (slot && slot.shownBy > sequence && slot.second > nowSecond - this.ringSeconds) found.push(slot);
    }
    return found.sort((a, b) => a.second - b.second);
  }
}

function emptySecond(second: number): RedSecond {
  return {
    second,
    requests: 0,
    errors: 0,
    satisfied: 0,
    tolerated: 0,
    spans: 0,
    logs: 0,
    points: 0,
    durations: new DurationSketch(),
    shownBy: 0,
  };
}

/** An errored request is neither satisfied nor tolerated, however quick it was (Apdex technical specification 1.1). */
export function addRequest(slot: RedSecond, durationNano: number, bucket: number, isError: boolean): void {
  slot.requests += 1;
  slot.durations.add(bucket);
  if (isError) slot.errors += 1;
  else if (durationNano <= SATISFIED_NANO) slot.satisfied += 1;
  else if (durationNano <= TOLERATED_NANO) slot.tolerated += 1;
}

export function addRequests(slot: RedSecond, ended: EndedRequests): void {
  slot.requests += ended.requests;
  slot.errors += ended.errors;
  slot.satisfied += ended.satisfied;
  slot.tolerated += ended.tolerated;
  ended.buckets.forEach((bucket, at) => {
    slot.durations.add(bucket, ended.counts[at]);
  });
}
