import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type NabFile, type NabProfile, scoreNab } from './nab-score.ts';

interface Expected {
  readonly threshold: number;
  readonly raw_score_dev: number;
  readonly normalized_dev: number;
}

const TOLERANCE = 1e-6;

/**
 * Whether our scorer gives published outputs of other detectors the scores that they have: `scorer-fixture/` of the half, which only
 * the half that one tunes on has.
 */
export async function checkNabScorer(
  half: string,
  files: readonly NabFile[],
  profiles: Readonly<Record<string, NabProfile>>,
): Promise<Record<string, unknown>> {
  const folder = join(half, 'scorer-fixture');
  if (!existsSync(folder)) return { agrees: null, why: 'this half has no scorer-fixture/' };
  const expected = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as Record<
    string,
    Record<string, Expected>
  >;
  const figures: Record<string, { ours: number; published: number; agrees: boolean }> = {};
  for (const [detector, byProfile] of Object.entries(expected)) {
    const scores = await readScores(join(folder, `${detector}_anomaly_scores.csv.gz`), files);
    for (const [name, { threshold, raw_score_dev, normalized_dev }] of Object.entries(byProfile)) {
      const profile = profiles[name];
      if (profile === undefined) throw new Error(`${name} of expected.json is no profile of profiles.json`);
      const ours = scoreNab(files, scores, threshold, profile);
      const agrees =
        Math.abs(ours.raw - raw_score_dev) <= TOLERANCE &&
        Math.abs(ours.normalised - normalized_dev) <= TOLERANCE;
      figures[`${detector} ${name}`] = { ours: ours.normalised, published: normalized_dev, agrees };
    }
  }
  return { agrees: Object.values(figures).every(({ agrees }) => agrees), figures };
}

/** Columns file, row, anomaly score. */
async function readScores(path: string, files: readonly NabFile[]): Promise<Float64Array[]> {
  const scores = new Map(files.map(({ name, values }) => [name, new Float64Array(values.length)]));
  const [, ...lines] = gunzipSync(await readFile(path))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  for (const line of lines) {
    const [name = '', row, score] = line.split(',');
    const column = scores.get(name);
    if (column !== undefined) column[Number(row)] = Number(score);
  }
  return [...scores.values()];
}
