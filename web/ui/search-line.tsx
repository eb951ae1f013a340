import type { JSX } from 'solid-js';
import { Hint } from './controls.tsx';
import { Icon } from './icon.tsx';

const EXAMPLES = {
  traces: 'service:checkout duration>500ms -http.route:/health',
  logs: '"time out" level>=warn @user.id:42*',
} as const;

/** One line that says which spans or log records are meant. It counts once Enter is pressed or the field is left. */
export function SearchLine(props: {
  readonly signal: keyof typeof EXAMPLES;
  readonly value: string;
  readonly onCommit: (value: string) => void;
}): JSX.Element {
  return (
    <div class="field text-field">
      <span class="field-label">
        Search{' '}
        <Hint label="How to write a search" fromLeft>
          Words and “phrases” are found in names, bodies and attribute values, in upper and lower case. A
          field is compared as written: <b>service:cart</b>, <b>http.route:/cart*</b>, <b>level&gt;=warn</b>,{' '}
          <b>duration&gt;500ms</b>, <b>@user.id:*</b> (it is there). <b>-</b> or NOT negates, OR and brackets
          combine.
        </Hint>
      </span>
      <div class="search grow">
        <Icon name="search" />
        <input
          class="input"
          type="search"
          data-search
          aria-label="Search"
          placeholder={EXAMPLES[props.signal]}
          value={props.value}
          autocomplete="off"
          spellcheck={false}
          onChange={(event) => {
            props.onCommit(event.currentTarget.value.trim());
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.currentTarget.value = props.value;
            event.currentTarget.blur();
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
    </div>
  );
}
