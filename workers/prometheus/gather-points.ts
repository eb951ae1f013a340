import type { MetricJson } from '../../proto/api/index.ts';
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { metricJson } from '../json/index.ts';
import {
  batchChunks,
  batchResources,
  selectedNames,
  selectSeries,
  selectsTargetInfo,
  selectTargetInfo,
  type StreamMetric,
} from '../otlp-series/index.ts';
import type { LabelMatcher, Labels } from '../promql/index.ts';
import { isWithin } from '../scan/index.ts';
import { packPoints, type GatheredPoints, type PackedPoints } from './packed-points.ts';

export interface PointsWanted {
  readonly matchers: readonly LabelMatcher[];
  readonly range: TimeRange;
}

interface Walk {
  readonly batches: Iterable<ServiceBatch>;
}

/** What a selector may find among the batches. */
export function gatherPoints(wanted: PointsWanted, walk: Walk): PackedPoints {
  return packPoints(gather(wanted, walk));
}

/** The labels of all series that a selector finds among the batches. */
export function findSeries(wanted: PointsWanted, walk: Walk): Labels[] {
  return labelsFound(gather(wanted, walk), wanted.matchers);
}

/** Of what was gathered, the labels that a selector finds; each once. */
export function labelsFound({ chunks, seen }: GatheredPoints, matchers: readonly LabelMatcher[]): Labels[] {
  const found = new Map<string, Labels>();
  for (const { labels } of [...selectSeries(chunks, matchers), ...selectTargetInfo(seen, matchers)]) {
    found.set(labels.join('\u0001'), labels);
  }
  return [...found.values()];
}

/** All metrics with points in the range. */
export function findMetrics({ range }: { readonly range: TimeRange }, { batches }: Walk): MetricJson[] {
  const found = new Map<string, MetricJson>();
  for (const part of batches) {
    const batch = part.batch as Batch<'metrics'>;
    const { metric: codes, timeUnixNano } = batch.columns;
    const seen = new Set<number>();
    for (let row = 0; row < batch.rowCount; row += 1) {
      const code = codes[row] ?? 0;
      if (seen.has(code) || !isWithin(timeUnixNano[row] ?? 0n, range)) continue;
      seen.add(code);
      const metric = metricJson(dictionaryReader(batch.dictionary).metric(code));
      found.set(JSON.stringify(metric), metric);
    }
  }
  return [...found.values()];
}

function gather({ matchers, range }: PointsWanted, { batches }: Walk): GatheredPoints {
  const known = new Map<string, boolean>();
  const isWanted = (metric: StreamMetric): boolean => {
    const { name, unit, kind, temporality, isMonotonic } = metric;
    const key = JSON.stringify([name, unit, kind, temporality, isMonotonic]);
    let wanted = known.get(key);
    if (wanted === undefined) known.set(key, (wanted = selectedNames(metric, matchers).length > 0));
    return wanted;
  };
  const wantsResources = selectsTargetInfo(matchers);
  const points: { chunks: GatheredPoints['chunks'][number][]; seen: GatheredPoints['seen'][number][] } = {
    chunks: [],
    seen: [],
  };
  for (const part of batches) {
    const batch = part.batch as Batch<'metrics'>;
    for (const chunk of batchChunks(batch, range, isWanted)) points.chunks.push(chunk);
    if (!wantsResources) continue;
    for (const resource of batchResources(batch, range)) points.seen.push(resource);
  }
  return points;
}
