import { Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { AnswerView } from '../../ui/states.tsx';
import { AdminFrame } from '../admin/admin-frame.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { SecretsPanel } from './secrets-panel.tsx';
import { SettingsForm } from './settings-form.tsx';
import './settings.css';

/** What can be changed while the platform runs, with its history. */
export function SettingsPage(): JSX.Element {
  const current = createAnswer(() => ({ path: '/api/v1/settings' }) as const);
  const history = createAnswer(() => ({ path: '/api/v1/settings/history', query: { limit: 50 } }) as const);
  const refetch = () => {
    current.refetch();
    history.refetch();
  };
  return (
    <AdminFrame
      tools={() => (
        <Show when={current.data()}>
          {(data) => (
            <span class="faint">{data().version === 0 ? 'Defaults' : `Version ${data().version}`}</span>
          )}
        </Show>
      )}
    >
      {(may) => (
        <AnswerView what="Settings" answer={current}>
          {(data) => (
            <div class="settings">
              <SettingsForm
                current={data()}
                mayChange={may('settings:write')}
                mayChangeSecurity={may('settings:security')}
                onSaved={refetch}
              />
              <div class="admin-stack">
                <SecretsPanel mayChange={may('settings:security')} />
                <HistoryPanel
                  answer={history}
                  currentVersion={data().version}
                  mayChange={may('settings:write') && may('settings:security')}
                  onRolledBack={refetch}
                />
              </div>
            </div>
          )}
        </AnswerView>
      )}
    </AdminFrame>
  );
}
