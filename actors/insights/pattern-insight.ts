import type { InsightEvidenceJson, InsightJson } from '../../proto/api/index.ts';
import { INSIGHT_SEVERITIES } from '../../proto/api/index.ts';
import { scoreOf, serviceJson } from './evidence-json.ts';
import { short } from './describe.ts';
import type { PatternFinding } from './pattern-finding.ts';

const MOST_EVIDENCE = 12;
const MOST_TOLD = 4;

/** What was found together, the strongest first, as an insight that is open. */
export function patternInsight(
  id: string,
  findings: readonly PatternFinding[],
  detectedMs: number,
  nowMs: number,
): InsightJson {
  const [first] = findings;
  if (first === undefined) throw new Error(`insight ${id} is about nothing`);
  const service = serviceJson(first.service);
  return {
    id,
    ...{ kind: 'pattern', state: 'open', severity: worstOf(findings) },
    title: titleOf(first, findings.length),
    explanation: findings
      .slice(0, MOST_TOLD)
      .map(({ name, says, because }) => `${capital(name)} ${says}. ${because}`)
      .join(' ')
      .slice(0, 4_000),
    ...{ service, services: [service] },
    startedUnixMs: Math.min(nowMs, ...findings.map(({ sinceMs }) => sinceMs)),
    ...{ detectedUnixMs: detectedMs, updatedUnixMs: nowMs, endedUnixMs: null },
    score: scoreOf(Math.max(...findings.map(({ nats }) => nats))),
    evidence: evidenceOf(findings),
    ...{ rootCauses: [], saturation: null, tip: null },
  };
}

function titleOf({ service, name, says }: PatternFinding, count: number): string {
  const others = count === 1 ? '' : count === 2 ? ', and another one' : `, and ${count - 1} others`;
  return `${short(service.name)}: ${name} ${says}${others}`;
}

function evidenceOf(findings: readonly PatternFinding[]): readonly InsightEvidenceJson[] {
  const own = findings.flatMap(({ evidence }) => evidence.filter(({ type }) => type !== 'change'));
  // A deploy is the same for all of them.
  const change = findings.flatMap(({ evidence }) => evidence.filter(({ type }) => type === 'change'))[0];
  return [...own.slice(0, MOST_EVIDENCE), ...(change ? [change] : [])];
}

function worstOf(findings: readonly PatternFinding[]): InsightJson['severity'] {
  const ranks = findings.map(({ severity }) => INSIGHT_SEVERITIES.indexOf(severity));
  return INSIGHT_SEVERITIES[Math.max(...ranks)] ?? 'info';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
