import type { SIGNAL_KINDS } from '../../proto/api/index.ts';
import type { ServiceId, ServiceKey } from '../../proto/columns/index.ts';
import type { TestKind } from '../../workers/watch/index.ts';
import { SeriesHistory } from './series-history.ts';

export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** What a series is of. */
export interface SeriesIdentity {
  readonly service: ServiceKey;
  readonly serviceId: ServiceId;
  readonly test: TestKind;
  /** What it is made of: `metric` is what the service measured itself. */
  readonly source: 'spans' | 'logs' | 'metric';
  readonly signal: SignalKind;
  /** Of the metric; `requests`, `errors`, `latency` or `logs` where it is made of spans or log records. */
  readonly name: string;
  /** Of figures of spans. */
  readonly operation: string;
  /** Id of the node that calls of the service go to; empty for what is the service's own. */
  readonly peer: string;
  readonly peerName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
}

/** A series, and what the last judgement said of it. */
export interface WatchedSeries extends SeriesIdentity {
  readonly key: string;
  /** Among the series of its test. */
  readonly place: number;
  bornMs: number;
  /** Known from before the start. */
  isRestored: boolean;
  readonly history: SeriesHistory;
  seenMs: number;
  evidence: number;
  sinceMs: number;
  observed: number;
  expected: number;
  lower: number;
  upper: number;
  detector: string;
  isLearning: boolean;
}

export function watch(identity: SeriesIdentity, key: string, place: number, nowMs: number): WatchedSeries {
  return {
    ...identity,
    key,
    place,
    bornMs: nowMs,
    isRestored: false,
    history: new SeriesHistory(),
    seenMs: nowMs,
    evidence: 0,
    sinceMs: 0,
    observed: 0,
    expected: 0,
    lower: Number.NaN,
    upper: Number.NaN,
    detector: 'likelihood-ratio',
    isLearning: true,
  };
}

export function keyOf(identity: SeriesIdentity): string {
  const { serviceId, source, signal, name, operation, peer, labels } = identity;
  const told = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key] ?? ''}`);
  return [serviceId, source, signal, name, operation, peer, ...told].join('\n').slice(0, 1_000);
}
