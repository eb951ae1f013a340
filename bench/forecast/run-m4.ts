import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOptions, requiredText } from '../read-options.ts';
import { readM4 } from './read-series.ts';
import { type PointScore, type ScoredSet, scoreHalf } from './score-half.ts';
import { checkScorer, type PublishedScores } from './scorer-check.ts';

export interface M4Case {
  readonly benchCase: string;
  /** As the columns of the published tables end. */
  readonly frequency: 'Hourly' | 'Weekly';
  readonly set: ScoredSet;
  /** Words of the method names in the published tables. */
  readonly rivals: readonly string[];
  /** What the organisers' own methods score on each half. */
  readonly published: Readonly<Record<'dev' | 'heldout', PublishedScores>>;
}

export async function runM4(args: readonly string[], m4: M4Case): Promise<Record<string, unknown>> {
  const { data } = readOptions(args, {
    data: requiredText('DIR', 'folder with dev/ or heldout/, and common/'),
  });
  const half = await readM4(data);
  const score = scoreHalf(half, m4.set);
  const references = score['referencesHere'] as Record<string, PointScore>;
  return {
    ...score,
    scorerCheck: checkScorer(references, m4.published[half.half]),
    rivals: await readRivals(join(data, 'common'), m4),
  };
}

/** The published figures are of all series of the frequency, both halves. */
async function readRivals(
  folder: string,
  { frequency, rivals }: M4Case,
): Promise<Record<string, Record<string, number>>> {
  const points = await readTable(join(folder, 'published_point_forecasts.csv'));
  const intervals = await readTable(join(folder, 'published_prediction_intervals.csv'));
  const result: Record<string, Record<string, number>> = {};
  for (const name of rivals) {
    const figures: Record<string, number> = {};
    const point = findRow(points, name);
    const interval = findRow(intervals, name);
    for (const metric of ['sMAPE', 'MASE', 'OWA']) {
      copyFigure(figures, metric, point?.get(`${metric}_${frequency}`));
    }
    for (const metric of ['MSIS', 'ACD']) {
      copyFigure(figures, metric, interval?.get(`${metric}_${frequency}`));
    }
    result[name] = figures;
  }
  return result;
}

function copyFigure(figures: Record<string, number>, metric: string, cell: string | undefined): void {
  if (cell !== undefined && cell !== '') figures[metric.toLowerCase()] = Number(cell);
}

type Row = ReadonlyMap<string, string>;

/** Benchmarks stand under their name, submissions as "number name (kind)". */
function findRow(rows: readonly Row[], name: string): Row | undefined {
  const methodOf = (row: Row): string => row.get('method') ?? '';
  return (
    rows.find((row) => methodOf(row) === name) ??
    rows.find((row) => /^\d/.test(methodOf(row)) && methodOf(row).includes(name))
  );
}

async function readTable(path: string): Promise<Row[]> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return new Map(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}
