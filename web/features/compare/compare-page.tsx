import { useParams } from '@solidjs/router';
import { createMemo, For, Show, type JSX } from 'solid-js';
import type { TraceComparisonJson, TraceSummaryJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { createUrlText } from '../../app/url-state.ts';
import { ErrorMark, ServiceChip } from '../../ui/chips.tsx';
import { Button, Segmented, TextField } from '../../ui/controls.tsx';
import { formatClockMs, formatCount, formatDurationNs, formatRatio } from '../../ui/format.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import './compare.css';

type ComparedPath = TraceComparisonJson['paths'][number];

const CHANGES = {
  added: '+ added',
  removed: '− removed',
  slower: '▲ slower',
  faster: '▼ faster',
  same: '= same',
} as const;

const TRACE_ID = /^[0-9a-f]{32}$/i;

/** Two traces side by side: which ways through the services one has more or less of, and which took longer. */
export function ComparePage(): JSX.Element {
  const params = useParams<{ traceId: string }>();
  const other = createUrlText('with');
  const isChosen = () => TRACE_ID.test(other.value());
  return (
    <div class="page">
      <header class="page-head">
        <h1>Compare</h1>
        <a class="link mono" href={`/traces/${params.traceId}`}>
          {params.traceId.slice(0, 12)}…
        </a>
        <span class="dim">with</span>
        <Show when={isChosen()} fallback={<span class="faint">one of those below</span>}>
          <a class="link mono" href={`/traces/${other.value()}`}>
            {other.value().slice(0, 12)}…
          </a>
          <Button
            small
            look="quiet"
            onClick={() => {
              other.set('');
            }}
          >
            Choose another
          </Button>
        </Show>
      </header>
      <div class="page-body fill">
        <Show when={isChosen()} fallback={<Choice traceId={params.traceId} onPick={other.set} />}>
          <Comparison before={params.traceId} after={other.value()} />
        </Show>
      </div>
    </div>
  );
}

/** Traces that begin as this one does, newest first, or any by its id. */
function Choice(props: {
  readonly traceId: string;
  readonly onPick: (traceId: string) => void;
}): JSX.Element {
  const preferences = usePreferences();
  const trace = createAnswer(
    () => ({ path: '/api/v1/traces/:traceId', params: { traceId: props.traceId } }) as const,
  );
  const root = createMemo(() => {
    const spans = trace.data()?.spans ?? [];
    return spans.find(({ parentSpanId }) => parentSpanId === '') ?? spans[0];
  });
  const alike = createAnswer(() => {
    const span = root();
    if (!span) return undefined;
    const query = { from: 'now-1h', to: 'now', service: span.service.id, operation: span.name, limit: 50 };
    return { path: '/api/v1/traces', query } as const;
  });
  const others = (traces: readonly TraceSummaryJson[]) =>
    traces.filter(({ traceId }) => traceId !== props.traceId);
  const longest = createMemo(() =>
    Math.max(1, ...(alike.data()?.traces ?? []).map(({ durationNano }) => Number(durationNano))),
  );
  return (
    <>
      <div class="filters">
        <TextField
          label="Id of the other trace"
          value=""
          placeholder="32 hexadecimal digits"
          onCommit={(text) => {
            if (TRACE_ID.test(text)) props.onPick(text.toLowerCase());
          }}
        />
      </div>
      <div class="panel grow table-scroll">
        <AnswerView
          what="Traces like it"
          answer={alike}
          isEmpty={(data) => others(data.traces).length === 0}
          empty={
            <EmptyState title="No other trace of the last hour begins like it" icon="search">
              <p>Enter the id of any trace above.</p>
            </EmptyState>
          }
        >
          {(data) => (
            <table class="plain-table" aria-label="Traces that begin like it">
              <tbody>
                <For each={others(data().traces)}>
                  {(found) => (
                    <tr>
                      <td>
                        <button
                          type="button"
                          class="link-button mono"
                          onClick={() => {
                            props.onPick(found.traceId);
                          }}
                        >
                          {found.traceId.slice(0, 12)}…
                        </button>
                      </td>
                      <td>{found.rootName}</td>
                      <td class="num">{formatDurationNs(Number(found.durationNano))}</td>
                      <td class="compare-bar-cell">
                        <span
                          class="compare-bar after"
                          style={{ width: `${(Number(found.durationNano) / longest()) * 100}%` }}
                        />
                      </td>
                      <td>
                        <Show when={found.errorCount > 0}>
                          <ErrorMark label={`${formatCount(found.errorCount)} errors`} />
                        </Show>
                      </td>
                      <td class="num dim">{formatClockMs(found.startTimeUnixNano, preferences.zone())}</td>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          )}
        </AnswerView>
      </div>
    </>
  );
}

const SHOWN = [
  { value: 'changed', label: 'What changed' },
  { value: 'all', label: 'All' },
] as const;

const nanosOf = (figures: ComparedPath['before']): number => Number(figures?.durationNano ?? 0);

function Comparison(props: { readonly before: string; readonly after: string }): JSX.Element {
  const shown = createUrlText('show');
  const answer = createAnswer(
    () =>
      ({
        path: '/api/v1/traces/:traceId/compare',
        params: { traceId: props.before },
        query: { with: props.after },
      }) as const,
  );
  const paths = createMemo(() => {
    const all = answer.data()?.paths ?? [];
    return shown.value() === 'all' ? all : all.filter(({ change }) => change !== 'same');
  });
  const longest = createMemo(() =>
    Math.max(1, ...paths().flatMap(({ before, after }) => [nanosOf(before), nanosOf(after)])),
  );
  return (
    <>
      <div class="filters">
        <Segmented
          label="Which paths"
          value={shown.value() === 'all' ? 'all' : 'changed'}
          options={SHOWN}
          onPick={(value) => {
            shown.set(value === 'all' ? 'all' : '');
          }}
        />
        <p class="dim compare-key">
          <span class="compare-bar before" /> first trace <span class="compare-bar after" /> the other
        </p>
      </div>
      <div class="panel grow table-scroll">
        <AnswerView
          what="The comparison"
          answer={answer}
          isEmpty={() => paths().length === 0}
          empty={<EmptyState title="Nothing differs by more than a tenth" icon="check" />}
        >
          {() => (
            <table class="plain-table" aria-label="Paths of both traces">
              <thead>
                <tr>
                  <th scope="col">Change</th>
                  <th scope="col">Path</th>
                  <th scope="col" class="num">
                    Spans
                  </th>
                  <th scope="col" class="num">
                    First
                  </th>
                  <th scope="col" class="num">
                    Other
                  </th>
                  <th scope="col" class="num">
                    Difference
                  </th>
                  <th scope="col">
                    <span class="visually-hidden">Durations as bars</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                <For each={paths()}>{(path) => <PathRow path={path} longest={longest()} />}</For>
              </tbody>
            </table>
          )}
        </AnswerView>
      </div>
    </>
  );
}

function PathRow(props: { readonly path: ComparedPath; readonly longest: number }): JSX.Element {
  const steps = () => props.path.path;
  const last = () => steps().at(-1);
  const difference = () => nanosOf(props.path.after) - nanosOf(props.path.before);
  const share = (figures: ComparedPath['before']) => `${(nanosOf(figures) / props.longest) * 100}%`;
  const duration = (figures: ComparedPath['before']) =>
    figures === null ? '–' : formatDurationNs(nanosOf(figures));
  return (
    <tr>
      <td>
        <span class={`change ${props.path.change}`}>{CHANGES[props.path.change]}</span>
      </td>
      <td
        title={steps()
          .map(({ name }) => name)
          .join(' → ')}
      >
        <span class="compare-path" style={{ 'padding-left': `${(steps().length - 1) * 12}px` }}>
          <ServiceChip id={last()?.service ?? ''} /> {last()?.name}
        </span>
      </td>
      <td class="num">
        {formatCount(props.path.before?.spans ?? 0)} → {formatCount(props.path.after?.spans ?? 0)}
      </td>
      <td class="num">{duration(props.path.before)}</td>
      <td class="num">{duration(props.path.after)}</td>
      <td class="num" title={formatRatio(Math.abs(difference()) / Math.max(1, nanosOf(props.path.before)))}>
        {difference() > 0 ? '+' : difference() < 0 ? '−' : ''}
        {formatDurationNs(Math.abs(difference()))}
      </td>
      <td class="compare-bar-cell" aria-hidden="true">
        <span class="compare-bar before" style={{ width: share(props.path.before) }} />
        <span class="compare-bar after" style={{ width: share(props.path.after) }} />
      </td>
    </tr>
  );
}
