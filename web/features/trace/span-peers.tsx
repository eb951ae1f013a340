import { createMemo, For, Show, type JSX } from 'solid-js';
import type { NumberSummaryJson, SpanJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { absoluteRange } from '../../app/time-range.ts';
import { withRange } from '../../app/with-range.ts';
import { attributeText } from '../../ui/any-value.ts';
import { exactCount, formatDurationNs, msOfNano } from '../../ui/format.ts';
import { servicePath } from '../../ui/service-id.ts';
import { lineOf, termOf } from '../facets/search-terms.ts';
import { shareBelow, type Bin } from './share-below.ts';
import type { SpanNode } from './span-tree.ts';

const HOUR_MS = 3_600_000;
const AROUND_MS = 300_000;

/** How long the span took among those of the same service and name, from an hour before it to now or an hour after. */
export function SpanPeers(props: { readonly node: SpanNode }): JSX.Element {
  const answer = createAnswer(() => {
    const { span } = props.node;
    const startMs = msOfNano(span.startTimeUnixNano);
    const query = {
      from: String(startMs - HOUR_MS),
      to: String(Math.min(Date.now(), startMs + HOUR_MS)),
      q: lineOf('', { service: span.service.id, operation: span.name }),
      number: 'duration',
      histogram: 'true',
    };
    return { path: '/api/v1/traces/aggregate', query } as const;
  });
  const peers = createMemo(() => {
    const numbers = answer.data()?.groups.flatMap(({ buckets }) => buckets.flatMap((one) => one.numbers));
    return numbers?.find(({ count }) => count > 1);
  });
  return (
    <p class="span-peers" aria-busy={answer.isLoading()}>
      <Show
        when={peers()}
        fallback={
          <span class="faint">
            {answer.isLoading() ? 'Looking for others like it…' : 'There is no other like it.'}
          </span>
        }
      >
        {(all) => (
          <span
            title={`p50 ${formatDurationNs(Number(all().p50))}, p95 ${formatDurationNs(Number(all().p95))}, p99 ${formatDurationNs(Number(all().p99))}`}
          >
            Longer than <b>{Math.round(shareBelow(binsOf(all()), props.node.durationNs) * 100)} %</b> of{' '}
            {exactCount(all().count)} like it within an hour
          </span>
        )}
      </Show>
    </p>
  );
}

/** JSON has words for what no number of it can say. */
function binsOf({ histogram }: NumberSummaryJson): readonly Bin[] {
  return (histogram ?? []).map(({ from, to, count }) => ({ from: Number(from), to: Number(to), count }));
}

interface Jump {
  readonly label: string;
  readonly href: string;
}

/** Where one looks next, with the time around the span. */
export function SpanJumps(props: { readonly span: SpanJson }): JSX.Element {
  return (
    <nav class="span-jumps" aria-label="Around this span">
      <For each={jumpsFrom(props.span)}>
        {({ label, href }) => (
          <a class="link" href={href}>
            {label}
          </a>
        )}
      </For>
    </nav>
  );
}

function jumpsFrom(span: SpanJson): readonly Jump[] {
  const startMs = msOfNano(span.startTimeUnixNano);
  const range = absoluteRange(startMs - AROUND_MS, msOfNano(span.endTimeUnixNano) + AROUND_MS);
  const { id } = span.service;
  const at = (key: string, label: string): Jump[] => {
    const value = attributeText(span.resource.attributes, key);
    if (value === undefined) return [];
    const q = termOf(`resource.${key}`, value);
    return [{ label: `Logs of ${label} ${value}`, href: withRange('/logs', range, { q }) }];
  };
  return [
    { label: 'Service', href: withRange(servicePath(id), range) },
    { label: 'Metrics', href: withRange('/metrics', range, { service: id }) },
    { label: 'Logs', href: withRange('/logs', range, { service: id }) },
    ...at('host.name', 'host'),
    ...at('k8s.pod.name', 'pod'),
    { label: 'Spans like it', href: withRange('/traces', range, { service: id, operation: span.name }) },
  ];
}
