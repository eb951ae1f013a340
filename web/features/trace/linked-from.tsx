import { For, Show, type JSX } from 'solid-js';
import type { SpanJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { formatDurationNs, msOfNano } from '../../ui/format.ts';

const BEFORE_MS = 3_600_000;
const AFTER_MS = 86_400_000;
const LIMIT = 20;

/** Traces with a span whose link names this one: consumers of what it sent, from an hour before it to a day after. */
export function LinkedFrom(props: { readonly span: SpanJson }): JSX.Element {
  const answer = createAnswer(() => {
    const { traceId, spanId, startTimeUnixNano } = props.span;
    if (traceId === '' || spanId === '') return undefined;
    const startMs = msOfNano(startTimeUnixNano);
    const query = {
      q: `link.span:${spanId} link.trace:${traceId}`,
      from: String(startMs - BEFORE_MS),
      to: String(Math.min(Date.now() + 1_000, startMs + AFTER_MS)),
      limit: LIMIT,
    };
    return { path: '/api/v1/traces', query } as const;
  });
  return (
    <Show when={answer.data()?.traces.length}>
      <details class="detail-section" open>
        <summary>
          Linked from <span class="faint">{answer.data()?.traces.length}</span>
        </summary>
        <For each={answer.data()?.traces}>
          {(trace) => (
            <div class="event">
              <a class="link" href={`/traces/${trace.traceId}`}>
                {trace.rootName}
              </a>{' '}
              <ServiceChip id={trace.rootService.id} />{' '}
              <span class="faint">
                {formatDurationNs(Number(trace.durationNano))}, {trace.spanCount}
                {trace.more ? '+' : ''} {trace.spanCount === 1 ? 'span' : 'spans'}
              </span>
            </div>
          )}
        </For>
        <Show when={answer.data()?.more}>
          <p class="faint">There are more than these {LIMIT}.</p>
        </Show>
      </details>
    </Show>
  );
}
