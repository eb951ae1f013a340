import { Show, type JSX } from 'solid-js';
import { usePreferences } from '../app/preferences.tsx';
import { formatDateTime } from './format.ts';

/** A moment in the time zone that is shown everywhere; `never` where there is none. */
export function Moment(props: { readonly unixMs: number | null; readonly never: string }): JSX.Element {
  const preferences = usePreferences();
  return (
    <Show when={props.unixMs !== null && props.unixMs} fallback={props.never}>
      {(unixMs) => (
        <time dateTime={new Date(unixMs()).toISOString()}>
          {formatDateTime(unixMs(), preferences.zone())}
        </time>
      )}
    </Show>
  );
}
