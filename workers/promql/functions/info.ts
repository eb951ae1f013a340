import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { type Grid, timeAt } from '../evaluate/grid.ts';
import { PromqlExecutionError } from '../evaluate/promql-error.ts';
import { Sample, StepSeries } from '../evaluate/step-series.ts';
import {
  type Labels,
  labelEntries,
  labelsKey,
  labelsOf,
  labelValue,
  METRIC_NAME,
  metricName,
} from '../model/labels.ts';
import { compileMatcher, type LabelMatcher } from '../model/matcher.ts';
import type { Series } from '../model/series.ts';
import type { Expr, VectorSelector } from '../parse/ast.ts';
import { isStaleSample } from '../select/range-samples.ts';
import { infoNameMatchers, infoReference } from './info-selection.ts';

const IDENTITY = ['instance', 'job'] as const;

/** `info()`: adds the data labels of info series with the same instance and job to each series. */
export function enrichWithInfo(
  context: EvaluationContext,
  baseExpr: Expr,
  base: readonly StepSeries[],
  selector: VectorSelector,
  grid: Grid,
): StepSeries[] {
  const join = new InfoJoin(context, selector);
  const out = new Map<string, StepSeries>();
  for (const series of base) {
    const isInfo = join.isInfoSeries(series.labels);
    for (let step = 0; step < grid.count; step++) {
      if (series.kinds[step] === Sample.none) continue;
      const reference = infoReference(baseExpr, timeAt(grid, step), context.window);
      const labels = isInfo ? series.labels : join.labelsAt(series.labels, reference);
      if (labels === undefined) continue;
      const key = `${labelsKey(labels)}${series.dropsName ? '\u0002' : ''}`;
      let target = out.get(key);
      if (target === undefined) out.set(key, (target = new StepSeries(labels, grid.count, series.dropsName)));
      if (target.kinds[step] !== Sample.none) {
        throw new PromqlExecutionError('vector cannot contain metrics with the same labelset');
      }
      target.copySample(step, series);
    }
  }
  return [...out.values()];
}

interface Found {
  readonly labels: Labels;
  readonly timestamp: number;
}

class InfoJoin {
  private readonly context: EvaluationContext;
  private readonly names: readonly ((value: string) => boolean)[];
  private readonly dataMatchers: readonly LabelMatcher[];
  private readonly acceptsNone: boolean;
  private readonly byIdentity = new Map<string, Series[]>();

  constructor(context: EvaluationContext, selector: VectorSelector) {
    this.context = context;
    this.names = infoNameMatchers(selector).map(compileMatcher);
    this.dataMatchers = selector.matchers.filter(({ name }) => name !== METRIC_NAME);
    this.acceptsNone = this.dataMatchers.every((matcher) => compileMatcher(matcher)(''));
    for (const series of context.seriesOf(selector)) {
      context.budget.spend(series.timestamps.length);
      const key = identityOf(series.labels);
      this.byIdentity.set(key, [...(this.byIdentity.get(key) ?? []), series]);
    }
  }

  isInfoSeries(labels: Labels): boolean {
    return this.names.every((matches) => matches(metricName(labels)));
  }

  /** The labels of a series with its info at a moment; undefined where info is asked for and there is none. */
  labelsAt(labels: Labels, reference: number): Labels | undefined {
    const hasIdentity = IDENTITY.some((name) => labelValue(labels, name) !== '');
    const added = new Map<string, string>();
    let hasAny = false;
    for (const found of hasIdentity ? this.newestAt(identityOf(labels), reference) : []) {
      hasAny = this.addData(found, labels, added) || hasAny;
    }
    if (!hasAny && !this.acceptsNone) return undefined;
    return added.size === 0 ? labels : labelsOf([...labelEntries(labels), ...added]);
  }

  private addData(found: Found, base: Labels, added: Map<string, string>): boolean {
    let hasAny = false;
    for (const [name, value] of labelEntries(found.labels)) {
      if (name === METRIC_NAME) continue;
      const isAsked =
        this.dataMatchers.length === 0 || this.dataMatchers.some((matcher) => matcher.name === name);
      if (!isAsked) continue;
      hasAny = true;
      const known = added.get(name);
      if (known !== undefined && known !== value) {
        throw new PromqlExecutionError(`conflicting label: ${name}`);
      }
      if (labelValue(base, name) === '') added.set(name, value);
    }
    return hasAny;
  }

  /** Of each info metric the series with the newest sample. */
  private newestAt(identity: string, reference: number): Found[] {
    const newest = new Map<string, Found>();
    for (const series of this.byIdentity.get(identity) ?? []) {
      const at = this.sampleAt(series, reference);
      if (at === undefined) continue;
      if ((series.histograms?.rows[at] ?? -1) >= 0) {
        throw new PromqlExecutionError('info sample should be float');
      }
      const name = metricName(series.labels);
      const timestamp = series.timestamps[at] ?? 0;
      const known = newest.get(name);
      if (known?.timestamp === timestamp) {
        throw new PromqlExecutionError(`found duplicate series for info metric ${name}`);
      }
      if (known === undefined || known.timestamp < timestamp) {
        newest.set(name, { labels: series.labels, timestamp });
      }
    }
    return [...newest.values()];
  }

  private sampleAt(series: Series, reference: number): number | undefined {
    const { timestamps } = series;
    let at = timestamps.length - 1;
    while (at >= 0 && (timestamps[at] ?? 0) > reference) at--;
    const isFresh = at >= 0 && (timestamps[at] ?? 0) > reference - this.context.lookbackMs;
    return isFresh && !isStaleSample(series, at) ? at : undefined;
  }
}

const identityOf = (labels: Labels): string =>
  IDENTITY.map((name) => labelValue(labels, name)).join('\u0001');
