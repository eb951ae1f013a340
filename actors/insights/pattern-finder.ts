import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import { absenceOf, noveltyOf, riseOf } from '../../workers/kernels/log-patterns/index.ts';
import type { ChangeWatch } from './change-watch.ts';
import { COUNT_CELL_MS } from './count-cells.ts';
import { figure, short } from './describe.ts';
import type { Feedback } from './feedback.ts';
import { changeBefore, patternEvidence, recurrenceEvidence } from './pattern-evidence.ts';
import { findNewMarks } from './new-marks.ts';
import {
  LEAST_NATS,
  NEW_MS,
  PATIENCE_MS,
  WATCHED_MS,
  type FindingType,
  type PatternFinding,
} from './pattern-finding.ts';
import { subjectOf, type PatternWatch, type WatchedLogs, type WatchedPattern } from './pattern-watch.ts';
import { recurrenceWords } from './recurrence-words.ts';
import type { BurstingSignal, SignalBursts } from './signal-bursts.ts';
import type { SpanMarks } from './span-marks.ts';

export interface PatternFinderParts {
  readonly patterns: PatternWatch;
  readonly signals: SignalBursts;
  readonly marks: SpanMarks;
  readonly feedback: Feedback;
  readonly changes: ChangeWatch;
}

const LEAST_NEW = 3;
const STEADY_MS = 3_600_000;
/** What recurs so seldom is missed at once; what comes more often may be left out twice. */
const MISSED_AT_ONCE_MS = 3_600_000;
const MISSED_TIMES = 3;
const MOST_MISSED_BEFORE = 0.1;
/** How late what recurs may be. */
const LATE_SHARE = 0.05;
const [LEAST_LATE_MS, MOST_LATE_MS] = [60_000, 600_000];
const LATELY_MS = 600_000;

const HELD_WHILE_NEW_MS = 3_600_000;
const HELD_SILENT_MS = 600_000;
const HELD_GONE_MS = 6 * 3_600_000;
const HELD_PERIODIC_MS = 24 * 3_600_000;

/** Looks for what is worth saying of log patterns, of requests and failures that recur, and of what is new on spans. */
export class PatternFinder {
  private readonly parts: PatternFinderParts;

  constructor(parts: PatternFinderParts) {
    this.parts = parts;
  }

  /** `startedMs`: since when what comes in is seen without a break. */
  find(nowMs: number, startedMs: number): readonly PatternFinding[] {
    const found: PatternFinding[] = [];
    const records = new Map<ServiceId, Float64Array>();
    for (const pattern of this.parts.patterns.all()) {
      const logs = this.parts.patterns.logs(pattern.serviceId);
      if (logs === undefined || nowMs - logs.sinceMs < WATCHED_MS) continue;
      const all = records.get(pattern.serviceId) ?? logs.cells.complete(nowMs, logs.sinceMs);
      records.set(pattern.serviceId, all);
      const finding =
        this.newOf(pattern, logs, nowMs) ??
        this.risingOf(pattern, all, logs, nowMs) ??
        this.missedOf(pattern, logs, nowMs, startedMs) ??
        this.goneOf(pattern, all, logs, nowMs) ??
        this.periodicOf(pattern, nowMs);
      if (finding !== undefined) found.push(finding);
    }
    for (const signal of this.parts.signals.all()) {
      const finding = this.recurringOf(signal, nowMs);
      if (finding !== undefined) found.push(finding);
    }
    return [...found, ...findNewMarks(this.parts, nowMs)];
  }

  /** Whether what was found of a subject at `detectedMs`, and last at `foundMs`, still holds. */
  holds(type: FindingType, subject: string, detectedMs: number, foundMs: number, nowMs: number): boolean {
    const { patterns, signals, marks } = this.parts;
    const mark = marks.find(subject);
    if (mark !== undefined) return isHeldAsNew(mark, detectedMs, nowMs);
    const pattern = patterns.find(patternOf(subject));
    const of = pattern ?? signals.find(subject);
    if (of === undefined) return false;
    switch (type) {
      case 'new':
        return pattern !== undefined && isHeldAsNew(pattern, detectedMs, nowMs);
      case 'rising':
        return nowMs - foundMs < HELD_SILENT_MS && nowMs - detectedMs < HELD_WHILE_NEW_MS;
      case 'gone':
      case 'missed':
        return pattern !== undefined && pattern.lastMs < detectedMs && nowMs - detectedMs < HELD_GONE_MS;
      case 'periodic': {
        const { recurrence } = of;
        if (recurrence === undefined) return false;
        const longestMs = Math.max(HELD_PERIODIC_MS, 2 * recurrence.periodMs);
        return nowMs - recurrence.lastMs < 3 * recurrence.periodMs && nowMs - detectedMs < longestMs;
      }
    }
  }

  private newOf(pattern: WatchedPattern, logs: WatchedLogs, nowMs: number): PatternFinding | undefined {
    const { severity, firstMs, recordsBefore, count } = pattern;
    const ageMs = nowMs - firstMs;
    if (severity !== 'error' || ageMs < PATIENCE_MS || ageMs > NEW_MS) return undefined;
    if (firstMs - logs.sinceMs < WATCHED_MS || count < LEAST_NEW) return undefined;
    const nats = noveltyOf(count, logs.records - recordsBefore, recordsBefore);
    if (!this.isEnough(nats, pattern) || this.isVariant(pattern)) return undefined;
    return this.findingOf('new', pattern, nowMs, {
      ...{ nats, sinceMs: firstMs, severity: 'warning' },
      says: `is a new error pattern (${figure(count)} records within ${minutes(ageMs)})`,
      because: `Its service logged ${figure(recordsBefore)} records before without it.`,
    });
  }

  /** A template that differs from an older one in a word may be that one with a value that has not come before. */
  private isVariant(pattern: WatchedPattern): boolean {
    const words = pattern.template.split(' ');
    for (const other of this.parts.patterns.all()) {
      if (other.serviceId !== pattern.serviceId || other.firstMs >= pattern.firstMs) continue;
      const others = other.template.split(' ');
      if (others.length !== words.length || words.length < 3) continue;
      if (words.filter((word, at) => word !== others[at]).length <= 1) return true;
    }
    return false;
  }

  private risingOf(
    pattern: WatchedPattern,
    all: Float64Array,
    logs: WatchedLogs,
    nowMs: number,
  ): PatternFinding | undefined {
    if (nowMs - pattern.lastMs > 2 * COUNT_CELL_MS || nowMs - pattern.firstMs < WATCHED_MS) return undefined;
    const rise = riseOf({ pattern: pattern.cells.complete(nowMs, logs.sinceMs), all });
    if (rise === undefined || !this.isEnough(rise.nats, pattern)) return undefined;
    const { observed, expected, nats, cells } = rise;
    return this.findingOf('rising', pattern, nowMs, {
      ...{ nats, sinceMs: nowMs - cells * COUNT_CELL_MS },
      severity: pattern.severity === 'error' ? 'warning' : 'info',
      says: `comes ${figure(observed / expected)} times as often (${perMinute(observed, cells)}, usually ${perMinute(expected, cells)})`,
      because: 'Neither its service as a whole nor an anomaly explains it.',
    });
  }

  private goneOf(
    pattern: WatchedPattern,
    all: Float64Array,
    logs: WatchedLogs,
    nowMs: number,
  ): PatternFinding | undefined {
    const { severity, firstMs, lastMs, recurrence } = pattern;
    // That errors stop is no trouble; what recurs has times of its own.
    if (severity === 'error' || recurrence !== undefined || lastMs - firstMs < STEADY_MS) return undefined;
    if (nowMs - lastMs < 4 * COUNT_CELL_MS) return undefined;
    const absence = absenceOf({ pattern: pattern.cells.complete(nowMs, logs.sinceMs), all });
    if (absence === undefined || !this.isEnough(absence.nats, pattern)) return undefined;
    const { expected, nats, cells } = absence;
    return this.findingOf('gone', pattern, nowMs, {
      ...{ nats, sinceMs: lastMs, severity: 'info' },
      says: `has stopped (usually ${perMinute(expected, cells)})`,
      because: `Its service goes on, and ${figure(expected)} records of it were to be expected since.`,
    });
  }

  private periodicOf(pattern: WatchedPattern, nowMs: number): PatternFinding | undefined {
    const { recurrence } = pattern;
    if (recurrence === undefined || !this.isEnough(recurrence.nats + LEAST_NATS, pattern)) return undefined;
    if (nowMs - recurrence.lastMs > 1.5 * recurrence.periodMs) return undefined;
    const words = recurrenceWords(recurrence);
    return this.findingOf('periodic', pattern, nowMs, {
      ...{ nats: recurrence.nats, sinceMs: recurrence.firstMs, severity: 'info', at: words },
      says: `comes ${words}`,
      because: `It came ${recurrence.occurrences} times within ${figure(recurrence.toleranceMs / 1_000)} s of that${missedBefore(recurrence.missed)}.`,
    });
  }

  /** Of what recurs: it did not come, and its service was there. */
  private missedOf(
    pattern: WatchedPattern,
    logs: WatchedLogs,
    nowMs: number,
    startedMs: number,
  ): PatternFinding | undefined {
    const { recurrence, lastMs } = pattern;
    if (recurrence === undefined || !this.isEnough(recurrence.nats + LEAST_NATS, pattern)) return undefined;
    const { periodMs, occurrences, missed } = recurrence;
    if (missed > MOST_MISSED_BEFORE * (occurrences + missed)) return undefined;
    const lateMs = Math.min(MOST_LATE_MS, Math.max(LEAST_LATE_MS, LATE_SHARE * periodMs));
    const times = periodMs >= MISSED_AT_ONCE_MS ? 1 : MISSED_TIMES;
    const expectedMs = recurrence.lastMs + periodMs;
    if (nowMs < expectedMs + (times - 1) * periodMs + lateMs) return undefined;
    if (startedMs > expectedMs - lateMs || lastMs > expectedMs - lateMs) return undefined;
    // Twice as long after, it is no news.
    if (nowMs > expectedMs + 2 * times * periodMs) return undefined;
    const recent = logs.cells.complete(nowMs, nowMs - LATELY_MS).reduce((sum, each) => sum + (each || 0), 0);
    if (recent === 0) return undefined;
    const words = recurrenceWords(recurrence);
    return this.findingOf('missed', pattern, nowMs, {
      ...{ nats: recurrence.nats, sinceMs: expectedMs, severity: 'warning', at: words },
      says: `came ${words}, and did not come at ${new Date(expectedMs).toISOString().slice(11, 16)} UTC`,
      because: `It came ${occurrences} times before${missedBefore(missed)}, and its service goes on.`,
    });
  }

  private recurringOf(signal: BurstingSignal, nowMs: number): PatternFinding | undefined {
    const { recurrence, key, service, serviceId } = signal;
    if (recurrence === undefined || recurrence.nats < this.parts.feedback.lenienceOf(key)) return undefined;
    if (nowMs - recurrence.lastMs > 1.5 * recurrence.periodMs) return undefined;
    const words = recurrenceWords(recurrence);
    return {
      ...{ type: 'periodic', subject: key, service, serviceId, severity: 'info', nats: recurrence.nats },
      group: ['periodic', serviceId, signal.signal, words].join('\n'),
      sinceMs: recurrence.firstMs,
      name: signal.signal === 'requests' ? 'a burst of requests' : 'a burst of failures',
      says: `comes ${words}`,
      because: `It came ${recurrence.occurrences} times within ${figure(recurrence.toleranceMs / 1_000)} s of that${missedBefore(recurrence.missed)}.`,
      evidence: [recurrenceEvidence(signal, nowMs)],
    };
  }

  private findingOf(
    type: FindingType,
    pattern: WatchedPattern,
    nowMs: number,
    said: Pick<PatternFinding, 'nats' | 'sinceMs' | 'says' | 'because'> & {
      readonly severity: InsightJson['severity'];
      readonly at?: string;
    },
  ): PatternFinding {
    const { at = '', ...rest } = said;
    const { service, serviceId } = pattern;
    return {
      ...rest,
      ...{ type, service, serviceId, subject: subjectOf(pattern) },
      group: [type, serviceId, at].join('\n'),
      name: `“${short(pattern.template)}”`,
      evidence: [
        patternEvidence(pattern, type, this.parts.patterns, said.sinceMs, nowMs),
        ...(type === 'periodic' ? [] : changeBefore(this.parts.changes, pattern, said.sinceMs, nowMs)),
      ],
    };
  }

  private isEnough(nats: number, pattern: WatchedPattern): boolean {
    return nats >= LEAST_NATS + this.parts.feedback.lenienceOf(subjectOf(pattern));
  }
}

function isHeldAsNew({ lastMs }: { readonly lastMs: number }, detectedMs: number, nowMs: number): boolean {
  return nowMs - lastMs < HELD_SILENT_MS && nowMs - detectedMs < HELD_WHILE_NEW_MS;
}

function patternOf(subject: string): string {
  const [serviceId = '', , pattern = ''] = subject.split('\n');
  return `${serviceId} ${pattern}`;
}

function minutes(ms: number): string {
  return `${Math.max(1, Math.round(ms / 60_000))} min`;
}

function perMinute(records: number, cells: number): string {
  return `${figure((60_000 * records) / (cells * COUNT_CELL_MS))} a minute`;
}

function missedBefore(missed: number): string {
  return missed === 0 ? '' : ` and was left out ${missed === 1 ? 'once' : `${missed} times`}`;
}
