import type { Signal } from '../../../proto/columns/index.ts';

/** The table of each signal's rows. */
export const ROW_TABLES = {
  traces: 'spans',
  logs: 'logs',
  metrics: 'metric_points',
} as const satisfies Record<Signal, string>;
