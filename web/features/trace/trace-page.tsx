import { useParams } from '@solidjs/router';
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import type { SpanJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { createUrlText } from '../../app/url-state.ts';
import { ErrorMark, ServiceChip } from '../../ui/chips.tsx';
import { Button, CopyButton, IconButton, SearchBox, Segmented } from '../../ui/controls.tsx';
import { exactCount, formatCount, formatDurationNs, formatTimeNs } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { createTraceView, type TraceView } from './create-trace-view.ts';
import { SpanDetail } from './span-detail.tsx';
import { makeSpanTree, type SpanTree } from './span-tree.ts';
import { TraceLogs } from './trace-logs.tsx';
import { Waterfall } from './waterfall.tsx';
import './trace.css';

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function servicesOf(tree: SpanTree): { readonly id: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { span } of tree.nodes) counts.set(span.service.id, (counts.get(span.service.id) ?? 0) + 1);
  return [...counts].map(([id, count]) => ({ id, count })).sort((one, other) => other.count - one.count);
}

function Head(props: {
  readonly traceId: string;
  readonly tree: SpanTree;
  readonly spans: readonly SpanJson[];
}): JSX.Element {
  const preferences = usePreferences();
  const root = () => props.tree.nodes[props.tree.roots[0] ?? 0];
  const errors = () => props.tree.nodes.filter(({ isError }) => isError).length;
  return (
    <header class="page-head trace-head">
      <div class="grow">
        <h1 class="clip">
          {root()?.span.service.name} <span class="dim">{root()?.span.name}</span>
        </h1>
        <p class="trace-facts">
          <span title="Start">
            {formatTimeNs(root()?.span.startTimeUnixNano ?? '0', preferences.zone()).slice(0, 23)}
          </span>
          <span>
            <b>{formatDurationNs(props.tree.durationNs)}</b>
          </span>
          <span title={exactCount(props.tree.nodes.length)}>
            {formatCount(props.tree.nodes.length)} spans
          </span>
          <span>depth {props.tree.maxDepth + 1}</span>
          <Show when={errors() > 0}>
            <ErrorMark label={`${formatCount(errors())} ${errors() === 1 ? 'error' : 'errors'}`} />
          </Show>
          <span class="mono faint clip">{props.traceId}</span>
          <CopyButton text={props.traceId} label="Copy the trace id" />
        </p>
      </div>
      <Button
        icon="download"
        onClick={() => {
          download(
            `trace-${props.traceId}.json`,
            JSON.stringify({ traceId: props.traceId, spans: props.spans }, null, 2),
          );
        }}
      >
        JSON
      </Button>
    </header>
  );
}

function Notes(props: { readonly tree: SpanTree }): JSX.Element {
  const orphans = () => props.tree.orphanCount;
  const skew = () => props.tree.skew;
  return (
    <div class="trace-notes">
      <Show when={orphans() > 0}>
        <p
          class="banner warn"
          title="They stand as roots of their own. The missing parents were not sampled, not sent, or are on their way."
        >
          <Icon name="warning" />
          {orphans() === 1 ? '1 span names a parent' : `${orphans()} spans name parents`} that did not arrive.
        </p>
      </Show>
      <Show when={skew().count > 0}>
        <p class="banner warn" title="Times are shown as they were sent.">
          <Icon name="clock" />
          {skew().count === 1
            ? '1 span begins before its parent'
            : `${skew().count} spans begin before their parents`}{' '}
          in another service, by up to {formatDurationNs(skew().mostNs)}: the clocks differ.
        </p>
      </Show>
    </div>
  );
}

function Toolbar(props: { readonly view: TraceView }): JSX.Element {
  const count = () => props.view.matches()?.size;
  return (
    <div class="trace-toolbar">
      <SearchBox
        label="Search spans"
        placeholder="text, service:cart, status:error, http.route=/pay, duration>100ms"
        value={props.view.search()}
        onInput={(text) => {
          props.view.setSearch(text);
        }}
        onCommit={() => {
          props.view.nextMatch(1);
        }}
      />
      <Show when={count() !== undefined}>
        <span class="match-count" role="status">
          {props.view.matchPosition() < 0 ? '' : `${props.view.matchPosition() + 1} of `}
          {count()} {count() === 1 ? 'match' : 'matches'}
        </span>
        <IconButton
          small
          icon="up"
          label="Previous match"
          onClick={() => {
            props.view.nextMatch(-1);
          }}
        />
        <IconButton
          small
          icon="down"
          label="Next match"
          onClick={() => {
            props.view.nextMatch(1);
          }}
        />
        <Button
          small
          aria-pressed={props.view.isOnlyMatches()}
          onClick={() => {
            props.view.setOnlyMatches(!props.view.isOnlyMatches());
          }}
        >
          Only matches
        </Button>
      </Show>
      <Button
        small
        aria-pressed={props.view.critical() !== undefined}
        onClick={() => {
          props.view.toggleCritical();
        }}
      >
        Critical path
      </Button>
      <Button
        small
        aria-pressed={props.view.search() === 'status:error'}
        onClick={() => {
          props.view.setSearch(props.view.search() === 'status:error' ? '' : 'status:error');
        }}
      >
        Errors
      </Button>
      <Button
        small
        look="quiet"
        onClick={() => {
          props.view.expandAll();
        }}
      >
        Expand all
      </Button>
      <Button
        small
        look="quiet"
        onClick={() => {
          props.view.collapseAll();
        }}
      >
        Collapse all
      </Button>
      <Button
        small
        look="quiet"
        icon="zoomOut"
        disabled={!props.view.isZoomed()}
        onClick={() => {
          props.view.resetZoom();
        }}
      >
        Reset zoom
      </Button>
    </div>
  );
}

const TABS = [
  { value: 'spans', label: 'Spans' },
  { value: 'logs', label: 'Logs' },
] as const;

function TraceContent(props: { readonly traceId: string; readonly spans: readonly SpanJson[] }): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- keyed by its spans: another answer makes another tree and view
  const tree = makeSpanTree(props.spans);
  const view = createTraceView(tree);
  const tab = createUrlText('tab');
  const [services] = createSignal(servicesOf(tree));
  return (
    <div class="page trace-page">
      <Head traceId={props.traceId} tree={tree} spans={props.spans} />
      <div class="page-body fill">
        <Notes tree={tree} />
        <div class="trace-bar">
          <Segmented
            label="View"
            value={tab.value() === 'logs' ? 'logs' : 'spans'}
            options={TABS}
            onPick={(value) => {
              tab.set(value === 'spans' ? '' : value);
            }}
          />
          <ul class="trace-legend" aria-label="Services of this trace">
            <For each={services()}>
              {(service) => (
                <li>
                  <ServiceChip id={service.id} /> <span class="faint">{formatCount(service.count)}</span>
                </li>
              )}
            </For>
          </ul>
        </div>
        <Show
          when={tab.value() !== 'logs'}
          fallback={
            <div class="panel grow log-panel">
              <TraceLogs
                traceId={props.traceId}
                startUnixNano={tree.startUnixNano}
                durationNs={tree.durationNs}
              />
            </div>
          }
        >
          <Toolbar view={view} />
          <div class="panel trace-panel grow" classList={{ 'with-detail': view.selected() !== undefined }}>
            <Waterfall view={view} />
            <Show when={view.selected()}>{(node) => <SpanDetail view={view} node={node()} />}</Show>
          </div>
        </Show>
      </div>
    </div>
  );
}

export function TracePage(): JSX.Element {
  const params = useParams<{ traceId: string }>();
  const answer = createAnswer(
    () => ({ path: '/api/v1/traces/:traceId', params: { traceId: params.traceId } }) as const,
  );
  const spans = createMemo(() => {
    const data = answer.data();
    return data?.traceId === params.traceId.toLowerCase() ? data.spans : undefined;
  });
  return (
    <AnswerView
      what="The trace"
      answer={answer}
      isEmpty={(data) => data.spans.length === 0}
      empty={
        <EmptyState title="This trace is not known" icon="search">
          <p>
            No span of <code>{params.traceId}</code> is here. It was not sampled, is older than what is kept,
            or is still on its way: spans appear within a second of being sent.
          </p>
          <Button
            icon="refresh"
            onClick={() => {
              answer.refetch();
            }}
          >
            Look again
          </Button>
        </EmptyState>
      }
    >
      {() => (
        <Show when={spans()} keyed>
          {(all) => <TraceContent traceId={params.traceId} spans={all} />}
        </Show>
      )}
    </AnswerView>
  );
}
