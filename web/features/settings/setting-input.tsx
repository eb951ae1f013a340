import { Match, Switch, type JSX } from 'solid-js';
import { SelectField } from '../../ui/controls.tsx';
import { Field } from '../../ui/field.tsx';
import { Check, FormField } from '../../ui/form.tsx';
import type { SettingField } from './setting-fields.ts';

/** One setting, to be edited as text. */
export function SettingInput(props: {
  readonly field: SettingField;
  readonly value: string;
  readonly disabled: boolean;
  readonly isChanged: boolean;
  readonly onInput: (text: string) => void;
}): JSX.Element {
  const isLong = () => ['long-text', 'lines', 'roles'].includes(props.field.kind);
  return (
    <div class="setting" classList={{ changed: props.isChanged }}>
      <Switch>
        <Match when={props.field.kind === 'switch'}>
          <Check
            label={props.field.label}
            isOn={props.value === 'true'}
            disabled={props.disabled}
            onChange={(isOn) => {
              props.onInput(String(isOn));
            }}
          />
        </Match>
        <Match when={props.field.options}>
          {(options) => (
            <SelectField
              label={props.field.label}
              hint={props.field.about}
              value={props.value}
              options={options()}
              disabled={props.disabled}
              onPick={props.onInput}
            />
          )}
        </Match>
        <Match when={isLong()}>
          <Field label={props.field.label} hint={props.field.about}>
            {(ids) => (
              <textarea
                id={ids.id}
                class="input setting-lines"
                rows={3}
                spellcheck={false}
                disabled={props.disabled}
                aria-describedby={ids.hintId}
                value={props.value}
                onInput={(event) => {
                  props.onInput(event.currentTarget.value);
                }}
              />
            )}
          </Field>
        </Match>
        <Match when={true}>
          <FormField
            label={props.field.label}
            hint={props.field.about}
            inputMode={props.field.kind.endsWith('number') ? 'numeric' : undefined}
            disabled={props.disabled}
            value={props.value}
            onInput={props.onInput}
          />
        </Match>
      </Switch>
    </div>
  );
}
