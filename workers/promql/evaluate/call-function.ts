import { absent } from '../functions/absence.ts';
import { callRangeFunction } from '../functions/call-range.ts';
import { DATE_FUNCTIONS, FLOAT_FUNCTIONS, mapFloats, scalarFrom } from '../functions/elementwise.ts';
import {
  fractionOfHistograms,
  HISTOGRAM_FUNCTIONS,
  mapHistograms,
  quantileOfHistograms,
  quantilesOfHistograms,
} from '../functions/histograms.ts';
import { enrichWithInfo } from '../functions/info.ts';
import { overRange, type RangeCall } from '../functions/range-function.ts';
import { joinLabels, replaceLabel } from '../functions/relabel.ts';
import { presentOverTime } from '../functions/over-time.ts';
import { sortByLabels, sortByValue } from '../functions/sorting.ts';
import { typeOf } from '../parse/check-types.ts';
import { type CallExpr, type Expr, withoutParens } from '../parse/ast.ts';
import { selectStartTimestamps, selectTimestamps } from '../select/instant-selector.ts';
import type { EvaluationContext } from './evaluation-context.ts';
import { type Grid, timeAt } from './grid.ts';
import { noteTexts } from './note-texts.ts';
import { Sample, StepSeries } from './step-series.ts';
import { type RangeValue, scalarOf, type Value, vectorOf } from './value.ts';

/** What a function needs of the evaluator: its arguments. */
interface Arguments {
  vector(expr: Expr, grid: Grid): readonly StepSeries[];
  scalar(expr: Expr, grid: Grid): Float64Array;
  range(expr: Expr, grid: Grid): RangeValue;
}

export function callFunction(context: EvaluationContext, args: Arguments, call: CallExpr, grid: Grid): Value {
  return new Call(context, args, call, grid).run();
}

const NOTHING: Expr = { type: 'string', value: '', from: 0, to: 0 };

class Call {
  private readonly context: EvaluationContext;
  private readonly args: Arguments;
  private readonly call: CallExpr;
  private readonly grid: Grid;

  constructor(context: EvaluationContext, args: Arguments, call: CallExpr, grid: Grid) {
    this.context = context;
    this.args = args;
    this.call = call;
    this.grid = grid;
  }

  run(): Value {
    const scalars = this.constants();
    if (scalars !== undefined) return scalarOf(scalars);
    const { name } = this.call;
    const float = FLOAT_FUNCTIONS.get(name);
    if (float !== undefined) return vectorOf(mapFloats(this.vector(0), float));
    const histogram = HISTOGRAM_FUNCTIONS.get(name);
    if (histogram !== undefined) return vectorOf(mapHistograms(this.vector(0), histogram));
    const date = DATE_FUNCTIONS.get(name);
    if (date !== undefined) return vectorOf(mapFloats(this.datesOrNow(), date));
    const rangeAt = this.call.args.findIndex((arg) => typeOf(arg) === 'range vector');
    if (rangeAt !== -1) return vectorOf(this.overRange(rangeAt));
    return vectorOf(this.vectorFunction());
  }

  private vector(at: number): readonly StepSeries[] {
    return this.args.vector(this.arg(at), this.grid);
  }

  private scalar(at: number): Float64Array {
    return this.args.scalar(this.arg(at), this.grid);
  }

  private text(at: number): string {
    const arg = withoutParens(this.arg(at));
    return arg.type === 'string' ? arg.value : '';
  }

  private texts(from: number): string[] {
    return this.call.args.slice(from).map((_, at) => this.text(from + at));
  }

  private arg(at: number): Expr {
    return this.call.args[at] ?? NOTHING;
  }

  /** Functions that give a scalar. */
  private constants(): Float64Array | undefined {
    const { window } = this.context;
    const all = (value: number): Float64Array => new Float64Array(this.grid.count).fill(value);
    switch (this.call.name) {
      case 'time':
        return this.times();
      case 'pi':
        return all(Math.PI);
      case 'step':
        return all(window.stepMs / 1000);
      case 'range':
        return all((window.endMs - window.startMs) / 1000);
      case 'start':
        return all(window.startMs / 1000);
      case 'end':
        return all(window.endMs / 1000);
      case 'min_of':
      case 'max_of': {
        const right = this.scalar(1);
        const pick = this.call.name === 'min_of' ? Math.min : Math.max;
        return this.scalar(0).map((value, step) => pick(value, right[step] ?? NaN));
      }
      case 'scalar':
        return scalarFrom(this.vector(0), this.grid.count);
      default:
        return undefined;
    }
  }

  private times(): Float64Array {
    return new Float64Array(this.grid.count).map((_, step) => timeAt(this.grid, step) / 1000);
  }

  private datesOrNow(): readonly StepSeries[] {
    return this.call.args.length === 0 ? [this.vectorFrom(this.times())] : this.vector(0);
  }

  private vectorFrom(values: Float64Array): StepSeries {
    return new StepSeries(
      [],
      this.grid.count,
      false,
      new Uint8Array(this.grid.count).fill(Sample.float),
      values,
    );
  }

  private vectorFunction(): readonly StepSeries[] {
    const { context, grid } = this;
    switch (this.call.name) {
      case 'vector':
        return [this.vectorFrom(this.scalar(0))];
      case 'absent':
        return absent(this.arg(0), this.vector(0), grid.count);
      case 'timestamp':
        return this.timestamps();
      case 'start_timestamp': {
        const selector = withoutParens(this.arg(0));
        return selector.type === 'vector' ? selectStartTimestamps(context, selector, grid) : [];
      }
      case 'round': {
        const nearest = this.call.args.length > 1 ? this.scalar(1) : new Float64Array(grid.count).fill(1);
        return mapFloats(this.vector(0), (value, step) => {
          const inverse = 1 / (nearest[step] ?? 1);
          return Math.floor(value * inverse + 0.5) / inverse;
        });
      }
      case 'clamp':
        return this.clamped(this.scalar(1), this.scalar(2));
      case 'clamp_min':
        return this.clamped(this.scalar(1), new Float64Array(grid.count).fill(Infinity));
      case 'clamp_max':
        return this.clamped(new Float64Array(grid.count).fill(-Infinity), this.scalar(1));
      case 'label_replace': {
        const [destination = '', replacement = '', source = '', pattern = ''] = this.texts(1);
        return replaceLabel(this.vector(0), { destination, replacement, source, pattern });
      }
      case 'label_join': {
        const [destination = '', separator = '', ...sources] = this.texts(1);
        return joinLabels(this.vector(0), destination, separator, sources);
      }
      case 'info': {
        const selector = this.arg(1);
        if (selector.type !== 'vector') throw new Error('info() needs a selector');
        return enrichWithInfo(context, this.arg(0), this.vector(0), selector, grid);
      }
      default:
        return this.call.name.startsWith('sort') ? this.sorted() : this.ofHistograms();
    }
  }

  private ofHistograms(): readonly StepSeries[] {
    const { context } = this;
    switch (this.call.name) {
      case 'histogram_quantile':
        return quantileOfHistograms(context, this.scalar(0), this.arg(0), this.vector(1), this.arg(1));
      case 'histogram_quantiles': {
        const quantiles = this.call.args.slice(2).map((span, at) => ({ q: this.scalar(at + 2), span }));
        return quantilesOfHistograms(context, this.text(1), quantiles, this.vector(0), this.arg(0));
      }
      case 'histogram_fraction':
        return fractionOfHistograms(context, this.scalar(0), this.scalar(1), this.vector(2), this.arg(2));
      default:
        throw new Error(`no function ${this.call.name}`);
    }
  }

  private clamped(least: Float64Array, most: Float64Array): StepSeries[] {
    return mapFloats(this.vector(0), (value, step) => {
      const [low, high] = [least[step] ?? NaN, most[step] ?? NaN];
      return high < low ? undefined : Math.max(low, Math.min(high, value));
    });
  }

  /** Of a selector when its samples were taken, of any other expression when it is evaluated. */
  private timestamps(): readonly StepSeries[] {
    const arg = withoutParens(this.arg(0));
    if (arg.type === 'vector') return selectTimestamps(this.context, arg, this.grid);
    const times = this.times();
    return this.vector(0).map((one) => {
      const out = new StepSeries(one.labels, this.grid.count, true);
      one.kinds.forEach((kind, step) => {
        if (kind !== Sample.none) out.setFloat(step, times[step] ?? 0);
      });
      return out;
    });
  }

  private sorted(): readonly StepSeries[] {
    const { name } = this.call;
    const { window, annotations } = this.context;
    const series = this.vector(0);
    if (window.stepMs !== 0) {
      annotations.warn(noteTexts.sortIneffective, this.call);
      return series;
    }
    const isDescending = name.endsWith('_desc');
    if (name === 'sort' || name === 'sort_desc') return sortByValue(series, isDescending);
    return sortByLabels(series, this.texts(1), isDescending);
  }

  private overRange(rangeAt: number): readonly StepSeries[] {
    const { context, grid } = this;
    const span = this.arg(rangeAt);
    const range = this.args.range(span, grid);
    if (this.call.name === 'absent_over_time') {
      const call: RangeCall = {
        context,
        rangeMs: range.rangeMs,
        extension: range.extension,
        span,
        scalars: [],
        scalarSpans: [],
        timeAt: (step) => timeAt(grid, step),
      };
      return absent(span, overRange(range, call, grid.count, false, presentOverTime), grid.count);
    }
    const others = this.call.args.filter((_, at) => at !== rangeAt);
    const scalars = others.map((arg) => this.args.scalar(arg, grid));
    return callRangeFunction(context, this.call, range, span, scalars, grid);
  }
}
