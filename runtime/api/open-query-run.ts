import { QueryLimitError, type QueryLimits, type QueryRun } from '../../actors/ports/index.ts';

/** What a question may cost unless it says so itself. */
const LIMITS: QueryLimits = { deadlineMs: 30_000, maxRowsRead: 2e9, maxBytesRead: 200e9 };

/** A question's account, open until `close`. */
export interface OpenQueryRun extends QueryRun {
  close(): void;
}

/** `gone` is aborted when the client goes away. */
export function openQueryRun(gone: AbortSignal, limits: QueryLimits = LIMITS): OpenQueryRun {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(
      new QueryLimitError(
        'DEADLINE_EXCEEDED',
        `the question took longer than ${limits.deadlineMs} ms: ask for a shorter time or fewer rows`,
      ),
    );
  }, limits.deadlineMs);
  timer.unref();
  let rows = 0;
  let bytes = 0;
  return {
    signal: AbortSignal.any([gone, deadline.signal]),
    limits,
    countRead(_tier, moreRows, moreBytes) {
      rows += moreRows;
      bytes += moreBytes;
      if (rows <= limits.maxRowsRead && bytes <= limits.maxBytesRead) return;
      throw new QueryLimitError(
        'QUERY_TOO_LARGE',
        `the question reads more than ${limits.maxRowsRead} rows or ${limits.maxBytesRead} bytes: ask for a shorter time`,
      );
    },
    timed: (_stage, work) => work(),
    close: () => {
      clearTimeout(timer);
    },
  };
}
