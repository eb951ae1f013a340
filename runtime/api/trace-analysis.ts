import type { ApiAnswers, SpanJson } from '../../proto/api/index.ts';
import { compareTraces, criticalPath, selfTimes, type PathFigures } from '../../workers/traces/index.ts';

type CriticalPath = ApiAnswers['/api/v1/traces/:traceId/critical-path'];
type Comparison = ApiAnswers['/api/v1/traces/:traceId/compare'];

export function criticalPathJson(traceId: string, spans: readonly SpanJson[]): CriticalPath {
  const begin = spans.reduce<bigint | undefined>((least, { startTimeUnixNano }) => {
    const start = BigInt(startTimeUnixNano);
    return least === undefined || start < least ? start : least;
  }, undefined);
  const at = (nanos: number): string => String((begin ?? 0n) + BigInt(nanos));
  const sections = criticalPath(spans);
  const critical = new Map<string, number>();
  for (const { spanId, start, end } of sections) {
    critical.set(spanId, (critical.get(spanId) ?? 0) + end - start);
  }
  const selfNanos = selfTimes(spans);
  const times = spans.map(({ spanId, service, name, startTimeUnixNano, endTimeUnixNano }) => {
    const duration = BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano);
    return {
      spanId,
      service,
      name,
      durationNano: String(duration < 0n ? 0n : duration),
      selfNano: String(selfNanos.get(spanId) ?? 0),
      criticalNano: String(critical.get(spanId) ?? 0),
    };
  });
  times.sort((a, b) => Number(b.criticalNano) - Number(a.criticalNano));
  return {
    traceId,
    sections: sections.map(({ spanId, start, end }) => ({
      spanId,
      fromUnixNano: at(start),
      toUnixNano: at(end),
    })),
    spans: times,
  };
}

/** Less than this is noise between two runs of the same work. */
const NOTABLE = 0.1;

export function comparisonJson(
  before: { readonly traceId: string; readonly spans: readonly SpanJson[] },
  after: { readonly traceId: string; readonly spans: readonly SpanJson[] },
): Comparison {
  return {
    before: before.traceId,
    after: after.traceId,
    paths: compareTraces(before.spans, after.spans).map((compared) => ({
      path: compared.path,
      change: changeOf(compared.before, compared.after),
      before: figuresJson(compared.before),
      after: figuresJson(compared.after),
    })),
  };
}

function changeOf(
  before: PathFigures | undefined,
  after: PathFigures | undefined,
): Comparison['paths'][number]['change'] {
  if (!before) return 'added';
  if (!after) return 'removed';
  const [was, is] = [before.duration / before.spans, after.duration / after.spans];
  if (is > was * (1 + NOTABLE)) return 'slower';
  return is < was * (1 - NOTABLE) ? 'faster' : 'same';
}

function figuresJson(figures: PathFigures | undefined): Comparison['paths'][number]['before'] {
  if (!figures) return null;
  return { spans: figures.spans, durationNano: String(figures.duration), selfNano: String(figures.self) };
}
