import {
  evaluatePromql,
  type Evaluated,
  DEFAULT_LOOKBACK_MS,
  parsePromql,
  planSelections,
  PromqlExecutionError,
  PromqlSyntaxError,
  type QueryResult,
  type QueryWindow,
  type ResultSeries,
  type Series,
} from '../../workers/promql/index.ts';
import { differenceOf } from './compare-result.ts';
import { type EvalCommand, type ExpectedNote, parseScript } from './parse-script.ts';
import { TestStorage } from './test-storage.ts';

export interface CaseOutcome {
  readonly line: number;
  readonly query: string;
  /** Reads and gives floats only, and uses nothing that Prometheus calls experimental. */
  readonly isClassic: boolean;
  /** Undefined of a case that passed. */
  readonly failure?: string;
}

const MAX_SAMPLES = 50_000_000;
const MINUTE_MS = 60_000;
const EXPERIMENTAL = new RegExp(
  [
    String.raw`\b(?:anchored|smoothed|fill|fill_left|fill_right)\b`,
    String.raw`\b(?:limitk|limit_ratio|info|mad_over_time|first_over_time|ts_of_\w+|sort_by_label(?:_desc)?)\b`,
    String.raw`\b(?:double_exponential_smoothing|histogram_quantiles|start_timestamp|min_of|max_of)\b`,
    String.raw`\b(?:step|range)\s*\(`,
    String.raw`(?<!@\s*)\b(?:start|end)\s*\(`,
    String.raw`<\/|>\/`,
    // Arithmetic in durations.
    String.raw`\[[^\]]*\d\w*\s*[-+*/%^(][^\]]*\]|\boffset\s*-?\(`,
  ].join('|'),
  'iu',
);

/** Runs a script of Prometheus' test format; each `eval` is a case. */
export function runScript(text: string): CaseOutcome[] {
  let storage = new TestStorage();
  const outcomes: CaseOutcome[] = [];
  for (const command of parseScript(text)) {
    if (command.type === 'clear') storage = new TestStorage();
    else if (command.type === 'load') storage.load(command);
    else outcomes.push(runCase(storage, command));
  }
  return outcomes;
}

function runCase(storage: TestStorage, command: EvalCommand): CaseOutcome {
  const { line, query, fromMs, toMs, stepMs } = command;
  const answer = ask(storage, query, { startMs: fromMs, endMs: toMs, stepMs });
  const failure = failureOf(storage, command, answer);
  const isClassic = !readsNative(storage, command) && !EXPERIMENTAL.test(query) && !expectsNative(command);
  return { line, query, isClassic, ...(failure !== undefined && { failure }) };
}

type Answer = Evaluated | PromqlSyntaxError | PromqlExecutionError;

function ask(storage: TestStorage, query: string, window: QueryWindow): Answer {
  try {
    const selections = planSelections(parsePromql(query), window, DEFAULT_LOOKBACK_MS);
    const series: Series[][] = [];
    for (const selection of selections) series[selection.ordinal] = storage.select(selection);
    return evaluatePromql({ query, window, series, limits: { maxSamples: MAX_SAMPLES } });
  } catch (error) {
    if (error instanceof PromqlSyntaxError || error instanceof PromqlExecutionError) return error;
    throw error;
  }
}

function failureOf(storage: TestStorage, command: EvalCommand, answer: Answer): string | undefined {
  const { fails } = command.expected;
  if (answer instanceof Error) {
    const message = answer.message.replace(/^\d+:\d+: parse error: /u, '');
    if (fails === undefined) return message;
    return matches(fails, message) || matches(fails, answer.message)
      ? undefined
      : `failed otherwise: ${message}`;
  }
  if (fails !== undefined) return 'expected to fail';
  return (
    noteFailure(command, answer) ??
    differenceOf(command, answer.result) ??
    rangeFailure(storage, command, answer)
  );
}

function noteFailure({ expected }: EvalCommand, { warnings, infos }: Evaluated): string | undefined {
  if (expected.hasNoWarning && warnings.length > 0) return `unexpected warning: ${warnings.join('; ')}`;
  if (expected.hasNoInfo && infos.length > 0) return `unexpected info: ${infos.join('; ')}`;
  return missingNote('warning', expected.warnings, warnings) ?? missingNote('info', expected.infos, infos);
}

function missingNote(
  kind: string,
  wanted: readonly ExpectedNote[],
  notes: readonly string[],
): string | undefined {
  if (wanted.length === 0) return undefined;
  const unmet = wanted.find((one) => !notes.some((note) => matches(one, note)));
  if (unmet !== undefined) {
    return `no ${kind} ${unmet.text ?? String(unmet.pattern ?? '')}, but ${notes.join('; ')}`;
  }
  const other = notes.find((note) => !wanted.some((one) => matches(one, note)));
  return other === undefined ? undefined : `unexpected ${kind}: ${other}`;
}

function matches({ text, pattern }: ExpectedNote, note: string): boolean {
  return text === undefined ? (pattern?.test(note) ?? true) : note === text;
}

/** An instant query gives what a range query gives at that step. */
function rangeFailure(storage: TestStorage, command: EvalCommand, { result }: Evaluated): string | undefined {
  const dependsOnRange = /\b(?:start|end|step|range)\s*\(/iu.test(command.query);
  const isComparable = result.type === 'vector' || result.type === 'scalar';
  if (command.stepMs !== 0 || command.expected.isOrdered || dependsOnRange || !isComparable) return undefined;
  const atMs = command.fromMs;
  const window = { startMs: atMs - MINUTE_MS, endMs: atMs + MINUTE_MS, stepMs: MINUTE_MS };
  const answer = ask(storage, command.query, window);
  if (answer instanceof Error) return `as a range query: ${answer.message}`;
  if (answer.result.type !== 'matrix') return `as a range query: a ${answer.result.type}`;
  const middle = answer.result.series
    .map((series) => sampleAt(series, atMs))
    .filter((series) => series !== undefined);
  const same: QueryResult =
    result.type === 'vector'
      ? { type: 'vector', series: middle }
      : { type: 'scalar', timestamps: result.timestamps, values: middle[0]?.values ?? new Float64Array(0) };
  const difference = differenceOf(command, same);
  return difference === undefined ? undefined : `as a range query: ${difference}`;
}

function sampleAt(
  { labels, timestamps, values, histograms }: ResultSeries,
  atMs: number,
): ResultSeries | undefined {
  const at = timestamps.indexOf(atMs);
  if (at === -1) return undefined;
  return {
    labels,
    timestamps: timestamps.subarray(at, at + 1),
    values: values.subarray(at, at + 1),
    histograms: histograms && [histograms[at]],
  };
}

function readsNative(storage: TestStorage, { query, fromMs, toMs, stepMs }: EvalCommand): boolean {
  try {
    const window = { startMs: fromMs, endMs: toMs, stepMs };
    const selections = planSelections(parsePromql(query), window, DEFAULT_LOOKBACK_MS);
    return selections.some((selection) =>
      storage
        .select(selection)
        .some((one) => one.histograms !== undefined || one.startTimestamps !== undefined),
    );
  } catch (error) {
    if (error instanceof PromqlSyntaxError || error instanceof PromqlExecutionError) return false;
    throw error;
  }
}

function expectsNative({ expected }: EvalCommand): boolean {
  return expected.series.some(({ samples }) => samples.some(({ kind }) => kind === 'histogram'));
}
