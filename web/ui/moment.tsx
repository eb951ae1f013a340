import type { JSX } from 'solid-js';
import { usePreferences } from '../app/preferences.tsx';
import { formatDateTime } from './format.ts';

/** A moment in the time zone that is shown everywhere; `never` where there is none. */
export function Moment(props: { readonly unixMs: number | null; readonly never: string }): JSX.Element {
  const preferences = usePreferences();
  return <>{props.unixMs === null ? props.never : formatDateTime(props.unixMs, preferences.zone())}</>;
}
