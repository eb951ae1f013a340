import { createSignal, createUniqueId, For, Show, splitProps, type JSX } from 'solid-js';
import { Field } from './field.tsx';
import { Icon, type IconName } from './icon.tsx';

type ButtonProps = JSX.ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly icon?: IconName;
  readonly look?: 'plain' | 'primary' | 'quiet';
  readonly small?: boolean;
};

export function Button(props: ButtonProps): JSX.Element {
  const [own, rest] = splitProps(props, ['icon', 'look', 'small', 'children']);
  return (
    <button
      type="button"
      {...rest}
      class={`button ${own.look ?? 'plain'}`}
      classList={{ small: own.small, 'icon-only': own.children === undefined }}
    >
      <Show when={own.icon}>{(name) => <Icon name={name()} />}</Show>
      {own.children}
    </button>
  );
}

/** A button that shows an icon alone. `label` is its name for everybody who does not see the icon. */
export function IconButton(
  props: Omit<ButtonProps, 'icon' | 'children'> & { readonly icon: IconName; readonly label: string },
): JSX.Element {
  const [own, rest] = splitProps(props, ['label']);
  return <Button look="quiet" {...rest} aria-label={own.label} title={own.label} />;
}

/** Asks once more for what a page shows. */
export function RefreshButton(props: { readonly onRefresh: () => void }): JSX.Element {
  return (
    <Button
      icon="refresh"
      onClick={() => {
        props.onRefresh();
      }}
    >
      Refresh
    </Button>
  );
}

export function Segmented<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onPick: (value: T) => void;
}): JSX.Element {
  return (
    <div class="segmented" role="group" aria-label={props.label}>
      <For each={props.options}>
        {(option) => (
          <button
            type="button"
            aria-pressed={props.value === option.value}
            onClick={() => {
              props.onPick(option.value);
            }}
          >
            {option.label}
          </button>
        )}
      </For>
    </div>
  );
}

/** A field of a toolbar: says what it holds once one is done with it. Forms have `FormField`. */
export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onCommit: (value: string) => void;
  readonly placeholder?: string;
  readonly type?: 'text' | 'number';
  readonly suggestions?: readonly string[];
  readonly problem?: string | undefined;
}): JSX.Element {
  return (
    <Field label={props.label}>
      {({ id }) => (
        <>
          <input
            id={id}
            class="input"
            type={props.type ?? 'text'}
            min={props.type === 'number' ? 0 : undefined}
            step="any"
            value={props.value}
            placeholder={props.placeholder ?? ''}
            list={props.suggestions && `${id}-list`}
            aria-invalid={props.problem === undefined ? undefined : 'true'}
            title={props.problem}
            autocomplete="off"
            spellcheck={false}
            onChange={(event) => {
              props.onCommit(event.currentTarget.value.trim());
            }}
          />
          <Show when={props.suggestions}>
            {(all) => (
              <datalist id={`${id}-list`}>
                <For each={all()}>{(one) => <option value={one} />}</For>
              </datalist>
            )}
          </Show>
        </>
      )}
    </Field>
  );
}

export function SelectField(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onPick: (value: string) => void;
  readonly hint?: string;
  readonly disabled?: boolean;
}): JSX.Element {
  return (
    <Field label={props.label} hint={props.hint}>
      {(ids) => (
        <select
          id={ids.id}
          class="input"
          disabled={props.disabled}
          aria-describedby={ids.hintId}
          onChange={(event) => {
            props.onPick(event.currentTarget.value);
          }}
        >
          <For each={props.options}>
            {(option) => (
              <option value={option.value} selected={option.value === props.value}>
                {option.label}
              </option>
            )}
          </For>
        </select>
      )}
    </Field>
  );
}

/** A search box that the `/` key focuses. Reports every keystroke. */
export function SearchBox(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly onCommit?: () => void;
  readonly placeholder?: string;
}): JSX.Element {
  return (
    <div class="search grow">
      <Icon name="search" />
      <input
        class="input"
        type="search"
        data-search
        aria-label={props.label}
        placeholder={props.placeholder ?? props.label}
        value={props.value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => {
          props.onInput(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') props.onCommit?.();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

/** A question mark that explains on hover and focus. */
export function Hint(props: {
  readonly label: string;
  readonly fromLeft?: boolean;
  readonly children: JSX.Element;
}): JSX.Element {
  const id = createUniqueId();
  return (
    <span class="hint" classList={{ 'from-left': props.fromLeft }}>
      <button type="button" aria-label={props.label} aria-describedby={id}>
        <Icon name="question" />
      </button>
      <span class="hint-text" role="tooltip" id={id}>
        {props.children}
      </span>
    </span>
  );
}

const COPIED_FOR_MS = 1_500;

export function CopyButton(props: {
  readonly text: string;
  readonly label: string;
  readonly withText?: boolean;
}): JSX.Element {
  const [isCopied, setCopied] = createSignal(false);
  const copy = async () => {
    await copyText(props.text);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_FOR_MS);
  };
  return (
    <button
      type="button"
      class="button quiet small copy"
      classList={{ 'icon-only': !props.withText }}
      aria-label={isCopied() ? 'Copied' : props.label}
      title={props.label}
      onClick={() => void copy()}
    >
      <Icon name={isCopied() ? 'check' : 'copy'} />
      <Show when={props.withText}>{isCopied() ? 'Copied' : 'Copy'}</Show>
    </button>
  );
}

/** `navigator.clipboard` exists only on https and localhost; a self-hosted page is often on neither. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  // oxlint-disable-next-line typescript/no-deprecated -- the only way to copy on plain http
  document.execCommand('copy');
  area.remove();
}
