import type { SizedResource, SizeJudgement, UsageHistory } from '../../workers/kernels/sizing/index.ts';
import type { WorkloadUsage } from '../../workers/usage/index.ts';
import { bytesText, hoursText, milliseconds, percent, tenths } from './words.ts';

export type SizedWorkload = Omit<WorkloadUsage, 'observation'>;

const WHAT: Readonly<Record<SizedResource, string>> = {
  cpu: 'CPU',
  memory: 'memory',
  heap: 'heap',
  connections: 'connection pool',
};

const RESERVED: Readonly<Record<SizedResource, (amount: string) => string>> = {
  cpu: (amount) => `The request is ${amount}.`,
  memory: (amount) => `The request is ${amount}.`,
  heap: (amount) => `The JVM has ${amount} committed: its least size (-Xms) may ask for that.`,
  connections: (amount) => `Up to ${amount} are open.`,
};

export function sizeTitle(workload: SizedWorkload, judgement: SizeJudgement): string {
  return judgement.verdict === 'too-large'
    ? largeTitle(workload, judgement)
    : smallTitle(workload, judgement);
}

function largeTitle(workload: SizedWorkload, { current, peak, p99 }: SizeJudgement): string {
  const { resource, isAbsolute } = workload;
  const amount = (value: number): string => amountText(workload, value);
  if (resource === 'connections') {
    return `Of ${amount(current)} that are open, ${Math.round(peak)} are in use at most`;
  }
  const used = amount(resource === 'cpu' ? p99 : peak);
  return isAbsolute
    ? `${amount(current)} of ${WHAT[resource]} are kept and ${used} used`
    : `${used} of the ${WHAT[resource]} it is given are used`;
}

function smallTitle({ resource }: SizedWorkload, { sign, signShare, waitSeconds }: SizeJudgement): string {
  if (sign === 'held-back') return `CPU is held back in ${percent(signShare)} of periods`;
  if (sign === 'near-limit') return `${resource === 'cpu' ? 'CPU' : 'Memory'} is near its limit`;
  return signShare > 0
    ? `Requests wait for a connection in ${percent(signShare)} of looks at the pool`
    : `Requests wait ${milliseconds(waitSeconds * 1e3)} for a connection`;
}

export function sizeExplanation(
  workload: SizedWorkload,
  history: UsageHistory,
  judgement: SizeJudgement,
): string {
  const facts = factsOf(workload, history, judgement);
  if (judgement.verdict === 'too-large') return [...facts, largeAdvice(workload, judgement)].join(' ');
  const [shown, advice] = smallWords(workload, history, judgement);
  return [...shown, ...facts, advice].join(' ');
}

function factsOf(
  workload: SizedWorkload,
  { limit, reserved }: UsageHistory,
  { median, p99, peak, spanHours, instances }: SizeJudgement,
): string[] {
  const amount = (value: number): string => amountText(workload, value);
  const facts: string[] = [];
  if (!Number.isNaN(p99)) {
    const each = instances > 1 ? `, by each of ${instances}` : '';
    facts.push(
      `In the last ${hoursText(spanHours)}, ${amount(median)} were used in the median, ${amount(p99)} in 99 % of the time and ${amount(peak)} at most${each}.`,
    );
  }
  if (!workload.isAbsolute) return facts;
  if (limit !== null) facts.push(`The limit is ${amount(limit)}.`);
  if (reserved !== null) {
    facts.push(RESERVED[workload.resource](amount(reserved)));
  }
  return facts;
}

function largeAdvice(workload: SizedWorkload, { suggested }: SizeJudgement): string {
  const amount = amountText(workload, suggested);
  switch (workload.resource) {
    case 'connections':
      return `${amount} would do, half as many again as were in use at most: each that is open costs memory at the database.`;
    case 'cpu':
      return `${amount} would do, a fifth more than was used in 99 % of the time.`;
    default:
      return `${amount} would do, a fifth more than was used at most.`;
  }
}

/** How it shows, and what to do. */
function smallWords(
  workload: SizedWorkload,
  { limit }: UsageHistory,
  { sign, signShare, waitSeconds, suggested }: SizeJudgement,
): readonly [readonly string[], string] {
  const amount = amountText(workload, suggested);
  if (sign === 'held-back') {
    const shown = `In the last hours the scheduler held it back in ${percent(signShare)} of its periods.`;
    const to = limit === null ? '' : ` to ${amount} at least`;
    return [[shown], `Raise the limit${to}, or take it away and keep the request.`];
  }
  if (sign === 'near-limit') {
    const after = workload.resource === 'memory' ? ': a little more, and it is killed' : '';
    const shown = `In the last hours it stood at nine tenths of its limit or above in ${percent(signShare)} of points${after}.`;
    const advice = workload.isAbsolute ? `Give it ${amount}` : 'Raise the limit by half';
    return [[shown], `${advice}, or find out what takes so much.`];
  }
  const looks = signShare > 0 ? [`Somebody waits in ${percent(signShare)} of looks at the pool.`] : [];
  const waits = waitSeconds > 0 ? [`A wait takes ${milliseconds(waitSeconds * 1e3)} in the mean.`] : [];
  const more = limit === null ? '' : `: ${amount}, if the database has them`;
  return [
    [...looks, ...waits],
    `Hold connections for a shorter time (no calls elsewhere while one is held), or allow more${more}.`,
  ];
}

function amountText({ resource, isAbsolute }: SizedWorkload, value: number): string {
  if (!isAbsolute) return percent(value);
  switch (resource) {
    case 'cpu':
      return `${value >= 10 ? tenths(value) : Number(value.toPrecision(2))} cores`;
    case 'connections':
      return `${Math.round(value)} connections`;
    default:
      return bytesText(value);
  }
}
