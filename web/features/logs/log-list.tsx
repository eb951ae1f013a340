import { createMemo, Show, type JSX } from 'solid-js';
import type { FoundLogJson } from '../../../proto/api/index.ts';
import { createShortcuts } from '../../app/keyboard.tsx';
import { createUrlText } from '../../app/url-state.ts';
import { VirtualRows, type VirtualHandle } from '../../ui/virtual-rows.tsx';
import { timeOf } from './histogram.ts';
import { LogContext } from './log-context.tsx';
import { LogDetail } from './log-detail.tsx';
import { LogRow } from './log-row.tsx';
import './logs.css';

const ROW_PX = 26;

/** Times of records are not unique: the n-th of its nanosecond is `time.n`. */
function keysOf(logs: readonly FoundLogJson[]): string[] {
  const seen = new Map<string, number>();
  return logs.map((log) => {
    const time = timeOf(log);
    const nth = seen.get(time) ?? 0;
    seen.set(time, nth + 1);
    return nth === 0 ? time : `${time}.${nth}`;
  });
}

/** Records, newest first, and the selected one in full beside them. */
export function LogList(props: { readonly logs: readonly FoundLogJson[] }): JSX.Element {
  const record = createUrlText('record');
  const around = createUrlText('around');
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
      what: 'Close the record, or what is around it',
      group: 'Logs',
      run: () => {
        if (around.value() === '') record.set('');
        else around.set('');
      },
    },
  ]);
  const list = () => (
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
            onShowContext={() => {
              around.set(log().id);
            }}
            onClose={() => {
              record.set('');
            }}
          />
        )}
      </Show>
    </div>
  );
  return (
    <Show when={around.value()} fallback={list()}>
      {(logId) => (
        <LogContext
          logId={logId()}
          onClose={() => {
            around.set('');
          }}
        />
      )}
    </Show>
  );
}
