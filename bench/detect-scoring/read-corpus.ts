import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OptionError } from '../read-options.ts';
import type { NabFile } from './nab-score.ts';

export type Half = 'dev' | 'heldout';

export interface LabelledFile {
  readonly name: string;
  readonly unixMs: Float64Array;
  readonly values: Float64Array;
  /** 1 = labelled as anomalous. */
  readonly labels: Uint8Array;
}

/** The half that a folder holds, the first of the two. */
export function halfOf(folder: string): { readonly half: Half; readonly path: string } {
  for (const half of ['dev', 'heldout'] as const) {
    const path = join(folder, half);
    if (existsSync(path)) return { half, path };
  }
  throw new OptionError(`--data ${folder}: expected a folder that holds dev/ or heldout/`);
}

/** Files of NAB (MIT, github.com/numenta/NAB) with the windows of `labels/combined_windows.json` as rows. */
export async function readNab(half: string): Promise<NabFile[]> {
  const labels = JSON.parse(await readFile(join(half, 'labels', 'combined_windows.json'), 'utf8')) as Record<
    string,
    [string, string][]
  >;
  const names = Object.keys(labels).sort();
  return Promise.all(
    names.map(async (name) => {
      const { unixMs, values } = columnsOf(await readFile(join(half, 'data', name), 'utf8'));
      const windows = (labels[name] ?? []).map(([from, to]): [number, number] => [
        unixMs.indexOf(parseTime(from)),
        unixMs.indexOf(parseTime(to)),
      ]);
      if (windows.flat().includes(-1)) throw new Error(`${name}: a window begins or ends at no row`);
      return { name, unixMs, values, windows };
    }),
  );
}

/** Files of Microsoft's cloud monitoring data set (MIT, github.com/microsoft/cloud-monitoring-dataset), by path. */
export async function readCloudMonitoring(half: string): Promise<LabelledFile[]> {
  const paths = (await readdir(half, { recursive: true }))
    .filter((path) => path.endsWith('.csv') || path.endsWith('.csv.gz'))
    .sort();
  return Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(half, path));
      return {
        name: basename(path).replace(/\.csv(\.gz)?$/, ''),
        ...columnsOf((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')),
      };
    }),
  );
}

function columnsOf(csv: string): { unixMs: Float64Array; values: Float64Array; labels: Uint8Array } {
  const [, ...lines] = csv.replaceAll('"', '').trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(','));
  return {
    unixMs: Float64Array.from(rows, ([time = '']) => parseTime(time)),
    values: Float64Array.from(rows, ([, value = '']) => (value === '' ? Number.NaN : Number(value))),
    labels: Uint8Array.from(rows, ([, , label = '0']) => Number(label)),
  };
}

/** Times without a zone are taken as UTC. */
function parseTime(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace(/Z$/, '')}Z`);
}
