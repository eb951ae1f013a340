import { figuresOver, p95Deviation, type RedFigures, type RedSeries } from '../../live/index.ts';
import { parseServiceId, type ServiceParts } from '../../ui/service-id.ts';

export interface ServiceRow extends ServiceParts {
  readonly id: string;
  readonly figures: RedFigures;
  /** p95 of the window over p95 of 15 minutes, minus 1; never below 0. */
  readonly deviation: number;
}

export type SortKey = 'worst' | 'name' | 'rate' | 'errors' | 'p50' | 'p95' | 'p99' | 'apdex';
export interface Sort {
  readonly key: SortKey;
  readonly isAscending: boolean;
}

export const WORST_FIRST: Sort = { key: 'worst', isAscending: false };

const SORT_KEYS: readonly SortKey[] = ['worst', 'name', 'rate', 'errors', 'p50', 'p95', 'p99', 'apdex'];

/** `p95` is descending, `-p95` ascending. Anything else is worst first. */
export function parseSort(text: string): Sort {
  const isAscending = text.startsWith('-');
  const key = SORT_KEYS.find((one) => one === (isAscending ? text.slice(1) : text));
  return key === undefined ? WORST_FIRST : { key, isAscending };
}

export const formatSort = ({ key, isAscending }: Sort): string => (isAscending ? '-' : '') + key;

/** What a click on a column's head does: first the side one looks for, then the other, then back to worst first. */
export function nextSort(current: Sort, key: SortKey): Sort {
  const isAscendingFirst = key === 'name' || key === 'apdex';
  if (current.key !== key) return { key, isAscending: isAscendingFirst };
  return current.isAscending === isAscendingFirst ? { key, isAscending: !isAscendingFirst } : WORST_FIRST;
}

export function rowOf(series: RedSeries, endSecond: number, windowSeconds: number): ServiceRow {
  const figures = figuresOver(series, endSecond, windowSeconds);
  return {
    ...parseServiceId(series.key),
    id: series.key,
    figures,
    deviation: p95Deviation(series, endSecond, figures.p95Ms),
  };
}

const valueOf: Readonly<Record<Exclude<SortKey, 'worst' | 'name'>, (row: ServiceRow) => number>> = {
  rate: ({ figures }) => figures.rate,
  errors: ({ figures }) => figures.errorRatio,
  p50: ({ figures }) => figures.p50Ms,
  p95: ({ figures }) => figures.p95Ms,
  p99: ({ figures }) => figures.p99Ms,
  apdex: ({ figures }) => figures.apdex,
};

/** Errors a second first (error ratio × rate), then how far p95 is above its usual, then the busier one. */
function byWorst(one: ServiceRow, other: ServiceRow): number {
  const errors = other.figures.errorRatio * other.figures.rate - one.figures.errorRatio * one.figures.rate;
  return errors || other.deviation - one.deviation || other.figures.rate - one.figures.rate;
}

/** Rows without a value come last, whichever way round. */
function byValue(one: number, other: number, isAscending: boolean): number {
  if (Number.isNaN(one) || Number.isNaN(other)) {
    return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
  }
  return isAscending ? one - other : other - one;
}

export function sortRows(rows: readonly ServiceRow[], { key, isAscending }: Sort): ServiceRow[] {
  const compare = (one: ServiceRow, other: ServiceRow): number => {
    if (key === 'worst') return byWorst(one, other);
    if (key === 'name') return one.name.localeCompare(other.name) * (isAscending ? 1 : -1);
    return byValue(valueOf[key](one), valueOf[key](other), isAscending);
  };
  return [...rows].sort((one, other) => compare(one, other) || one.id.localeCompare(other.id));
}

/** Every word must be part of the service's name, namespace or environment. */
export function matchesFilter(row: ServiceParts, filter: string): boolean {
  const text = `${row.name} ${row.namespace} ${row.environment}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
