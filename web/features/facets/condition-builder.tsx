import { createSignal, For, Show, type JSX } from 'solid-js';
import { Portal } from 'solid-js/web';
import { createAnswer } from '../../api/create-answer.ts';
import type { TimeRange } from '../../app/time-range.ts';
import { Button, IconButton, SelectField, TextField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { conditionTerm, needsValue, OPERATORS, partsOf, type Operator } from './condition.ts';
import './facets.css';

const SUGGESTED_VALUES = 20;

interface BuilderProps {
  readonly signal: 'traces' | 'logs';
  readonly range: TimeRange;
  readonly line: string;
  readonly onWrite: (line: string) => void;
}

/** Opens the builder of search lines, for those who do not know the language or the fields; may stand within a form. */
export function BuilderButton(props: BuilderProps): JSX.Element {
  const [isOpen, setOpen] = createSignal(false);
  return (
    <>
      <Button icon="plus" onClick={() => setOpen(true)}>
        Condition
      </Button>
      <Show when={isOpen()}>
        <Portal>
          <Builder {...props} onClose={() => setOpen(false)} />
        </Portal>
      </Show>
    </>
  );
}

function Builder(props: BuilderProps & { readonly onClose: () => void }): JSX.Element {
  const [field, setField] = createSignal('');
  const [operator, setOperator] = createSignal<Operator>('is');
  const [value, setValue] = createSignal('');
  // All that there is in the time range: a field that the line leaves no value of can still be asked for.
  const facets = createAnswer(
    () =>
      ({
        path: `/api/v1/${props.signal}/facets`,
        query: { from: props.range.from, to: props.range.to, values: SUGGESTED_VALUES },
      }) as const,
  );
  const fields = () => facets.data()?.fields.map((each) => each.field) ?? [];
  const values = () =>
    facets
      .data()
      ?.fields.find((each) => each.field === field())
      ?.values.map((each) => each.value) ?? [];
  const term = () => conditionTerm({ field: field(), operator: operator(), value: value() });
  const parts = () => partsOf(props.line);
  const add = () => {
    const added = term();
    if (added === undefined) return;
    const line = /\bOR\b/.test(props.line) ? `(${props.line})` : props.line;
    props.onWrite([line, added].filter((part) => part !== '').join(' '));
    setField('');
    setValue('');
  };
  return (
    <Dialog label="Search by conditions" onClose={props.onClose}>
      <form
        class="builder"
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          add();
        }}
      >
        <TextField
          label="Field"
          value={field()}
          placeholder="anywhere in the text"
          suggestions={fields()}
          onCommit={setField}
        />
        <SelectField
          label="Comparison"
          value={operator()}
          options={OPERATORS}
          onPick={(picked) => setOperator(picked as Operator)}
        />
        <Show when={needsValue(operator())}>
          <TextField label="Value" value={value()} suggestions={values()} onCommit={setValue} />
        </Show>
        <Button type="submit" look="primary" disabled={term() === undefined}>
          Add
        </Button>
      </form>
      <Show
        when={parts().length > 0}
        fallback={<p class="faint builder-line">No condition yet: everything in the time range is meant.</p>}
      >
        <ul class="builder-parts" aria-label="Conditions">
          <For each={parts()}>
            {(part, at) => (
              <li class="badge mono">
                <span class="clip">{part}</span>
                <IconButton
                  small
                  icon="cross"
                  label={`Remove ${part}`}
                  onClick={() => {
                    props.onWrite(
                      parts()
                        .filter((_, index) => index !== at())
                        .join(' '),
                    );
                  }}
                />
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Dialog>
  );
}
