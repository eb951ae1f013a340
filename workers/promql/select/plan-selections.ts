import { durationMs, positiveDurationMs, referenceTime } from '../evaluate/durations.ts';
import {
  alignedGrid,
  DEFAULT_SUBQUERY_STEP_MS,
  type Grid,
  gridOf,
  lastTime,
  type QueryWindow,
} from '../evaluate/grid.ts';
import { infoMatchers, infoReference } from '../functions/info-selection.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import {
  type CallExpr,
  childrenOf,
  type Expr,
  type MatrixSelector,
  type SubqueryExpr,
  type VectorSelector,
} from '../parse/ast.ts';

/** Series and samples that one selector of a query needs. */
export interface Selection {
  readonly ordinal: number;
  readonly matchers: readonly LabelMatcher[];
  /** Samples after this moment … */
  readonly afterMs: number;
  /** … and up to this one, included. */
  readonly untilMs: number;
  /** What is made of the samples, when that is a function of ranges alone. */
  readonly ranges?: SelectedRanges;
}

/** Ranges that one function is called with: after each moment that is `rangeMs` before one of the ends, up to that end. */
export interface SelectedRanges {
  readonly functionName: string;
  readonly rangeMs: number;
  readonly firstEndMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** What must be fetched before a query can be evaluated, selector by selector. */
export function planSelections(expr: Expr, window: QueryWindow, lookbackMs: number): Selection[] {
  const plan = new SelectionPlan(window, lookbackMs);
  plan.visit(expr, gridOf(window));
  return plan.selections.sort((left, right) => left.ordinal - right.ordinal);
}

class SelectionPlan {
  readonly selections: Selection[] = [];
  private readonly window: QueryWindow;
  private readonly lookbackMs: number;

  constructor(window: QueryWindow, lookbackMs: number) {
    this.window = window;
    this.lookbackMs = lookbackMs;
  }

  visit(expr: Expr, grid: Grid, caller?: CallExpr): void {
    if (expr.type === 'vector') this.select(expr, grid, 0);
    else if (expr.type === 'matrix') this.visitMatrix(expr, grid, caller);
    else if (expr.type === 'subquery') this.visitSubquery(expr, grid);
    else if (expr.type === 'call' && expr.name === 'info') this.visitInfo(expr, grid);
    else {
      const call = expr.type === 'call' ? expr : undefined;
      for (const child of childrenOf(expr)) this.visit(child, grid, call);
    }
  }

  private visitMatrix({ selector, range }: MatrixSelector, grid: Grid, caller: CallExpr | undefined): void {
    const rangeMs = positiveDurationMs(range, this.window);
    if (caller === undefined || selector.extension !== undefined) this.select(selector, grid, rangeMs);
    else {
      this.select(selector, grid, rangeMs, {
        functionName: caller.name,
        rangeMs,
        firstEndMs: referenceTime(selector, grid.startMs, this.window),
        ...(selector.at === undefined ? { stepMs: grid.stepMs, count: grid.count } : { stepMs: 0, count: 1 }),
      });
    }
  }

  private select(selector: VectorSelector, grid: Grid, rangeMs: number, ranges?: SelectedRanges): void {
    const reads = rangeMs === 0 || selector.extension !== undefined ? this.lookbackMs + rangeMs : rangeMs;
    this.selections.push({
      ordinal: selector.ordinal,
      matchers: selector.matchers,
      afterMs: referenceTime(selector, grid.startMs, this.window) - reads,
      untilMs:
        referenceTime(selector, lastTime(grid), this.window) +
        (selector.extension === 'smoothed' ? this.lookbackMs : 0),
      ...(ranges && { ranges }),
    });
  }

  private visitSubquery(subquery: SubqueryExpr, outer: Grid): void {
    const rangeMs = positiveDurationMs(subquery.range, this.window);
    const stepMs = subquery.step ? durationMs(subquery.step, this.window) : DEFAULT_SUBQUERY_STEP_MS;
    const fromMs = referenceTime(subquery, outer.startMs, this.window) - rangeMs;
    const toMs = referenceTime(subquery, lastTime(outer), this.window);
    const grid = alignedGrid(fromMs, toMs, Math.max(1, stepMs));
    // What is never evaluated may be asked for all the same.
    this.visit(subquery.expr, { ...grid, count: Math.max(1, grid.count) });
  }

  private visitInfo({ args }: CallExpr, grid: Grid): void {
    const [base, info] = args;
    if (base === undefined || info?.type !== 'vector') return;
    this.visit(base, grid);
    this.selections.push({
      ordinal: info.ordinal,
      matchers: infoMatchers(info),
      afterMs: infoReference(base, grid.startMs, this.window) - this.lookbackMs,
      untilMs: infoReference(base, lastTime(grid), this.window),
    });
  }
}
