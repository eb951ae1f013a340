import { For, Show, type JSX } from 'solid-js';
import type { LogPatternJson } from '../../../proto/api/index.ts';
import { createUrlText, createUrlTimeRange } from '../../app/url-state.ts';
import { Button, CopyButton } from '../../ui/controls.tsx';
import { exactCount } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { toggled, useOf } from '../facets/search-terms.ts';
import { recordsLink, tailLink, trendSentence } from './pattern-words.ts';

/** What is known of a pattern, and the ways to its records. */
export function PatternDetail(props: { readonly id: string; readonly pattern: LogPatternJson }): JSX.Element {
  const time = createUrlTimeRange();
  const line = createUrlText('q');
  const use = () => useOf(line.value(), props.pattern.query);
  const toggle = (want: 'included' | 'excluded') => {
    line.set(toggled(line.value(), props.pattern.query, want));
  };
  const typed = () => props.pattern.parameters.filter(({ examples }) => examples.length > 0);
  return (
    <section id={props.id} class="pattern-detail" aria-label="Pattern">
      <p>{trendSentence(props.pattern)}</p>
      <div class="form-actions">
        <a class="button small primary" href={recordsLink(props.pattern, time.range(), Date.now())}>
          <Icon name="lines" />
          Records
        </a>
        <a class="button small" href={tailLink(props.pattern)}>
          <Icon name="play" />
          Live tail
        </a>
        <Button
          small
          icon="plus"
          aria-pressed={use() === 'included'}
          title="Put it into the search line of the records"
          onClick={() => {
            toggle('included');
          }}
        >
          Include
        </Button>
        <Button
          small
          icon="minus"
          aria-pressed={use() === 'excluded'}
          title="Leave it out of the records"
          onClick={() => {
            toggle('excluded');
          }}
        >
          Exclude
        </Button>
        <CopyButton text={props.pattern.query} label="Copy the search" />
      </div>
      <h3>Example</h3>
      <pre class="log-body-full">{props.pattern.example}</pre>
      <dl class="facts">
        <dt>First seen</dt>
        <dd>
          <Moment unixMs={props.pattern.firstSeenUnixMs} never="–" />
        </dd>
        <dt>Last seen</dt>
        <dd>
          <Moment unixMs={props.pattern.lastSeenUnixMs} never="–" />
        </dd>
        <dt>Records since</dt>
        <dd>{exactCount(props.pattern.count)}</dd>
        <For each={typed()}>
          {(parameter) => (
            <>
              <dt>{parameter.type}</dt>
              <dd class="mono">{parameter.examples.join(' · ')}</dd>
            </>
          )}
        </For>
      </dl>
      <Show when={props.pattern.stack}>
        {(stack) => (
          <>
            <h3>
              Stack <span class="faint mono">{stack().fingerprint}</span>
            </h3>
            <ol class="pattern-frames mono">
              <For each={stack().frames}>{(frame) => <li>{frame}</li>}</For>
            </ol>
          </>
        )}
      </Show>
    </section>
  );
}
