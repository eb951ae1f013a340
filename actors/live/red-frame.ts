import { RED_COLUMNS, type FrameHead } from '../../proto/live/index.ts';
import { emptyFrame, encodeFrame } from '../../workers/frames/index.ts';
import type { RedSecond, ServiceRed } from '../service/index.ts';

/** A frame of RED rows; `undefined` when there are none to show. Operations only where they are wanted. */
export function redFrame(
  answers: readonly ServiceRed[],
  withOperations: boolean,
  head: FrameHead,
): Uint8Array | undefined {
  const data = emptyFrame(RED_COLUMNS);
  for (const { id, rows } of answers) {
    for (const { operation, figures } of rows) {
      if (operation !== '' && !withOperations) continue;
      data.service.push(id);
      data.operation.push(operation);
      data.second.push(figures.second * 1000);
      data.requests.push(figures.requests);
      data.errors.push(figures.errors);
      data.p50Ms.push(quantileMs(figures, 0.5));
      data.p95Ms.push(quantileMs(figures, 0.95));
      data.p99Ms.push(quantileMs(figures, 0.99));
      data.satisfied.push(figures.satisfied);
      data.tolerated.push(figures.tolerated);
      data.spans.push(figures.spans);
      data.logs.push(figures.logs);
      data.points.push(figures.points);
    }
  }
  if (data.service.length === 0 && head.mode === 'change') return undefined;
  return encodeFrame(RED_COLUMNS, data, data.service.length, head);
}

/** NaN, a gap on any chart, when nothing was measured. */
function quantileMs({ durations }: RedSecond, q: number): number {
  return (durations.quantileNanos(q) ?? Number.NaN) / 1e6;
}
