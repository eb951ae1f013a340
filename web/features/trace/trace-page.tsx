import { useParams } from '@solidjs/router';
import { createMemo, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { Button } from '../../ui/controls.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { TraceContent } from './trace-content.tsx';

export function TracePage(): JSX.Element {
  const params = useParams<{ traceId: string }>();
  const answer = createAnswer(
    () => ({ path: '/api/v1/traces/:traceId', params: { traceId: params.traceId } }) as const,
  );
  const trace = createMemo(() => {
    const data = answer.data();
    return data?.traceId === params.traceId.toLowerCase() ? data : undefined;
  });
  return (
    <AnswerView
      what="The trace"
      answer={answer}
      isEmpty={(data) => data.spans.length === 0}
      empty={
        <EmptyState title="This trace is not known" icon="search">
          <p>
            No span of <code>{params.traceId}</code> is here. It was not sampled, is older than what is kept,
            or is still on its way: spans appear within a second of being sent.
          </p>
          <Button
            icon="refresh"
            onClick={() => {
              answer.refetch();
            }}
          >
            Look again
          </Button>
        </EmptyState>
      }
    >
      {() => (
        <Show when={trace()} keyed>
          {(found) => <TraceContent trace={found} />}
        </Show>
      )}
    </AnswerView>
  );
}
