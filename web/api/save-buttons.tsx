import { For, type JSX } from 'solid-js';
import { Button } from '../ui/controls.tsx';
import type { Change } from './create-change.ts';
import type { SavedFormat } from './save-answer.ts';

const FORMATS: readonly { readonly format: SavedFormat; readonly label: string }[] = [
  { format: 'csv', label: 'CSV' },
  { format: 'ndjson', label: 'NDJSON' },
];

/** Saves what is listed, in one of the formats that other programs read. */
export function SaveButtons(props: {
  readonly what: string;
  readonly saving: Change<[SavedFormat]>;
}): JSX.Element {
  return (
    <>
      <For each={FORMATS}>
        {({ format, label }) => (
          <Button
            icon="download"
            title={`Save ${props.what} as ${label}`}
            disabled={props.saving.isBusy()}
            onClick={() => {
              props.saving.run(format);
            }}
          >
            {label}
          </Button>
        )}
      </For>
    </>
  );
}
