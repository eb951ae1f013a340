import { For, Show, type JSX } from 'solid-js';
import type { SettingsVersionJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import type { Answer } from '../../api/create-answer.ts';
import { Button } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';
import { Moment } from '../../ui/moment.tsx';
import { AnswerView } from '../../ui/states.tsx';

const valueText = (value: unknown) => JSON.stringify(value ?? null);

function Version(props: {
  readonly version: SettingsVersionJson;
  readonly isCurrent: boolean;
  readonly mayChange: boolean;
  readonly isBusy: boolean;
  readonly onRollBack: () => void;
}): JSX.Element {
  return (
    <li class="setting-version">
      <p>
        <strong>Version {props.version.version}</strong>{' '}
        <span class="faint">
          <Moment unixMs={props.version.createdAtUnixMs} never="" /> by {props.version.author}
        </span>
        <Show when={props.version.restores !== null}>
          <span class="badge">as version {props.version.restores}</span>
        </Show>
      </p>
      <Show when={props.version.comment}>{(comment) => <p>{comment()}</p>}</Show>
      <dl class="setting-differences">
        <For each={props.version.differences}>
          {(difference) => (
            <>
              <dt class="mono">{difference.path}</dt>
              <dd class="mono">
                <del>{valueText(difference.before)}</del> <ins>{valueText(difference.after)}</ins>
              </dd>
            </>
          )}
        </For>
      </dl>
      <Show when={props.mayChange && !props.isCurrent}>
        <Button small disabled={props.isBusy} onClick={props.onRollBack}>
          Roll back to version {props.version.version}
        </Button>
      </Show>
    </li>
  );
}

/** Every version with what it changed, and the way back to it. */
export function HistoryPanel(props: {
  readonly answer: Answer<{ readonly versions: readonly SettingsVersionJson[] }>;
  readonly currentVersion: number;
  readonly mayChange: boolean;
  readonly onRolledBack: () => void;
}): JSX.Element {
  const rollBack = createChange(
    (version: number) =>
      api.send('POST /api/v1/settings/roll-back', {
        body: { version, expectedVersion: props.currentVersion, comment: '' },
      }),
    () => {
      props.onRolledBack();
    },
  );
  return (
    <section class="panel" aria-label="History">
      <header class="panel-head">
        <h2 class="grow">History</h2>
        <Show when={props.mayChange && props.currentVersion > 0}>
          <Button
            small
            disabled={rollBack.isBusy()}
            onClick={() => {
              rollBack.run(0);
            }}
          >
            Back to the defaults
          </Button>
        </Show>
      </header>
      <FormProblem problem={rollBack.problem()} />
      <AnswerView
        what="The history"
        answer={props.answer}
        isEmpty={({ versions }) => versions.length === 0}
        empty={<p class="setting-fields faint">Nothing was changed yet; all settings are the defaults.</p>}
      >
        {(data) => (
          <ol class="setting-versions">
            <For each={data().versions}>
              {(version) => (
                <Version
                  version={version}
                  isCurrent={version.version === props.currentVersion}
                  mayChange={props.mayChange}
                  isBusy={rollBack.isBusy()}
                  onRollBack={() => {
                    rollBack.run(version.version);
                  }}
                />
              )}
            </For>
          </ol>
        )}
      </AnswerView>
    </section>
  );
}
