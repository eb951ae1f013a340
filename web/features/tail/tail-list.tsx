import { createEffect, Match, on, Show, Switch, type JSX } from 'solid-js';
import { usePreferences } from '../../app/preferences.tsx';
import type { LogTailRow, SpanTailRow, TailRow } from '../../live/index.ts';
import { ErrorMark, ServiceChip, SeverityBadge } from '../../ui/chips.tsx';
import { exactDurationMs, formatClockMs, formatDurationMs } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { spanKindName, STATUS_ERROR } from '../../ui/otel-names.ts';
import { EmptyState } from '../../ui/states.tsx';
import { VirtualRows, type VirtualHandle } from '../../ui/virtual-rows.tsx';

const ROW_PX = 26;
const NEAR_END_PX = 30;
const LONGEST_SHOWN = 1_000;

function SpanCells(props: { readonly row: SpanTailRow }): JSX.Element {
  return (
    <>
      <span class="clip">
        {props.row.name} <span class="faint">{spanKindName(props.row.spanKind)}</span>
      </span>
      <span class="clip">
        <Show when={props.row.statusCode === STATUS_ERROR}>
          <ErrorMark label="error" /> <span class="bad">{props.row.statusMessage}</span>
        </Show>
      </span>
      <span class="num" title={exactDurationMs(props.row.durationMs)}>
        {formatDurationMs(props.row.durationMs)}
      </span>
    </>
  );
}

function LogCells(props: { readonly row: LogTailRow }): JSX.Element {
  return (
    <>
      <SeverityBadge number={props.row.severityNumber} text={props.row.severityText} />
      <span class="mono clip">{props.row.body.slice(0, LONGEST_SHOWN)}</span>
      <Show when={props.row.traceId} fallback={<span />}>
        <span class="row-link">
          <Icon name="link" />
        </span>
      </Show>
    </>
  );
}

function Line(props: { readonly row: TailRow }): JSX.Element {
  const preferences = usePreferences();
  const spanRow = () => (props.row.kind === 'span' ? props.row : undefined);
  const logRow = () => (props.row.kind === 'log' ? props.row : undefined);
  const href = () =>
    props.row.traceId === '' ? undefined : `/traces/${props.row.traceId}?span=${props.row.spanId}`;
  return (
    <a class="grid-row" href={href()}>
      <span class="mono dim">{formatClockMs(props.row.timeUnixNano, preferences.zone())}</span>
      <span class="clip">
        <ServiceChip id={props.row.service} />
      </span>
      <Switch>
        <Match when={spanRow()}>{(row) => <SpanCells row={row()} />}</Match>
        <Match when={logRow()}>{(row) => <LogCells row={row()} />}</Match>
      </Switch>
    </a>
  );
}

/** Newest at the bottom. Follows while one is at the bottom; scrolling up locks the place, scrolling back follows. */
export function TailList(props: {
  readonly rows: readonly TailRow[];
  readonly kind: string;
  readonly isFollowing: boolean;
  readonly onFollow: (isFollowing: boolean) => void;
}): JSX.Element {
  let handle: VirtualHandle | undefined;
  createEffect(
    on([() => props.rows, () => props.isFollowing], () => {
      if (props.isFollowing) handle?.scrollToEnd();
    }),
  );
  return (
    <Show
      when={props.rows.length > 0}
      fallback={
        <EmptyState
          title={props.kind === 'logs' ? 'Waiting for log records' : 'Waiting for spans'}
          icon="plug"
        >
          <p>Whatever arrives from now on and fits the filter appears here.</p>
        </EmptyState>
      }
    >
      <div class={`grid-table tail-table ${props.kind}`}>
        <VirtualRows
          count={props.rows.length}
          rowHeight={ROW_PX}
          label={props.kind === 'logs' ? 'Log records as they arrive' : 'Spans as they arrive'}
          role="log"
          handle={(made) => {
            handle = made;
            made.scrollToEnd();
          }}
          onScroll={(element) => {
            const left = element.scrollHeight - element.scrollTop - element.clientHeight;
            props.onFollow(left < NEAR_END_PX);
          }}
        >
          {(index) => <Show when={props.rows[index()]}>{(row) => <Line row={row()} />}</Show>}
        </VirtualRows>
      </div>
    </Show>
  );
}
