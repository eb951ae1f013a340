import type { ApiAnswers } from '../../proto/api/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import { mapInTurns, type ComparedTraces, type ExplainedSpans } from '../../actors/query/index.ts';
import type { PathFigures } from '../../workers/traces/index.ts';

type CriticalPath = ApiAnswers['/api/v1/traces/:traceId/critical-path'];
type Comparison = ApiAnswers['/api/v1/traces/:traceId/compare'];
type ComparedPath = Comparison['paths'][number];

export async function criticalPathJson(
  traceId: string,
  { spans, explained }: ExplainedSpans,
  { signal }: QueryRun,
): Promise<CriticalPath> {
  const { sectionRows, sectionsFromUnixNano, sectionsToUnixNano, order, selfTimes, criticalTimes } =
    explained;
  const sections = await mapInTurns(sectionRows.length, signal, (place) => ({
    spanId: spanAt(spans, sectionRows[place]).spanId,
    fromUnixNano: String(sectionsFromUnixNano[place] ?? 0n),
    toUnixNano: String(sectionsToUnixNano[place] ?? 0n),
  }));
  const times = await mapInTurns(order.length, signal, (place) => {
    const row = order[place] ?? 0;
    const { spanId, service, name, startTimeUnixNano, endTimeUnixNano } = spanAt(spans, row);
    const duration = BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano);
    return {
      spanId,
      service,
      name,
      durationNano: String(duration < 0n ? 0n : duration),
      selfNano: String(selfTimes[row] ?? 0),
      criticalNano: String(criticalTimes[row] ?? 0),
    };
  });
  return { traceId, sections, spans: times };
}

function spanAt<Span>(spans: readonly Span[], row: number | undefined): Span {
  const span = spans[row ?? -1];
  if (!span) throw new Error(`there is no span ${row} among ${spans.length}`);
  return span;
}

/** Less than this is noise between two runs of the same work. */
const NOTABLE = 0.1;
/** A path's last steps are shown: with all of them an answer would be as long as the square of a trace's depth. */
const MOST_STEPS = 64;

export async function comparisonJson(
  traceIds: { readonly before: string; readonly after: string },
  { before, after, paths }: ComparedTraces,
  { signal }: QueryRun,
): Promise<Comparison> {
  const steps = await mapInTurns(paths.parents.length, signal, (path) => {
    const row = paths.before.rows[path] ?? -1;
    const span = row >= 0 ? spanAt(before, row) : spanAt(after, paths.after.rows[path]);
    return { service: span.service.id, name: span.name, kind: span.kind };
  });
  const compared = await mapInTurns(paths.parents.length, signal, (path): ComparedPath => {
    const [was, is] = [figuresAt(paths.before, path), figuresAt(paths.after, path)];
    return {
      path: lastSteps(steps, paths.parents, path),
      change: changeOf(was, is),
      before: was && figuresJson(was),
      after: is && figuresJson(is),
    };
  });
  return { ...traceIds, paths: compared };
}

function lastSteps<Step>(steps: readonly Step[], parents: Int32Array, path: number): Step[] {
  const found: Step[] = [];
  for (let at = path; at >= 0 && found.length < MOST_STEPS; at = parents[at] ?? -1) {
    const step = steps[at];
    if (step) found.push(step);
  }
  return found.reverse();
}

interface Figures {
  readonly spans: number;
  readonly duration: number;
  readonly self: number;
}

function figuresAt({ spans, durations, selfTimes }: PathFigures, path: number): Figures | null {
  const count = spans[path] ?? 0;
  return count === 0 ? null : { spans: count, duration: durations[path] ?? 0, self: selfTimes[path] ?? 0 };
}

function changeOf(before: Figures | null, after: Figures | null): ComparedPath['change'] {
  if (!before) return 'added';
  if (!after) return 'removed';
  const [was, is] = [before.duration / before.spans, after.duration / after.spans];
  if (is > was * (1 + NOTABLE)) return 'slower';
  return is < was * (1 - NOTABLE) ? 'faster' : 'same';
}

function figuresJson({ spans, duration, self }: Figures): ComparedPath['before'] {
  return { spans, durationNano: String(duration), selfNano: String(self) };
}
