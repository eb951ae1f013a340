import type { InsightEvidenceJson } from '../../proto/api/index.ts';
import type { SizedResource, SizeJudgement, UsageHistory } from '../../workers/kernels/sizing/index.ts';
import { sizeExplanation, sizeTitle, type SizedWorkload } from './size-words.ts';
import type { Advice } from './tip-json.ts';
import { serviceJson } from './words.ts';

const HOUR_MS = 3_600_000;

export const SIZE_CATEGORIES = [
  ...['cpu-too-large', 'cpu-too-small', 'memory-too-large', 'memory-too-small'],
  ...['heap-too-large', 'connections-too-large', 'connections-too-small'],
];

const UNITS: Readonly<Record<SizedResource, string>> = {
  cpu: '{cpu}',
  memory: 'By',
  heap: 'By',
  connections: '{connection}',
};
const SIGNALS = { cpu: 'cpu', memory: 'memory', heap: 'memory', connections: 'other' } as const;

/** What a workload should be given, as an insight of kind `tip`. */
export function adviceOfSize(
  workload: SizedWorkload,
  history: UsageHistory,
  judgement: SizeJudgement,
): Advice {
  const { resource, isAbsolute, name } = workload;
  const { verdict, current, suggested, instances } = judgement;
  const service = serviceJson(workload.service);
  const category = `${resource}-${verdict}`;
  const key = JSON.stringify(['tip', category, workload.service, workload.workload, isAbsolute]);
  const saved = (current - suggested) * instances;
  const isSaving = verdict === 'too-large' && isAbsolute;
  return {
    key,
    weight: saved,
    kind: 'tip',
    severity: verdict === 'too-small' ? 'warning' : 'info',
    title: `${service.name}: ${sizeTitle(workload, judgement)}${name === '' ? '' : ` (${name})`}`,
    explanation: sizeExplanation(workload, history, judgement),
    service,
    services: [service],
    score: verdict === 'too-large' ? clamped(1 - suggested / current) : clamped(judgement.signShare),
    evidence: history.hours.length === 0 ? [] : [evidenceOf(workload, history, judgement, key)],
    rootCauses: [],
    saturation: null,
    tip: { category, saving: isSaving ? saved : null, savingUnit: isAbsolute ? UNITS[resource] : '1' },
  };
}

/** The peaks by the hour, under what is kept. */
function evidenceOf(
  workload: SizedWorkload,
  { hours, limit }: UsageHistory,
  { peak, current }: SizeJudgement,
  seriesKey: string,
): InsightEvidenceJson {
  const first = hours[0]?.[0] ?? 0;
  const count = (hours.at(-1)?.[0] ?? first) - first + 1;
  const peaks = new Map(hours.filter(([, , points]) => points > 0).map(([hour, most]) => [hour, most]));
  const each = Array.from({ length: count }, (_, at) => peaks.get(first + at) ?? null);
  // To the end of its hour: one hour alone is a line, too.
  const values = [...each, each.at(-1) ?? null];
  return {
    ...{ type: 'signal', service: serviceJson(workload.service), signal: SIGNALS[workload.resource] },
    ...{ name: workload.metric, operation: '', labels: {}, detector: 'highest of each hour, and the limit' },
    ...{ unit: workload.isAbsolute ? UNITS[workload.resource] : '1', score: 0, observed: peak },
    ...{ expected: null, seriesKey },
    chart: {
      ...{ startUnixMs: first * HOUR_MS, stepMs: HOUR_MS, values, lower: values.map(() => 0) },
      upper: values.map(() => limit ?? current),
    },
  };
}

function clamped(share: number): number {
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}
