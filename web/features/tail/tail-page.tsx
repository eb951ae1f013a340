import { createMemo, createSignal, Show, type Accessor, type JSX } from 'solid-js';
import type { LiveTopic } from '../../../proto/live/index.ts';
import { createShortcuts } from '../../app/keyboard.tsx';
import { usePreferences } from '../../app/preferences.tsx';
import { ServiceField } from '../../app/service-field.tsx';
import { createUrlText } from '../../app/url-state.ts';
import { createTailFeed } from '../../live/index.ts';
import { Button, Segmented, SelectField, TextField } from '../../ui/controls.tsx';
import { exactCount, formatClockMs, formatCount, formatRate } from '../../ui/format.ts';
import { MIN_SEVERITIES } from '../../ui/otel-names.ts';
import { SearchLine } from '../../ui/search-line.tsx';
import { durationProblem } from '../traces/search-query.ts';
import { TailList } from './tail-list.tsx';
import { tailTopic } from './tail-topic.ts';
import './tail.css';

const CAPACITY = 2_000;

const KINDS = [
  { value: 'spans', label: 'Spans' },
  { value: 'logs', label: 'Logs' },
] as const;

const SEVERITY_OPTIONS = [
  { value: '', label: 'Any' },
  ...MIN_SEVERITIES.map(({ value, label }) => ({ value: String(value), label: `${label} and above` })),
];

function TailView(props: { readonly topic: LiveTopic; readonly isPaused: Accessor<boolean> }): JSX.Element {
  const [isFollowing, setFollowing] = createSignal(true);
  const preferences = usePreferences();
  // oxlint-disable-next-line solid/reactivity -- keyed by its topic: another filter makes another feed
  const feed = createTailFeed(props.topic, props.isPaused, CAPACITY);
  return (
    <>
      <div class="tail-status">
        <span role="status" aria-live="off">
          <b>{formatRate(feed.perSecond())}</b> match
        </span>
        <span title="The newest rows are kept, older ones forgotten">
          {exactCount(feed.rows().length)} of at most {exactCount(CAPACITY)} rows
        </span>
        <Show when={feed.dropped() > 0 || feed.isAtLeast()}>
          <span
            class="badge warn"
            title="Matched, but came faster than a page can show, or while the connection was lost and more than is kept; narrow the filter to see all"
          >
            {feed.isAtLeast() ? 'at least ' : ''}
            {formatCount(feed.dropped())} left out
          </span>
        </Show>
        <Show when={feed.restartedMs()}>
          {(atMs) => (
            <span
              class="badge warn"
              title="What came while the platform was restarted is found under Traces and Logs"
            >
              Platform restarted, starts anew at {formatClockMs(`${atMs()}000000`, preferences.zone())}
            </span>
          )}
        </Show>
        <Show when={props.isPaused() && feed.held() > 0}>
          <span class="badge">{formatCount(feed.held())} new while paused</span>
        </Show>
        <Show when={feed.refusal()}>
          <span class="badge error">Refused: {feed.refusal()}</span>
        </Show>
        <span class="grow" />
        <Show when={!isFollowing()}>
          <Button small icon="down" onClick={() => setFollowing(true)}>
            Follow the newest
          </Button>
        </Show>
        <Button
          small
          look="quiet"
          onClick={() => {
            feed.clear();
          }}
        >
          Clear
        </Button>
      </div>
      <div class="panel tail-panel grow">
        <TailList
          rows={feed.rows()}
          kind={props.topic.kind}
          isFollowing={isFollowing()}
          onFollow={setFollowing}
        />
      </div>
    </>
  );
}

/** Spans or log records as they arrive. */
export function TailPage(): JSX.Element {
  const [kind, service, line] = [createUrlText('kind'), createUrlText('service'), createUrlText('q')];
  const [errors, severity, min] = [createUrlText('errors'), createUrlText('severity'), createUrlText('min')];
  const [isPaused, setPaused] = createSignal(false);
  const topicText = createMemo(() =>
    JSON.stringify(
      tailTopic({
        kind: kind.value(),
        service: service.value(),
        line: line.value(),
        errors: errors.value(),
        severity: severity.value(),
        min: min.value(),
      }),
    ),
  );
  const isLogs = () => kind.value() === 'logs';
  createShortcuts([
    { keys: ['space', 'p'], what: 'Pause or go on', group: 'Live tail', run: () => setPaused(!isPaused()) },
  ]);
  return (
    <div class="page tail-page">
      <header class="page-head">
        <h1>Live tail</h1>
        <Segmented
          label="What to follow"
          value={isLogs() ? 'logs' : 'spans'}
          options={KINDS}
          onPick={(value) => {
            kind.set(value === 'logs' ? 'logs' : '');
          }}
        />
        <span class="grow" />
        <Button
          icon={isPaused() ? 'play' : 'pause'}
          look={isPaused() ? 'primary' : 'plain'}
          onClick={() => setPaused(!isPaused())}
        >
          {isPaused() ? 'Resume' : 'Pause'}
        </Button>
      </header>
      <div class="page-body fill">
        <div class="filters log-filters" role="search" aria-label="Live tail">
          <ServiceField value={service.value()} onPick={service.set} />
          <Show
            when={isLogs()}
            fallback={
              <>
                <TextField
                  label="Min duration"
                  value={min.value()}
                  placeholder="100ms"
                  problem={durationProblem(min.value())}
                  onCommit={min.set}
                />
                <Button
                  aria-pressed={errors.value() === '1'}
                  onClick={() => {
                    errors.set(errors.value() === '1' ? '' : '1');
                  }}
                >
                  Errors only
                </Button>
              </>
            }
          >
            <SelectField
              label="Severity"
              value={severity.value()}
              options={SEVERITY_OPTIONS}
              onPick={severity.set}
            />
          </Show>
          <SearchLine signal={isLogs() ? 'logs' : 'traces'} value={line.value()} onCommit={line.set} />
        </div>
        <Show when={topicText()} keyed>
          {(topic) => <TailView topic={JSON.parse(topic) as LiveTopic} isPaused={isPaused} />}
        </Show>
      </div>
    </div>
  );
}
