import { PatternMiner } from '../../workers/kernels/log-patterns/index.ts';
import { number, readOptions, requiredText } from '../read-options.ts';
import { type GroupingScore, type Parsed, scoreGrouping } from './grouping-score.ts';
import { type LoggedSystem, readLoghub } from './read-systems.ts';
import { checkScorer } from './scorer-check.ts';
import { measureThroughput } from './throughput.ts';

/** Mean of 16 systems, both halves; each of these parsers has its own expressions and parameters for each system. */
const PUBLISHED = {
  grouping: {
    Brain: 0.983,
    NuLog: 0.941,
    DivLog: 0.928,
    Drain: 0.865,
    Spell: 0.793,
    AEL: 0.791,
    LenMa: 0.766,
    IPLoM: 0.756,
  },
  recomputedOnCorrectedTruth: {
    Drain: { ga: 0.872, fga: 0.751, pa: 0.4, fta: 0.338 },
    Brain: { ga: 0.965, fga: 0.928, pa: 0.387, fta: 0.434 },
    AEL: { ga: 0.808, fga: 0.697, pa: 0.347, fta: 0.299 },
    Spell: { ga: 0.789, fga: 0.63, pa: 0.233, fta: 0.188 },
    IPLoM: { ga: 0.759, fga: 0.766, pa: 0.186, fta: 0.157 },
  },
} as const;

interface SystemScore {
  readonly system: string;
  readonly original: GroupingScore;
  readonly corrected: GroupingScore;
}

/**
 * Log template mining over loghub's 2,000 lines of each system (Zhu et al., ISSRE 2023): one configuration for all, one pass in
 * order; the template of a line is that of its pattern at the end.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { data, throughput } = readOptions(args, {
    data: requiredText('DIR', 'a folder with dev/ or heldout/: a folder for each system of loghub_2k'),
    throughput: number(1, '0 leaves out the measurement of lines a second'),
  });
  const half = await readLoghub(data);
  const scores = half.systems.map(scoreSystem);
  return {
    half: half.half,
    systems: scores.length,
    ga: meanOf(scores, (score) => score.original.ga),
    fga: meanOf(scores, (score) => score.original.fga),
    pa: meanOf(scores, (score) => score.corrected.pa),
    fta: meanOf(scores, (score) => score.corrected.fta),
    gaCorrected: meanOf(scores, (score) => score.corrected.ga),
    fgaCorrected: meanOf(scores, (score) => score.corrected.fga),
    ...(throughput > 0 && { logLinesPerSec: measureThroughput(half.systems.flatMap(({ lines }) => lines)) }),
    bySystem: Object.fromEntries(scores.map((score) => [score.system, figuresOf(score)])),
    scorerCheck: await checkScorer(data, half),
    rivals: PUBLISHED,
  };
}

function scoreSystem({ name, lines, original, corrected }: LoggedSystem): SystemScore {
  const parsed = parse(lines);
  return {
    system: name,
    original: scoreGrouping(parsed, original),
    corrected: scoreGrouping(parsed, corrected),
  };
}

function parse(lines: readonly string[]): Parsed {
  const miner = new PatternMiner();
  const ids = lines.map((line) => miner.add(line));
  const groups = ids.map((id) => miner.currentId(id));
  const templates = new Map(miner.patterns().map(({ id, template }) => [id, template]));
  return { groups, templates: groups.map((id) => templates.get(id) ?? '') };
}

function figuresOf({ original, corrected }: SystemScore): Record<string, number> {
  return {
    ga: rounded(original.ga),
    fga: rounded(original.fga),
    pa: rounded(corrected.pa),
    fta: rounded(corrected.fta),
  };
}

function meanOf(scores: readonly SystemScore[], figure: (score: SystemScore) => number): number {
  return rounded(scores.reduce((sum, score) => sum + figure(score), 0) / scores.length);
}

function rounded(figure: number): number {
  return Math.round(figure * 1e4) / 1e4;
}
