// Hot: once a call. Bench: bench/ingest.
import { DurationSketch } from '../red/index.ts';
import type { CallNode } from './call-node.ts';

/** Calls of a service to another one that they do not name, since the last time they were taken. */
export interface CallsOfEdge {
  readonly from: CallNode;
  readonly to: CallNode;
  requests: number;
  errors: number;
  /** As the caller measured, where it did. */
  readonly durations: DurationSketch;
  /** Calls by the second in which they ended, Unix s. */
  readonly seconds: Map<number, number>;
}

export interface TakenCalls {
  readonly calls: readonly CallsOfEdge[];
  /** Halves were given up before their time: there may have been more calls. */
  readonly isShort: boolean;
}

/** What finds no place is in the edges, and no series. */
const MOST_EDGES = 20_000;
/** Of an edge between two times of being taken: clocks of senders may show anything. */
const MOST_SECONDS = 120;

/** Counts calls that only spans of both sides tell of, for whoever watches them; nothing before they were asked for first. */
export class UnnamedCalls {
  private calls: Map<number, CallsOfEdge> | undefined;
  private isShort = false;
  private lastKey = -1;
  private last: CallsOfEdge | undefined;

  /** `key` is of the edge, `duration` a bucket (`durationBucket`), `second` Unix s. */
  add(key: number, from: CallNode, to: CallNode, duration: number, isError: boolean, second: number): void {
    const { calls } = this;
    if (calls === undefined) return;
    // Batches are of one service, which often calls the same one again.
    let edge = key === this.lastKey ? this.last : calls.get(key);
    if (edge === undefined) {
      if (calls.size >= MOST_EDGES) return;
      edge = { from, to, requests: 0, errors: 0, durations: new DurationSketch(), seconds: new Map() };
      calls.set(key, edge);
    }
    this.lastKey = key;
    this.last = edge;
    edge.requests += 1;
    if (isError) edge.errors += 1;
    edge.durations.add(duration);
    const known = edge.seconds.get(second);
    if (known !== undefined || edge.seconds.size < MOST_SECONDS) edge.seconds.set(second, (known ?? 0) + 1);
  }

  /** Halves had to go before their time. */
  lose(): void {
    this.isShort = true;
  }

  take(): TakenCalls {
    const taken = { calls: [...(this.calls?.values() ?? [])], isShort: this.isShort };
    this.calls = new Map();
    this.last = undefined;
    this.isShort = false;
    return taken;
  }
}
