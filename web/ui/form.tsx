import { For, Show, type JSX } from 'solid-js';
import type { ApiProblem } from '../../proto/api/index.ts';
import { Button, CopyButton } from './controls.tsx';
import { Field } from './field.tsx';
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

/** A field of a form: reports every keystroke. */
export function FormField(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password' | 'number';
  /** Also its name, which password managers go by. */
  readonly autocomplete?: 'username' | 'current-password' | 'new-password' | 'one-time-code';
  readonly placeholder?: string;
  readonly hint?: string;
  readonly inputMode?: 'numeric' | undefined;
  readonly autofocus?: boolean;
  readonly required?: boolean;
  readonly disabled?: boolean;
}): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint}>
      {(ids) => (
        <input
          id={ids.id}
          class="input"
          ref={(input) => {
            if (props.autofocus) {
              queueMicrotask(() => {
                input.focus();
              });
            }
          }}
          type={props.type ?? 'text'}
          name={props.autocomplete}
          value={props.value}
          placeholder={props.placeholder ?? ''}
          required={props.required}
          disabled={props.disabled}
          inputMode={props.inputMode}
          autocomplete={props.autocomplete ?? 'off'}
          autocapitalize="none"
          aria-describedby={ids.hintId}
          spellcheck={false}
          onInput={(event) => {
            props.onInput(event.currentTarget.value);
          }}
        />
      )}
    </Field>
  );
}

/** One thing to say yes or no to. */
export function Check(props: {
  readonly label: string;
  readonly about?: string | undefined;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly disabled?: boolean;
}): JSX.Element {
  return (
    <label class="check">
      <input
        type="checkbox"
        disabled={props.disabled}
        checked={props.isOn}
        onChange={(event) => {
          props.onChange(event.currentTarget.checked);
        }}
      />
      <span>
        {props.label}
        <Show when={props.about}>{(about) => <span class="faint"> {about()}</span>}</Show>
      </span>
    </label>
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
          <Check
            label={option.label}
            about={option.about}
            isOn={props.chosen.includes(option.value)}
            onChange={(isOn) => {
              toggle(option.value, isOn);
            }}
          />
        )}
      </For>
    </fieldset>
  );
}

/** What is told this once and never again; with `onDone` also a button for who has taken it. */
export function ShownOnce(props: {
  readonly what: string;
  readonly text: string;
  readonly note: string;
  readonly onDone?: () => void;
  /** How it is used. */
  readonly children?: JSX.Element;
}): JSX.Element {
  return (
    <>
      <section class="shown-once" aria-label={props.what}>
        <p>
          <strong>{props.what}</strong> — {props.note}
        </p>
        <div class="shown-once-text">
          <code>{props.text}</code>
          <CopyButton text={props.text} label={`Copy ${props.what}`} withText />
        </div>
      </section>
      {props.children}
      <Show when={props.onDone}>
        {(done) => (
          <div class="form-actions">
            <Button
              look="primary"
              onClick={() => {
                done()();
              }}
            >
              Done
            </Button>
          </div>
        )}
      </Show>
    </>
  );
}
