import type { Signal } from '../../../../proto/columns/index.ts';
import type { Reader } from '../reader.ts';

const TABLES: Readonly<Record<Signal, string>> = { traces: 'spans', metrics: 'metric_points', logs: 'logs' };

/** Compressed bytes of a row, in the mean of what is there now; `undefined` without rows. */
export async function bytesPerRow(reader: Reader, signal: Signal): Promise<number | undefined> {
  const [found] = await reader.records<{ bytes: string; found: string }>(
    `SELECT sum(data_compressed_bytes) AS bytes, sum(rows) AS found FROM system.parts
     WHERE active AND database = currentDatabase() AND table = {table:String}`,
    { table: TABLES[signal] },
  );
  const rows = Number(found?.found ?? 0);
  return rows > 0 ? Number(found?.bytes) / rows : undefined;
}
