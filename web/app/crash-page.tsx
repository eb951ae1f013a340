import { createEffect, on, type JSX } from 'solid-js';
import { useLocation } from '@solidjs/router';
import { Button } from '../ui/controls.tsx';
import { Icon } from '../ui/icon.tsx';

/** A page that threw. Going to another page leaves it. */
export function CrashPage(props: { readonly error: unknown; readonly onReset: () => void }): JSX.Element {
  const location = useLocation();
  const message = () => (props.error instanceof Error ? props.error.message : String(props.error));
  createEffect(
    on(
      () => location.pathname,
      () => {
        props.onReset();
      },
      { defer: true },
    ),
  );
  return (
    <div class="state problem" role="alert">
      <Icon name="warning" />
      <h2>This page ran into an error</h2>
      <p>{message()}</p>
      <p>The other pages go on working. Reloading helps when OPHION was updated while this page was open.</p>
      <div class="state-actions">
        <Button
          look="primary"
          onClick={() => {
            window.location.reload();
          }}
        >
          Reload
        </Button>
        <Button
          onClick={() => {
            props.onReset();
          }}
        >
          Try again
        </Button>
      </div>
    </div>
  );
}
