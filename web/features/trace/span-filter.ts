import type { SpanJson } from '../../../proto/api/index.ts';
import { attributesContain, attributeText } from '../../ui/any-value.ts';
import { spanKindName, STATUS_ERROR } from '../../ui/otel-names.ts';
import { parseDurationMs } from '../../ui/duration-text.ts';
import type { SpanNode } from './span-tree.ts';

type Test = (node: SpanNode) => boolean;

const STATUS_NAMES = ['unset', 'ok', 'error'];

function containsText(span: SpanJson, needle: string): boolean {
  return (
    span.name.toLowerCase().includes(needle) ||
    span.service.name.toLowerCase().includes(needle) ||
    span.spanId === needle ||
    span.status.message.toLowerCase().includes(needle) ||
    attributesContain(span.attributes, needle) ||
    attributesContain(span.resource.attributes, needle) ||
    span.events.some(
      ({ name, attributes }) => name.toLowerCase().includes(needle) || attributesContain(attributes, needle),
    )
  );
}

function testOfKey(key: string, value: string): Test {
  if (key === 'service') return ({ span }) => span.service.name.toLowerCase().includes(value);
  if (key === 'name') return ({ span }) => span.name.toLowerCase().includes(value);
  if (key === 'kind') return ({ span }) => spanKindName(span.kind) === value;
  if (key === 'status') return ({ span }) => STATUS_NAMES[span.status.code] === value;
  return ({ span }) => {
    const found = attributeText(span.attributes, key) ?? attributeText(span.resource.attributes, key);
    return found?.toLowerCase().includes(value) ?? false;
  };
}

function testOfWord(word: string): Test {
  const duration = /^duration([<>])(.+)$/.exec(word);
  const limitMs = duration?.[2] === undefined ? undefined : parseDurationMs(duration[2]);
  if (limitMs !== undefined) {
    const isMore = duration?.[1] === '>';
    return ({ durationNs }) => (isMore ? durationNs > limitMs * 1e6 : durationNs < limitMs * 1e6);
  }
  if (word === 'error') return ({ span }) => span.status.code === STATUS_ERROR || containsText(span, word);
  const pair = /^([a-z0-9_.-]+)[=:](.+)$/.exec(word);
  if (pair?.[1] !== undefined && pair[2] !== undefined) {
    const [test, needle] = [testOfKey(pair[1], pair[2]), word];
    return (node) => test(node) || containsText(node.span, needle);
  }
  return ({ span }) => containsText(span, word);
}

/**
 * What the search field of a trace understands: words, all of which must be found in a span's name, service, id,
 * status, attributes or events, in any case; `service:`, `name:`, `kind:`, `status:`, `any.attribute=` and
 * `duration>250ms`. Quotes hold words together. undefined when nothing is searched for.
 */
export function parseSpanFilter(text: string): Test | undefined {
  const words = [...text.toLowerCase().matchAll(/(?:[^\s"]|"[^"]*"?)+/g)]
    .map(([word]) => word.replaceAll('"', ''))
    .filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const tests = words.map(testOfWord);
  return (node) => tests.every((test) => test(node));
}
