import { For, Show, type JSX } from 'solid-js';
import type { RootCauseJson } from '../../../proto/api/index.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { EvidenceItem } from './evidence-item.tsx';
import type { Trouble } from './trouble.ts';

/** A cause in a line, as a button that opens what speaks for it. */
export function CauseHead(props: {
  readonly cause: RootCauseJson;
  readonly rank: number;
  readonly isOpen: boolean;
  /** Of what it opens. */
  readonly bodyId: string;
  readonly tabIndex?: -1;
  readonly onToggle: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="cause-head"
      aria-expanded={props.isOpen}
      aria-controls={props.bodyId}
      tabIndex={props.tabIndex}
      onClick={() => {
        props.onToggle();
      }}
    >
      <Icon name={props.isOpen ? 'down' : 'right'} />
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
  );
}

/** What speaks for a cause. */
export function CauseBody(props: {
  readonly id: string;
  readonly cause: RootCauseJson;
  readonly insight: Trouble;
}): JSX.Element {
  return (
    <div id={props.id} class="cause-body">
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
  );
}
