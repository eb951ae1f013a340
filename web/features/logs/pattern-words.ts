import type { LogPatternJson, PatternTrend } from '../../../proto/api/index.ts';
import { absoluteRange, type TimeRange } from '../../app/time-range.ts';
import { withRange } from '../../app/with-range.ts';
import { formatCount, formatDurationMs } from '../../ui/format.ts';
import type { IconName } from '../../ui/icon.tsx';

/** How a trend is shown: a sign, a word and a colour that says no more than these. */
export const TRENDS: Readonly<
  Record<PatternTrend, { readonly icon: IconName; readonly word: string; readonly look: string }>
> = {
  new: { icon: 'plus', word: 'New', look: 'warn' },
  rising: { icon: 'up', word: 'Rising', look: 'warn' },
  gone: { icon: 'minus', word: 'Gone', look: '' },
  periodic: { icon: 'clock', word: 'Periodic', look: '' },
  steady: { icon: 'lines', word: 'Steady', look: 'quiet' },
};

export const TREND_OPTIONS = [
  { value: '', label: 'Any' },
  ...Object.entries(TRENDS).map(([value, { word }]) => ({ value, label: word })),
];

type Severity = LogPatternJson['severity'];

const FIRST_NUMBERS: Readonly<Record<Severity, number>> = {
  unset: 0,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
};
const MINUTE_MS = 60_000;
const LATELY_MS = 15 * MINUTE_MS;

export function severityNumberOf(severity: Severity): number {
  return FIRST_NUMBERS[severity];
}

/** Of a filter by severity number; undefined where that leaves nothing out. */
export function leastSeverity(minSeverity: string): Severity | undefined {
  const wanted = Number(minSeverity);
  const found = Object.entries(FIRST_NUMBERS).findLast(([, first]) => first > 0 && first <= wanted);
  return found?.[0] as Severity | undefined;
}

/** One pattern in a list of several services'. */
export function patternKey({ id, service }: Pick<LogPatternJson, 'id' | 'service'>): string {
  return `${id} ${service.id}`;
}

/** A sentence about what it does over time. */
export function trendSentence(pattern: LogPatternJson): string {
  const { trend, recurs, periodMs } = pattern;
  switch (trend) {
    case 'new':
      return 'It first came within the last half hour, of a service that was watched before.';
    case 'rising':
      return `It comes far more often than usual: ${perMinute(pattern.recentPerMinute)}, usually ${perMinute(pattern.usualPerMinute)}.`;
    case 'gone':
      return 'It used to come, and has not for a while.';
    case 'periodic':
      return recurs === null
        ? `It comes about every ${formatDurationMs(periodMs ?? Number.NaN)}.`
        : `It comes ${recurs}.`;
    case 'steady':
      return `It comes as ever: ${perMinute(pattern.usualPerMinute)}.`;
  }
}

export function perMinute(records: number): string {
  return records > 0 && records < 0.01 ? '<0.01/min' : `${formatCount(records)}/min`;
}

/** Its records: in the range that is shown, or, where they are older than that, around the last one. */
export function recordsLink(
  { service, query, lastSeenUnixMs }: LogPatternJson,
  range: TimeRange,
  nowMs: number,
): string {
  const isLate = nowMs - lastSeenUnixMs > LATELY_MS;
  const of = isLate ? absoluteRange(lastSeenUnixMs - LATELY_MS, lastSeenUnixMs + MINUTE_MS) : range;
  return withRange('/logs', of, { service: service.id, q: query });
}

export function tailLink({ service, query }: LogPatternJson): string {
  return `/tail?${new URLSearchParams({ kind: 'logs', service: service.id, q: query }).toString()}`;
}

/** A template in pieces: constant text, and the parameters between. */
export function piecesOf({
  template,
  parameters,
}: LogPatternJson): readonly (
  { readonly text: string } | { readonly type: string; readonly examples: readonly string[] }
)[] {
  const texts = template.split('<*>');
  return texts.flatMap((text, at) => {
    const { type = 'text', examples = [] } = parameters[at] ?? {};
    const constant = text === '' ? [] : [{ text }];
    return at === texts.length - 1 ? constant : [...constant, { type, examples }];
  });
}
