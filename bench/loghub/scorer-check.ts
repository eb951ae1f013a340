import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scoreGrouping } from './grouping-score.ts';
import { type LoghubHalf, readCsv } from './read-systems.ts';

const PARSERS = ['Drain', 'Brain'] as const;
const METRICS = [
  ['GA', 'ga'],
  ['FGA', 'fga'],
  ['PA', 'pa'],
  ['FTA', 'fta'],
] as const;
const TOLERANCE = 1e-9;

type Expected = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<'orig' | 'corr', Record<string, number>>>>>>
>;

/**
 * Scores other parsers' outputs in `scorer-fixture/` and compares with their figures there. Only the half that it was made from
 * has it; without it the check says so.
 */
export async function checkScorer(
  folder: string,
  { half, systems }: LoghubHalf,
): Promise<Record<string, unknown>> {
  const fixture = join(folder, half, 'scorer-fixture');
  if (!existsSync(fixture)) return { agrees: null, reason: `${half}/ has no scorer-fixture/` };
  const expected = JSON.parse(await readFile(join(fixture, 'expected.json'), 'utf8')) as Expected;
  let figures = 0;
  const differences: string[] = [];
  for (const parser of PARSERS) {
    const output = await readCsv(join(fixture, `${parser}_output.csv.gz`));
    for (const { name, original, corrected } of systems) {
      const templates = output
        .filter((row) => row.get('dataset') === name)
        .sort((one, other) => Number(one.get('line_id')) - Number(other.get('line_id')))
        .map((row) => row.get('event_template') ?? '');
      for (const [kind, truth] of [['orig', original] as const, ['corr', corrected] as const]) {
        const score = scoreGrouping({ groups: templates, templates }, truth);
        for (const [metric, field] of METRICS) {
          const wanted = expected[parser]?.[name]?.[kind][metric] ?? Number.NaN;
          figures += 1;
          if (!(Math.abs(score[field] - wanted) <= TOLERANCE)) {
            differences.push(`${parser} ${name} ${kind} ${metric}: ${score[field]}, expected ${wanted}`);
          }
        }
      }
    }
  }
  return { agrees: differences.length === 0, figures, differences };
}
