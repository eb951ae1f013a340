import {
  compareTraces,
  explainTrace,
  TraceColumnsBuilder,
  type ComparedPaths,
  type ExplainedTrace,
  type TraceColumns,
  type TraceSpan,
} from '../../workers/traces/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { runOptions, type Threads } from './hot-scan.ts';
import { mapInTurns } from './map-in-turns.ts';

/** Traces of at most so many spans are looked at by the caller: a few milliseconds, as long as asking a thread takes. */
const INLINE_SPANS = 1_000;

export async function explain(
  threads: Threads,
  spans: readonly TraceSpan[],
  run: QueryRun,
): Promise<ExplainedTrace> {
  const columns = await columnsOf(spans, run);
  if (spans.length <= INLINE_SPANS) return explainTrace(columns);
  return threads.run('explain-trace', columns, runOptions(run));
}

export async function compare(
  threads: Threads,
  [before, after]: readonly [readonly TraceSpan[], readonly TraceSpan[]],
  run: QueryRun,
): Promise<ComparedPaths> {
  const traces = { before: await columnsOf(before, run), after: await columnsOf(after, run) };
  if (before.length + after.length <= INLINE_SPANS) return compareTraces(traces);
  return threads.run('compare-traces', traces, runOptions(run));
}

async function columnsOf(spans: readonly TraceSpan[], run: QueryRun): Promise<TraceColumns> {
  const builder = new TraceColumnsBuilder(spans.length);
  await mapInTurns(spans.length, run.signal, (row) => {
    const span = spans[row];
    if (span) builder.add(span);
  });
  return builder.columns;
}
