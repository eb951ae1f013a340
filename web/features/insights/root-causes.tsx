import { createMemo, createSignal, createUniqueId, For, Show, type JSX } from 'solid-js';
import type { RootCauseJson } from '../../../proto/api/index.ts';
import { CauseBody, CauseHead } from './cause-parts.tsx';
import { CauseTreeView } from './cause-tree-view.tsx';
import { causeTree } from './cause-tree.ts';
import type { Trouble } from './trouble.ts';

function Cause(props: {
  readonly cause: RootCauseJson;
  readonly rank: number;
  readonly insight: Trouble;
}): JSX.Element {
  // oxlint-disable-next-line solid/reactivity -- how it is at first
  const [isOpen, setOpen] = createSignal(props.rank === 1);
  const id = createUniqueId();
  return (
    <li class="cause">
      <CauseHead
        cause={props.cause}
        rank={props.rank}
        isOpen={isOpen()}
        bodyId={id}
        onToggle={() => setOpen(!isOpen())}
      />
      <Show when={isOpen()}>
        <CauseBody id={id} cause={props.cause} insight={props.insight} />
      </Show>
    </li>
  );
}

/**
 * What it comes from, as the tree that blame walked through from the symptom; where the ways are not known, as a list. Each cause has its
 * rank, and opens to what speaks for it.
 */
export function RootCauses(props: { readonly insight: Trouble }): JSX.Element {
  const tree = createMemo(() => causeTree(props.insight.rootCauses));
  return (
    <section class="panel" aria-label="Root causes">
      <header class="panel-head">
        <h2>Root causes</h2>
        <span class="faint">
          {tree() === undefined
            ? 'the likeliest first'
            : 'from the symptom to what explains it; 1 is likeliest'}
        </span>
      </header>
      <Show
        when={tree()}
        fallback={
          <ol class="causes">
            <For each={props.insight.rootCauses}>
              {(cause, index) => <Cause cause={cause} rank={index() + 1} insight={props.insight} />}
            </For>
          </ol>
        }
      >
        {(known) => <CauseTreeView tree={known()} insight={props.insight} />}
      </Show>
    </section>
  );
}
