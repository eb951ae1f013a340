import type { JSX } from 'solid-js';
import type { ApiAnswers } from '../../../proto/api/index.ts';
import type { Answer } from '../../api/create-answer.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { LogList } from '../logs/log-list.tsx';

export function TraceLogs(props: { readonly answer: Answer<ApiAnswers['/api/v1/logs']> }): JSX.Element {
  return (
    <AnswerView
      what="Logs"
      answer={props.answer}
      isEmpty={(data) => data.logs.length === 0}
      empty={
        <EmptyState title="No log record carries this trace's id">
          <p>
            Records get it when the logging library runs with OpenTelemetry's instrumentation and logs inside
            a span.
          </p>
        </EmptyState>
      }
    >
      {(data) => <LogList logs={data().logs} />}
    </AnswerView>
  );
}
