import { useLocation } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { EmptyState } from '../ui/states.tsx';

export function NotFound(): JSX.Element {
  const location = useLocation();
  return (
    <EmptyState title="There is no such page" icon="search">
      <p>
        Nothing lives at <code>{location.pathname}</code>. Press <kbd>Ctrl K</kbd> to find a service or a
        trace.
      </p>
      <a class="button" href="/">
        To the overview
      </a>
    </EmptyState>
  );
}
