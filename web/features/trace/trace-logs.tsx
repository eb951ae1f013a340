import type { JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { LogList } from '../logs/log-list.tsx';

const HOUR_MS = 3_600_000;
const LIMIT = 1_000;

/** Log records that carry this trace's id, from an hour before the trace to an hour after. */
export function TraceLogs(props: {
  readonly traceId: string;
  readonly startUnixNano: bigint;
  readonly durationNs: number;
}): JSX.Element {
  const answer = createAnswer(() => {
    const startMs = Number(props.startUnixNano / 1_000_000n);
    const query = {
      traceId: props.traceId,
      from: String(startMs - HOUR_MS),
      to: String(Math.ceil(startMs + props.durationNs / 1e6) + HOUR_MS),
      limit: LIMIT,
    };
    return { path: '/api/v1/logs', query } as const;
  });
  return (
    <AnswerView
      what="Logs"
      answer={answer}
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
