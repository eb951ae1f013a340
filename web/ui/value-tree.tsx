import { For, Match, Show, Switch, type JSX } from 'solid-js';
import type { AnyValueJson, AttributeJson } from '../../proto/api/index.ts';
import { textOfValue, typeOfValue } from './any-value.ts';

/** Levels of a nested value that stand open at first. */
const OPEN_LEVELS = 2;
const MOST_CHILDREN = 200;

function Branch(props: {
  readonly label: string;
  readonly summary: string;
  readonly children: readonly AttributeJson[];
  readonly level: number;
}): JSX.Element {
  return (
    <details class="tree-branch" open={props.level < OPEN_LEVELS}>
      <summary>
        <span class="tree-key">{props.label}</span> <span class="faint">{props.summary}</span>
      </summary>
      <For each={props.children.slice(0, MOST_CHILDREN)}>
        {(child) => <ValueTree label={child.key} value={child.value} level={props.level + 1} />}
      </For>
      <Show when={props.children.length > MOST_CHILDREN}>
        <p class="faint">{props.children.length - MOST_CHILDREN} more</p>
      </Show>
    </details>
  );
}

/** A value as a tree that opens and closes; scalars are one line. */
export function ValueTree(props: {
  readonly label: string;
  readonly value: AnyValueJson;
  readonly level?: number;
}): JSX.Element {
  const list = () => ('arrayValue' in props.value ? props.value.arrayValue.values : undefined);
  const map = () => ('kvlistValue' in props.value ? props.value.kvlistValue.values : undefined);
  return (
    <div class="tree">
      <Switch
        fallback={
          <p>
            <span class="tree-key">{props.label}</span>{' '}
            <span class={`tree-value ${typeOfValue(props.value)}`}>{textOfValue(props.value)}</span>
          </p>
        }
      >
        <Match when={list()}>
          {(values) => (
            <Branch
              label={props.label}
              summary={`[${values().length}]`}
              level={props.level ?? 0}
              children={values().map((value, at) => ({ key: String(at), value }))}
            />
          )}
        </Match>
        <Match when={map()}>
          {(entries) => (
            <Branch
              label={props.label}
              summary={`{${entries().length}}`}
              level={props.level ?? 0}
              children={entries()}
            />
          )}
        </Match>
      </Switch>
    </div>
  );
}
