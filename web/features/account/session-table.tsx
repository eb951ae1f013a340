import { For, Show, type JSX } from 'solid-js';
import type { SessionJson } from '../../../proto/api/index.ts';
import { Button } from '../../ui/controls.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PlainTable } from '../../ui/plain-table.tsx';
import { browserName } from './browser-name.ts';

/** Where somebody is signed in. */
export function SessionTable(props: {
  readonly sessions: readonly SessionJson[];
  readonly isBusy: boolean;
  readonly onEnd: (session: SessionJson) => void;
}): JSX.Element {
  return (
    <PlainTable columns={['Browser or program', 'Address', 'Signed in', 'Last seen', { hidden: 'End' }]}>
      <For each={props.sessions}>
        {(session) => (
          <tr>
            <td title={session.userAgent}>{browserName(session.userAgent)}</td>
            <td class="mono">{session.address}</td>
            <td>
              <Moment unixMs={session.createdAtUnixMs} never="" />
            </td>
            <td>
              <Moment unixMs={session.seenAtUnixMs} never="" />
            </td>
            <td class="end">
              <Show when={!session.isCurrent} fallback={<span class="badge ok">this one</span>}>
                <Button
                  small
                  look="quiet"
                  disabled={props.isBusy}
                  onClick={() => {
                    props.onEnd(session);
                  }}
                >
                  End
                </Button>
              </Show>
            </td>
          </tr>
        )}
      </For>
    </PlainTable>
  );
}
