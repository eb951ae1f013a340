import type { Signal } from '../../proto/columns/index.ts';
import type {
  AggregateQuery,
  GroupKey,
  TimeRange,
  ValueCountsPartial,
  ValueCountsQuery,
} from '../../proto/query/index.ts';
import { AggregateState, mergeValueCounts, type CellState } from '../../workers/aggregate/index.ts';
import type { QueryRun, TelemetryHistory } from '../ports/index.ts';
import { compareText } from './activity.ts';
import { partsWithin, runOptions, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';

export interface AggregateSource {
  readonly threads: Threads;
  readonly history: TelemetryHistory;
  readonly tier: HotTier<Signal>;
}

export interface AggregateGroup {
  readonly key: GroupKey;
  readonly count: number;
  /** In order of time; only those with items. */
  readonly cells: readonly CellState[];
}

export interface Aggregate {
  /** The largest, largest first. */
  readonly groups: readonly AggregateGroup[];
  readonly count: number;
  /** All there are, as far as they were told apart. */
  readonly groupCount: number;
  /** Items of groups that were not told apart: see `MOST_GROUPS`. */
  readonly ungrouped: number;
}

/**
 * Sums over both tiers. Groups are counted first, and everything else asked only of the largest `limit`: histograms of
 * a hundred thousand groups would be more than the items themselves.
 */
export async function aggregate(
  source: AggregateSource,
  query: AggregateQuery,
  limit: number,
  run: QueryRun,
): Promise<Aggregate> {
  const isSimple =
    query.groupBy.length === 0 ||
    (query.numbers.length === 0 && query.distincts.length === 0 && query.bucketNano === undefined);
  if (isSimple) return largest(await merged(source, query, run), limit);
  const { signal, search, range, groupBy, asOf } = query;
  const asked = { signal, search, range, ...(asOf && { asOf }) };
  const counts = largest(await merged(source, { ...asked, groupBy, numbers: [], distincts: [] }, run), limit);
  if (counts.groups.length === 0) return counts;
  const only = counts.groups.map(({ key }) => key);
  const figures = largest(await merged(source, { ...query, only }, run), limit);
  return { ...counts, groups: figures.groups };
}

/** Facets and attribute diffs: of one or two selections. */
export async function countValues(
  { threads, history, tier }: AggregateSource,
  query: ValueCountsQuery,
  run: QueryRun,
): Promise<ValueCountsPartial> {
  const range = enclosing(query.selections.map((selection) => selection.range));
  const [hot, cold] = await Promise.all([
    run.timed('hot', () =>
      threads.scan('count-values', partsWithin(tier, range, run), query, runOptions(run)),
    ),
    run.timed('cold', () => history.countValues(query, tier.through, run)),
  ]);
  return mergeValueCounts([...hot, cold], query.selections.length, query.mostValues);
}

async function merged(
  { threads, history, tier }: AggregateSource,
  query: AggregateQuery,
  run: QueryRun,
): Promise<AggregateState> {
  const [hot, cold] = await Promise.all([
    run.timed('hot', () =>
      threads.scan('aggregate-rows', partsWithin(tier, query.range, run), query, runOptions(run)),
    ),
    run.timed('cold', () => history.aggregate(query, tier.through, run)),
  ]);
  const state = new AggregateState(query);
  for (const partial of [...hot, cold]) state.merge(partial);
  return state;
}

function largest(state: AggregateState, limit: number): Aggregate {
  const byKey = new Map<string, CellState[]>();
  let count = state.ungrouped;
  for (const cell of state.cells) {
    count += cell.count;
    const name = JSON.stringify(cell.key);
    const cells = byKey.get(name);
    if (cells) cells.push(cell);
    else byKey.set(name, [cell]);
  }
  const groups = [...byKey.values()]
    .map((cells) => ({
      key: cells[0]?.key ?? [],
      count: cells.reduce((sum, cell) => sum + cell.count, 0),
      cells: cells.sort((a, b) => a.bucket - b.bucket),
    }))
    .sort((a, b) => b.count - a.count || compareText(JSON.stringify(a.key), JSON.stringify(b.key)));
  return { groups: groups.slice(0, limit), count, groupCount: groups.length, ungrouped: state.ungrouped };
}

function enclosing(ranges: readonly TimeRange[]): TimeRange {
  return ranges.reduce((all, { fromUnixNano, toUnixNano }) => ({
    fromUnixNano: fromUnixNano < all.fromUnixNano ? fromUnixNano : all.fromUnixNano,
    toUnixNano: toUnixNano > all.toUnixNano ? toUnixNano : all.toUnixNano,
  }));
}
