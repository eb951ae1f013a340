import { createMemo, createSignal, For, onCleanup, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { useInsights } from '../../app/insights.tsx';
import { ServiceField } from '../../app/service-field.tsx';
import { isRelative } from '../../app/time-range.ts';
import { TimePicker } from '../../app/time-picker.tsx';
import { createUrlText, createUrlTimeRange, useUrlPatch } from '../../app/url-state.ts';
import { Button, Segmented, SelectField } from '../../ui/controls.tsx';
import { NewerOlder } from '../../ui/newer-older.tsx';
import { formatRatio } from '../../ui/format.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { CapacityView } from './capacity-view.tsx';
import { feedOf, type FeedFilter } from './insight-feed.ts';
import { InsightRow } from './insight-row.tsx';
import { KIND_LABELS, SEVERITY_LABELS } from './insight-words.ts';
import './insights.css';

const LIMIT = 100;
const CLOCK_MS = 10_000;
const VIEWS = [
  { value: 'feed', label: 'Feed' },
  { value: 'capacity', label: 'Capacity' },
] as const;
const KINDS = [
  { value: '', label: 'All kinds' },
  ...Object.entries(KIND_LABELS).map(([value, label]) => ({ value, label })),
];
const STATES = [
  { value: '', label: 'Open and over' },
  { value: 'open', label: 'Open' },
  { value: 'over', label: 'Over' },
];
const SEVERITIES = [
  { value: '', label: 'Any severity' },
  { value: 'warning', label: `${SEVERITY_LABELS.warning} and worse` },
  { value: 'critical', label: SEVERITY_LABELS.critical },
];

function Nothing(props: { readonly isFiltered: boolean; readonly onClear: () => void }): JSX.Element {
  return (
    <Show
      when={props.isFiltered}
      fallback={
        <EmptyState title="Nothing is abnormal" icon="check">
          <p>
            Watched are requests, errors and latency of every service and operation, every metric, and the
            patterns of logs, from the first item on. Each series is learned first: what is usual is known
            after some sixty measurements, and by day and week once it has seen them.
          </p>
        </EmptyState>
      }
    >
      <EmptyState title="No insight fits" icon="search">
        <p>Choose a longer time range, or take a filter away.</p>
        <Button onClick={props.onClear}>Clear the filters</Button>
      </EmptyState>
    </Show>
  );
}

function Feed(): JSX.Element {
  const time = createUrlTimeRange();
  const [kind, state] = [createUrlText('kind'), createUrlText('state')];
  const [severity, service, cursor] = [
    createUrlText('severity'),
    createUrlText('service'),
    createUrlText('cursor'),
  ];
  const patch = useUrlPatch();
  const live = useInsights();
  const [nowMs, setNowMs] = createSignal(Date.now());
  const clock = setInterval(() => setNowMs(Date.now()), CLOCK_MS);
  onCleanup(() => {
    clearInterval(clock);
  });
  const filter = createMemo<FeedFilter>(() => ({
    kind: kind.value(),
    state: state.value(),
    severity: severity.value(),
    service: service.value(),
  }));
  const answer = createAnswer(() => {
    const { from, to } = time.range();
    const query = { from, to, ...filter(), limit: LIMIT, cursor: cursor.value() };
    return { path: '/api/v1/insights', query } as const;
  });
  const shown = createMemo(() => {
    live?.version();
    const open = live?.store.open() ?? [];
    const isNow = isRelative(time.range()) && cursor.value() === '';
    const get = (id: string) => live?.store.get(id);
    return feedOf(answer.data()?.insights ?? [], { get, open }, filter(), isNow);
  });
  // A cursor counts for the filter it came with.
  const filterBy = (name: string) => (value: string) => {
    patch({ [name]: value, cursor: '' });
  };
  const clear = () => {
    patch({ kind: '', state: '', severity: '', service: '', cursor: '' });
  };
  const isFiltered = () => Object.values(filter()).some((value) => value !== '');
  const precision = () => {
    const { useful = 0, notUseful = 0 } = answer.data()?.precision ?? {};
    return useful + notUseful === 0
      ? undefined
      : { share: useful / (useful + notUseful), of: useful + notUseful };
  };
  return (
    <>
      <div class="filters" role="search" aria-label="Insights">
        <SelectField label="Kind" value={kind.value()} options={KINDS} onPick={filterBy('kind')} />
        <SelectField
          label="Severity"
          value={severity.value()}
          options={SEVERITIES}
          onPick={filterBy('severity')}
        />
        <SelectField label="State" value={state.value()} options={STATES} onPick={filterBy('state')} />
        <ServiceField value={service.value()} onPick={filterBy('service')} />
        <Show when={isFiltered()}>
          <Button look="quiet" onClick={clear}>
            Clear
          </Button>
        </Show>
        <span class="grow" />
        <Show when={precision()}>
          {(known) => (
            <p class="faint precision" title="Of those that somebody judged, in this range">
              <b>{formatRatio(known().share)}</b> of {known().of} judged were useful
            </p>
          )}
        </Show>
      </div>
      <AnswerView
        what="Insights"
        answer={answer}
        isEmpty={() => shown().length === 0}
        empty={<Nothing isFiltered={isFiltered()} onClear={clear} />}
      >
        {(data) => (
          <>
            <section
              class="panel insight-feed"
              aria-label="Insights, newest first"
              aria-busy={answer.isLoading()}
            >
              <ul>
                <For each={shown()}>{(insight) => <InsightRow insight={insight} nowMs={nowMs()} />}</For>
              </ul>
            </section>
            <NewerOlder cursor={cursor.value()} next={data().nextCursor} onTurn={cursor.set} />
          </>
        )}
      </AnswerView>
    </>
  );
}

/** What is abnormal, what is coming, and what can be better. */
export function InsightsPage(): JSX.Element {
  const view = createUrlText('view');
  const isCapacity = () => view.value() === 'capacity';
  return (
    <div class="page">
      <header class="page-head">
        <h1>Insights</h1>
        <Segmented
          label="View"
          value={isCapacity() ? 'capacity' : 'feed'}
          options={VIEWS}
          onPick={(picked) => {
            view.set(picked === 'feed' ? '' : picked);
          }}
        />
        <span class="grow" />
        <Show when={!isCapacity()}>
          <TimePicker />
        </Show>
      </header>
      <div class="page-body insights">
        <Show when={isCapacity()} fallback={<Feed />}>
          <CapacityView />
        </Show>
      </div>
    </div>
  );
}
