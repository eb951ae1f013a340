import type {
  AggregateJson,
  DiffJson,
  FacetsJson,
  FoundLogJson,
  TraceComparisonJson,
} from '../../proto/api/index.ts';
import { severityLevel } from '../ui/otel-names.ts';
import { logRecords } from './platform-data.ts';

/** A record's place in `logRecords` is in its id. */
export const foundLogs = (count: number, nowMs: number): FoundLogJson[] =>
  logRecords(count, nowMs).map((log, index) => ({ id: `${log.timeUnixNano}-1-${index}`, ...log }));

/** Older records come later in the list: those around the one with this id, oldest first. */
export function contextOf(logId: string, before: number, after: number, nowMs: number): object {
  const logs = foundLogs(1_000, nowMs);
  const at = Number(logId.split('-')[2]);
  const around = logs.slice(Math.max(0, at - after), at + before + 1).map((log, index) => ({
    offset: Math.min(at, after) - index,
    ...log,
  }));
  return { logs: around.reverse(), moreBefore: at + before < logs.length, moreAfter: at > after };
}

export function countedByLevel(logs: readonly FoundLogJson[], stepMs: number): AggregateJson {
  const counts = new Map<string, Map<number, number>>();
  for (const log of logs) {
    const level = severityLevel(log.severityNumber);
    const at = Math.floor(Number(BigInt(log.timeUnixNano) / 1_000_000n) / stepMs) * stepMs;
    const row = counts.get(level) ?? new Map<number, number>();
    row.set(at, (row.get(at) ?? 0) + 1);
    counts.set(level, row);
  }
  const groups = [...counts].map(([value, row]) => ({
    key: [{ field: 'level', value }],
    count: [...row.values()].reduce((sum, one) => sum + one, 0),
    buckets: [...row].map(([ms, count]) => ({
      timeUnixNano: `${ms}000000`,
      count,
      ratePerSecond: 0,
      numbers: [],
      distincts: [],
    })),
  }));
  return { groups, count: logs.length, groupCount: groups.length, ungrouped: 0 };
}

/** As many spans as there are durations, all of one operation. */
export function durationsCounted(durationsMs: readonly number[]): AggregateJson {
  const histogram = durationsMs.map((ms) => ({ from: ms * 0.99e6, to: ms * 1e6, count: 1 }));
  const count = durationsMs.length;
  const numbers = [
    { field: 'duration', count, sum: 0, avg: 0, min: 0, max: 0, p50: 0, p95: 0, p99: 0, histogram },
  ];
  const bucket = { timeUnixNano: '0', count, ratePerSecond: 0, numbers, distincts: [] };
  return { groups: [{ key: [], count, buckets: [bucket] }], count, groupCount: 1, ungrouped: 0 };
}

export const FACETS: FacetsJson = {
  count: 1_000,
  fields: [
    {
      field: 'http.route',
      present: 800,
      more: false,
      values: ['/cart', '/pay now', '/a', '/b', '/c', '/d', '/e'].map((value, at) => ({
        value,
        count: 300 >> at,
      })),
    },
    { field: 'level', present: 1_000, more: false, values: [{ value: 'info', count: 1_000 }] },
  ],
};

export const DIFFERENCES: DiffJson = {
  counts: { selection: 40, baseline: 960 },
  fields: [
    {
      field: 'zone',
      difference: 0.875,
      present: { selection: 1, baseline: 1 },
      values: [{ value: 'eu-1b', selection: 1, baseline: 0.125 }],
    },
  ],
};

const figures = (durationNano: string) => ({ spans: 1, durationNano, selfNano: '0' });
const step = (name: string) => ({ service: 'prod~shop~cart', name, kind: 2 });

export const comparisonOf = (before: string, after: string): TraceComparisonJson => ({
  before,
  after,
  paths: [
    { path: [step('root')], change: 'same', before: figures('100'), after: figures('101') },
    {
      path: [step('root'), step('query')],
      change: 'slower',
      before: figures('2000000'),
      after: figures('5000000'),
    },
    { path: [step('root'), step('retry')], change: 'added', before: null, after: figures('7000000') },
  ],
});
