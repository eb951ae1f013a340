import { createSignal, For, Show, type JSX } from 'solid-js';
import type { Settings } from '../../../proto/settings/index.ts';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { Form, FormField } from '../../ui/form.tsx';
import { SETTING_SECTIONS, type SettingField, type SettingGroup } from './setting-fields.ts';
import { SettingInput } from './setting-input.tsx';
import { settingOfText, textOfSetting } from './setting-text.ts';

interface Current {
  readonly version: number;
  readonly settings: Settings;
}

/** What was typed, by `group.key`. */
type Typed = Readonly<Record<string, string>>;

/** All settings; what was changed is saved as one new version. */
export function SettingsForm(props: {
  readonly current: Current;
  readonly mayChange: boolean;
  /** Also what security depends on. */
  readonly mayChangeSecurity: boolean;
  readonly onSaved: () => void;
}): JSX.Element {
  const [typed, setTyped] = createSignal<Typed>({});
  const [comment, setComment] = createSignal('');
  const savedText = (group: SettingGroup, { key, kind }: SettingField) =>
    textOfSetting(kind, (props.current.settings[group] as Readonly<Record<string, unknown>>)[key]);
  const textOf = (group: SettingGroup, field: SettingField) =>
    typed()[`${group}.${field.key}`] ?? savedText(group, field);
  const isChanged = (group: SettingGroup, field: SettingField) =>
    textOf(group, field) !== savedText(group, field);
  const mayChange = ({ isOrdinary }: SettingField) =>
    props.mayChange && (props.mayChangeSecurity || isOrdinary === true);
  const changes = () => {
    const byGroup: Record<string, Record<string, unknown>> = {};
    for (const { group, fields } of SETTING_SECTIONS) {
      for (const field of fields) {
        if (isChanged(group, field)) {
          (byGroup[group] ??= {})[field.key] = settingOfText(field.kind, textOf(group, field));
        }
      }
    }
    return byGroup;
  };
  const hasChanges = () => Object.keys(changes()).length > 0;
  const save = createChange(
    () =>
      api.send('PATCH /api/v1/settings', {
        body: { expectedVersion: props.current.version, comment: comment().trim(), changes: changes() },
      }),
    () => {
      setTyped({});
      setComment('');
      props.onSaved();
    },
  );
  return (
    <Form
      action="Save"
      isBusy={save.isBusy()}
      problem={save.problem()}
      disabled={!props.mayChange || !hasChanges()}
      onSubmit={save.run}
      more={
        <Show when={hasChanges()}>
          <Button look="quiet" onClick={() => setTyped({})}>
            Undo what was typed
          </Button>
        </Show>
      }
    >
      <For each={SETTING_SECTIONS}>
        {(section) => (
          <section class="panel" aria-label={section.title}>
            <header class="panel-head">
              <h2>{section.title}</h2>
            </header>
            <div class="setting-fields">
              <For each={section.fields}>
                {(field) => (
                  <SettingInput
                    field={field}
                    value={textOf(section.group, field)}
                    disabled={!mayChange(field)}
                    isChanged={isChanged(section.group, field)}
                    onInput={(text) => {
                      setTyped({ ...typed(), [`${section.group}.${field.key}`]: text });
                    }}
                  />
                )}
              </For>
            </div>
          </section>
        )}
      </For>
      <Show when={hasChanges()}>
        <FormField label="Why, for the history" value={comment()} onInput={setComment} />
      </Show>
    </Form>
  );
}
