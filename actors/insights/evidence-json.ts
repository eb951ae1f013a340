import type { InsightEvidenceJson } from '../../proto/api/index.ts';
import { parseServiceId, serviceIdOf, type ServiceKey } from '../../proto/columns/index.ts';
import { HISTORY_CELL_MS } from './series-history.ts';
import type { Symptom } from './symptom.ts';
import type { WatchedSeries } from './watched-series.ts';

type SignalEvidenceJson = InsightEvidenceJson & { readonly type: 'signal' };
type ServiceJson = SignalEvidenceJson['service'];

const CHART_MS = 900_000;
/** Evidence whose score is a half. */
const HALF = 8;

export function serviceJson(service: ServiceKey): ServiceJson {
  const { namespace, name, environment } = service;
  return { id: serviceIdOf(service), namespace, name, environment };
}

/** Of a service, or of a database, queue or host by its node's id. */
export function nodeJson(id: string, nameOf: (id: string) => string | undefined): ServiceJson {
  const key = parseServiceId(id);
  if (key !== undefined) return serviceJson(key);
  return { id, namespace: '', name: nameOf(id) ?? id, environment: '' };
}

/** The service that calls go to, where it sends spans of its own: whoever may not see it shall not hear of it. */
export function peerJson({ peer, peerName }: WatchedSeries): { readonly peer?: ServiceJson } {
  const key = parseServiceId(peer);
  return key?.name === peerName ? { peer: serviceJson(key) } : {};
}

/** The series as it was around the beginning, with what was expected. */
export function signalEvidence({ series, evidence }: Symptom, nowMs: number): SignalEvidenceJson {
  const { startMs, values } = series.history.read(nowMs - CHART_MS, nowMs);
  const [lower, upper] = bandOf(series);
  return {
    type: 'signal',
    service: serviceJson(series.service),
    ...peerJson(series),
    signal: series.signal,
    name: series.peer === '' ? series.name : `${series.name} of calls to ${series.peerName}`,
    operation: series.operation,
    labels: series.labels,
    unit: series.unit,
    detector: series.detector,
    score: scoreOf(evidence),
    observed: finite(series.observed),
    expected: Number.isFinite(series.expected) ? series.expected : null,
    seriesKey: series.key,
    chart: {
      startUnixMs: startMs,
      stepMs: HISTORY_CELL_MS,
      values: Array.from(values, (value) => (Number.isFinite(value) ? value : null)),
      lower: Array.from(values, () => lower),
      upper: Array.from(values, () => upper),
    },
  };
}

/** 0.5 where evidence begins to mean something. */
export function scoreOf(evidence: number): number {
  return evidence <= 0 ? 0 : evidence / (evidence + HALF);
}

/** What counts of a healthy stretch would hardly leave; of points as the detectors had it. */
function bandOf(series: WatchedSeries): readonly [number | null, number | null] {
  const { test, expected, lower, upper } = series;
  switch (test) {
    case 'share':
      return [0, Math.min(1, Math.max(0.05, 2 * expected))];
    case 'durations':
      return [0, Math.max(1.5 * expected, expected + 5e6)];
    case 'count':
      return [0.5 * expected, 1.8 * expected];
    case 'point':
      return [Number.isFinite(lower) ? lower : null, Number.isFinite(upper) ? upper : null];
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
