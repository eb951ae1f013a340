import { createMemo, createSignal, For, Match, Show, Switch, type JSX } from 'solid-js';
import { saveFile } from '../../api/save-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { createUrlText, useUrlPatch } from '../../app/url-state.ts';
import { ErrorMark, ServiceChip } from '../../ui/chips.tsx';
import { Button, CopyButton, Segmented } from '../../ui/controls.tsx';
import { exactCount, formatCount, formatDurationNs, formatTimeNs } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { parseServiceId } from '../../ui/service-id.ts';
import { CallGraph } from './call-graph-view.tsx';
import { createTraceLogs } from './create-trace-logs.ts';
import { createTraceView } from './create-trace-view.ts';
import { FlameGraph } from './flame-graph.tsx';
import { SpanDetail } from './span-detail.tsx';
import { logsBySpan } from './span-logs.ts';
import { makeSpanTree, type SpanTree } from './span-tree.ts';
import { StatisticsTable } from './statistics-table.tsx';
import { textOfTrace, type TraceFile } from './trace-file.ts';
import { Toolbar } from './toolbar.tsx';
import { TraceLogs } from './trace-logs.tsx';
import { Waterfall } from './waterfall.tsx';
import './trace.css';

function servicesOf(tree: SpanTree): { readonly id: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { span } of tree.nodes) counts.set(span.service.id, (counts.get(span.service.id) ?? 0) + 1);
  return [...counts].map(([id, count]) => ({ id, count })).sort((one, other) => other.count - one.count);
}

function Head(props: { readonly trace: TraceFile; readonly tree: SpanTree }): JSX.Element {
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
            {props.trace.more ? 'first ' : ''}
            {formatCount(props.tree.nodes.length)} spans
          </span>
          <span>depth {props.tree.maxDepth + 1}</span>
          <Show when={errors() > 0}>
            <ErrorMark label={`${formatCount(errors())} ${errors() === 1 ? 'error' : 'errors'}`} />
          </Show>
          <span class="mono faint clip">{props.trace.traceId}</span>
          <CopyButton text={props.trace.traceId} label="Copy the trace id" />
        </p>
      </div>
      <Show when={props.trace.traceId}>
        <a class="button plain" href={`/traces/${props.trace.traceId}/compare`}>
          Compare
        </a>
      </Show>
      <Button
        icon="download"
        onClick={() => {
          saveFile(
            new Blob([textOfTrace(props.trace)], {
              type: 'application/json',
            }),
            `trace-${props.trace.traceId}.json`,
          );
        }}
      >
        JSON
      </Button>
    </header>
  );
}

function Notes(props: { readonly tree: SpanTree; readonly more: boolean }): JSX.Element {
  const orphans = () => props.tree.orphanCount;
  const skew = () => props.tree.skew;
  return (
    <div class="trace-notes">
      <Show when={props.more}>
        <p
          class="banner warn"
          title="A trace is answered up to this limit: those that start first. With SQL all of them can be read."
        >
          <Icon name="warning" />
          Only the first {exactCount(props.tree.nodes.length)} spans of this trace are here: durations,
          errors, paths and counts are of these.
        </p>
      </Show>
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

const TABS = [
  { value: 'spans', label: 'Spans' },
  { value: 'flame', label: 'Flame graph' },
  { value: 'graph', label: 'Graph' },
  { value: 'statistics', label: 'Statistics' },
  { value: 'logs', label: 'Logs' },
] as const;
type Tab = (typeof TABS)[number]['value'];

/** A trace with all its views; its `traceId` is '' where it is no trace of this platform. */
export function TraceContent(props: { readonly trace: TraceFile }): JSX.Element {
  // oxlint-disable-next-line solid/reactivity -- keyed by its trace: another answer makes another tree and view
  const tree = makeSpanTree(props.trace.spans);
  // oxlint-disable-next-line solid/reactivity -- so is its id
  const logs = createTraceLogs(props.trace.traceId, tree);
  const spanLogs = createMemo(() => logsBySpan(logs.data()?.logs ?? []));
  const view = createTraceView(tree, (spanId) => spanLogs().get(spanId));
  const tabText = createUrlText('tab');
  const tab = (): Tab => TABS.find(({ value }) => value === tabText.value())?.value ?? 'spans';
  const patch = useUrlPatch();
  const [services] = createSignal(servicesOf(tree));
  const findSpans = ({ serviceId, name }: { readonly serviceId: string; readonly name: string }) => {
    patch({ tab: '', q: `service:"${parseServiceId(serviceId).name}" name:"${name}"` });
  };
  return (
    <div class="page trace-page">
      <Head trace={props.trace} tree={tree} />
      <div class="page-body fill">
        <Notes tree={tree} more={props.trace.more} />
        <div class="trace-bar">
          <Segmented
            label="View"
            value={tab()}
            options={TABS}
            onPick={(value) => {
              tabText.set(value === 'spans' ? '' : value);
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
        <Switch>
          <Match when={tab() === 'spans'}>
            <Toolbar view={view} />
            <div class="panel trace-panel grow" classList={{ 'with-detail': view.selected() !== undefined }}>
              <Waterfall view={view} />
              <Show when={view.selected()}>{(node) => <SpanDetail view={view} node={node()} />}</Show>
            </div>
          </Match>
          <Match when={tab() === 'flame'}>
            <FlameGraph tree={tree} onPick={findSpans} />
          </Match>
          <Match when={tab() === 'graph'}>
            <CallGraph tree={tree} onPick={findSpans} />
          </Match>
          <Match when={tab() === 'statistics'}>
            <StatisticsTable tree={tree} onPick={findSpans} />
          </Match>
          <Match when={tab() === 'logs'}>
            <div class="panel grow log-panel">
              <TraceLogs answer={logs} />
            </div>
          </Match>
        </Switch>
      </div>
    </div>
  );
}
