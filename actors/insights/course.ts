import type { RootCauseJson } from '../../proto/api/index.ts';
import { blendCauses } from './blend-causes.ts';
import { describeSeries, short } from './describe.ts';
import { peerJson, serviceJson } from './evidence-json.ts';
import type { CourseJson, OpenInsight } from './open-insight.ts';
import type { WatchedSeries } from './watched-series.ts';

const MOST_ENTRIES = 20;
const LONGEST_TEXT = 300;

/** Notes a series that an insight got later; the first things stay, for what comes beyond the bound says less and less. */
export function addToCourse(insight: OpenInsight, series: WatchedSeries): void {
  add(insight, {
    ...{ atUnixMs: series.sinceMs, service: serviceJson(series.service), ...peerJson(series) },
    what: `also: ${describeSeries(series)}`.slice(0, LONGEST_TEXT),
  });
}

/** Takes what an analysis found; that another than before is the likeliest is noted. */
export function takeCauses(insight: OpenInsight, found: readonly RootCauseJson[], nowMs: number): void {
  const [before] = insight.rootCauses;
  insight.rootCauses = blendCauses(insight.rootCauses, found);
  const [now] = insight.rootCauses;
  if (before === undefined || now === undefined || before.service.id === now.service.id) return;
  const what = `the likeliest cause, where it was ${short(before.service.name)} before`;
  add(insight, { atUnixMs: nowMs, service: now.service, what });
}

function add(insight: OpenInsight, entry: CourseJson[number]): void {
  if (insight.course.length < MOST_ENTRIES) insight.course = [...insight.course, entry];
}
