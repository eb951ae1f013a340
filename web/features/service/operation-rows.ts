import type { OperationActivityJson } from '../../../proto/api/index.ts';
import { figuresOver, type RedStore } from '../../live/index.ts';

/** One operation: what it did over the chosen range (history), and how fast it goes now (live). */
export interface OperationRow {
  readonly name: string;
  /** OTLP's SpanKind; undefined while only live figures know the operation. */
  readonly kind: number | undefined;
  readonly requests: number | undefined;
  readonly errorRatio: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly liveRate: number;
  readonly liveErrorRatio: number;
}

const LIVE_SECONDS = 60;

export function operationRows(
  history: readonly OperationActivityJson[],
  store: RedStore,
  endSecond: number,
): OperationRow[] {
  const liveOf = (name: string) => {
    const series = store.get(name);
    return series && figuresOver(series, endSecond, LIVE_SECONDS);
  };
  const known = new Set(history.map(({ name }) => name));
  const fromHistory = history.map((operation): OperationRow => {
    const live = liveOf(operation.name);
    return {
      name: operation.name,
      kind: operation.kind,
      requests: operation.requests,
      errorRatio: operation.requests === 0 ? 0 : operation.errors / operation.requests,
      p50Ms: operation.p50Ms ?? NaN,
      p95Ms: operation.p95Ms ?? NaN,
      p99Ms: operation.p99Ms ?? NaN,
      liveRate: live?.rate ?? 0,
      liveErrorRatio: live?.errorRatio ?? 0,
    };
  });
  const fromLive = [...store.all()]
    .filter(({ key }) => key !== '' && !known.has(key))
    .map((series): OperationRow => {
      const live = figuresOver(series, endSecond, LIVE_SECONDS);
      return {
        name: series.key,
        kind: undefined,
        requests: undefined,
        errorRatio: NaN,
        p50Ms: NaN,
        p95Ms: NaN,
        p99Ms: NaN,
        liveRate: live.rate,
        liveErrorRatio: live.errorRatio,
      };
    });
  return [...fromHistory, ...fromLive].sort(
    (one, other) => (other.requests ?? 0) - (one.requests ?? 0) || one.name.localeCompare(other.name),
  );
}
