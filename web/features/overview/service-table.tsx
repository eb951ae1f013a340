import { createMemo, Show, type Accessor, type JSX } from 'solid-js';
import type { ServiceChangeJson } from '../../../proto/api/index.ts';
import { changeText, createChanges } from '../../app/changes.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { createChartColours } from '../../charts/colours.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import type { RedFeed } from '../../live/index.ts';
import { Swatch, ServiceOrigin } from '../../ui/chips.tsx';
import { Hint } from '../../ui/controls.tsx';
import {
  exactCount,
  exactDurationMs,
  formatApdex,
  formatDurationMs,
  formatRate,
  formatRatio,
} from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { serviceLabel, servicePath } from '../../ui/service-id.ts';
import { VirtualRows } from '../../ui/virtual-rows.tsx';
import type { OverviewRows } from './create-rows.ts';
import type { ServiceRow, Sort, SortKey } from './rank.ts';

const ROW_PX = 36;
const SPARK_SECONDS = 900;

/** From here on a figure is marked, by colour and by sign. */
const HIGH_ERROR_RATIO = 0.01;
const HIGH_DEVIATION = 0.5;
const LOW_APDEX = 0.85;

function ColumnHead(props: {
  readonly label: string;
  readonly sortKey: SortKey;
  readonly sort: Sort;
  readonly isNumber?: boolean;
  readonly onSort: (key: SortKey) => void;
  readonly children?: JSX.Element;
}): JSX.Element {
  const isSorted = () => props.sort.key === props.sortKey;
  const direction = () => (props.sort.isAscending ? 'ascending' : 'descending');
  return (
    <div
      role="columnheader"
      class="sortable"
      aria-sort={isSorted() ? direction() : 'none'}
      classList={{ num: props.isNumber }}
    >
      <button
        type="button"
        class="sorter"
        onClick={() => {
          props.onSort(props.sortKey);
        }}
      >
        {props.label}
        <Show when={isSorted()}>
          <Icon name={props.sort.isAscending ? 'up' : 'down'} />
        </Show>
      </button>
      {props.children}
    </div>
  );
}

function Cells(props: { readonly row: ServiceRow }): JSX.Element {
  const figures = () => props.row.figures;
  const isDeviating = () => props.row.deviation >= HIGH_DEVIATION;
  const isFailing = () => figures().errorRatio >= HIGH_ERROR_RATIO;
  return (
    <>
      <span role="cell" class="num" title={`${exactCount(figures().requests)} requests in the window`}>
        {formatRate(figures().rate)}
      </span>
      <span
        role="cell"
        class="num"
        classList={{ bad: isFailing(), faint: figures().errors === 0 }}
        title={`${exactCount(figures().errors)} errors of ${exactCount(figures().requests)} requests`}
      >
        <Show when={isFailing()}>
          <Icon name="warning" />
        </Show>
        {formatRatio(figures().errorRatio)}
      </span>
      <span role="cell" class="num dim" title={exactDurationMs(figures().p50Ms)}>
        {formatDurationMs(figures().p50Ms)}
      </span>
      <span
        role="cell"
        class="num"
        classList={{ warned: isDeviating() }}
        title={`${exactDurationMs(figures().p95Ms)}${isDeviating() ? `, ${formatRatio(props.row.deviation)} above its 15 minutes` : ''}`}
      >
        <Show when={isDeviating()}>
          <Icon name="up" />
        </Show>
        {formatDurationMs(figures().p95Ms)}
      </span>
      <span role="cell" class="num dim" title={exactDurationMs(figures().p99Ms)}>
        {formatDurationMs(figures().p99Ms)}
      </span>
      <span role="cell" class="num" classList={{ warned: figures().apdex < LOW_APDEX }}>
        {formatApdex(figures().apdex)}
      </span>
    </>
  );
}

export function ServiceTable(props: {
  readonly rows: OverviewRows;
  readonly feed: RedFeed;
  readonly windowSeconds: number;
  readonly sort: Sort;
  readonly isPaused: Accessor<boolean>;
  readonly onSort: (key: SortKey) => void;
  readonly onHold: (isHeld: boolean) => void;
}): JSX.Element {
  const preferences = usePreferences();
  const colours = createChartColours(preferences.theme);
  const deploys = createChanges(() => ({ from: 'now-15m', to: 'now', kind: 'deploy' }));
  const deploysOf = createMemo(() => {
    const byService = new Map<string, ServiceChangeJson[]>();
    for (const deploy of deploys()) {
      byService.set(deploy.service.id, [...(byService.get(deploy.service.id) ?? []), deploy]);
    }
    return byService;
  });
  let pausedVersion = 0;
  const version = () => {
    if (!props.isPaused()) pausedVersion = props.feed.version();
    return pausedVersion;
  };
  const head = (label: string, sortKey: SortKey, more?: JSX.Element, isNumber = true) => (
    <ColumnHead label={label} sortKey={sortKey} sort={props.sort} isNumber={isNumber} onSort={props.onSort}>
      {more}
    </ColumnHead>
  );
  return (
    <div
      class="panel grid-table service-table grow"
      role="table"
      aria-label="Services"
      aria-rowcount={props.rows.order().length}
      onMouseEnter={() => {
        props.onHold(true);
      }}
      onMouseLeave={() => {
        props.onHold(false);
      }}
    >
      <div class="grid-head" role="row">
        {head(
          'Service',
          'name',
          <>
            <Show when={props.sort.key === 'worst'}>
              <span class="badge">worst first</span>
            </Show>
            <Hint label="How services are ranked" fromLeft>
              Worst first: errors a second (error ratio × rate), then how far p95 stands above its own 15
              minutes, then rate. Places change every 5 seconds and never under the pointer. Click a column to
              sort by it.
            </Hint>
          </>,
          false,
        )}
        <div role="columnheader">Requests a second, 15 min</div>
        {head('Rate', 'rate')}
        {head('Errors', 'errors')}
        {head('p50', 'p50')}
        {head(
          'p95',
          'p95',
          <Hint label="How percentiles are made">
            Mean of the per-second percentiles in the window, weighted by requests. Each is within 1 % of the
            exact one.
          </Hint>,
        )}
        {head('p99', 'p99')}
        {head(
          'Apdex',
          'apdex',
          <Hint label="What Apdex means">
            Requests without error up to 500 ms count fully, up to 2 s by half, slower ones not at all; 1.00
            is best.
          </Hint>,
        )}
      </div>
      <VirtualRows count={props.rows.order().length} rowHeight={ROW_PX} label="Services">
        {(index) => {
          const id = () => props.rows.order()[index()] ?? '';
          const marks = () => deploysOf().get(id()) ?? [];
          const marksText = () => marks().map((deploy) => changeText(deploy, preferences.zone()));
          return (
            <a class="grid-row" role="row" aria-rowindex={index() + 1} href={servicePath(id())}>
              <span role="cell" class="service-cell" title={serviceLabel(id())}>
                <Swatch name={id()} />
                <span class="service-name clip">{props.rows.row(id())?.name}</span>
                <ServiceOrigin id={id()} />
              </span>
              <span role="cell" class="spark-cell" title={marksText().join('\n') || undefined}>
                <Sparkline
                  series={() => props.feed.store.get(id())}
                  endSecond={() => props.feed.endSecond()}
                  seconds={SPARK_SECONDS}
                  version={version}
                  colours={colours}
                  momentsMs={marks().map(({ atUnixMs }) => atUnixMs)}
                  label={[
                    'Requests a second in the last 15 minutes; red where requests failed',
                    ...marksText(),
                  ].join('. ')}
                />
              </span>
              <Show when={props.rows.row(id())}>{(row) => <Cells row={row()} />}</Show>
            </a>
          );
        }}
      </VirtualRows>
    </div>
  );
}
