import { type JSX } from 'solid-js';
export function MapPage(): JSX.Element {
  return <div />;
}
