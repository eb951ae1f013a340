import type { ValueCountsPartial } from '../../proto/query/index.ts';
import { rankDifferences } from '../../workers/aggregate/index.ts';
import type { AbnormalSpans } from './abnormal-spans.ts';

/** A value that most abnormal spans have and few others do. */
export interface TellingAttribute {
  readonly field: string;
  readonly value: string;
  /** Abnormal spans that have it. */
  readonly count: number;
  readonly shareOfAbnormal: number;
  readonly shareOfNormal: number;
}

const MOST_TOLD = 5;
const VALUES_OF_A_FIELD = 20;
const LONGEST_VALUE = 200;
/** Of the abnormal ones; what is in fewer tells nothing of the most of them. */
const LEAST_SHARE = 0.5;
const LEAST_DIFFERENCE = 0.3;
const LEAST_RATIO = 1.5;
/** In nats, beyond one chance for each value that was compared: one comparison in four hundred says something for nothing. */
const LEAST_EVIDENCE = 6;
/** Spans come in bunches: more of them say no more. */
const MOST_COUNTED = 200;

/** Fields that say how a span ended: of failing ones they say nothing but that they failed. */
const OUTCOMES =
  /(^|[._-])(status|errors?|exceptions?|outcome|results?|success|succeeded|fail(ed|ures?)?|response|severity)([._-]|$)/i;
/** And how long it took, or when it was. */
const TIMES = /(^|[._-])(duration|latency|elapsed|took|time|timestamp|date)([._-]|$)/i;
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d|^1\d{9}(\d{3}|\d{6}|\d{9})?$/;
/** Whom a call goes to: it was selected by that. */
const PEERS =
  /^(server\.|net\.peer|network\.peer|peer\.service|http\.host|db\.(system|namespace|name)\b|messaging\.(system|destination)|url\.)/;
/** Names of single processes and machines say less to the reader than what they have in common. */
const IDS = /(^|[._-])(id|uid|pid|instance|ip|address|host|pod)([._-]|$)/i;
const OF_ALL = new Set(['service', 'kind', 'status', 'status.message']);

/**
 * Values that tell abnormal spans (the first selection) from others of their kind, the most telling first: in half of the abnormal ones at
 * least, in clearly fewer of the others, and by more than chance (likelihood ratio of two proportions, Dunning 1993, against one chance
 * for each value). What follows from being abnormal is left out: outcomes, durations, moments, keys that only abnormal spans have.
 */
export function tellingAttributes(
  counted: ValueCountsPartial,
  { what, of }: Pick<AbnormalSpans, 'what' | 'of'>,
): readonly TellingAttribute[] {
  const [abnormal = 0, normal = 0] = counted.totals;
  if (abnormal === 0 || normal === 0) return [];
  const fields = counted.fields.filter(({ field, present }) => isCondition(field, present, what, of));
  const values = fields.reduce((sum, field) => sum + field.values.length, 1);
  const least = LEAST_EVIDENCE + Math.log(values);
  return rankDifferences({ totals: counted.totals, fields }, VALUES_OF_A_FIELD)
    .flatMap(({ field, values: told }) => told.map(({ value, shares }) => ({ field, value, shares })))
    .filter(
      ({ value, shares: [of1, of2] }) =>
        value !== '' &&
        !MOMENT.test(value) &&
        of1 >= LEAST_SHARE &&
        of1 - of2 >= LEAST_DIFFERENCE &&
        of1 >= LEAST_RATIO * of2 &&
        evidenceOf(of1, Math.min(MOST_COUNTED, abnormal), of2, Math.min(MOST_COUNTED, normal)) >= least,
    )
    .sort(
      (one, other) =>
        differenceOf(other.shares) - differenceOf(one.shares) ||
        Number(IDS.test(one.field)) - Number(IDS.test(other.field)) ||
        (one.field < other.field ? -1 : 1),
    )
    .slice(0, MOST_TOLD)
    .map(({ field, value, shares: [of1, of2] }) => ({
      field,
      value: value.slice(0, LONGEST_VALUE),
      count: Math.round(of1 * abnormal),
      shareOfAbnormal: of1,
      shareOfNormal: of2,
    }));
}

/** Whether a field can be why spans are abnormal, and not what comes of it. */
function isCondition(
  field: string,
  [, ofOthers = 0]: readonly number[],
  what: AbnormalSpans['what'],
  of: AbnormalSpans['of'],
): boolean {
  if (OF_ALL.has(field) || OUTCOMES.test(field) || TIMES.test(field)) return false;
  if (of === 'calls' && PEERS.test(field)) return false;
  if (field.startsWith('resource.')) return true;
  if (what === 'failing' && field.startsWith('event.')) return false;
  return ofOthers > 0;
}

function differenceOf([one, other]: readonly [number, number]): number {
  return Math.round(100 * (one - other));
}

/** How much likelier two shares are than one, in nats. */
function evidenceOf(one: number, size: number, other: number, otherSize: number): number {
  const pooled = (one * size + other * otherSize) / (size + otherSize);
  return size * divergence(one, pooled) + otherSize * divergence(other, pooled);
}

function divergence(share: number, from: number): number {
  return term(share, from) + term(1 - share, 1 - from);
}

function term(share: number, from: number): number {
  return share === 0 ? 0 : share * Math.log(share / from);
}
