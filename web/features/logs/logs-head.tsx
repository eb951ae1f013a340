import { Show, type JSX } from 'solid-js';
import { createUrlText } from '../../app/url-state.ts';
import { RefreshButton, Segmented } from '../../ui/controls.tsx';

const VIEWS = [
  { value: 'records', label: 'Records' },
  { value: 'patterns', label: 'Patterns' },
] as const;

/** The top of both views of logs: records one by one, or what many of them have in common. */
export function LogsHead(props: {
  /** How many are shown; `undefined` while that is not known. */
  readonly found: string | undefined;
  readonly onRefresh: () => void;
  /** Tools of the view, before the button that asks again. */
  readonly children: JSX.Element;
}): JSX.Element {
  const view = createUrlText('view');
  return (
    <header class="page-head">
      <h1>Logs</h1>
      <Segmented
        label="View"
        value={view.value() === 'patterns' ? 'patterns' : 'records'}
        options={VIEWS}
        onPick={(picked) => {
          view.set(picked === 'records' ? '' : picked);
        }}
      />
      <Show when={props.found}>
        <span class="badge" role="status">
          {props.found}
        </span>
      </Show>
      <span class="grow" />
      {props.children}
      <RefreshButton onRefresh={props.onRefresh} />
    </header>
  );
}
