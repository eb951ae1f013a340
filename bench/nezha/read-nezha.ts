import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Fault {
  readonly id: string;
  readonly day: string;
  /** Unix seconds. */
  readonly injected: number;
  readonly service: string;
  readonly type: string;
}

export type Row = ReadonlyMap<string, string>;

export type Half = 'dev' | 'heldout';

export async function findHalf(folder: string): Promise<Half> {
  const entries = await readdir(folder);
  const half = (['dev', 'heldout'] as const).find((name) => entries.includes(name));
  if (half === undefined) {
    throw new Error(
      `${folder} holds neither dev/ nor heldout/: expected a folder with one half of Nezha's faults`,
    );
  }
  return half;
}

export async function readFaults(folder: string): Promise<Fault[]> {
  return (await readTable(join(folder, 'faults.csv'))).map((row) => ({
    id: (row.get('fault_id') ?? '').padStart(2, '0'),
    day: row.get('day') ?? '',
    injected: Number(row.get('inject_epoch')),
    service: row.get('root_cause_service') ?? '',
    type: row.get('fault_type') ?? '',
  }));
}

/** Rows by column name; `.gz` is unpacked. */
export async function readTable(path: string): Promise<Row[]> {
  const bytes = await readFile(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = splitCells(line);
    return new Map(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

/** Cells may be quoted, with quotes doubled. */
function splitCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}

/** A pod's name without what Kubernetes appends: the hash of its replica set and its own. */
export function serviceOfPod(pod: string): string {
  return pod.replace(/-[0-9a-f]{6,10}-[0-9a-z]{5}$/, '');
}
