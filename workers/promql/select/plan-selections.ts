import { durationMs, positiveDurationMs, referenceTime } from '../evaluate/durations.ts';
import { alignedGrid, DEFAULT_SUBQUERY_STEP_MS, lastTime, type QueryWindow } from '../evaluate/grid.ts';
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
}

interface Times {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What must be fetched before a query can be evaluated, selector by selector. */
export function planSelections(expr: Expr, window: QueryWindow, lookbackMs: number): Selection[] {
  const plan = new SelectionPlan(window, lookbackMs);
  plan.visit(expr, { fromMs: window.startMs, toMs: window.endMs });
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

  visit(expr: Expr, times: Times): void {
    if (expr.type === 'vector') this.select(expr, times, 0);
    else if (expr.type === 'matrix') this.visitMatrix(expr, times);
    else if (expr.type === 'subquery') this.visitSubquery(expr, times);
    else if (expr.type === 'call' && expr.name === 'info') this.visitInfo(expr, times);
    else for (const child of childrenOf(expr)) this.visit(child, times);
  }

  private visitMatrix({ selector, range }: MatrixSelector, times: Times): void {
    const rangeMs = positiveDurationMs(range, this.window);
    this.select(selector, times, rangeMs);
  }

  private select(selector: VectorSelector, times: Times, rangeMs: number): void {
    const reads = rangeMs === 0 || selector.extension !== undefined ? this.lookbackMs + rangeMs : rangeMs;
    this.selections.push({
      ordinal: selector.ordinal,
      matchers: selector.matchers,
      afterMs: referenceTime(selector, times.fromMs, this.window) - reads,
      untilMs:
        referenceTime(selector, times.toMs, this.window) +
        (selector.extension === 'smoothed' ? this.lookbackMs : 0),
    });
  }

  private visitSubquery(subquery: SubqueryExpr, times: Times): void {
    const rangeMs = positiveDurationMs(subquery.range, this.window);
    const stepMs = subquery.step ? durationMs(subquery.step, this.window) : DEFAULT_SUBQUERY_STEP_MS;
    const fromMs = referenceTime(subquery, times.fromMs, this.window) - rangeMs;
    const grid = alignedGrid(fromMs, referenceTime(subquery, times.toMs, this.window), Math.max(1, stepMs));
    this.visit(subquery.expr, { fromMs: grid.startMs, toMs: Math.max(grid.startMs, lastTime(grid)) });
  }

  private visitInfo({ args }: CallExpr, times: Times): void {
    const [base, info] = args;
    if (base === undefined || info?.type !== 'vector') return;
    this.visit(base, times);
    this.selections.push({
      ordinal: info.ordinal,
      matchers: infoMatchers(info),
      afterMs: infoReference(base, times.fromMs, this.window) - this.lookbackMs,
      untilMs: infoReference(base, times.toMs, this.window),
    });
  }
}
