import { createSignal, Show, type JSX } from 'solid-js';
import { KEY_SCOPES, type KeyScope } from '../../../proto/access/index.ts';
import { createChange } from '../../api/create-change.ts';
import { SelectField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckList, Form, FormField, ShownOnce } from '../../ui/form.tsx';

const ABOUT: Readonly<Record<KeyScope, string>> = {
  ingest: 'sends telemetry over OTLP',
  query: 'reads traces, logs and metrics',
  admin: 'does everything that its owner may',
};
const SCOPES = Object.keys(KEY_SCOPES) as readonly KeyScope[];
const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Never' },
] as const;

export interface WantedKey {
  readonly name: string;
  readonly scopes: KeyScope[];
  readonly expiresInDays: number | null;
}

/** Asks for a key and shows it, this once. */
export function NewKeyDialog(props: {
  readonly title: string;
  readonly make: (wanted: WantedKey) => Promise<{ readonly secret: string }>;
  readonly onClose: () => void;
}): JSX.Element {
  const [name, setName] = createSignal('');
  const [scopes, setScopes] = createSignal<readonly string[]>(['ingest']);
  const [days, setDays] = createSignal('90');
  const [secret, setSecret] = createSignal<string>();
  const change = createChange(
    () =>
      props.make({
        name: name().trim(),
        scopes: SCOPES.filter((scope) => scopes().includes(scope)),
        expiresInDays: days() === '' ? null : Number(days()),
      }),
    (made) => setSecret(made.secret),
  );
  return (
    <Dialog label={props.title} onClose={props.onClose}>
      <Show
        when={secret()}
        fallback={
          <Form
            action="Make the key"
            isBusy={change.isBusy()}
            problem={change.problem()}
            disabled={name().trim() === '' || scopes().length === 0}
            onSubmit={change.run}
          >
            <FormField
              label="Name"
              placeholder="checkout in production"
              value={name()}
              autofocus
              required
              onInput={setName}
            />
            <CheckList
              label="For"
              options={SCOPES.map((scope) => ({ value: scope, label: scope, about: ABOUT[scope] }))}
              chosen={scopes()}
              onChoose={setScopes}
            />
            <SelectField label="Expires after" value={days()} options={LIFETIMES} onPick={setDays} />
          </Form>
        }
      >
        {(text) => (
          <ShownOnce
            what="The key"
            text={text()}
            note="copy it now: only its hash is kept, and nobody can show it again."
            onDone={props.onClose}
          >
            <p class="faint">
              Exporters send it as <code>authorization: Bearer …</code> or <code>x-ophion-key: …</code>, for
              example by <code>OTEL_EXPORTER_OTLP_HEADERS</code>.
            </p>
          </ShownOnce>
        )}
      </Show>
    </Dialog>
  );
}
