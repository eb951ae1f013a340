import type {
  ExponentialHistogramPointJson,
  GraphEdgeJson,
  GraphNodeJson,
  MetricSeriesJson,
  NumberPointJson,
  ServiceJson,
} from '../../proto/api/index.ts';
import type { VisibleServices } from '../../proto/access/index.ts';
import { parseServiceId } from '../../proto/columns/index.ts';
import { bucketNanos, DurationSketch, durationBucket } from '../../workers/red/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import type { CallEdge } from '../../workers/topology/index.ts';
import { quantileMs } from './activity.ts';

/**
 * Names as in Grafana Tempo's service graphs. All are delta; `client` and `server` name the ends, by service id or
 * `type:name`.
 */
export const GRAPH_METRICS = {
  failed: 'traces_service_graph_request_failed_total',
  seconds: 'traces_service_graph_request_client_seconds',
} as const;

interface Edge {
  readonly from: string;
  readonly to: string;
  requests: number;
  errors: number;
  readonly durations: DurationSketch;
}

export interface GraphSources {
  /** Series of `GRAPH_METRICS`. */
  readonly seconds: readonly MetricSeriesJson[];
  readonly failed: readonly MetricSeriesJson[];
  /** Calls not reported yet. */
  readonly pending: readonly CallEdge[];
  /** Shown even when nobody calls them. */
  readonly services: readonly ServiceJson[];
  /** A call is shown when both ends may be seen. */
  readonly visible: VisibleServices;
}

export function graphOf({ seconds, failed, pending, services, visible }: GraphSources): {
  readonly nodes: GraphNodeJson[];
  readonly edges: GraphEdgeJson[];
} {
  const edges = new Map<string, Edge>();
  const edgeOf = (from: string, to: string): Edge => {
    const key = JSON.stringify([from, to]);
    let edge = edges.get(key);
    if (!edge) {
      edge = { from, to, requests: 0, errors: 0, durations: new DurationSketch() };
      edges.set(key, edge);
    }
    return edge;
  };
  for (const series of seconds) {
    const edge = edgeOf(labelOf(series, 'client'), labelOf(series, 'server'));
    for (const point of series.points as readonly ExponentialHistogramPointJson[]) {
      edge.requests += Number(point.count);
      addHistogram(edge.durations, point);
    }
  }
  for (const series of failed) {
    const edge = edgeOf(labelOf(series, 'client'), labelOf(series, 'server'));
    for (const { value } of series.points as readonly NumberPointJson[]) {
      if (value && 'asInt' in value) edge.errors += Number(value.asInt);
    }
  }
  for (const call of pending) {
    const edge = edgeOf(call.from.id, call.to.id);
    edge.requests += call.requests;
    edge.errors += call.errors;
    edge.durations.merge(call.durations);
  }
  const isVisible = endTest(visible);
  const shown = [...edges.values()].filter(({ from, to }) => isVisible(from) && isVisible(to));
  const ids = new Set([...services.map(({ id }) => id), ...shown.flatMap(({ from, to }) => [from, to])]);
  return {
    nodes: [...ids].sort().map(nodeOf),
    edges: shown.map(({ durations, ...edge }) => ({
      ...edge,
      p95Ms: quantileMs(durations, 0.95),
    })),
  };
}

function labelOf(series: MetricSeriesJson, key: string): string {
  const value = series.attributes.find((attribute) => attribute.key === key)?.value;
  return value && 'stringValue' in value && typeof value.stringValue === 'string' ? value.stringValue : '';
}

function addHistogram(
  durations: DurationSketch,
  { scale, positive, zeroCount }: ExponentialHistogramPointJson,
): void {
  const base = 2 ** (2 ** -scale);
  positive.bucketCounts.forEach((count, index) => {
    if (count === '0') return;
    // The geometric middle of (base^i, base^(i+1)], in seconds.
    durations.add(durationBucket(base ** (positive.offset + index + 0.5) * 1e9), Number(count));
  });
  if (zeroCount !== '0') durations.add(0, Number(zeroCount));
}

/** An exponential histogram of seconds at this scale errs by at most 0.55 %. */
export const GRAPH_SCALE = 6;

/** A sketch as the positive buckets of an exponential histogram of seconds. */
export function secondsHistogram(durations: DurationSketch): {
  readonly offset: number;
  readonly bucketCounts: number[];
  readonly sum: number;
} {
  const counts = new Map<number, number>();
  let sum = 0;
  durations.forEach((bucket, count) => {
    const seconds = bucketNanos(bucket) / 1e9;
    const index = Math.ceil(Math.log2(seconds) * 2 ** GRAPH_SCALE) - 1;
    counts.set(index, (counts.get(index) ?? 0) + count);
    sum += seconds * count;
  });
  const indices = [...counts.keys()];
  const offset = indices.length === 0 ? 0 : Math.min(...indices);
  const width = indices.length === 0 ? 0 : Math.max(...indices) - offset + 1;
  return { offset, bucketCounts: Array.from({ length: width }, (_, i) => counts.get(offset + i) ?? 0), sum };
}

const VIRTUAL = /^(database|messaging|external):(.*)$/s;

/** Of ends of calls. What is no service is seen with whoever calls it. */
function endTest(visible: VisibleServices): (id: string) => boolean {
  const isVisible = visibilityTest(visible);
  return (id) => {
    const service = parseServiceId(id);
    return service ? isVisible(service) : visible === 'all' || VIRTUAL.test(id);
  };
}

function nodeOf(id: string): GraphNodeJson {
  const virtual = VIRTUAL.exec(id);
  if (virtual) return { id, type: virtual[1] as GraphNodeJson['type'], name: virtual[2] ?? '' };
  return { id, type: 'service', name: parseServiceId(id)?.name ?? id };
}
