import type { InsightEvidenceJson } from '../../proto/api/index.ts';
import { serviceIdOf } from '../../proto/columns/index.ts';
import type { SearchExpression, TimeRange, ValueCountsPartial } from '../../proto/query/index.ts';
import { mergeValueCounts } from '../../workers/aggregate/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';
import { overlaps } from '../../workers/scan/index.ts';
import { parseSearch } from '../../workers/search/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import type { AbnormalSpans } from './abnormal-spans.ts';
import { percent, short } from './describe.ts';
import type { EngineContext } from './engine-options.ts';
import { serviceJson } from './evidence-json.ts';
import { tellingAttributes } from './telling-attributes.ts';

type AttributeEvidence = InsightEvidenceJson & { readonly type: 'attribute' };

/** What abnormal spans have in common, as evidence and as a sentence; both empty where nothing tells them from the others. */
export interface InCommon {
  readonly evidence: readonly AttributeEvidence[];
  readonly sentence: string;
}

export const NOTHING_IN_COMMON: InCommon = { evidence: [], sentence: '' };

/** Before the change others are looked for where hardly any were well since. */
const BEFORE_MS = 300_000;
const FEWEST_OTHERS = 30;
const FEWEST_ABNORMAL = 5;
const MOST_ROWS = 200_000;
/** Values of a field that are told apart on the way to the most frequent. */
const COUNTED_VALUES = 200;

/** Compares abnormal spans since a moment with others of their kind, by all that they say of themselves, on threads over the live windows. */
export async function compareSpans(
  { options, deadlineMs }: EngineContext,
  windows: readonly ServiceWindow[],
  spans: AbnormalSpans,
  sinceMs: number,
  nowMs: number,
): Promise<InCommon> {
  const id = serviceIdOf(spans.service);
  const own = windows.filter(({ service }) => serviceIdOf(service) === id);
  const abnormal = { search: searchOf(spans.selection), range: rangeOf(sinceMs, nowMs) };
  const countFrom = async (fromMs: number): Promise<ValueCountsPartial> => {
    const range = rangeOf(fromMs, nowMs);
    const selections = [abnormal, { search: searchOf(spans.baseline), range }];
    const parts = someOf(own, range);
    const query = { signal: 'traces', selections, mostValues: COUNTED_VALUES } as const;
    const partials = await options.threads.scan('count-values', parts, query, { deadlineMs });
    return mergeValueCounts(partials, selections.length, COUNTED_VALUES);
  };
  let fromMs = sinceMs;
  let counted = await countFrom(fromMs);
  if ((counted.totals[0] ?? 0) < FEWEST_ABNORMAL) return NOTHING_IN_COMMON;
  if ((counted.totals[1] ?? 0) < FEWEST_OTHERS) {
    fromMs = sinceMs - BEFORE_MS;
    counted = await countFrom(fromMs);
  }
  const compared = {
    what: spans.what,
    selection: spans.selection,
    baseline: spans.baseline,
    fromUnixMs: sinceMs,
    baselineFromUnixMs: fromMs,
    toUnixMs: nowMs,
    abnormal: counted.totals[0] ?? 0,
    normal: counted.totals[1] ?? 0,
  };
  const evidence = tellingAttributes(counted, spans).map((attribute): AttributeEvidence => ({
    type: 'attribute',
    service: serviceJson(spans.service),
    ...attribute,
    compared,
  }));
  return { evidence, sentence: sentenceOf(spans, evidence) };
}

function sentenceOf({ what, of, service }: AbnormalSpans, evidence: readonly AttributeEvidence[]): string {
  if (evidence.length === 0) return '';
  const whose = of === 'requests' ? `requests of ${short(service.name)}` : `calls of ${short(service.name)}`;
  const each = evidence.slice(0, 3).map(({ field, value, shareOfAbnormal, shareOfNormal }) => {
    const name = field.replace(/^resource\./, '');
    return `${short(name)} is ${short(value)} in ${amount(shareOfAbnormal)} (in ${percent(shareOfNormal)} of the others)`;
  });
  return `What ${what} ${whose} have in common: ${each.join('; ')}.`;
}

function amount(share: number): string {
  return share >= 0.995 ? 'all' : percent(share);
}

/** Parts that are in the range: so many, evenly over all of it, as have the rows that may be read. */
function someOf(windows: readonly ServiceWindow[], range: TimeRange): readonly ScanPart[] {
  const parts = windows.flatMap(({ service, parts: all }) =>
    all.filter(({ batch }) => overlaps(batch, range)).map((part) => ({ service, ...part })),
  );
  const rows = parts.reduce((sum, { batch }) => sum + batch.rowCount, 0);
  const share = Math.min(1, MOST_ROWS / Math.max(1, rows));
  return parts.filter((_, index) => Math.floor((index + 1) * share) > Math.floor(index * share));
}

function searchOf(line: string): SearchExpression {
  const parsed = parseSearch(line, 'traces');
  if ('expression' in parsed) return parsed.expression;
  throw new Error(`${line} is no search: ${parsed.error.expected} was expected at ${parsed.error.position}`);
}

function rangeOf(fromMs: number, toMs: number): TimeRange {
  return {
    fromUnixNano: BigInt(Math.floor(fromMs)) * 1_000_000n,
    toUnixNano: BigInt(Math.ceil(toMs)) * 1_000_000n,
  };
}
