import type { JSX } from 'solid-js';
export function MetricsPage(): JSX.Element {
  return <div />;
}
