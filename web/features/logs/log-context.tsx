import { createSignal, For, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { Button } from '../../ui/controls.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { LogRow } from './log-row.tsx';

const STEP = 20;
const MOST = 1_000;

/** What the same resource logged before and after a record: oldest first, the record marked. */
export function LogContext(props: { readonly logId: string; readonly onClose: () => void }): JSX.Element {
  const [before, setBefore] = createSignal(STEP);
  const [after, setAfter] = createSignal(STEP);
  const answer = createAnswer(
    () =>
      ({
        path: '/api/v1/logs/:logId/context',
        params: { logId: props.logId },
        query: { before: before(), after: after() },
      }) as const,
  );
  return (
    <section class="log-context grow" aria-label="Around the record">
      <header class="panel-head">
        <h2>What the same resource logged around the record</h2>
        <span class="grow" />
        <Button
          small
          icon="back"
          onClick={() => {
            props.onClose();
          }}
        >
          Back to the list
        </Button>
      </header>
      <AnswerView
        what="Records around it"
        answer={answer}
        isEmpty={(data) => data.logs.length === 0}
        empty={
          <EmptyState title="The record is not there any more" icon="search">
            <p>It is older than what is kept.</p>
          </EmptyState>
        }
      >
        {(data) => (
          <div class="log-table log-context-rows" role="table" aria-label="Records around it, oldest first">
            <Show when={data().moreBefore && before() < MOST}>
              <Button small look="quiet" icon="up" onClick={() => setBefore(Math.min(MOST, before() + STEP))}>
                {STEP} before these
              </Button>
            </Show>
            <For each={data().logs}>{(log) => <LogRow log={log} isSelected={log.offset === 0} />}</For>
            <Show when={data().moreAfter && after() < MOST}>
              <Button small look="quiet" icon="down" onClick={() => setAfter(Math.min(MOST, after() + STEP))}>
                {STEP} after these
              </Button>
            </Show>
          </div>
        )}
      </AnswerView>
    </section>
  );
}
