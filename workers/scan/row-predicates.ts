import type { Batch } from '../../proto/columns/index.ts';
import type { LogFilter, SpanFilter, TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { bodyText } from '../json/index.ts';
import { CodeMatcher } from './code-matcher.ts';

/** Whether a row of the batch it was made for matches. */
export type RowPredicate = (row: number) => boolean;

const STATUS_ERROR = 2;

/** The service is not looked at: a batch is of one service, so that is the caller's choice. */
export function spanPredicate(filter: SpanFilter, batch: Batch<'traces'>): RowPredicate {
  const { columns } = batch;
  const checks: RowPredicate[] = [];
  const { operation, text, minDurationNano, maxDurationNano, status } = filter;
  if (operation !== undefined) {
    const dictionary = dictionaryReader(batch.dictionary);
    checks.push((row) => dictionary.string(columns.name[row] ?? 0) === operation);
  }
  if (status !== undefined) {
    checks.push((row) => (columns.statusCode[row] === STATUS_ERROR) === (status === 'error'));
  }
  if (minDurationNano !== undefined) {
    checks.push((row) => (columns.durationNano[row] ?? 0n) >= minDurationNano);
  }
  if (maxDurationNano !== undefined) {
    checks.push((row) => (columns.durationNano[row] ?? 0n) <= maxDurationNano);
  }
  if (text !== undefined && text !== '') {
    const matcher = new CodeMatcher(batch.dictionary, text);
    const { offsets, items } = columns.attributes;
    checks.push(
      (row) =>
        matcher.string(columns.name[row] ?? 0) ||
        matcher.anyAttribute(items, offsets[row] ?? 0, offsets[row + 1] ?? 0),
    );
  }
  return all(checks);
}

/** As `spanPredicate`. */
export function logPredicate(filter: LogFilter, batch: Batch<'logs'>): RowPredicate {
  const { columns } = batch;
  const checks: RowPredicate[] = [];
  const { minSeverity, traceId, text } = filter;
  if (minSeverity !== undefined) checks.push((row) => (columns.severityNumber[row] ?? 0) >= minSeverity);
  if (traceId !== undefined) checks.push(idEquals(columns.traceId, Buffer.from(traceId, 'hex')));
  if (text !== undefined && text !== '') {
    const matcher = new CodeMatcher(batch.dictionary, text);
    const { offsets, items } = columns.attributes;
    checks.push(
      (row) =>
        matcher.anyAttribute(items, offsets[row] ?? 0, offsets[row + 1] ?? 0) ||
        matcher.holds(bodyText(batch, row)),
    );
  }
  return all(checks);
}

/** Rows of an id column that equal `id`; the column's width is the id's length. */
export function idEquals(column: Uint8Array, id: Uint8Array): RowPredicate {
  return (row) => {
    const start = row * id.length;
    for (let i = 0; i < id.length; i += 1) if (column[start + i] !== id[i]) return false;
    return true;
  };
}

/** Whether any row of the batch can be within the range. */
export function overlaps(batch: Batch, range: TimeRange): boolean {
  return batch.maxTimeUnixNano >= range.fromUnixNano && batch.minTimeUnixNano < range.toUnixNano;
}

export function isWithin(timeUnixNano: bigint, range: TimeRange): boolean {
  return timeUnixNano >= range.fromUnixNano && timeUnixNano < range.toUnixNano;
}

/** The time by which a log record is found: its own, or when it was observed where it has none. */
export function logTime(batch: Batch<'logs'>, row: number): bigint {
  const time = batch.columns.timeUnixNano[row] ?? 0n;
  return time === 0n ? (batch.columns.observedTimeUnixNano[row] ?? 0n) : time;
}

function all(checks: readonly RowPredicate[]): RowPredicate {
  return (row) => checks.every((check) => check(row));
}
