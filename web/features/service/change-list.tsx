import { For, Show, type JSX } from 'solid-js';
import type { ServiceChangeJson } from '../../../proto/api/index.ts';
import { changeText } from '../../app/changes.ts';
import { usePreferences } from '../../app/preferences.tsx';

const MOST_SHOWN = 4;

/** What the flags of the charts say, in words; nothing when nothing changed. */
export function ChangeList(props: { readonly changes: readonly ServiceChangeJson[] }): JSX.Element {
  const preferences = usePreferences();
  const left = () => props.changes.length - MOST_SHOWN;
  return (
    <Show when={props.changes.length > 0}>
      <ul class="badges change-list" aria-label="Deploys, restarts and scalings in the last 15 minutes">
        <For each={props.changes.slice(0, MOST_SHOWN)}>
          {(change) => <li class="badge">{changeText(change, preferences.zone())}</li>}
        </For>
        <Show when={left() > 0}>
          <li class="faint">and {left()} more</li>
        </Show>
      </ul>
    </Show>
  );
}
