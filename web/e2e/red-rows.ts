import { RED_COLUMNS, type FrameHead } from '../../proto/live/index.ts';
import { encodeFrame, type FrameRow } from './frames.ts';

export interface RedFigure {
  readonly service: string;
  readonly operation?: string;
  /** Unix seconds. */
  readonly second: number;
  readonly requests: number;
  readonly errors?: number;
  readonly p95Ms?: number;
}

/** The columns of `RED_COLUMNS` around the few figures a test cares about. */
export function redRow({
  service,
  operation = '',
  second,
  requests,
  errors = 0,
  p95Ms = 40,
}: RedFigure): FrameRow {
  return {
    service,
    operation,
    second: second * 1_000,
    requests,
    errors,
    p50Ms: p95Ms / 3,
    p95Ms,
    p99Ms: p95Ms * 2,
    satisfied: requests - errors,
    tolerated: 0,
    spans: operation === '' ? requests * 4 : 0,
    logs: operation === '' ? requests : 0,
    points: operation === '' ? 12 : 0,
  };
}

export const redFrame = (rows: readonly RedFigure[], head: FrameHead): Uint8Array =>
  encodeFrame(RED_COLUMNS, rows.map(redRow), head);
