import type { InsightEvidenceJson, MetricJson } from '../../proto/api/index.ts';
import type { SeriesGrowth, SeriesHour } from '../../workers/kernels/series-growth/index.ts';
import type { RepeatedLine } from '../../workers/repeats/index.ts';
import type { Advice } from './tip-json.ts';
import { bytesText, percent, serviceJson } from './words.ts';

export const SERIES_CATEGORIES = ['endless-series', 'many-series', 'metrics-not-asked-for'];
export const REPEAT_CATEGORIES = ['repeated-lines'];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of metrics that nobody asks for, those that are named. */
const MOST_NAMED = 8;

/** Series of a metric of one service, and which attribute makes them. */
export interface SeriesFinding {
  readonly service: string;
  readonly metric: MetricJson;
  /** In ten minutes. */
  readonly series: number;
  readonly hours: readonly SeriesHour[];
  readonly growth: SeriesGrowth | undefined;
  /** The attribute with most values in ten minutes. */
  readonly offender: { readonly field: string; readonly values: number } | undefined;
  /** That could go: all but one of the attribute's values' share. */
  readonly savedBytesADay: number | undefined;
}

export function adviceOfSeries(finding: SeriesFinding): Advice {
  const { metric, series, growth, offender, savedBytesADay } = finding;
  const service = serviceJson(finding.service);
  const category = growth ? 'endless-series' : 'many-series';
  const key = JSON.stringify(['tip', category, finding.service, metric.name, metric.unit, metric.kind]);
  const by = offender ? ` by ${offender.field}` : '';
  const title = growth
    ? `${metric.name} gets about ${count(Number(growth.perDay.toPrecision(2)))} new series a day${by}`
    : `${metric.name} has ${count(series)} series${by}`;
  const reason = growth
    ? `In the last six hours ${count(growth.added)} new series came, in each hour about as many: they grow without end, and with them what queries read.`
    : `In ten minutes it had ${count(series)} series; each is a line of its own in every query.`;
  const which = offender
    ? ` Most values in ten minutes has ${offender.field}: ${count(offender.values)}.`
    : '';
  return {
    ...tipOf(finding.service, category, key, savedBytesADay),
    severity: growth ? 'warning' : 'info',
    title: `${service.name}: ${title}`,
    explanation: `${reason}${which} Leave the attribute out (a view of the SDK, or a processor of the collector does), or put values into few classes.${savingNote(savedBytesADay)}`,
    score: growth ? 1 : 0.5,
    evidence: finding.hours.length === 0 ? [] : [seriesEvidence(finding, key)],
  };
}

/** Metrics of one service that nobody has asked for. */
export interface UnaskedFinding {
  readonly service: string;
  /** Those with most points first. */
  readonly metrics: readonly { readonly metric: MetricJson; readonly pointsADay: number }[];
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly questions: number;
  readonly savedBytesADay: number | undefined;
}

export function adviceOfUnasked(finding: UnaskedFinding): Advice {
  const { metrics, sinceMs, nowMs, questions, savedBytesADay } = finding;
  const service = serviceJson(finding.service);
  const days = Math.floor((nowMs - sinceMs) / DAY_MS);
  const names = metrics.slice(0, MOST_NAMED).map(({ metric }) => metric.name);
  const more = metrics.length > names.length ? ` and ${metrics.length - names.length} more` : '';
  const points = metrics.reduce((sum, { pointsADay }) => sum + pointsADay, 0);
  return {
    ...tipOf(
      finding.service,
      'metrics-not-asked-for',
      JSON.stringify(['tip', 'unasked', finding.service]),
      savedBytesADay,
    ),
    severity: 'info',
    title: `${service.name}: Nobody has asked for ${metrics.length === 1 ? 'one' : metrics.length} of its metrics in ${days} days`,
    explanation: `Of ${count(questions)} questions since then (PromQL, the metrics page, the API), none was about ${names.join(', ')}${more}: ${count(points)} points a day. What nobody needs can be left out where it is made; whoever looks at one now has asked for it. The watch for insights looks at them, too, and then no longer could.${savingNote(savedBytesADay)}`,
    score: 0.3,
    evidence: metrics.slice(0, MOST_NAMED).map((each) => unaskedEvidence(finding, each)),
  };
}

/** A metric that nobody asks for, and how much of it comes. */
function unaskedEvidence(
  { service, nowMs }: UnaskedFinding,
  { metric, pointsADay }: UnaskedFinding['metrics'][number],
): InsightEvidenceJson {
  return {
    ...{ type: 'signal', service: serviceJson(service), signal: 'other', name: metric.name, operation: '' },
    ...{ labels: {}, unit: '{point}/d', detector: 'points a day, by those of ten minutes', score: 0 },
    ...{ observed: pointsADay, expected: null },
    seriesKey: JSON.stringify(['tip', 'unasked', service, metric.name]),
    chart: { startUnixMs: nowMs, stepMs: DAY_MS, values: [], lower: [], upper: [] },
  };
}

export interface RepeatFinding {
  readonly service: string;
  readonly line: RepeatedLine;
  readonly total: number;
  readonly perSecond: number;
  readonly savedBytesADay: number | undefined;
}

export function adviceOfRepeat({
  service: id,
  line,
  total,
  perSecond,
  savedBytesADay,
}: RepeatFinding): Advice {
  const service = serviceJson(id);
  const perMinute = perSecond * 60;
  const share = line.count / total;
  return {
    ...tipOf(id, 'repeated-lines', JSON.stringify(['tip', 'repeated-lines', id, line.hash]), savedBytesADay),
    severity: 'info',
    title: `${service.name}: The same line is logged ${count(perMinute)} times a minute`,
    explanation: `${percent(share)} of its log records are this one, to the letter, attributes and all, and of no request of their own. Log it once with a count, at a lower level, or not at all.${savingNote(savedBytesADay)}`,
    score: Math.min(1, share),
    evidence: [
      {
        ...{ type: 'log-pattern', service, pattern: String(line.hash), template: line.text, trend: 'steady' },
        ...{ perMinuteBefore: perMinute, perMinuteAfter: perMinute, example: line.text },
      },
    ],
  };
}

function tipOf(
  id: string,
  category: string,
  key: string,
  saving: number | undefined,
): Pick<Advice, 'key' | 'weight' | 'kind' | 'service' | 'services' | 'rootCauses' | 'saturation' | 'tip'> {
  const service = serviceJson(id);
  return {
    ...{
      key,
      weight: saving ?? 0,
      kind: 'tip',
      service,
      services: [service],
      rootCauses: [],
      saturation: null,
    },
    tip: { category, saving: saving ?? null, savingUnit: 'By/d' },
  };
}

function savingNote(bytesADay: number | undefined): string {
  return bytesADay === undefined
    ? ''
    : ` It takes about ${bytesText(bytesADay)} a day in the archive that would be saved, at most.`;
}

/** How many there were in all, by the hour. */
function seriesEvidence(
  { service, metric, hours, series }: SeriesFinding,
  seriesKey: string,
): InsightEvidenceJson {
  const first = hours[0]?.[0] ?? 0;
  const known = new Map(hours);
  const values = Array.from(
    { length: (hours.at(-1)?.[0] ?? first) - first + 1 },
    (_, at) => known.get(first + at) ?? null,
  );
  return {
    ...{ type: 'signal', service: serviceJson(service), signal: 'other', name: metric.name, operation: '' },
    ...{ labels: {}, unit: '{series}', detector: 'different series so far, by the hour', score: 0 },
    ...{ observed: hours.at(-1)?.[1] ?? series, expected: null, seriesKey },
    chart: {
      ...{ startUnixMs: first * HOUR_MS, stepMs: HOUR_MS, values },
      ...{ lower: values.map(() => null), upper: values.map(() => null) },
    },
  };
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
