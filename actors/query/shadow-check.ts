import { setImmediate as nextTurn } from 'node:timers/promises';
import type { QueryLimits, QueryRun } from '../ports/index.ts';
import { canonicalAnswer, canonicalInTurns } from './canonical-answer.ts';
import { freezeTiers } from './frozen-tiers.ts';
import { PrometheusEngine } from './prometheus-engine.ts';
import { QueryEngine, type QueryEngineOptions } from './query-engine.ts';
import { startQueryRun } from './query-run.ts';

/** What is asked again. Not the graph: it shows calls that no tier has yet. */
const QUERY_KINDS = [
  'services',
  'loads',
  'operations',
  'findTraces',
  'trace',
  'findLogs',
  'logContext',
  'aggregate',
  'countValues',
  'metrics',
  'metricCatalogue',
  'series',
  'exemplars',
] as const satisfies readonly (keyof QueryEngine)[];
export type ShadowKind = (typeof QUERY_KINDS)[number] | 'evaluate';

export interface ShadowCounts {
  readonly checks: ReadonlyMap<ShadowKind, number>;
  readonly divergences: ReadonlyMap<ShadowKind, number>;
}

export interface ShadowDivergence {
  readonly kind: ShadowKind;
  /** As it was asked, cut when it is long. */
  readonly question: string;
  readonly archive: string;
  readonly windows: string;
}

export interface ShadowCheckOptions {
  readonly engine: QueryEngineOptions;
  /** Of all questions, which are asked again: 0 to 1. */
  readonly share: number;
  /** From 0 to 1, below 1. */
  readonly random: () => number;
  readonly limits: QueryLimits;
  readonly onDivergence: (divergence: ShadowDivergence) => void;
  /** A question could not be asked again. */
  readonly onFailure: (error: unknown) => void;
}

const MOST_SHOWN = 2_000;

/**
 * Asks a share of all questions again once they are answered, of what is in both tiers: once with the seam behind all of it,
 * so that the archive answers, and once in front, so that the windows do. One at a time; nobody waits for it.
 */
export class ShadowCheck implements ShadowCounts {
  private readonly options: ShadowCheckOptions;
  readonly checks = new Map<ShadowKind, number>();
  readonly divergences = new Map<ShadowKind, number>();
  private running: Promise<void> | undefined;
  private readonly leaving = new AbortController();

  constructor(options: ShadowCheckOptions) {
    this.options = options;
  }

  /** The engine, watched. */
  watchQueries(engine: QueryEngine): QueryEngine {
    return this.watched(engine, QUERY_KINDS, (name) => name);
  }

  watchPrometheus(engine: PrometheusEngine): PrometheusEngine {
    return this.watched(engine, ['evaluate'], () => 'evaluate');
  }

  /** Resolves once nothing is being asked. */
  async idle(): Promise<void> {
    await this.running;
  }

  async stop(): Promise<void> {
    this.leaving.abort(new Error('the platform stops'));
    await this.running;
  }

  private watched<Engine extends QueryEngine | PrometheusEngine>(
    engine: Engine,
    names: readonly string[],
    kindOf: (name: ShadowKind) => ShadowKind,
  ): Engine {
    return new Proxy(engine, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name, target);
        if (typeof method !== 'function') return method;
        if (!names.includes(name as string)) return method.bind(target) as unknown;
        // The last parameter is the run.
        return async (...parameters: unknown[]): Promise<unknown> => {
          const answer: unknown = await Reflect.apply(method, target, parameters);
          this.consider(kindOf(name as ShadowKind), parameters.slice(0, -1), parameters.at(-1) as QueryRun);
          return answer;
        };
      },
    });
  }

  private consider(kind: ShadowKind, question: readonly unknown[], { visible }: QueryRun): void {
    const { share, random, onFailure } = this.options;
    if (this.running || this.leaving.signal.aborted || random() >= share) return;
    this.running = this.check(kind, question, visible)
      .catch(onFailure)
      .finally(() => {
        this.running = undefined;
      });
  }

  private async check(
    kind: ShadowKind,
    question: readonly unknown[],
    visible: QueryRun['visible'],
  ): Promise<void> {
    // The answer goes out first.
    await nextTurn();
    const tiers = await freezeTiers(this.options.engine);
    if (!tiers) return;
    const [archive, windows] = [
      await this.ask(kind, question, visible, { ...tiers, seam: tiers.archivedThrough }),
      await this.ask(kind, question, visible, tiers),
    ];
    if (archive === undefined || windows === undefined) return;
    increment(this.checks, kind);
    if (archive === windows) return;
    increment(this.divergences, kind);
    const at = firstDifference(archive, windows);
    this.options.onDivergence({
      kind,
      question: canonicalAnswer(question).slice(0, MOST_SHOWN),
      archive: archive.slice(at, at + MOST_SHOWN),
      windows: windows.slice(at, at + MOST_SHOWN),
    });
  }

  private async ask(
    kind: ShadowKind,
    question: readonly unknown[],
    visible: QueryRun['visible'],
    frozen: NonNullable<QueryEngineOptions['frozen']>,
  ): Promise<string | undefined> {
    const options = { ...this.options.engine, frozen };
    const engine = kind === 'evaluate' ? new PrometheusEngine(options) : new QueryEngine(options);
    const run = startQueryRun({ limits: this.options.limits, visible, signal: this.leaving.signal });
    try {
      const method = Reflect.get(engine, kind) as (...parameters: unknown[]) => Promise<unknown>;
      const wanted: readonly [...unknown[], QueryRun] = [...question, run];
      return await textOf(kind, await Reflect.apply(method, engine, wanted));
    } finally {
      run.end();
    }
  }
}

type Cut = { readonly more?: boolean; readonly ungrouped?: number } | null;

/** `undefined`: what a limit has left of it depends on what it is made from. */
async function textOf(kind: ShadowKind, answer: unknown): Promise<string | undefined> {
  const { more, ungrouped } = (answer ?? {}) as NonNullable<Cut>;
  switch (kind) {
    case 'series':
    case 'exemplars':
    case 'metricCatalogue':
      return more === true ? undefined : canonicalInTurns(answer);
    case 'aggregate':
      return ungrouped === 0 ? canonicalInTurns(answer) : undefined;
    case 'countValues': {
      const { totals, fields } = answer as Awaited<ReturnType<QueryEngine['countValues']>>;
      const counted = fields.map(({ values, ...field }) => (field.isCut ? field : { ...field, values }));
      return canonicalInTurns({ totals, fields: counted });
    }
    case 'evaluate': {
      const found = answer as Awaited<ReturnType<PrometheusEngine['evaluate']>>;
      return canonicalInTurns(found.type === 'answer' ? JSON.parse(found.dataJson) : found);
    }
    default:
      return canonicalInTurns(answer);
  }
}

function increment(counts: Map<ShadowKind, number>, kind: ShadowKind): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  // Some of what stands before, to see what it is.
  return Math.max(0, at - 200);
}
