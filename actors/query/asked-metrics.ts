import type { MetricJson } from '../../proto/api/index.ts';
import { selectedNames } from '../../workers/otlp-series/index.ts';
import { parsePromql, planSelections, type LabelMatcher } from '../../workers/promql/index.ts';
import type { PrometheusEngine, PromqlRequest } from './prometheus-engine.ts';
import type { QueryEngine } from './query-engine.ts';

/** What was asked of a metric's name, how often, and when last (Unix ms). */
type Asked = readonly [conditions: readonly NameCondition[], count: number, lastMs: number];
type NameCondition = readonly [operator: LabelMatcher['operator'], value: string];

/** Plain data: it is kept as JSON. */
export interface AskedDocument {
  readonly sinceMs: number;
  readonly questions: number;
  readonly asked: readonly Asked[];
}

/** Different conditions on names; beyond, those that were asked longest ago are forgotten. */
const MOST_CONDITIONS = 2_000;
const LONGEST_CONDITION = 2_000;
const NAME = '__name__';

/** Counts what people and programs ask of metrics, by the conditions that their questions put on names. */
export class AskedMetrics {
  private readonly now: () => number;
  private readonly asked = new Map<string, Asked>();
  private since: number;
  private questions = 0;

  constructor(now: () => number) {
    this.now = now;
    this.since = now();
  }

  /** All that was asked since then is known. */
  get sinceMs(): number {
    return this.since;
  }

  get questionCount(): number {
    return this.questions;
  }

  /** The engine; each evaluation counts. */
  watchPrometheus(engine: PrometheusEngine): PrometheusEngine {
    const evaluate: PrometheusEngine['evaluate'] = (request, run) => {
      const answer = engine.evaluate(request, run);
      this.countQuery(request);
      return answer;
    };
    return watched(engine, { evaluate });
  }

  /** The engine; each question for a metric's series or exemplars counts. */
  watchQueries(engine: QueryEngine): QueryEngine {
    const series: QueryEngine['series'] = (filter, ...rest) => {
      this.count([['=', filter.name]]);
      return engine.series(filter, ...rest);
    };
    const exemplars: QueryEngine['exemplars'] = (filter, ...rest) => {
      this.count([['=', filter.name]]);
      return engine.exemplars(filter, ...rest);
    };
    return watched(engine, { series, exemplars });
  }

  /** When a question last was about the metric, Unix ms; 0: never since `sinceMs`. */
  lastAskedMs({ name, unit, kind, temporality, monotonic }: MetricJson): number {
    const metric = { name, unit, kind, temporality, isMonotonic: monotonic };
    let last = 0;
    for (const [conditions, , lastMs] of this.asked.values()) {
      if (lastMs <= last) continue;
      const matchers = conditions.map(([operator, value]) => ({ name: NAME, operator, value }));
      if (selectedNames(metric, matchers).length > 0 || isNamed(name, conditions)) last = lastMs;
    }
    return last;
  }

  document(): AskedDocument {
    return { sinceMs: this.since, questions: this.questions, asked: [...this.asked.values()] };
  }

  /** What was counted before, and since. */
  restore(document: unknown): void {
    const { sinceMs, questions, asked } = document as AskedDocument;
    const later = [...this.asked.values()];
    this.asked.clear();
    this.since = Math.min(this.since, sinceMs);
    this.questions += questions;
    for (const each of [...asked, ...later]) this.add(...each);
  }

  private countQuery({ query, window, lookbackMs }: PromqlRequest): void {
    const conditions = conditionsOf(query, { window, lookbackMs });
    for (const each of conditions) this.count(each);
  }

  private count(conditions: readonly NameCondition[]): void {
    this.questions += 1;
    this.add(conditions, 1, this.now());
  }

  private add(conditions: readonly NameCondition[], count: number, lastMs: number): void {
    const key = JSON.stringify(conditions);
    if (key.length > LONGEST_CONDITION) {
      // Nothing can be said of what was asked before.
      this.since = Math.max(this.since, lastMs);
      return;
    }
    const known = this.asked.get(key);
    // Last in the order of the map: asked most lately.
    this.asked.delete(key);
    this.asked.set(key, [conditions, (known?.[1] ?? 0) + count, Math.max(known?.[2] ?? 0, lastMs)]);
    for (const [oldest, [, , oldestMs]] of this.asked) {
      if (this.asked.size <= MOST_CONDITIONS) break;
      this.asked.delete(oldest);
      this.since = Math.max(this.since, oldestMs);
    }
  }
}

/** Of each selector of a query; none of one that is wrong. */
function conditionsOf(
  query: string,
  { window, lookbackMs }: Pick<PromqlRequest, 'window' | 'lookbackMs'>,
): NameCondition[][] {
  try {
    return planSelections(parsePromql(query), window, lookbackMs).map(({ matchers }) =>
      matchers
        .filter(({ name }) => name === NAME)
        .map(({ operator, value }): NameCondition => [operator, value]),
    );
  } catch {
    // Whoever asked is told.
    return [];
  }
}

/** Questions that are no PromQL name a metric as it was sent. */
function isNamed(name: string, conditions: readonly NameCondition[]): boolean {
  return conditions.length === 1 && conditions[0]?.[0] === '=' && conditions[0][1] === name;
}

function watched<Engine extends object>(engine: Engine, instead: Partial<Engine>): Engine {
  return new Proxy(engine, {
    get: (target, name) => {
      const own: unknown = Reflect.get(instead, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
