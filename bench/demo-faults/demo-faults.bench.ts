import type { FaultName } from '../demo/faults.ts';
import { flag, number, readOptions } from '../read-options.ts';
import { runFaults, type FaultOutcome } from './fault-run.ts';
import { runHealthy, type HealthyOutcome } from './healthy-run.ts';
import { median } from '../median.ts';
import { PAIRS, runPair, type PairOutcome } from './pair-run.ts';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 0, 5, 12);
const MUST = { detectedWithinSeconds: 30, rightRootCause: 0.9, falseAnHour: 1 };
const AIM = { detectedWithinSeconds: 10, rightRootCause: 1, falseAnHour: 0.2 };

/**
 * How soon each fault of the demo shop is noticed, what is named as its cause, and what a healthy shop is reported for; in virtual time, with
 * the shop's own code, real OTLP bytes, decoder, actors and threads.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const options = readOptions(args, {
    seeds: number(10, 'shops that each fault is switched on in'),
    first: number(1_001, 'first seed; the engine was tuned on seeds below 1001'),
    minutes: number(30, 'for how long a shop is watched before its first fault'),
    healthy: number(24, 'hours of healthy shops, with deploys, spread over the day'),
    rate: number(20, 'visitors a second at the busiest time of the day'),
    pairs: number(
      0,
      'shops in which each of six pairs of faults happens, the second three minutes after the first',
    ),
    verbose: flag('tell of each insight'),
  });
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.first + index);
  const outcomes: FaultOutcome[] = [];
  let extra = 0;
  for (const seed of seeds) {
    const { faults, falseInsights } = await runFaults({ ...options, seed });
    outcomes.push(...faults);
    extra += falseInsights;
    for (const each of faults) tell(`seed ${seed}: ${lineOf(each)}`);
  }
  const healthy: HealthyOutcome[] = [];
  for (let hours = 0, seed = options.first; hours < options.healthy; seed += 1) {
    const outcome = await runHealthy({ ...options, seed });
    healthy.push(outcome);
    hours += outcome.hours;
    tell(
      `seed ${seed}: healthy for ${outcome.hours} h, ${outcome.titles.length} insights ${outcome.titles.join('; ')}`,
    );
  }
  const pairs = await pairsOf(options);
  return {
    ...summarise(outcomes, healthy),
    insightsBetweenFaults: extra,
    pairs: pairs.length,
    secondFaultsTold: shareOf(pairs, ({ detectedSeconds }) => detectedSeconds !== undefined),
    slowestSecondSeconds: Math.max(0, ...pairs.map((each) => each.detectedSeconds ?? Infinity)),
    firstFaultsStillRight: shareOf(pairs, ({ isFirstRight }) => isFirstRight),
    must: MUST,
    aim: AIM,
  };
}

async function pairsOf(options: {
  readonly pairs: number;
  readonly first: number;
  readonly minutes: number;
  readonly rate: number;
}): Promise<readonly PairOutcome[]> {
  const outcomes: PairOutcome[] = [];
  for (let shop = 0; shop < options.pairs; shop += 1) {
    const seed = options.first + shop;
    const startUnixMs = NOON + shop * HOUR_MS;
    for (const pair of PAIRS) {
      const outcome = await runPair(pair, { ...options, seed, startUnixMs });
      outcomes.push(outcome);
      const { detectedSeconds, isFirstRight, insights, told } = outcome;
      const when = detectedSeconds === undefined ? 'NOT TOLD' : `after ${detectedSeconds.toFixed(0)} s`;
      tell(
        `seed ${seed}: ${pair.join(', then ')} ${when}, first ${isFirstRight ? 'right' : 'WRONG'}, ${insights} insights: ${told.join('; ')}`,
      );
    }
  }
  return outcomes;
}

function summarise(
  outcomes: readonly FaultOutcome[],
  healthy: readonly HealthyOutcome[],
): Record<string, unknown> {
  const names = [...new Set(outcomes.map(({ fault }) => fault))].sort();
  const faults = Object.fromEntries(names.map((name) => [name, ofFault(name, outcomes)]));
  const hours = healthy.reduce((sum, each) => sum + each.hours, 0);
  const falseInsights = healthy.reduce((sum, each) => sum + each.titles.length, 0);
  const seconds = outcomes.map((each) => each.detectedSeconds ?? Infinity);
  return {
    faults,
    medianSeconds: median(seconds),
    slowestSeconds: Math.max(...seconds),
    rightRootCause: shareOf(outcomes, ({ isRight }) => isRight),
    oneInsight: shareOf(outcomes, ({ insights }) => insights === 1),
    healthyHours: hours,
    falseAnHour: hours === 0 ? null : falseInsights / hours,
  };
}

function ofFault(name: FaultName, outcomes: readonly FaultOutcome[]): Record<string, unknown> {
  const own = outcomes.filter(({ fault }) => fault === name);
  const seconds = own.map((each) => each.detectedSeconds ?? Infinity);
  return {
    runs: own.length,
    medianSeconds: median(seconds),
    slowestSeconds: Math.max(...seconds),
    right: own.filter(({ isRight }) => isRight).length,
    rightAtOnce: own.filter(({ isRightAtOnce }) => isRightAtOnce).length,
  };
}

function shareOf<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): number | null {
  return items.length === 0 ? null : items.filter(isMeant).length / items.length;
}

function lineOf({ fault, hour, detectedSeconds, isRight, insights, causes, title }: FaultOutcome): string {
  const when = detectedSeconds === undefined ? 'not detected' : `after ${detectedSeconds.toFixed(0)} s`;
  return `${fault} at ${hour.toFixed(1)} h ${when}, ${isRight ? 'right' : 'WRONG'} (${causes.join(', ')}), ${insights} insights: ${title}`;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
