import type { InsightEvidenceJson, InsightJson } from '../../proto/api/index.ts';
import { describeSeries, percent, short } from './describe.ts';
import { scoreOf, serviceJson, signalEvidence } from './evidence-json.ts';
import type { OpenInsight } from './open-insight.ts';
import { seriesOfCause } from './root-cause-json.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { isClear, isCritical, isOff, type Symptom, type Trouble } from './symptom.ts';
import type { WatchedSeries } from './watched-series.ts';

const MOST_SIGNALS = 6;
/** Told by name. */
const MOST_AFFECTED = 4;
const MOST_EVIDENCE = 24;

/** As it is shown and kept: everything in it is bounded. */
export function renderInsight(insight: OpenInsight, registry: SeriesRegistry, nowMs: number): InsightJson {
  const { shown, endedMs } = insight;
  if (shown !== undefined && endedMs !== undefined) {
    return { ...shown, state: 'over', updatedUnixMs: insight.updatedMs, endedUnixMs: endedMs };
  }
  const members = [...insight.members.values()].sort((one, other) => other.strength - one.strength);
  const [first] = members;
  if (first === undefined) {
    if (shown === undefined) throw new Error(`insight ${insight.id} has neither services nor a past`);
    return shown;
  }
  const title = titleOf(insight, members, registry);
  const services = members.map(({ service }) => serviceJson(service));
  const cause = insight.rootCauses[0];
  const named =
    services.find(({ id }) => id === cause?.service.id) ?? services[0] ?? serviceJson(first.service);
  return {
    id: insight.id,
    kind: 'anomaly',
    state: endedMs === undefined ? 'open' : 'over',
    severity: insight.severity,
    title: title.text,
    explanation: explanationOf(insight, members),
    service: named,
    services: [named, ...services.filter(({ id }) => id !== named.id)],
    startedUnixMs: insight.startedMs,
    detectedUnixMs: insight.detectedMs,
    updatedUnixMs: insight.updatedMs,
    endedUnixMs: endedMs ?? null,
    score: scoreOf(first.strength),
    evidence: evidenceOf(
      shownOf(members, title.symptom),
      [...insight.inCommon.evidence, ...insight.patterns],
      nowMs,
    ),
    rootCauses: insight.rootCauses,
    ...(insight.course.length > 0 && { course: insight.course }),
    saturation: null,
    tip: null,
  };
}

/** What the likeliest cause does; the strongest symptom while no cause is known, or where users suffer from it and not from that. */
function titleOf(
  insight: OpenInsight,
  members: readonly Trouble[],
  registry: SeriesRegistry,
): { readonly text: string; readonly symptom?: Symptom | undefined } {
  const symptoms = members.flatMap((member) => member.symptoms);
  const { series: own, symptom } = ofCause(insight, members, registry);
  const suffered = symptom && isCritical(symptom) ? symptom : symptoms.find(isCritical);
  const told = suffered ?? symptom ?? (own === undefined ? symptoms[0] : undefined);
  const series = told?.series ?? own;
  if (series === undefined) return { text: short(members[0]?.service.name ?? '') };
  const text = `${short(series.service.name)}: ${describeSeries(series)}`;
  return { text, symptom: told };
}

/** Those that texts speak of, since views of these go by the evidence, and the strongest of the others; the strongest first. */
function shownOf(members: readonly Trouble[], told: Symptom | undefined): readonly Symptom[] {
  const strongest = members
    .flatMap((member) => member.symptoms.slice(0, 3))
    .sort((one, other) => other.evidence - one.evidence);
  const spokenOf = members.slice(0, MOST_AFFECTED).flatMap(({ symptoms }) => symptoms.slice(0, 1));
  const all = [...(told === undefined ? [] : [told]), ...spokenOf, ...strongest];
  return [...new Map(all.map((symptom) => [symptom.series.key, symptom])).values()]
    .slice(0, MOST_SIGNALS)
    .sort((one, other) => other.evidence - one.evidence);
}

/** The series that the likeliest cause shows itself by, and that as it was when it was worst, not as it is. */
function ofCause(
  { rootCauses: [cause] }: OpenInsight,
  members: readonly Trouble[],
  registry: SeriesRegistry,
): { readonly series?: WatchedSeries | undefined; readonly symptom?: Symptom | undefined } {
  if (cause === undefined) return {};
  const symptoms = members.flatMap((member) => member.symptoms);
  const clear = new Set(symptoms.filter(isClear).map(({ series }) => series.key));
  const all = seriesOfCause(cause, registry);
  const series = all.find(({ key }) => clear.has(key)) ?? all.find(isOff);
  const member = members.find(({ serviceId }) => serviceId === cause.service.id);
  const symptom = symptoms.find((each) => each.series.key === series?.key) ?? member?.symptoms[0];
  return { series, symptom };
}

/** In words: who is blamed and why, what abnormal spans have in common, and who is affected. */
export function explanationOf(
  { rootCauses, inCommon }: Pick<OpenInsight, 'rootCauses' | 'inCommon'>,
  members: readonly Trouble[],
): string {
  const [cause, ...others] = rootCauses;
  const seen = members
    .slice(0, MOST_AFFECTED)
    .flatMap(({ service, symptoms }) =>
      symptoms.slice(0, 1).map(({ series }) => `${short(service.name)} (${describeSeries(series)})`),
    );
  const more = members.length > MOST_AFFECTED ? ` and ${members.length - MOST_AFFECTED} more` : '';
  const affected = `Affected: ${seen.join('; ')}${more}.`;
  if (cause === undefined) return affected;
  const suspects = others
    .slice(0, 2)
    .map(({ service, score }) => `${short(service.name)} (${percent(score)})`);
  const rest = suspects.length > 0 ? ` Less likely: ${suspects.join(', ')}.` : '';
  const blame = `${short(cause.service.name)} is the likeliest cause (${percent(cause.score)} of the blame).`;
  return [`${blame} ${cause.explanation}`, inCommon.sentence, `${rest} ${affected}`.trim()]
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, 4_000);
}

function evidenceOf(
  symptoms: readonly Symptom[],
  extra: readonly InsightEvidenceJson[],
  nowMs: number,
): readonly InsightEvidenceJson[] {
  return [...symptoms.map((symptom) => signalEvidence(symptom, nowMs)), ...extra].slice(0, MOST_EVIDENCE);
}
