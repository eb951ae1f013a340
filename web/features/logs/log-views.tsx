import type { JSX } from 'solid-js';
import { createUrlText } from '../../app/url-state.ts';
import { Segmented } from '../../ui/controls.tsx';

const VIEWS = [
  { value: 'records', label: 'Records' },
  { value: 'patterns', label: 'Patterns' },
] as const;

/** Records one by one, or what many of them have in common. */
export function LogViews(): JSX.Element {
  const view = createUrlText('view');
  return (
    <Segmented
      label="View"
      value={view.value() === 'patterns' ? 'patterns' : 'records'}
      options={VIEWS}
      onPick={(picked) => {
        view.set(picked === 'records' ? '' : picked);
      }}
    />
  );
}
