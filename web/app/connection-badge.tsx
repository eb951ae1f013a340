import { createSignal, Match, onCleanup, Show, Switch, type JSX } from 'solid-js';
import { useLive } from '../live/index.ts';
import { Button } from '../ui/controls.tsx';
import { formatAgo, formatClock } from '../ui/format.ts';
import { usePreferences } from './preferences.tsx';

/** Whether the live socket is up, and since when what is shown is stale. */
export function ConnectionBadge(): JSX.Element {
  const live = useLive();
  const preferences = usePreferences();
  const [nowMs, setNowMs] = createSignal(Date.now());
  const ticking = setInterval(() => setNowMs(Date.now()), 1_000);
  onCleanup(() => {
    clearInterval(ticking);
  });
  const waiting = () => {
    const state = live.state();
    return state.kind === 'waiting' ? state : undefined;
  };
  return (
    <div class="connection" role="status" aria-live="polite">
      <Switch>
        <Match when={live.state().kind === 'open'}>
          <span class="badge ok" title="The live connection is up">
            <span class="dot" aria-hidden="true" />
            Live
          </span>
        </Match>
        <Match when={live.state().kind === 'connecting'}>
          <span class="badge">Connecting…</span>
        </Match>
        <Match when={live.state().kind === 'outdated'}>
          <span class="badge error">This page is older than the server</span>
          <Button
            small
            onClick={() => {
              window.location.reload();
            }}
          >
            Reload
          </Button>
        </Match>
        <Match when={waiting()}>
          {(state) => (
            <>
              <span
                class="badge warn"
                title="Reconnecting by itself; what was missed is filled in afterwards"
              >
                <Show when={state().staleSinceMs} fallback="No connection · retrying">
                  {(since) => (
                    <>
                      Stale since {formatClock(since(), preferences.zone())}{' '}
                      <span aria-hidden="true">({formatAgo(nowMs() - since())})</span>
                    </>
                  )}
                </Show>
              </span>
              <Button
                small
                look="quiet"
                icon="refresh"
                onClick={() => {
                  live.connection.retryNow();
                }}
              >
                Retry
              </Button>
            </>
          )}
        </Match>
      </Switch>
    </div>
  );
}
