import { For, type JSX } from 'solid-js';
import type { ServiceMatcher } from '../../../proto/access/index.ts';
import { Button, IconButton } from '../../ui/controls.tsx';

const PARTS = [
  { key: 'environment', label: 'Environment', placeholder: 'production' },
  { key: 'namespace', label: 'Namespace', placeholder: 'shop' },
  { key: 'name', label: 'Service', placeholder: 'checkout*' },
] as const;

const changed = (
  matcher: ServiceMatcher,
  key: (typeof PARTS)[number]['key'],
  text: string,
): ServiceMatcher => {
  const parts = Object.entries({ ...matcher, [key]: text });
  return Object.fromEntries(parts.filter(([, pattern]) => pattern !== ''));
};

/** Which services a role is for: all, or those that one of the lines matches. */
export function MatcherFields(props: {
  readonly matchers: readonly ServiceMatcher[] | null;
  readonly onChange: (matchers: readonly ServiceMatcher[] | null) => void;
}): JSX.Element {
  const lines = () => props.matchers ?? [];
  const put = (next: readonly ServiceMatcher[]) => {
    props.onChange(next.length === 0 ? null : next);
  };
  return (
    <fieldset class="matchers">
      <legend>Services</legend>
      <p class="field-hint">
        {props.matchers === null
          ? 'All services. Add a line to narrow what this role may read.'
          : 'Services that a line matches. An empty part may be anything; * stands for any characters.'}
      </p>
      {/* By place: what is typed into a line changes the line, and must not take the field away. */}
      <For each={lines().map((_, index) => index)}>
        {(index) => (
          <div class="matcher">
            <For each={PARTS}>
              {(part) => (
                <input
                  class="input"
                  aria-label={`${part.label} of line ${index + 1}`}
                  placeholder={`${part.label}, e.g. ${part.placeholder}`}
                  value={lines()[index]?.[part.key] ?? ''}
                  spellcheck={false}
                  autocomplete="off"
                  onChange={(event) => {
                    const text = event.currentTarget.value.trim();
                    put(lines().map((line, at) => (at === index ? changed(line, part.key, text) : line)));
                  }}
                />
              )}
            </For>
            <IconButton
              icon="cross"
              label={`Remove line ${index + 1}`}
              onClick={() => {
                put(lines().filter((_, at) => at !== index));
              }}
            />
          </div>
        )}
      </For>
      <div class="form-actions">
        <Button
          small
          onClick={() => {
            put([...lines(), {}]);
          }}
        >
          Add a line
        </Button>
      </div>
    </fieldset>
  );
}
