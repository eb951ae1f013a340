import type { Signal } from '../../proto/columns/index.ts';
import type { QueryLimits, TelemetrySizes } from '../ports/index.ts';
import { startQueryRun } from '../query/index.ts';

export interface StoredBytesOptions {
  readonly sizes: TelemetrySizes;
  readonly limits: QueryLimits;
}

/** Bytes that a row takes in the archive; `undefined` where that cannot be told now: advice is worth giving without. */
export async function storedBytes(
  { sizes, limits }: StoredBytesOptions,
  signal: Signal,
): Promise<number | undefined> {
  const run = startQueryRun({ limits, visible: 'all' });
  try {
    return await sizes.bytesPerRow(signal, run);
  } catch {
    return undefined;
  } finally {
    run.end();
  }
}
