import type { Signal } from '../../proto/columns/index.ts';
import type { QueryRun } from './query-run.ts';

/** What telemetry takes on disk. */
export interface TelemetrySizes {
  /**
   * Compressed bytes of a span, log record or point in the archive, in the mean, without what is kept once for many (attributes,
   * resources); `undefined` where there are none. Rejects as `TelemetryHistory` does.
   */
  bytesPerRow(signal: Signal, run: QueryRun): Promise<number | undefined>;
}
