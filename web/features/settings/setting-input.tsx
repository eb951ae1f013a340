import { createUniqueId, Match, Show, Switch, type JSX } from 'solid-js';
import type { SettingField } from './setting-fields.ts';

/** One setting, to be edited as text. */
export function SettingInput(props: {
  readonly field: SettingField;
  readonly value: string;
  readonly disabled: boolean;
  readonly isChanged: boolean;
  readonly onInput: (text: string) => void;
}): JSX.Element {
  const id = createUniqueId();
  const isLong = () => ['long-text', 'lines', 'roles'].includes(props.field.kind);
  const about = () => (
    <Show when={props.field.about}>
      {(text) => (
        <p class="field-hint" id={`${id}-about`}>
          {text()}
        </p>
      )}
    </Show>
  );
  return (
    <div class="field setting" classList={{ changed: props.isChanged }}>
      <Switch>
        <Match when={props.field.kind === 'switch'}>
          <label class="check">
            <input
              type="checkbox"
              disabled={props.disabled}
              checked={props.value === 'true'}
              onChange={(event) => {
                props.onInput(String(event.currentTarget.checked));
              }}
            />
            <span>{props.field.label}</span>
          </label>
        </Match>
        <Match when={isLong()}>
          <label for={id}>{props.field.label}</label>
          <textarea
            id={id}
            class="input setting-lines"
            rows={3}
            spellcheck={false}
            disabled={props.disabled}
            aria-describedby={`${id}-about`}
            value={props.value}
            onInput={(event) => {
              props.onInput(event.currentTarget.value);
            }}
          />
          {about()}
        </Match>
        <Match when={true}>
          <label for={id}>{props.field.label}</label>
          <input
            id={id}
            class="input"
            autocomplete="off"
            spellcheck={false}
            inputmode={props.field.kind === 'optional-number' ? 'numeric' : undefined}
            disabled={props.disabled}
            aria-describedby={`${id}-about`}
            value={props.value}
            onInput={(event) => {
              props.onInput(event.currentTarget.value);
            }}
          />
          {about()}
        </Match>
      </Switch>
    </div>
  );
}
