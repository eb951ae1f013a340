import { createSignal, createUniqueId, For, Show, type JSX } from 'solid-js';
import type { InsightJson, RootCauseJson } from '../../../proto/api/index.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { EvidenceItem } from './evidence-item.tsx';

function Cause(props: {
  readonly cause: RootCauseJson;
  readonly rank: number;
  readonly insight: InsightJson;
}): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- how it is at first
  const [isOpen, setOpen] = createSignal(props.rank === 1);
  const id = createUniqueId();
  return (
    <li class="cause">
      <button
        type="button"
        class="cause-head"
        aria-expanded={isOpen()}
        aria-controls={id}
        onClick={() => setOpen(!isOpen())}
      >
        <Icon name={isOpen() ? 'down' : 'right'} />
        <span class="cause-rank">{props.rank}</span>
        <ServiceChip id={props.cause.service.id} />
        <span class="badge">{props.cause.signal}</span>
        <span class="cause-why clip">{props.cause.explanation}</span>
        <span class="cause-share" title="Share of all blame">
          <span class="cause-bar" aria-hidden="true">
            <span style={{ width: `${Math.round(props.cause.score * 100)}%` }} />
          </span>
          {formatRatio(props.cause.score)}
        </span>
      </button>
      <Show when={isOpen()}>
        <div id={id} class="cause-body">
          <p>{props.cause.explanation}</p>
          <Show
            when={props.cause.evidence.length > 0}
            fallback={<p class="faint">It follows from the others alone: there is no evidence of its own.</p>}
          >
            <ul>
              <For each={props.cause.evidence}>
                {(evidence) => <EvidenceItem evidence={evidence} insight={props.insight} withChart />}
              </For>
            </ul>
          </Show>
        </div>
      </Show>
    </li>
  );
}

/** What it comes from, the likeliest first; each opens to what speaks for it. */
export function RootCauses(props: { readonly insight: InsightJson }): JSX.Element {
  return (
    <section class="panel" aria-label="Root causes">
      <header class="panel-head">
        <h2>Root causes</h2>
        <span class="faint">the likeliest first</span>
      </header>
      <ol class="causes">
        <For each={props.insight.rootCauses}>
          {(cause, index) => <Cause cause={cause} rank={index() + 1} insight={props.insight} />}
        </For>
      </ol>
    </section>
  );
}
