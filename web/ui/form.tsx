import { createUniqueId, For, Show, type JSX } from 'solid-js';
import type { ApiProblem } from '../../proto/api/index.ts';
import { Button, CopyButton } from './controls.tsx';
import { Icon } from './icon.tsx';

/** Fields, what went wrong, and the button that sends them; Enter in a field sends them too. */
export function Form(props: {
  readonly action: string;
  readonly isBusy: boolean;
  readonly problem: ApiProblem | undefined;
  readonly onSubmit: () => void;
  readonly look?: 'plain' | 'primary';
  readonly disabled?: boolean;
  /** Beside the button. */
  readonly more?: JSX.Element;
  readonly children: JSX.Element;
}): JSX.Element {
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.disabled) props.onSubmit();
      }}
    >
      {props.children}
      <FormProblem problem={props.problem} />
      <div class="form-actions">
        <Button type="submit" look={props.look ?? 'primary'} disabled={props.isBusy || props.disabled}>
          {props.isBusy ? 'One moment…' : props.action}
        </Button>
        {props.more}
      </div>
    </form>
  );
}

export function FormProblem(props: { readonly problem: ApiProblem | undefined }): JSX.Element {
  return (
    <Show when={props.problem}>
      {(problem) => (
        <div class="banner error" role="alert">
          <Icon name="warning" />
          <span>
            {problem().message}
            <Show when={problem().cure}>{(cure) => <>. {cure()}</>}</Show>
          </span>
        </div>
      )}
    </Show>
  );
}

/** A field that reports every keystroke. */
export function FormField(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password' | 'number';
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly hint?: string;
  readonly inputMode?: 'numeric';
  readonly autofocus?: boolean;
  readonly required?: boolean;
}): JSX.Element {
  const id = createUniqueId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="input"
        ref={(input) => {
          if (props.autofocus) {
            queueMicrotask(() => {
              input.focus();
            });
          }
        }}
        type={props.type ?? 'text'}
        value={props.value}
        placeholder={props.placeholder ?? ''}
        required={props.required}
        inputMode={props.inputMode}
        autocomplete={props.autocomplete ?? 'off'}
        aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
        spellcheck={false}
        onInput={(event) => {
          props.onInput(event.currentTarget.value);
        }}
      />
      <Show when={props.hint}>
        {(hint) => (
          <p class="field-hint" id={`${id}-hint`}>
            {hint()}
          </p>
        )}
      </Show>
    </div>
  );
}

export interface CheckOption {
  readonly value: string;
  readonly label: string;
  readonly about?: string;
}

export function CheckList(props: {
  readonly label: string;
  readonly options: readonly CheckOption[];
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
  readonly disabled?: boolean;
}): JSX.Element {
  const toggle = (value: string, isOn: boolean) => {
    const others = props.chosen.filter((one) => one !== value);
    props.onChoose(isOn ? [...others, value] : others);
  };
  return (
    <fieldset class="check-list" disabled={props.disabled}>
      <legend>{props.label}</legend>
      <For each={props.options}>
        {(option) => (
          <label class="check">
            <input
              type="checkbox"
              checked={props.chosen.includes(option.value)}
              onChange={(event) => {
                toggle(option.value, event.currentTarget.checked);
              }}
            />
            <span>
              {option.label}
              <Show when={option.about}>{(about) => <span class="faint"> {about()}</span>}</Show>
            </span>
          </label>
        )}
      </For>
    </fieldset>
  );
}

/** What is told this once and never again. */
export function ShownOnce(props: {
  readonly what: string;
  readonly text: string;
  readonly note: string;
}): JSX.Element {
  return (
    <section class="shown-once" aria-label={props.what}>
      <p>
        <strong>{props.what}</strong> — {props.note}
      </p>
      <div class="shown-once-text">
        <code>{props.text}</code>
        <CopyButton text={props.text} label={`Copy ${props.what}`} withText />
      </div>
    </section>
  );
}
