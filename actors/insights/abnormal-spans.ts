import type { InsightEvidenceJson } from '../../proto/api/index.ts';
import { parseServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { SampledSpan, SampledSpans } from '../../workers/watch/index.ts';
import type { CallMap } from './call-map.ts';
import { OTHER_OPERATIONS } from './span-watch.ts';
import type { Symptom, Trouble } from './symptom.ts';

/** Which spans of a service are abnormal, and which of their like are not: two search lines. */
export interface AbnormalSpans {
  readonly what: (InsightEvidenceJson & { readonly type: 'attribute' })['compared']['what'];
  /** Requests to the service, or its calls of something that sends no spans itself. */
  readonly of: 'requests' | 'calls';
  readonly service: ServiceKey;
  readonly selection: string;
  readonly baseline: string;
}

const REQUESTS = '(kind:server OR kind:consumer OR -parent:*)';
const CALLS = '(kind:client OR kind:producer)';
const MOST_OPERATIONS = 6;
/** Slower than so many of its kind were before is slow; of fewer spans than that nobody can say. */
const SLOW_FROM = 0.95;
const FEWEST_TO_KNOW = 20;

/**
 * The failing or slow spans at a cause, by what its service suffers from most; undefined where neither is the trouble. Spans are
 * compared with those of the same operations alone: operations differ in what they say of themselves.
 */
export function abnormalSpansOf(cause: string, source: AbnormalSpansSource): AbnormalSpans | undefined {
  const { members, calls, spans } = source;
  const isCalled = calls.isVirtual(cause);
  const at = isCalled ? callerOf(cause, members, calls) : cause;
  const service = at === undefined ? undefined : parseServiceId(at);
  const own = members.find(({ serviceId }) => serviceId === at)?.symptoms ?? [];
  const felt = [...own, ...members.flatMap(({ symptoms }) => symptoms)].find(isFelt);
  if (service === undefined || felt === undefined) return undefined;
  const { signal } = felt.series;
  const names = isCalled ? operationsOf(spans.abnormal, cause) : operationsIn(own, signal);
  const whose = [...serviceTerms(service), isCalled ? CALLS : REQUESTS].join(' ');
  const lines = signal === 'errors' ? failing(whose, names) : slow(whose, names, cause, spans);
  return lines && { of: isCalled ? 'calls' : 'requests', service, ...lines };
}

type Lines = Pick<AbnormalSpans, 'what' | 'selection' | 'baseline'>;

function failing(whose: string, names: readonly string[]): Lines {
  const terms = names.slice(0, MOST_OPERATIONS).map((name) => term('name', name));
  const those = [whose, ...anyOf(terms)].join(' ');
  return { what: 'failing', selection: `${those} status:error`, baseline: `${those} -status:error` };
}

function slow(whose: string, named: readonly string[], node: string, spans: SampledSpans): Lines | undefined {
  const names = named.length > 0 ? named : operationsOf(spans.abnormal, node);
  const bounds = boundsOf(names.slice(0, MOST_OPERATIONS), spans.normal, node);
  if (bounds.length === 0) return undefined;
  const line = (sign: '>' | '<='): string => {
    const terms = bounds.map(({ name, ms }) => `(${term('name', name)} duration${sign}${ms.toFixed(3)}ms)`);
    return [whose, ...anyOf(terms)].join(' ');
  };
  return { what: 'slow', selection: line('>'), baseline: line('<=') };
}

export interface AbnormalSpansSource {
  readonly members: readonly Trouble[];
  readonly calls: CallMap;
  readonly spans: SampledSpans;
}

/** Of what sends no spans itself: the service in the most trouble that calls it. */
function callerOf(cause: string, members: readonly Trouble[], calls: CallMap): string | undefined {
  return members
    .filter(({ serviceId }) => calls.calls(serviceId, cause))
    .toSorted((one, other) => other.strength - one.strength)[0]?.serviceId;
}

function isFelt({ series }: Symptom): boolean {
  return series.source === 'spans' && (series.signal === 'errors' || series.signal === 'latency');
}

/** That fail or are slow, whichever is asked about. */
function operationsIn(symptoms: readonly Symptom[], signal: string): readonly string[] {
  const names = symptoms
    .filter((symptom) => isFelt(symptom) && symptom.series.signal === signal)
    .map(({ series }) => series.operation);
  return [...new Set(names)].filter((name) => name !== '' && name !== OTHER_OPERATIONS);
}

function operationsOf(spans: readonly SampledSpan[], node: string): readonly string[] {
  return [
    ...new Set(spans.filter(({ service }) => service === node).map(({ operation }) => operation)),
  ].sort();
}

/** From where on spans of each operation are slow, in ms. */
function boundsOf(
  operations: readonly string[],
  normal: readonly SampledSpan[],
  node: string,
): readonly { readonly name: string; readonly ms: number }[] {
  return operations.flatMap((name) => {
    const durations = Float64Array.from(
      normal.filter((span) => span.service === node && span.operation === name),
      ({ duration }) => duration,
    ).sort();
    const ms = durations[Math.ceil(SLOW_FROM * durations.length) - 1];
    return ms === undefined || durations.length < FEWEST_TO_KNOW ? [] : [{ name, ms }];
  });
}

function serviceTerms({ namespace, name, environment }: ServiceKey): readonly string[] {
  const part = (field: string, value: string): string => (value === '' ? `-${field}:*` : term(field, value));
  return [part('service', name), part('namespace', namespace), part('environment', environment)];
}

/** For exactly this value, whatever is in it. */
function term(field: string, value: string): string {
  return `${field}:"${value.replaceAll(/["\\]/g, (mark) => `\\${mark}`)}"`;
}

function anyOf(terms: readonly string[]): readonly string[] {
  return terms.length > 1 ? [`(${terms.join(' OR ')})`] : terms;
}
