import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** What one series is scored on. Missing values of `given` are NaN; `training` and `actual` have none. */
export interface TestSeries {
  readonly id: string;
  /** What the forecast may see. */
  readonly given: Float64Array;
  /** What the reference methods and the scale are computed from. */
  readonly training: Float64Array;
  readonly actual: Float64Array;
}

export interface TestHalf {
  readonly half: 'dev' | 'heldout';
  readonly series: readonly TestSeries[];
}

const HALVES = ['dev', 'heldout'] as const;

/** `DIR/{dev,heldout}/train.csv.gz` and `test.csv.gz`, rows `id,v1,v2,…`. */
export async function readM4(folder: string): Promise<TestHalf> {
  const half = halfOf(folder, 'train.csv.gz');
  const training = await readRows(join(folder, half, 'train.csv.gz'));
  const tests = new Map(
    (await readRows(join(folder, half, 'test.csv.gz'))).map(({ id, values }) => [id, values]),
  );
  const series = training.map(({ id, values }): TestSeries => {
    const actual = tests.get(id);
    if (actual === undefined) {
      throw new Error(`${folder}/${half}: series ${id} is in train.csv.gz and not in test.csv.gz`);
    }
    return { id, given: values, training: values, actual };
  });
  return { half, series };
}

/** `DIR/{dev,heldout}/series.csv.gz`, rows `id,v1,…`, blank = missing; the last `horizon` values are the test. */
export async function readNn5(folder: string, period: number, horizon: number): Promise<TestHalf> {
  const half = halfOf(folder, 'series.csv.gz');
  const series = (await readRows(join(folder, half, 'series.csv.gz'))).map(({ id, values }): TestSeries => {
    const filled = fillWithPhaseMedian(values, period);
    const border = values.length - horizon;
    return {
      id,
      given: values.subarray(0, border),
      training: filled.subarray(0, border),
      actual: filled.subarray(border),
    };
  });
  return { half, series };
}

function halfOf(folder: string, file: string): 'dev' | 'heldout' {
  const found = HALVES.filter((half) => existsSync(join(folder, half, file)));
  const [half] = found;
  if (half === undefined || found.length > 1) {
    throw new Error(
      `${folder}: expected ${file} in one of dev/ and heldout/, found it in ${found.length} of them`,
    );
  }
  return half;
}

async function readRows(path: string): Promise<{ id: string; values: Float64Array }[]> {
  const text = (await promisify(gunzip)(await readFile(path))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [id = '', ...cells] = line.trim().split(',');
      return { id, values: Float64Array.from(cells, (cell) => (cell === '' ? Number.NaN : Number(cell))) };
    });
}

/** As the set's users do: a blank is the median of its phase over the whole series. */
export function fillWithPhaseMedian(values: Float64Array, period: number): Float64Array {
  return values.map((value, row) =>
    Number.isNaN(value) ? phaseMedian(values, period, row % period) : value,
  );
}

function phaseMedian(values: Float64Array, period: number, phase: number): number {
  const known = values.filter((value, row) => row % period === phase && !Number.isNaN(value)).sort();
  const middle = (known.length - 1) / 2;
  return ((known[Math.floor(middle)] ?? Number.NaN) + (known[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
