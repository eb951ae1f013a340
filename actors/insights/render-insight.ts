import type { InsightEvidenceJson, InsightJson } from '../../proto/api/index.ts';
import { describeSeries, percent, short } from './describe.ts';
import { scoreOf, serviceJson, signalEvidence } from './evidence-json.ts';
import type { OpenInsight } from './open-insight.ts';
import { seriesOfCause } from './root-cause-json.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { isClear, type Symptom, type Trouble } from './symptom.ts';

const MOST_SIGNALS = 6;
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
  const symptoms = members
    .flatMap((member) => member.symptoms.slice(0, 3))
    .sort((one, other) => other.evidence - one.evidence)
    .slice(0, MOST_SIGNALS);
  const services = members.map(({ service }) => serviceJson(service));
  const cause = insight.rootCauses[0];
  const named =
    services.find(({ id }) => id === cause?.service.id) ?? services[0] ?? serviceJson(first.service);
  return {
    id: insight.id,
    kind: 'anomaly',
    state: endedMs === undefined ? 'open' : 'over',
    severity: insight.severity,
    title: titleOf(insight, first, registry),
    explanation: explanationOf(insight, members),
    service: named,
    services: [named, ...services.filter(({ id }) => id !== named.id)],
    startedUnixMs: insight.startedMs,
    detectedUnixMs: insight.detectedMs,
    updatedUnixMs: insight.updatedMs,
    endedUnixMs: endedMs ?? null,
    score: scoreOf(first.strength),
    evidence: evidenceOf(symptoms, [...insight.inCommon.evidence, ...insight.patterns], nowMs),
    rootCauses: insight.rootCauses,
    ...(insight.course.length > 0 && { course: insight.course }),
    saturation: null,
    tip: null,
  };
}

/** What the likeliest cause does; of the strongest symptom while no cause is known. */
function titleOf(insight: OpenInsight, first: Trouble, registry: SeriesRegistry): string {
  const cause = insight.rootCauses[0];
  const members = [...insight.members.values()];
  const ofCause = cause && members.find(({ serviceId }) => serviceId === cause.service.id);
  const clear = new Set(
    members.flatMap(({ symptoms }) => symptoms.filter(isClear).map(({ series }) => series.key)),
  );
  const ofItself = cause === undefined ? [] : seriesOfCause(cause, registry);
  const own = ofItself.find(({ key }) => clear.has(key)) ?? ofItself[0];
  // As it was when it was worst, not as it is.
  const worst = members
    .flatMap(({ symptoms }) => symptoms)
    .find(({ series }) => series.key === own?.key)?.series;
  const series = worst ?? ofCause?.symptoms[0]?.series ?? own ?? first.symptoms[0]?.series;
  if (series === undefined) return short(first.service.name);
  return `${short(series.service.name)}: ${describeSeries(series)}`;
}

function explanationOf(insight: OpenInsight, members: readonly Trouble[]): string {
  const [cause, ...others] = insight.rootCauses;
  const seen = members
    .slice(0, 4)
    .flatMap(({ service, symptoms }) =>
      symptoms.slice(0, 1).map(({ series }) => `${short(service.name)} (${describeSeries(series)})`),
    );
  const more = members.length > 4 ? ` and ${members.length - 4} more` : '';
  const affected = `Affected: ${seen.join('; ')}${more}.`;
  if (cause === undefined) return affected;
  const suspects = others
    .slice(0, 2)
    .map(({ service, score }) => `${short(service.name)} (${percent(score)})`);
  const rest = suspects.length > 0 ? ` Less likely: ${suspects.join(', ')}.` : '';
  const blame = `${short(cause.service.name)} is the likeliest cause (${percent(cause.score)} of the blame).`;
  const { sentence } = insight.inCommon;
  return [`${blame} ${cause.explanation}`, sentence, `${rest} ${affected}`.trim()]
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
