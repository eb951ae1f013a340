import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import type { AuditEntryJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { saveAnswer, type SavedFormat } from '../../api/save-answer.ts';
import { SaveButtons } from '../../api/save-buttons.tsx';
import { TimePicker } from '../../app/time-picker.tsx';
import { createUrlText, createUrlTimeRange, useUrlPatch } from '../../app/url-state.ts';
import { SearchBox, SelectField, TextField } from '../../ui/controls.tsx';
import { NewerOlder } from '../../ui/newer-older.tsx';
import { FormProblem } from '../../ui/form.tsx';
import { exactCount } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PlainTable } from '../../ui/plain-table.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { AdminFrame } from '../admin/admin-frame.tsx';
import './audit.css';

const MOST_SAVED = 10_000;

const OUTCOMES = [
  { value: '', label: 'Done and refused' },
  { value: 'done', label: 'Done' },
  { value: 'refused', label: 'Refused' },
] as const;

function Entry(props: { readonly entry: AuditEntryJson }): JSX.Element {
  const [isOpen, setOpen] = createSignal(false);
  const id = () => `audit-${props.entry.sequence}`;
  return (
    <>
      <tr>
        <td>
          <button
            type="button"
            class="button quiet small icon-only"
            aria-label={`Detail of entry ${props.entry.sequence}`}
            aria-expanded={isOpen()}
            aria-controls={id()}
            onClick={() => setOpen(!isOpen())}
          >
            <Icon name={isOpen() ? 'down' : 'right'} />
          </button>
        </td>
        <td class="when">
          <Moment unixMs={props.entry.atUnixMs} never="" />
        </td>
        <td>{props.entry.actor}</td>
        <td>{props.entry.action}</td>
        <td class="target">{props.entry.target}</td>
        <td>
          <span class="badge" classList={{ error: props.entry.outcome === 'refused' }}>
            {props.entry.outcome}
          </span>
        </td>
        <td class="mono">{props.entry.address}</td>
      </tr>
      <Show when={isOpen()}>
        <tr id={id()} class="detail">
          <td />
          <td colSpan={6}>
            <pre>{JSON.stringify(props.entry.detail, undefined, 2)}</pre>
            <p class="faint mono">
              entry {props.entry.sequence} · SHA-256 {props.entry.hash}
            </p>
          </td>
        </tr>
      </Show>
    </>
  );
}

/** Who did what, when, from where, and what was refused. */
export function AuditPage(): JSX.Element {
  const time = createUrlTimeRange();
  const text = createUrlText('q');
  const actor = createUrlText('actor');
  const action = createUrlText('action');
  const outcome = createUrlText('outcome');
  const cursor = createUrlText('cursor');
  const patch = useUrlPatch();
  const query = createMemo(() => ({
    from: time.range().from,
    to: time.range().to,
    text: text.value(),
    actor: actor.value(),
    action: action.value(),
    outcome: outcome.value(),
    cursor: cursor.value(),
  }));
  const answer = createAnswer(() => ({ path: '/api/v1/audit', query: query() }) as const);
  const save = createChange(
    (format: SavedFormat) =>
      saveAnswer(
        { path: '/api/v1/audit', query: { ...query(), cursor: undefined, limit: MOST_SAVED } },
        format,
        'audit',
      ),
    () => undefined,
  );
  // A cursor counts for the filter it came with.
  const filterBy = (name: string) => (value: string) => {
    patch({ [name]: value, cursor: '' });
  };
  return (
    <AdminFrame
      tools={() => (
        <>
          <TimePicker />
          <SaveButtons what={`the newest ${exactCount(MOST_SAVED)} entries`} saving={save} />
        </>
      )}
    >
      {() => (
        <>
          <div class="filters">
            <SearchBox label="Part of actor, target or detail" value={text.value()} onInput={filterBy('q')} />
            <TextField
              label="Actor"
              placeholder="user:ada"
              value={actor.value()}
              onCommit={filterBy('actor')}
            />
            <TextField
              label="Action"
              placeholder="sign-in"
              value={action.value()}
              onCommit={filterBy('action')}
            />
            <SelectField
              label="Outcome"
              value={outcome.value()}
              options={OUTCOMES}
              onPick={filterBy('outcome')}
            />
          </div>
          <FormProblem problem={save.problem()} />
          <AnswerView
            what="The audit log"
            answer={answer}
            isEmpty={({ entries }) => entries.length === 0}
            empty={
              <EmptyState title="Nothing fits">
                <p>Choose a longer time range, or clear the filters.</p>
              </EmptyState>
            }
          >
            {(data) => (
              <>
                <section class="panel" aria-label="Entries">
                  <PlainTable
                    class="audit"
                    columns={[{ hidden: 'Detail' }, 'When', 'Who', 'Did', 'To', 'Outcome', 'From']}
                  >
                    <For each={data().entries}>{(entry) => <Entry entry={entry} />}</For>
                  </PlainTable>
                </section>
                <NewerOlder cursor={cursor.value()} next={data().nextCursor} onTurn={cursor.set} />
              </>
            )}
          </AnswerView>
        </>
      )}
    </AdminFrame>
  );
}
