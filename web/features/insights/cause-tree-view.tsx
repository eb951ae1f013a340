import { createSignal, createUniqueId, For, Show, type JSX } from 'solid-js';
import type { RootCauseJson } from '../../../proto/api/index.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { CauseBody, CauseHead } from './cause-parts.tsx';
import { shownIds, treeStep, type CauseNode, type CauseTree } from './cause-tree.ts';
import type { Trouble } from './trouble.ts';

/** Deeper ones stand below one another, so that a narrow screen has room for them. */
const MOST_INDENTED = 6;

interface RankedCause {
  readonly cause: RootCauseJson;
  readonly rank: number;
}

interface KeyAt {
  /** Of the item's service. */
  readonly id: string;
  readonly key: string;
  /** Whether it opens what speaks for a cause. */
  readonly isAction: boolean;
}

interface TreeState {
  readonly insight: () => Trouble;
  readonly node: (id: string) => CauseNode | undefined;
  readonly causeOf: (id: string) => RankedCause | undefined;
  /** Whether what is below it is hidden. */
  readonly isClosed: (id: string) => boolean;
  readonly toggleBelow: (id: string) => void;
  /** Whether what speaks for it is shown. */
  readonly isOpen: (id: string) => boolean;
  readonly toggle: (id: string) => void;
  /** The one that the Tab key leads to. */
  readonly active: () => string | undefined;
}

/** A set of ids, and how one is put into it or taken out. */
function createIdSet(first: readonly string[]): readonly [() => ReadonlySet<string>, (id: string) => void] {
  const [ids, setIds] = createSignal<ReadonlySet<string>>(new Set(first));
  const toggle = (id: string): void => {
    setIds((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  return [ids, toggle];
}

function roleText(node: CauseNode): string {
  if (node.parent !== undefined) return '';
  return node.children.length > 0 ? 'the symptom was seen here' : 'on no known way from the symptom';
}

function labelOf(node: CauseNode, ranked: RankedCause | undefined): string {
  const what =
    ranked === undefined
      ? 'passes on'
      : `cause ${ranked.rank}, ${ranked.cause.signal}, ${formatRatio(ranked.cause.score)} of the blame`;
  return [node.service.name, what, roleText(node)].filter((part) => part !== '').join(', ');
}

function PassesOn(props: { readonly node: CauseNode }): JSX.Element {
  return (
    <span class="cause-head passes-on">
      <span class="cause-rank" aria-hidden="true" />
      <ServiceChip id={props.node.service.id} />
      <span class="badge" title="What it suffers comes from below: it is no cause itself">
        passes on
      </span>
    </span>
  );
}

function NodeRow(props: {
  readonly node: CauseNode;
  readonly bodyId: string;
  readonly state: TreeState;
}): JSX.Element {
  const id = () => props.node.service.id;
  return (
    <div class="cause-row">
      <Show when={props.node.children.length > 0} fallback={<span class="cause-twig" aria-hidden="true" />}>
        <span
          class="cause-twig"
          aria-hidden="true"
          title={props.state.isClosed(id()) ? 'Show what is below' : 'Hide what is below'}
          onClick={() => {
            props.state.toggleBelow(id());
          }}
        >
          <Icon name={props.state.isClosed(id()) ? 'plus' : 'minus'} />
        </span>
      </Show>
      <Show when={props.state.causeOf(id())} fallback={<PassesOn node={props.node} />}>
        {(ranked) => (
          <CauseHead
            cause={ranked().cause}
            rank={ranked().rank}
            isOpen={props.state.isOpen(id())}
            bodyId={props.bodyId}
            tabIndex={-1}
            onToggle={() => {
              props.state.toggle(id());
            }}
          />
        )}
      </Show>
    </div>
  );
}

function Node(props: {
  readonly node: CauseNode;
  readonly level: number;
  readonly state: TreeState;
}): JSX.Element {
  const bodyId = createUniqueId();
  const id = () => props.node.service.id;
  const isClosed = () => props.state.isClosed(id());
  return (
    <li
      role="treeitem"
      class="cause"
      data-service={id()}
      aria-level={props.level}
      aria-expanded={props.node.children.length > 0 ? !isClosed() : undefined}
      aria-label={labelOf(props.node, props.state.causeOf(id()))}
      tabIndex={props.state.active() === id() ? 0 : -1}
    >
      <Show when={roleText(props.node)}>{(text) => <span class="cause-role faint">{text()}</span>}</Show>
      <NodeRow node={props.node} bodyId={bodyId} state={props.state} />
      <Show when={props.state.isOpen(id()) && props.state.causeOf(id())}>
        {(ranked) => <CauseBody id={bodyId} cause={ranked().cause} insight={props.state.insight()} />}
      </Show>
      <Show when={props.node.children.length > 0 && !isClosed()}>
        <ul role="group" class="cause-group" classList={{ deep: props.level > MOST_INDENTED }}>
          <Nodes ids={props.node.children} level={props.level + 1} state={props.state} />
        </ul>
      </Show>
    </li>
  );
}

/** By id, so that what is open and focused stays so when the insight is told anew. */
function Nodes(props: {
  readonly ids: readonly string[];
  readonly level: number;
  readonly state: TreeState;
}): JSX.Element {
  return (
    <For each={props.ids}>
      {(id) => (
        <Show when={props.state.node(id)}>
          {(node) => <Node node={node()} level={props.level} state={props.state} />}
        </Show>
      )}
    </For>
  );
}

/** A key at an item; none of those that are of a button, of links in what is open, or of the browser. */
function keyAt({ target, key, ctrlKey, metaKey, altKey }: KeyboardEvent): KeyAt | undefined {
  const at = target as HTMLElement;
  const item = at.closest<HTMLElement>('[role=treeitem]');
  const id = item?.dataset['service'];
  if (id === undefined || ctrlKey || metaKey || altKey || at.closest('.cause-body') !== null) {
    return undefined;
  }
  const isAction = key === 'Enter' || key === ' ';
  return isAction && at !== item ? undefined : { id, key, isAction };
}

/** Causes below the services that blame walked through to them. */
export function CauseTreeView(props: { readonly tree: CauseTree; readonly insight: Trouble }): JSX.Element {
  let element!: HTMLUListElement;
  const [closed, toggleBelow] = createIdSet([]);
  // oxlint-disable-next-line solid/reactivity -- how it is at first
  const [open, toggle] = createIdSet(props.insight.rootCauses.slice(0, 1).map(({ service }) => service.id));
  const [focused, setFocused] = createSignal<string>();
  const shown = () => shownIds(props.tree, closed());
  const state: TreeState = {
    insight: () => props.insight,
    node: (id) => props.tree.nodes.get(id),
    causeOf: (id) => {
      const index = props.insight.rootCauses.findIndex(({ service }) => service.id === id);
      const cause = props.insight.rootCauses[index];
      return cause && { cause, rank: index + 1 };
    },
    isClosed: (id) => closed().has(id),
    toggleBelow,
    isOpen: (id) => open().has(id),
    toggle,
    active: () => shown().find((id) => id === focused()) ?? shown()[0],
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = keyAt(event);
    if (at === undefined) return;
    const step = treeStep(at.key, at.id, props.tree, closed());
    if (!at.isAction && step === undefined) return;
    event.preventDefault();
    if (at.isAction) toggle(at.id);
    else if (step?.type !== 'move') toggleBelow(at.id);
    else element.querySelector<HTMLElement>(`[data-service="${CSS.escape(step.to)}"]`)?.focus();
  };
  return (
    <ul
      ref={element}
      class="causes"
      role="tree"
      aria-label="Root causes, from the symptom down"
      onKeyDown={onKeyDown}
      onFocusIn={({ target }) => {
        const id = target.closest<HTMLElement>('[role=treeitem]')?.dataset['service'];
        if (id !== undefined) setFocused(id);
      }}
    >
      <Nodes ids={props.tree.roots} level={1} state={state} />
    </ul>
  );
}
