import { Show, type JSX } from 'solid-js';
import { Button } from './controls.tsx';

/** Back to the newest page of a list, and on to older ones, by the cursors of its answers. */
export function NewerOlder(props: {
  /** Of the page that is shown; empty for the newest. */
  readonly cursor: string;
  readonly next: string | null;
  readonly onTurn: (cursor: string) => void;
}): JSX.Element {
  return (
    <div class="form-actions list-pages">
      <Show when={props.cursor !== ''}>
        <Button
          onClick={() => {
            props.onTurn('');
          }}
        >
          Newest
        </Button>
      </Show>
      <Show when={props.next}>
        {(next) => (
          <Button
            onClick={() => {
              props.onTurn(next());
            }}
          >
            Older
          </Button>
        )}
      </Show>
    </div>
  );
}
