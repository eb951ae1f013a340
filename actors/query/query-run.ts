import type { VisibleServices } from '../../proto/access/index.ts';
import { QueryLimitError, type QueryLimits, type QueryRun, type QueryTier } from '../ports/index.ts';

export interface RunStats {
  readonly tiers: Readonly<Record<QueryTier, { readonly rows: number; readonly bytes: number }>>;
  /** Milliseconds by stage, in the order the stages began. */
  readonly stages: ReadonlyMap<string, number>;
}

/** A question under way, as who asked it sees it. */
export interface StartedRun extends QueryRun {
  stats(): RunStats;
  /** The answer is there, or will never be: the deadline is called off. */
  end(): void;
}

export interface RunOptions {
  readonly limits: QueryLimits;
  readonly visible: VisibleServices;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** Starts the clock of one question. */
export function startQueryRun({ limits, visible, signal: outer }: RunOptions): StartedRun {
  const controller = new AbortController();
  const { signal } = controller;
  const tiers = { hot: { rows: 0, bytes: 0 }, cold: { rows: 0, bytes: 0 } };
  const stages = new Map<string, number>();
  const deadline = setTimeout(() => {
    controller.abort(QueryLimitError.deadline(limits));
  }, limits.deadlineMs);
  const leave = (): void => {
    controller.abort(outer?.reason);
  };
  if (outer?.aborted === true) leave();
  outer?.addEventListener('abort', leave, { once: true });

  return {
    signal,
    limits,
    visible,
    countRead(tier, rows, bytes) {
      tiers[tier].rows += rows;
      tiers[tier].bytes += bytes;
      const error = excess(limits, tiers.hot.rows + tiers.cold.rows, tiers.hot.bytes + tiers.cold.bytes);
      if (!error) return;
      // Other parts of the same question stop, too.
      controller.abort(error);
      throw error;
    },
    async timed(stage, work) {
      const begin = performance.now();
      try {
        return await work();
      } finally {
        stages.set(stage, (stages.get(stage) ?? 0) + performance.now() - begin);
      }
    },
    stats: () => ({ tiers, stages }),
    end() {
      clearTimeout(deadline);
      outer?.removeEventListener('abort', leave);
    },
  };
}

function excess(limits: QueryLimits, rows: number, bytes: number): QueryLimitError | undefined {
  if (rows > limits.maxRowsRead) return QueryLimitError.rows(limits);
  return bytes > limits.maxBytesRead ? QueryLimitError.bytes(limits) : undefined;
}
