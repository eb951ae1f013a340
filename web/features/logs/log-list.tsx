import { createMemo, Show, type JSX } from 'solid-js';
import type { LogJson } from '../../../proto/api/index.ts';
import { createShortcuts } from '../../app/keyboard.tsx';
import { usePreferences } from '../../app/preferences.tsx';
import { createUrlText } from '../../app/url-state.ts';
import { textOfValue } from '../../ui/any-value.ts';
import { ServiceChip, SeverityBadge } from '../../ui/chips.tsx';
import { formatTimeNs } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { VirtualRows, type VirtualHandle } from '../../ui/virtual-rows.tsx';
import { timeOf } from './histogram.ts';
import { LogDetail } from './log-detail.tsx';
import './logs.css';

const ROW_PX = 26;
/** A row shows one line; what is longer is in the detail. */
const LONGEST_SHOWN = 1_000;

/** Times of records are not unique: the n-th of its nanosecond is `time.n`. */
function keysOf(logs: readonly LogJson[]): string[] {
  const seen = new Map<string, number>();
  return logs.map((log) => {
    const time = timeOf(log);
    const nth = seen.get(time) ?? 0;
    seen.set(time, nth + 1);
    return nth === 0 ? time : `${time}.${nth}`;
  });
}

function LogRow(props: {
  readonly log: LogJson;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}): JSX.Element {
  const preferences = usePreferences();
  return (
    <div
      class="grid-row clickable log-row"
      role="row"
      aria-selected={props.isSelected}
      onClick={() => {
        props.onSelect();
      }}
    >
      <span role="cell" class="mono dim">
        {formatTimeNs(timeOf(props.log), preferences.zone()).slice(5)}
      </span>
      <span role="cell">
        <SeverityBadge number={props.log.severityNumber} text={props.log.severityText} />
      </span>
      <span role="cell" class="clip">
        <ServiceChip id={props.log.service.id} />
      </span>
      <span role="cell" class="mono clip">
        {textOfValue(props.log.body).slice(0, LONGEST_SHOWN) || props.log.eventName}
      </span>
      <span role="cell">
        <Show when={props.log.traceId}>
          <a
            class="row-link"
            href={`/traces/${props.log.traceId}${props.log.spanId && `?span=${props.log.spanId}`}`}
            title="Open the trace"
            aria-label="Open the trace"
            onClick={(event) => {
              event.stopPropagation();
            }}
          >
            <Icon name="link" />
          </a>
        </Show>
      </span>
    </div>
  );
}

/** Records, newest first, and the selected one in full beside them. */
export function LogList(props: { readonly logs: readonly LogJson[] }): JSX.Element {
  const record = createUrlText('record');
  const keys = createMemo(() => keysOf(props.logs));
  const selected = createMemo(() => (record.value() === '' ? -1 : keys().indexOf(record.value())));
  let handle: VirtualHandle | undefined;
  const select = (index: number) => {
    const key = keys()[index];
    if (key === undefined) return;
    record.set(key);
    handle?.scrollToIndex(index);
  };
  createShortcuts([
    {
      keys: ['j', 'arrowdown'],
      what: 'Next record',
      group: 'Logs',
      run: () => {
        select(selected() + 1);
      },
    },
    {
      keys: ['k', 'arrowup'],
      what: 'Previous record',
      group: 'Logs',
      run: () => {
        select(selected() - 1);
      },
    },
    {
      keys: ['escape'],
      what: 'Close the record',
      group: 'Logs',
      run: () => {
        record.set('');
      },
    },
  ]);
  return (
    <div class="log-list" classList={{ 'with-detail': selected() >= 0 }}>
      <div
        class="grid-table log-table"
        role="table"
        aria-label="Log records"
        aria-rowcount={props.logs.length}
      >
        <div class="grid-head" role="row">
          <div role="columnheader">Time</div>
          <div role="columnheader">Severity</div>
          <div role="columnheader">Service</div>
          <div role="columnheader">Body</div>
          <div role="columnheader">
            <span class="visually-hidden">Trace</span>
          </div>
        </div>
        <VirtualRows
          count={props.logs.length}
          rowHeight={ROW_PX}
          label="Log records, newest first"
          handle={(made) => {
            handle = made;
          }}
        >
          {(index) => (
            <Show when={props.logs[index()]}>
              {(log) => (
                <LogRow
                  log={log()}
                  isSelected={index() === selected()}
                  onSelect={() => {
                    select(index());
                  }}
                />
              )}
            </Show>
          )}
        </VirtualRows>
      </div>
      <Show when={props.logs[selected()]}>
        {(log) => (
          <LogDetail
            log={log()}
            onClose={() => {
              record.set('');
            }}
          />
        )}
      </Show>
    </div>
  );
}
