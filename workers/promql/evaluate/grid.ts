/** The moments that an expression is evaluated at, milliseconds since 1970. */
export interface Grid {
  readonly startMs: number;
  /** 0 where there is one moment. */
  readonly stepMs: number;
  readonly count: number;
}

/** From start to end, both included. */
export interface QueryWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
}

/** How long a sample stands for its series. */
export const DEFAULT_LOOKBACK_MS = 5 * 60_000;
/** The step of a subquery that names none. */
export const DEFAULT_SUBQUERY_STEP_MS = 60_000;

export function gridOf({ startMs, endMs, stepMs }: QueryWindow): Grid {
  return { startMs, stepMs, count: stepMs === 0 ? 1 : Math.floor((endMs - startMs) / stepMs) + 1 };
}

export const timeAt = (grid: Grid, step: number): number => grid.startMs + step * grid.stepMs;
export const lastTime = (grid: Grid): number => timeAt(grid, grid.count - 1);

/** Whole multiples of the step within (from, to]: subqueries of all moments share them. */
export function alignedGrid(fromMs: number, toMs: number, stepMs: number): Grid {
  const startMs = (Math.floor(fromMs / stepMs) + 1) * stepMs;
  return { startMs, stepMs, count: Math.max(0, Math.floor((toMs - startMs) / stepMs) + 1) };
}
