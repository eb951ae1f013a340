// Hot: once a log record. Bench: bench/loghub.
import {
  BodyKind,
  serviceIdOf,
  type Batch,
  type ServiceBatch,
  type ServiceKey,
} from '../../proto/columns/index.ts';
import {
  fingerprintStack,
  PatternMiner,
  type PatternMerge,
  type PatternMinerState,
} from '../kernels/log-patterns/index.ts';
import { unsignedAt, wordsOf } from '../red/index.ts';

/** Ranges of OpenTelemetry's severity numbers; 0 is none. */
export const SEVERITIES = ['unset', 'debug', 'info', 'warn', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface CountLogsInput {
  /** Whose templates: they are kept from one call to the next by the thread that is asked. */
  readonly keeper: string;
  /** What to go on from, where the thread keeps nothing. */
  readonly state?: PatternMinerState;
  readonly cellMs: number;
  /** Further lines are counted by severity, and not read. */
  readonly mostLines: number;
  /** Whether the templates shall come back as they are now. */
  readonly isSaving: boolean;
}

/** Records of a service and severity in a cell of time. */
export interface LogCell {
  readonly service: ServiceKey;
  readonly severity: Severity;
  /** Start, Unix ms. */
  readonly cellMs: number;
  count: number;
}

/** Records of a service that follow a pattern. */
export interface SeenPattern {
  readonly service: ServiceKey;
  readonly pattern: string;
  template: string;
  /** Whether the template, or the line it was read from, goes on. */
  isCut: boolean;
  /** Of the first. */
  readonly example: string;
  /** The worst of them. */
  severity: Severity;
  /** Of the stack trace in the first, or empty. */
  readonly fingerprint: string;
  /** The innermost functions of that. */
  readonly frames: readonly string[];
  count: number;
}

export type CountedLogs =
  /** The thread is new: it has to be told `state`. */
  | { readonly type: 'forgotten' }
  | {
      readonly type: 'counted';
      readonly cells: readonly LogCell[];
      readonly patterns: readonly SeenPattern[];
      /** Patterns that took others in since the thread was asked last; those seen are from before. */
      readonly merges: readonly PatternMerge[];
      /** Lines that were not read. */
      readonly unread: number;
      readonly state: PatternMinerState | undefined;
    };

const MOST_KEEPERS = 4;
const MOST_PATTERNS_SEEN = 2_000;
const LONGEST_LINE = 2_000;
const LONGEST_TEXT = 300;
const MOST_FRAMES = 5;
const ERROR = 17;

const miners = new Map<string, PatternMiner>();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Counts records by severity, and by the pattern that their text follows. */
export function countLogs(
  input: CountLogsInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): CountedLogs {
  const miner = minerOf(input);
  if (miner === undefined) return { type: 'forgotten' };
  const cells = new Map<string, LogCell>();
  const patterns = new Map<string, SeenPattern>();
  let left = input.mostLines;
  let unread = 0;
  for (const { service, batch } of batches) {
    if (batch.signal !== 'logs') continue;
    const logs = batch as Batch<'logs'>;
    countSeverities(cells, service, logs, input.cellMs);
    const read = Math.min(left, logs.rowCount);
    countPatterns(patterns, miner, service, logs, read);
    left -= read;
    unread += logs.rowCount - read;
  }
  const seen = [...patterns.values()];
  const state = input.isSaving ? miner.export() : undefined;
  const merges = miner.takeMerges();
  return { type: 'counted', cells: [...cells.values()], patterns: seen, merges, unread, state };
}

function minerOf({ keeper, state }: CountLogsInput): PatternMiner | undefined {
  const known = miners.get(keeper);
  if (known !== undefined || state === undefined) return known;
  const miner = PatternMiner.import(state);
  for (const key of miners.keys()) {
    if (miners.size < MOST_KEEPERS) break;
    miners.delete(key);
  }
  miners.set(keeper, miner);
  return miner;
}

function countSeverities(
  cells: Map<string, LogCell>,
  service: ServiceKey,
  { columns, rowCount }: Batch<'logs'>,
  lengthMs: number,
): void {
  const id = serviceIdOf(service);
  const times = wordsOf(columns.timeUnixNano);
  const observed = wordsOf(columns.observedTimeUnixNano);
  let last: LogCell | undefined;
  for (let row = 0; row < rowCount; row += 1) {
    const nanos = unsignedAt(times, row) || unsignedAt(observed, row);
    const cellMs = Math.floor(nanos / 1e6 / lengthMs) * lengthMs;
    const severity = severityOf(columns.severityNumber[row] ?? 0);
    if (last?.cellMs !== cellMs || last.severity !== severity) {
      const key = `${id} ${severity} ${cellMs}`;
      last = cells.get(key) ?? { service, severity, cellMs, count: 0 };
      cells.set(key, last);
    }
    last.count += 1;
  }
}

function countPatterns(
  patterns: Map<string, SeenPattern>,
  miner: PatternMiner,
  service: ServiceKey,
  { columns }: Batch<'logs'>,
  rows: number,
): void {
  const id = serviceIdOf(service);
  for (let row = 0; row < rows; row += 1) {
    if (columns.bodyKind[row] !== BodyKind.text) continue;
    const { offsets, bytes } = columns.body;
    const start = offsets[row] ?? 0;
    const whole = offsets[row + 1] ?? 0;
    const end = Math.min(whole, start + LONGEST_LINE);
    // A decoder refuses shared memory: the line is copied.
    const line = decoder.decode(bytes.slice(start, end));
    const pattern = miner.add(line);
    const key = `${id} ${pattern}`;
    const known = patterns.get(key);
    const severity = severityOf(columns.severityNumber[row] ?? 0);
    if (known !== undefined) {
      known.count += 1;
      if (SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(known.severity)) known.severity = severity;
      continue;
    }
    if (patterns.size >= MOST_PATTERNS_SEEN) continue;
    const template = miner.latestTemplate;
    const stack = line.includes('\n') ? fingerprintStack(line) : undefined;
    patterns.set(key, {
      service,
      pattern,
      template: template.slice(0, LONGEST_TEXT),
      isCut: template.length > LONGEST_TEXT || whole > end,
      example: line.slice(0, LONGEST_TEXT),
      severity,
      fingerprint: stack?.id ?? '',
      frames: (stack?.frames ?? []).slice(0, MOST_FRAMES).map((frame) => frame.slice(0, LONGEST_TEXT)),
      count: 1,
    });
  }
}

function severityOf(number: number): Severity {
  if (number >= ERROR) return 'error';
  if (number >= 13) return 'warn';
  if (number >= 9) return 'info';
  return number >= 1 ? 'debug' : 'unset';
}
