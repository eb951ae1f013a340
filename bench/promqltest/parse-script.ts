import { durationMs, type NotedSeries, parseSeriesLine } from './series-notation.ts';

export interface LoadCommand {
  readonly type: 'load';
  readonly line: number;
  readonly gapMs: number;
  /** Classic histograms are loaded as native ones with custom buckets, too. */
  readonly addsNative: boolean;
  readonly series: readonly NotedSeries[];
}

export interface ClearCommand {
  readonly type: 'clear';
}

/** What must be said beside a result: a text, a pattern, or anything. */
export interface ExpectedNote {
  readonly text?: string;
  readonly pattern?: RegExp;
}

export interface Expectation {
  readonly fails?: ExpectedNote;
  readonly warnings: readonly ExpectedNote[];
  readonly infos: readonly ExpectedNote[];
  readonly hasNoWarning: boolean;
  readonly hasNoInfo: boolean;
  readonly isOrdered: boolean;
  readonly text?: string;
  readonly scalar?: number;
  readonly rangeVector?: { readonly fromMs: number; readonly stepMs: number };
  readonly series: readonly NotedSeries[];
}

export interface EvalCommand {
  readonly type: 'eval';
  readonly line: number;
  readonly query: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 of an instant query. */
  readonly stepMs: number;
  readonly expected: Expectation;
}

export type Command = LoadCommand | ClearCommand | EvalCommand;

const LOAD = /^load(_with_nhcb)?\s+(\S+)$/u;
const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$/u;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+?)\s+(.+)$/u;

/** A script in the format of Prometheus' own tests (promqltest). Throws with the line that it cannot read. */
export function parseScript(text: string): Command[] {
  const lines = text.split('\n').map((line) => (line.trim().startsWith('#') ? '' : line.trim()));
  const commands: Command[] = [];
  for (let at = 0; at < lines.length; at++) {
    const head = lines[at] ?? '';
    if (head === '') continue;
    const body: string[] = [];
    const isBlock = head.startsWith('load') || head.startsWith('eval');
    const start = at;
    while (isBlock && (lines[at + 1] ?? '') !== '') body.push(lines[++at] ?? '');
    try {
      commands.push(parseCommand(head, body, start + 1));
    } catch (cause) {
      throw new Error(`line ${start + 1}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
  return commands;
}

function parseCommand(head: string, body: readonly string[], line: number): Command {
  if (head === 'clear') return { type: 'clear' };
  const load = LOAD.exec(head);
  if (load) {
    const series = body.map(parseSeriesLine);
    return {
      type: 'load',
      line,
      gapMs: durationMs(load[2] ?? ''),
      addsNative: load[1] !== undefined,
      series,
    };
  }
  const range = RANGE.exec(head);
  if (range) {
    const [, word, from = '', to = '', step = '', query = ''] = range;
    const times = { fromMs: durationMs(from), toMs: durationMs(to), stepMs: durationMs(step) };
    return { type: 'eval', line, query, ...times, expected: parseExpectation(body, word) };
  }
  const instant = INSTANT.exec(head);
  if (instant) {
    const [, word, time = '0', query = ''] = instant;
    const atMs = durationMs(time);
    return {
      type: 'eval',
      line,
      query,
      fromMs: atMs,
      toMs: atMs,
      stepMs: 0,
      expected: parseExpectation(body, word),
    };
  }
  throw new Error(`unknown command ${head}`);
}

function parseExpectation(body: readonly string[], word: string | undefined): Expectation {
  const expected = new ExpectationReader(word);
  for (const line of body) expected.read(line);
  return expected.done();
}

class ExpectationReader {
  private fails: ExpectedNote | undefined;
  private readonly warnings: ExpectedNote[] = [];
  private readonly infos: ExpectedNote[] = [];
  private hasNoWarning = false;
  private hasNoInfo = false;
  private isOrdered: boolean;
  private text: string | undefined;
  private scalar: number | undefined;
  private rangeVector: Expectation['rangeVector'];
  private readonly series: NotedSeries[] = [];

  constructor(word: string | undefined) {
    if (word === 'fail') this.fails = {};
    if (word === 'warn') this.warnings.push({});
    if (word === 'info') this.infos.push({});
    this.isOrdered = word === 'ordered';
  }

  read(line: string): void {
    const expect = /^expect\s+(.+)$/u.exec(line)?.[1];
    const failure = /^expected_fail_(message|regexp)\s+(.+)$/u.exec(line);
    if (expect !== undefined) this.readExpect(expect);
    else if (failure) {
      const isText = failure[1] === 'message';
      this.fails = isText ? { text: failure[2] ?? '' } : { pattern: new RegExp(failure[2] ?? '', 'u') };
    } else if (/^[-+]?(?:[\d.]+(?:e[-+]?\d+)?|inf|nan)$/iu.test(line)) {
      this.scalar = /inf$/iu.test(line) ? (line.startsWith('-') ? -Infinity : Infinity) : Number(line);
    } else this.series.push(parseSeriesLine(line));
  }

  done(): Expectation {
    return {
      warnings: this.warnings,
      infos: this.infos,
      hasNoWarning: this.hasNoWarning,
      hasNoInfo: this.hasNoInfo,
      isOrdered: this.isOrdered,
      series: this.series,
      ...(this.fails && { fails: this.fails }),
      ...(this.text !== undefined && { text: this.text }),
      ...(this.scalar !== undefined && { scalar: this.scalar }),
      ...(this.rangeVector && { rangeVector: this.rangeVector }),
    };
  }

  private readExpect(rest: string): void {
    const [, word = '', argument = ''] = /^(\S+)\s*(.*)$/su.exec(rest) ?? [];
    switch (word) {
      case 'fail':
        this.fails = noteOf(argument);
        return;
      case 'warn':
        this.warnings.push(noteOf(argument));
        return;
      case 'info':
        this.infos.push(noteOf(argument));
        return;
      case 'no_warn':
        this.hasNoWarning = true;
        return;
      case 'no_info':
        this.hasNoInfo = true;
        return;
      case 'ordered':
        this.isOrdered = true;
        return;
      case 'string':
        this.text = argument.startsWith('`') ? argument.slice(1, -1) : String(JSON.parse(argument));
        return;
      case 'range':
        this.readRangeVector(argument);
        return;
      default:
        throw new Error(`unknown expectation ${rest}`);
    }
  }

  private readRangeVector(argument: string): void {
    const [, from = '', step = ''] =
      /^vector\s+from\s+(\S+)\s+to\s+\S+\s+step\s+(\S+)$/u.exec(argument) ?? [];
    this.rangeVector = { fromMs: durationMs(from), stepMs: durationMs(step) };
  }
}

function noteOf(argument: string): ExpectedNote {
  const [, kind, text = ''] = /^(msg|regex):\s*(.*)$/u.exec(argument) ?? [];
  if (kind === undefined) return {};
  return kind === 'msg' ? { text } : { pattern: new RegExp(text, 'u') };
}
