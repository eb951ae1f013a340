import { Show, type JSX } from 'solid-js';
import { createUrlText } from '../../app/url-state.ts';
import { LogPatterns } from './log-patterns.tsx';
import { LogRecords } from './log-records.tsx';

export function LogsPage(): JSX.Element {
  const view = createUrlText('view');
  return (
    <Show when={view.value() === 'patterns'} fallback={<LogRecords />}>
      <LogPatterns />
    </Show>
  );
}
