import { For, Show, type JSX } from 'solid-js';
import type { ApiKeyJson } from '../../../proto/api/index.ts';
import { Button } from '../../ui/controls.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PlainTable } from '../../ui/plain-table.tsx';

const stateOf = (key: ApiKeyJson, nowMs: number) => {
  if (key.revokedAtUnixMs !== null) return 'revoked';
  return key.expiresAtUnixMs !== null && key.expiresAtUnixMs <= nowMs ? 'expired' : 'valid';
};

/** API keys, those that count no more in grey. */
export function KeyTable(props: {
  readonly keys: readonly ApiKeyJson[];
  readonly isBusy: boolean;
  readonly onRevoke: (key: ApiKeyJson) => void;
}): JSX.Element {
  return (
    <PlainTable columns={['Name', 'Key', 'For', 'Last used', 'Expires', { hidden: 'Revoke' }]}>
      <For each={props.keys}>
        {(key) => (
          <tr classList={{ off: stateOf(key, Date.now()) !== 'valid' }}>
            <td>{key.name}</td>
            <td class="mono">…{key.hint}</td>
            <td>{key.scopes.join(', ')}</td>
            <td>
              <Moment unixMs={key.usedAtUnixMs} never="never" />
            </td>
            <td>
              <Moment unixMs={key.expiresAtUnixMs} never="never" />
            </td>
            <td class="end">
              <Show
                when={stateOf(key, Date.now()) === 'valid'}
                fallback={<span class="badge">{stateOf(key, Date.now())}</span>}
              >
                <Button
                  small
                  look="quiet"
                  disabled={props.isBusy}
                  aria-label={`Revoke ${key.name}`}
                  onClick={() => {
                    props.onRevoke(key);
                  }}
                >
                  Revoke
                </Button>
              </Show>
            </td>
          </tr>
        )}
      </For>
    </PlainTable>
  );
}
