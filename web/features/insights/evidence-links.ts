import type { InsightEvidenceJson } from '../../../proto/api/index.ts';
import { absoluteRange } from '../../app/time-range.ts';
import { withRange } from '../../app/with-range.ts';
import { servicePath } from '../../ui/service-id.ts';
import { nameOf } from '../facets/search-terms.ts';
import { spanOf } from './insight-words.ts';
import type { Trouble } from './trouble.ts';

export interface EvidenceLink {
  readonly label: string;
  readonly href: string;
}

type ComparedSpans = Extract<InsightEvidenceJson, { readonly type: 'attribute' }>['compared'];

type Link = (label: string, path: string, query: Readonly<Record<string, string>>) => EvidenceLink;
type SignalEvidence = Extract<InsightEvidenceJson, { readonly type: 'signal' }>;

/** Of figures of spans, not of metrics. */
const OF_SPANS = /^(requests|errors|latency)(?: of calls to .*)?$/s;
/** How many a histogram counted, as it is named beside its mean. */
const COUNT_OF_HISTOGRAM = / count$/;
/** The least of each, as the page of logs asks for it. */
const LEAST_SEVERITIES: Readonly<Record<string, string>> = { debug: '1', info: '9', warn: '13', error: '17' };

/** Where one looks at a piece of evidence oneself, at the time that the insight is about. */
export function evidenceLinks(evidence: InsightEvidenceJson, insight: Trouble): readonly EvidenceLink[] {
  const { fromMs, toMs } = spanOf(insight);
  const range = absoluteRange(fromMs, toMs);
  const link: Link = (label, path, query) => ({
    label,
    href: withRange(path, range, Object.fromEntries(Object.entries(query).filter(([, text]) => text !== ''))),
  });
  switch (evidence.type) {
    case 'signal':
      return signalLinks(evidence, link);
    case 'trace': {
      const { traceId, spanId } = evidence;
      return traceId === '' ? [] : [{ label: 'Trace', href: tracePath(traceId, spanId) }];
    }
    case 'log-pattern':
      return logLinks(evidence, link);
    case 'error': {
      const { service, operation } = evidence;
      return [link('Failing traces', '/traces', { service: service.id, operation, status: 'error' })];
    }
    case 'attribute': {
      const { service, field, value } = evidence;
      return [link('Traces', '/traces', { service: service.id, q: `${nameOf(field)}:${quoted(value)}` })];
    }
    case 'new-attribute': {
      const { service, field } = evidence;
      return [link('Traces', '/traces', { service: service.id, q: `${nameOf(field)}:*` })];
    }
    case 'change':
      return [link('Service', servicePath(evidence.service.id), {})];
    case 'explains':
      return [link('Caller', servicePath(evidence.caller.id), {})];
  }
}

function signalLinks(
  { service, signal, name, operation, labels, detector, unit }: SignalEvidence,
  link: Link,
): readonly EvidenceLink[] {
  const ofService = link('Service', servicePath(service.id), {});
  const [, figure] = OF_SPANS.exec(name) ?? [];
  if (figure !== undefined) {
    const status = figure === 'errors' ? 'error' : '';
    return [link('Traces', '/traces', { service: service.id, operation, status }), ofService];
  }
  if (signal === 'logs') {
    const severity = LEAST_SEVERITIES[labels['severity'] ?? ''] ?? '';
    return [link('Logs', '/logs', { service: service.id, severity })];
  }
  // Silence of a whole service, or of all, is of no metric.
  if (detector === 'silence' && (name === '' || name === 'everything')) return [ofService];
  const metric = signal === 'requests' && unit === '1/s' ? name.replace(COUNT_OF_HISTOGRAM, '') : name;
  return [link('Metric', '/metrics', { name: metric, service: service.id })];
}

/** Both selections of spans beside each other, by all of their attributes. */
export function comparisonLink({
  selection,
  baseline,
  fromUnixMs,
  baselineFromUnixMs,
  toUnixMs,
}: ComparedSpans): string {
  return withRange('/traces', absoluteRange(fromUnixMs, toUnixMs), {
    q: selection,
    facets: '1',
    'facet-view': 'differs',
    against: baseline,
    'against-from': String(Math.floor(baselineFromUnixMs)),
  });
}

type LogEvidence = Extract<InsightEvidenceJson, { readonly type: 'log-pattern' }>;

/** Records of a pattern then and, where they can be found exactly, as they come now. */
function logLinks({ service, query, template }: LogEvidence, link: Link): readonly EvidenceLink[] {
  if (query === undefined) return [link('Logs', '/logs', { service: service.id, q: phraseOf(template) })];
  const tail = new URLSearchParams({ kind: 'logs', service: service.id, q: query });
  return [
    link('Logs', '/logs', { service: service.id, q: query }),
    { label: 'Tail', href: `/tail?${tail.toString()}` },
  ];
}

function tracePath(traceId: string, spanId: string): string {
  return `/traces/${traceId}${spanId === '' ? '' : `?span=${spanId}`}`;
}

/** The longest text of a template that is the same in all its lines, as a search line finds it. */
function phraseOf(template: string): string {
  const parts = template.split(/<[^<>]*>/).map((part) => part.trim());
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '');
  return longest === '' ? '' : quoted(longest);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (mark) => `\\${mark}`)}"`;
}
