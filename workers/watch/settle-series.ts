import { settleCount, settleDurations, settleShare } from '../kernels/detect/index.ts';
import { settlePoint } from './point-test.ts';
import type { TestKind } from './watch-layout.ts';

/** Makes the state of one series that of one in which nothing is in doubt; what was learned of it stays. */
export function settleSeries(kind: TestKind, state: Float64Array): void {
  switch (kind) {
    case 'share':
      settleShare(state, 0);
      break;
    case 'durations':
      settleDurations(state, 0);
      break;
    case 'count':
      settleCount(state, 0);
      break;
    case 'point':
      settlePoint(state);
      break;
  }
}
