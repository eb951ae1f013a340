import type { VisibleServices } from '../../proto/access/index.ts';
import type { ApiAnswers, LogPatternJson, PatternTrend } from '../../proto/api/index.ts';
import { serviceIdOf, type ServiceKey } from '../../proto/columns/index.ts';
import { typedParameters } from '../../workers/kernels/log-patterns/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import { SEVERITIES, type Severity } from '../../workers/watch/index.ts';
import { COUNT_CELL_MS } from './count-cells.ts';
import { serviceJson } from './evidence-json.ts';
import { queryOf } from './pattern-evidence.ts';
import type { PatternWatch, WatchedPattern } from './pattern-watch.ts';
import { recurrenceWords } from './recurrence-words.ts';

export interface PatternListQuery {
  /** Those that whoever asks may see. */
  readonly visible: VisibleServices;
  readonly service?: ServiceKey;
  readonly trend?: PatternTrend;
  /** At least. */
  readonly severity?: Severity;
  /** In template or example, whatever the case of letters. */
  readonly text?: string;
  readonly limit: number;
}

export type PatternList = ApiAnswers['/api/v1/logs/patterns'];

/** What is news comes first. */
const TRENDS: readonly PatternTrend[] = ['new', 'rising', 'gone', 'periodic', 'steady'];
/** `perMinute` of rates by buckets of ten seconds. */
const BUCKETS_A_MINUTE = 6;
const NO_ACTIVITY = { recentRate: 0, usualRate: 0, periodMs: undefined };

/** Patterns that fit, those with news first, then the most frequent. */
export function listPatterns(watch: PatternWatch, query: PatternListQuery, nowMs: number): PatternList {
  const { visible, limit } = query;
  const isVisible = visible === 'all' ? () => true : visibilityTest(visible);
  const found: { readonly pattern: WatchedPattern; readonly trend: PatternTrend; readonly count: number }[] =
    [];
  let sinceMs: number | undefined;
  for (const pattern of watch.all()) {
    if (!isVisible(pattern.service)) continue;
    const logs = watch.logs(pattern.serviceId);
    const since = logs?.sinceMs ?? pattern.firstMs;
    if (query.service !== undefined && serviceIdOf(query.service) !== pattern.serviceId) continue;
    sinceMs = Math.min(sinceMs ?? since, since);
    const trend = trendOf(watch, pattern, nowMs);
    if (!fits(pattern, trend, query)) continue;
    found.push({ pattern, trend, count: sumOf(pattern.cells.upTo(nowMs, since).counts) });
  }
  found.sort(
    (one, other) =>
      TRENDS.indexOf(one.trend) - TRENDS.indexOf(other.trend) ||
      other.count - one.count ||
      (one.pattern.key < other.pattern.key ? -1 : 1),
  );
  return {
    patterns: found.slice(0, limit).map(({ pattern, trend }) => patternJson(watch, pattern, trend, nowMs)),
    count: found.length,
    more: found.length > limit,
    sinceUnixMs: sinceMs ?? null,
  };
}

function fits(pattern: WatchedPattern, trend: PatternTrend, query: PatternListQuery): boolean {
  const { severity = 'unset', text = '' } = query;
  if (query.trend !== undefined && query.trend !== trend) return false;
  if (SEVERITIES.indexOf(pattern.severity) < SEVERITIES.indexOf(severity)) return false;
  const wanted = text.toLowerCase();
  return [pattern.template, ...pattern.examples].some((each) => each.toLowerCase().includes(wanted));
}

function trendOf(watch: PatternWatch, { key, recurrence }: WatchedPattern, nowMs: number): PatternTrend {
  const trend = watch.activity(key, nowMs)?.trend ?? 'steady';
  if (recurrence === undefined || trend === 'new') return trend;
  return nowMs - recurrence.lastMs < 2 * recurrence.periodMs ? 'periodic' : 'gone';
}

function patternJson(
  watch: PatternWatch,
  pattern: WatchedPattern,
  trend: PatternTrend,
  nowMs: number,
): LogPatternJson {
  const { template, severity, fingerprint, frames, examples } = pattern;
  return {
    id: pattern.pattern,
    service: serviceJson(pattern.service),
    template,
    parameters: typedParameters(template, examples).map(({ type, examples: values }) => {
      return { type, examples: [...values] };
    }),
    example: examples[0] ?? '',
    severity,
    isError: severity === 'error',
    trend,
    count: pattern.count,
    firstSeenUnixMs: pattern.firstMs,
    lastSeenUnixMs: pattern.lastMs,
    ...figuresOf(watch, pattern, trend, nowMs),
    stack: fingerprint === '' ? null : { fingerprint, frames },
    query: queryOf(pattern),
  };
}

type Figures = Pick<
  LogPatternJson,
  'share' | 'recentPerMinute' | 'usualPerMinute' | 'periodMs' | 'recurs' | 'counts'
>;

function figuresOf(
  watch: PatternWatch,
  { key, serviceId, cells, firstMs, recurrence }: WatchedPattern,
  trend: PatternTrend,
  nowMs: number,
): Figures {
  const { recentRate, usualRate, periodMs } = watch.activity(key, nowMs) ?? NO_ACTIVITY;
  const logs = watch.logs(serviceId);
  const since = logs?.sinceMs ?? firstMs;
  const { startMs, counts } = cells.upTo(nowMs, since);
  const all = sumOf((logs?.cells ?? cells).upTo(nowMs, since).counts);
  const isPeriodic = trend === 'periodic';
  const period = isPeriodic ? (recurrence?.periodMs ?? periodMs) : undefined;
  return {
    share: Math.min(1, sumOf(counts) / Math.max(1, all)),
    recentPerMinute: BUCKETS_A_MINUTE * recentRate,
    usualPerMinute: BUCKETS_A_MINUTE * usualRate,
    periodMs: period ?? null,
    recurs: recurrence && isPeriodic ? recurrenceWords(recurrence) : null,
    counts: { startUnixMs: startMs, stepMs: COUNT_CELL_MS, values: [...counts] },
  };
}

function sumOf(counts: Float64Array): number {
  return counts.reduce((sum, count) => (Number.isNaN(count) ? sum : sum + count), 0);
}
