import type { InsightEvidenceJson, InsightJson } from '../../proto/api/index.ts';
import {
  LARGE_PAYLOAD_BYTES,
  SLOW_STATEMENT_MS,
  type Tip,
  type TipCategory,
} from '../../workers/kernels/tips/index.ts';
import { megabytes, milliseconds as ms, percent, serviceJson, tenths, whole } from './words.ts';

/** What is said of a piece of advice, whenever it was first given. */
export type Advice = Omit<
  InsightJson,
  'id' | 'state' | 'startedUnixMs' | 'detectedUnixMs' | 'updatedUnixMs' | 'endedUnixMs'
> & {
  /** What makes it the same advice the next time. */
  readonly key: string;
  /** How much all of it would save together; comparable within a category. */
  readonly weight: number;
};

const TITLES: Readonly<Record<TipCategory, (tip: Tip) => string>> = {
  'n-plus-one': ({ operation, figures }) =>
    `${operation} asks ${whole(figures['calls'])} times for what one query could`,
  'chatty-calls': ({ operation, figures }) =>
    `${operation} makes the same call ${whole(figures['calls'])} times`,
  'serial-calls': ({ operation, figures }) =>
    `${operation} waits for ${whole(figures['calls'])} reads one after another`,
  'slow-statement': ({ operation, figures }) => `A statement of ${operation} takes ${ms(figures['meanMs'])}`,
  retries: ({ operation, figures }) => `${operation} tries a call ${tenths(figures['attempts'])} times`,
  'cache-misses': ({ operation, figures }) =>
    `The cache of ${operation} misses ${percent(figures['missShare'])} of lookups`,
  'large-payloads': ({ operation, figures }) =>
    `${operation} moves ${megabytes(figures['bytes'])} in one call`,
};

const ADVICE: Readonly<Record<TipCategory, string>> = {
  'n-plus-one': 'Ask for all at once: a join, an IN list or a batch.',
  'chatty-calls': 'Ask for all at once, or keep the answer for the length of the request.',
  'serial-calls': "They could be asked for at the same time, if none needs another's answer.",
  'slow-statement': 'Look at its plan.',
  retries:
    'Failed attempts take time and load the callee: retry fewer times, with back-off and jitter, or break the circuit.',
  'cache-misses': 'Keep entries longer, make keys coarser, or give the cache more room.',
  'large-payloads': 'Ask for fewer fields or a page at a time, or compress.',
};

/** A tip as an insight of kind `tip`. */
export function adviceOfTip(tip: Tip): Advice {
  const { category, service: id, operation, subject } = tip;
  const service = serviceJson(id);
  return {
    key: JSON.stringify(['tip', category, id, operation, subject]),
    weight: weightOf(tip),
    kind: 'tip',
    severity: 'info',
    title: `${service.name}: ${TITLES[category](tip)}`,
    explanation: explanationOf(tip),
    service,
    services: [service],
    score: Math.min(1, Math.max(0, tip.savingShare)),
    evidence: tip.examples.map((example): InsightEvidenceJson => ({
      ...{ type: 'trace', service, note: subject },
      ...{ traceId: example.traceId, spanId: example.spanId, operation: example.operation },
      ...{ durationMs: example.durationMs, isError: example.isError },
    })),
    rootCauses: [],
    saturation: null,
    tip: { category, ...savingOf(tip) },
  };
}

/** Of an operation that shows it. */
function savingOf({ category, savingMs, figures }: Tip): {
  readonly saving: number | null;
  readonly savingUnit: 'By' | 'ms';
} {
  const isOfBytes = category === 'large-payloads';
  const saving = (isOfBytes ? figures['savedBytes'] : savingMs) ?? 0;
  const canTell = Number.isFinite(saving) && saving > 0;
  return { saving: canTell ? saving : null, savingUnit: isOfBytes ? 'By' : 'ms' };
}

function weightOf(tip: Tip): number {
  return tip.shown * (savingOf(tip).saving ?? 0);
}

function explanationOf(tip: Tip): string {
  const { category, operation, subject, looked, shown, figures, signs } = tip;
  const sentences = [
    category === 'cache-misses'
      ? `Of ${whole(figures['lookups'])} lookups (${subject}), ${percent(figures['missShare'])} were followed by a read of the database of ${ms(figures['missMs'])}.`
      : `${shown} of ${looked} sampled ${operation} show it: ${subject}.`,
  ];
  if (figures['totalMs'] !== undefined) {
    sentences.push(`Its ${whole(figures['calls'])} calls take ${ms(figures['totalMs'])} together.`);
  }
  if (category === 'retries') sentences.push(`${tenths(figures['failed'])} attempts fail in the mean.`);
  if (category === 'slow-statement') {
    sentences.push(`It is ${percent(figures['shareOfOperation'])} of the operation's time.`);
    if (signs.length > 0) sentences.push(`It ${signs.join('; ')}.`);
  }
  return [...sentences, ...savingSentence(tip), ADVICE[category]].join(' ');
}

function savingSentence(tip: Tip): string[] {
  const { saving } = savingOf(tip);
  if (saving === null) return [];
  const share = `${percent(tip.savingShare)} of the operation's time`;
  switch (tip.category) {
    case 'large-payloads':
      return [
        `At ${megabytes(LARGE_PAYLOAD_BYTES)} a call it would move ${megabytes(saving)} less each time.`,
      ];
    case 'slow-statement':
      return [`If it took ${ms(SLOW_STATEMENT_MS)}, ${ms(saving)} would be saved each time, ${share}.`];
    case 'cache-misses':
      return [`With nine hits in ten, ${share} could be saved.`];
    default:
      return [`At most ${ms(saving)} could be saved each time, ${share}.`];
  }
}
