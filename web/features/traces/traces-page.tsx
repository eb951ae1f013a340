import { createMemo, For, Show, type JSX } from 'solid-js';
import type { TraceSummaryJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { TimePicker } from '../../app/time-picker.tsx';
import { createUrlText, createUrlTimeRange, useUrlPatch } from '../../app/url-state.ts';
import { SavedViews } from '../../app/saved-views.tsx';
import { ServiceField } from '../../app/service-field.tsx';
import { ErrorMark, ServiceChip } from '../../ui/chips.tsx';
import { Button, RefreshButton, SelectField, TextField } from '../../ui/controls.tsx';
import {
  exactDurationMs,
  formatClockMs,
  formatCount,
  formatDurationMs,
  formatTimeNs,
} from '../../ui/format.ts';
import { SearchLine } from '../../ui/search-line.tsx';
import { parseServiceId, serviceLabel } from '../../ui/service-id.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { VirtualRows } from '../../ui/virtual-rows.tsx';
import { BuilderButton } from '../facets/condition-builder.tsx';
import { createFacetsSwitch, FacetsButton, FacetsPanel } from '../facets/facets-panel.tsx';
import { lineOf } from '../facets/search-terms.ts';
import { durationProblem, traceQuery } from './search-query.ts';
import './traces.css';

const LIMIT = 200;
const ROW_PX = 46;
const MOST_CHIPS = 4;

const STATUSES = [
  { value: '', label: 'Any' },
  { value: 'error', label: 'With errors' },
  { value: 'ok', label: 'Without errors' },
] as const;

const durationMs = (trace: TraceSummaryJson) => Number(trace.durationNano) / 1e6;

function TraceRow(props: { readonly trace: TraceSummaryJson; readonly longestMs: number }): JSX.Element {
  const preferences = usePreferences();
  const others = () =>
    props.trace.services.filter(({ service }) => service.id !== props.trace.rootService.id);
  const share = () => Math.max(0.5, (durationMs(props.trace) / Math.max(props.longestMs, 1e-9)) * 100);
  return (
    <a class="grid-row trace-row" role="row" href={`/traces/${props.trace.traceId}`}>
      <span role="cell" class="trace-name">
        <span class="clip">
          <b>{parseServiceId(props.trace.rootService.id).name}</b>{' '}
          {props.trace.rootName || '(root not received)'}
        </span>
        <span class="trace-services">
          <For each={others().slice(0, MOST_CHIPS)}>
            {({ service, spanCount }) => (
              <span class="service-chip" title={`${serviceLabel(service.id)}: ${spanCount} spans`}>
                <ServiceChip id={service.id} /> <span class="faint">{formatCount(spanCount)}</span>
              </span>
            )}
          </For>
          <Show when={others().length > MOST_CHIPS}>
            <span class="faint">+{others().length - MOST_CHIPS}</span>
          </Show>
        </span>
      </span>
      <span role="cell">
        <Show when={props.trace.errorCount > 0}>
          <ErrorMark
            label={`${formatCount(props.trace.errorCount)} ${props.trace.errorCount === 1 ? 'error' : 'errors'}`}
          />
        </Show>
      </span>
      <span
        role="cell"
        class="num dim"
        title={props.trace.more ? 'More spans than are counted: all figures are of the first.' : undefined}
      >
        {formatCount(props.trace.spanCount)}
        {props.trace.more ? '+' : ''}
      </span>
      <span role="cell" class="num" title={exactDurationMs(durationMs(props.trace))}>
        {formatDurationMs(durationMs(props.trace))}
      </span>
      <span role="cell" class="duration-track" aria-hidden="true">
        <span
          class="duration-bar"
          classList={{ failed: props.trace.errorCount > 0 }}
          style={{ width: `${share()}%` }}
        />
      </span>
      <span
        role="cell"
        class="num dim"
        title={formatTimeNs(props.trace.startTimeUnixNano, preferences.zone())}
      >
        {formatClockMs(props.trace.startTimeUnixNano, preferences.zone())}
      </span>
    </a>
  );
}

function SearchForm(props: { readonly isLoading: boolean; readonly onSearch: () => void }): JSX.Element {
  const [service, operation, line] = [
    createUrlText('service'),
    createUrlText('operation'),
    createUrlText('q'),
  ];
  const [min, max, status] = [createUrlText('min'), createUrlText('max'), createUrlText('status')];
  const time = createUrlTimeRange();
  const patch = useUrlPatch();
  const isFiltered = () => [service, operation, line, min, max, status].some((one) => one.value() !== '');
  return (
    <form
      class="filters trace-filters"
      role="search"
      aria-label="Traces"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSearch();
      }}
    >
      <ServiceField value={service.value()} onPick={service.set} />
      <TextField label="Operation" value={operation.value()} placeholder="any" onCommit={operation.set} />
      <SearchLine signal="traces" value={line.value()} onCommit={line.set} />
      <TextField
        label="Min duration"
        value={min.value()}
        placeholder="100ms"
        problem={durationProblem(min.value())}
        onCommit={min.set}
      />
      <TextField
        label="Max duration"
        value={max.value()}
        placeholder="2s"
        problem={durationProblem(max.value())}
        onCommit={max.set}
      />
      <SelectField label="Status" value={status.value()} options={STATUSES} onPick={status.set} />
      <BuilderButton signal="traces" range={time.range()} line={line.value()} onWrite={line.set} />
      <Button type="submit" look="primary" disabled={props.isLoading}>
        Search
      </Button>
      <Show when={isFiltered()}>
        <Button
          look="quiet"
          onClick={() => {
            patch({ service: '', operation: '', q: '', min: '', max: '', status: '' });
          }}
        >
          Clear
        </Button>
      </Show>
    </form>
  );
}

export function TracesPage(): JSX.Element {
  const time = createUrlTimeRange();
  const field = (name: string) => createUrlText(name).value;
  const [service, operation, line] = [field('service'), field('operation'), field('q')];
  const [min, max, status] = [field('min'), field('max'), field('status')];
  const answer = createAnswer(() => {
    const form = {
      service: service(),
      operation: operation(),
      line: line(),
      min: min(),
      max: max(),
      status: status(),
    };
    return { path: '/api/v1/traces', query: traceQuery(form, time.range(), LIMIT) } as const;
  });
  const facets = createFacetsSwitch();
  const written = createUrlText('q');
  const wholeLine = createMemo(() => {
    const readable = (text: string): string => (durationProblem(text) === undefined ? text : '');
    const form = {
      service: service(),
      operation: operation(),
      status: status(),
      min: readable(min()),
      max: readable(max()),
    };
    return lineOf(line(), form);
  });
  const traces = createMemo(() => answer.data()?.traces ?? []);
  const longestMs = createMemo(() => traces().reduce((most, trace) => Math.max(most, durationMs(trace)), 0));
  return (
    <div class="page">
      <header class="page-head">
        <h1>Traces</h1>
        <Show when={answer.data()}>
          {(data) => (
            <span class="badge" role="status">
              {data().more ? `newest ${data().traces.length}` : data().traces.length}
            </span>
          )}
        </Show>
        <span class="grow" />
        <SavedViews page="traces" />
        <FacetsButton isOpen={facets.isOpen()} onToggle={facets.toggle} />
        <a class="button quiet" href="/traces/file">
          Open a file
        </a>
        <TimePicker />
        <RefreshButton onRefresh={answer.refetch} />
      </header>
      <div class="page-body fill">
        <SearchForm isLoading={answer.isLoading()} onSearch={answer.refetch} />
        <div class="grow traces-body" classList={{ 'with-facets': facets.isOpen() }}>
          <Show when={facets.isOpen()}>
            <FacetsPanel
              signal="traces"
              range={time.range()}
              line={wholeLine()}
              written={written.value()}
              onWrite={written.set}
            />
          </Show>
          <div
            class="panel grid-table traces-table"
            role="table"
            aria-label="Traces"
            aria-busy={answer.isLoading()}
          >
            <AnswerView
              what="Traces"
              answer={answer}
              isEmpty={(data) => data.traces.length === 0}
              empty={
                <EmptyState title="No trace fits" icon="search">
                  <p>
                    Nothing in this time range fits the filters. Choose a longer range or take a filter away.
                  </p>
                </EmptyState>
              }
            >
              {() => (
                <>
                  <div class="grid-head" role="row">
                    <div role="columnheader">Root operation and services</div>
                    <div role="columnheader">Errors</div>
                    <div role="columnheader" class="num">
                      Spans
                    </div>
                    <div role="columnheader" class="num">
                      Duration
                    </div>
                    <div role="columnheader">of {formatDurationMs(longestMs())}</div>
                    <div role="columnheader" class="num">
                      Start
                    </div>
                  </div>
                  <VirtualRows count={traces().length} rowHeight={ROW_PX} label="Traces, newest first">
                    {(index) => (
                      <Show when={traces()[index()]}>
                        {(trace) => <TraceRow trace={trace()} longestMs={longestMs()} />}
                      </Show>
                    )}
                  </VirtualRows>
                </>
              )}
            </AnswerView>
          </div>
        </div>
      </div>
    </div>
  );
}
