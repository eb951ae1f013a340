import { createMemo, For, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { withRange } from '../../app/with-range.ts';
import type { RedFeed } from '../../live/index.ts';
import { Hint } from '../../ui/controls.tsx';
import {
  exactCount,
  exactDurationMs,
  formatCount,
  formatDurationMs,
  formatRate,
  formatRatio,
} from '../../ui/format.ts';
import { spanKindName } from '../../ui/otel-names.ts';
import { EmptyState, Loading, ProblemState } from '../../ui/states.tsx';
import { operationRows, type OperationRow } from './operation-rows.ts';

const MOST_SHOWN = 200;

function OperationLine(props: { readonly row: OperationRow; readonly href: string }): JSX.Element {
  const latency = (ms: number) => (
    <span role="cell" class="num dim" title={exactDurationMs(ms)}>
      {formatDurationMs(ms)}
    </span>
  );
  return (
    <a class="grid-row" role="row" href={props.href}>
      <span role="cell" class="clip" title={props.row.name}>
        {props.row.name}
      </span>
      <span role="cell" class="faint">
        {props.row.kind === undefined ? '' : spanKindName(props.row.kind)}
      </span>
      <span role="cell" class="num live-cell">
        {formatRate(props.row.liveRate)}
      </span>
      <span role="cell" class="num live-cell" classList={{ bad: props.row.liveErrorRatio >= 0.01 }}>
        {formatRatio(props.row.liveErrorRatio)}
      </span>
      <span role="cell" class="num" title={exactCount(props.row.requests ?? 0)}>
        {formatCount(props.row.requests ?? NaN)}
      </span>
      <span role="cell" class="num" classList={{ bad: props.row.errorRatio >= 0.01 }}>
        {formatRatio(props.row.errorRatio)}
      </span>
      {latency(props.row.p50Ms)}
      {latency(props.row.p95Ms)}
      {latency(props.row.p99Ms)}
    </a>
  );
}

/** Operations by requests in the chosen range, with their live rate beside it. */
export function Operations(props: { readonly service: string; readonly feed: RedFeed }): JSX.Element {
  const time = createUrlTimeRange();
  const answer = createAnswer(
    () =>
      ({
        path: '/api/v1/services/:service/operations',
        params: { service: props.service },
        query: { from: time.range().from, to: time.range().to },
      }) as const,
  );
  const rows = createMemo(() => {
    props.feed.version();
    return operationRows(answer.data()?.operations ?? [], props.feed.store, props.feed.endSecond());
  });
  const names = createMemo(
    () =>
      rows()
        .slice(0, MOST_SHOWN)
        .map(({ name, kind }) => `${kind ?? ''}\n${name}`),
    [],
    {
      equals: (one, other) => one.length === other.length && one.every((name, at) => name === other[at]),
    },
  );
  const byName = createMemo(() => new Map(rows().map((row) => [`${row.kind ?? ''}\n${row.name}`, row])));
  const href = (name: string) =>
    withRange('/traces', time.range(), { service: props.service, operation: name });
  return (
    <section class="panel operations" aria-label="Operations">
      <header class="panel-head">
        <h2>Operations</h2>
        <span class="badge">{rows().length}</span>
        <Hint label="What the columns cover" fromLeft>
          “Now” is the last minute, live. The other figures cover the time range chosen above.
        </Hint>
      </header>
      <Show when={answer.problem()}>
        {(problem) => <ProblemState what="Operations" problem={problem()} onRetry={answer.refetch} />}
      </Show>
      <Show when={!answer.isLoading() || rows().length > 0} fallback={<Loading what="operations" />}>
        <Show
          when={rows().length > 0}
          fallback={
            <EmptyState title="No operations in this range">
              <p>Choose a longer time range, or send requests to this service.</p>
            </EmptyState>
          }
        >
          <div class="grid-table" role="table" aria-label="Operations">
            <div class="grid-head" role="row">
              <div role="columnheader">Operation</div>
              <div role="columnheader">Kind</div>
              <div role="columnheader" class="num">
                Now
              </div>
              <div role="columnheader" class="num">
                Errors now
              </div>
              <div role="columnheader" class="num">
                Requests
              </div>
              <div role="columnheader" class="num">
                Errors
              </div>
              <div role="columnheader" class="num">
                p50
              </div>
              <div role="columnheader" class="num">
                p95
              </div>
              <div role="columnheader" class="num">
                p99
              </div>
            </div>
            <div role="rowgroup">
              <For each={names()}>
                {(key) => (
                  <Show when={byName().get(key)}>
                    {(row) => <OperationLine row={row()} href={href(row().name)} />}
                  </Show>
                )}
              </For>
            </div>
          </div>
          <Show when={rows().length > MOST_SHOWN}>
            <p class="faint more-note">
              {MOST_SHOWN} of {rows().length} operations, those with the most requests.
            </p>
          </Show>
        </Show>
      </Show>
    </section>
  );
}
