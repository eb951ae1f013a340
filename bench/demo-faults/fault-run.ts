import type { FaultName } from '../demo/faults.ts';
import { CAUSES } from './fault-causes.ts';
import { seededRandom } from './seeded-random.ts';
import { WatchedShop } from './watched-shop.ts';

export interface FaultOutcome {
  readonly fault: FaultName;
  /** Of the day at which it began, UTC. */
  readonly hour: number;
  /** From its beginning to the first insight; undefined for none while it lasted. */
  readonly detectedSeconds: number | undefined;
  /** Whether the first root cause is the one that the fault is in, at the end of it and when it was first named. */
  readonly isRight: boolean;
  readonly isRightAtOnce: boolean;
  /** That were opened while it lasted. */
  readonly insights: number;
  /** First ones, as shown at the end. */
  readonly causes: readonly string[];
  readonly title: string;
}

export interface FaultRunOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly rate: number;
  readonly verbose: boolean;
}

const FAULT_MS = 120_000;
const BETWEEN_MS = 600_000;
/** After a fault the way back to normal is still of it. */
const RECOVERY_MS = 180_000;
const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2026, 0, 5);

/** All faults in one shop, one after the other in an order and at a time of day that the seed says. */
export async function runFaults(
  options: FaultRunOptions,
): Promise<{ readonly faults: readonly FaultOutcome[]; readonly falseInsights: number }> {
  const random = seededRandom(options.seed);
  const startUnixMs = MONDAY + Math.floor((random() * DAY_MS) / 60_000) * 60_000;
  const shop = await WatchedShop.open({ seed: options.seed, startUnixMs, requestsPerSecond: options.rate });
  await shop.run(options.minutes * 60_000 + Math.floor(random() * 20) * 1_000);
  const faults: FaultOutcome[] = [];
  const calm: [number, number][] = [[startUnixMs, shop.unixMs]];
  for (const fault of shuffled(random)) {
    const startMs = shop.unixMs;
    shop.faults.add(fault);
    await shop.run(FAULT_MS);
    faults.push(outcomeOf(fault, shop, startMs));
    shop.faults.delete(fault);
    await shop.run(BETWEEN_MS + Math.floor(random() * 20) * 1_000);
    calm.push([startMs + FAULT_MS + RECOVERY_MS, shop.unixMs]);
  }
  await shop.stop();
  const between = [...shop.insights.values()].filter(({ first }) =>
    calm.some(([fromMs, toMs]) => first.detectedUnixMs >= fromMs && first.detectedUnixMs < toMs),
  );
  if (options.verbose) for (const { latest } of between) process.stderr.write(`  between: ${latest.title}\n`);
  return { faults, falseInsights: between.length };
}

function outcomeOf(fault: FaultName, shop: WatchedShop, startMs: number): FaultOutcome {
  const opened = [...shop.insights.values()]
    .filter(({ first }) => first.detectedUnixMs >= startMs)
    .sort((one, other) => one.first.detectedUnixMs - other.first.detectedUnixMs);
  const [shown] = opened;
  return {
    fault,
    hour: (startMs % DAY_MS) / 3_600_000,
    detectedSeconds: shown && (shown.first.detectedUnixMs - startMs) / 1_000,
    isRight: isRight(fault, shown?.latest.rootCauses[0]?.service.name),
    isRightAtOnce: isRight(fault, shown?.named?.rootCauses[0]?.service.name),
    insights: opened.length,
    causes:
      shown?.latest.rootCauses
        .slice(0, 3)
        .map(({ service, score }) => `${service.name} ${score.toFixed(2)}`) ?? [],
    title: shown?.latest.title ?? '',
  };
}

function isRight(fault: FaultName, cause: string | undefined): boolean {
  return cause !== undefined && CAUSES[fault].includes(cause);
}

function shuffled(random: () => number): readonly FaultName[] {
  // The leak comes last: its memory stays.
  const names = (Object.keys(CAUSES) as FaultName[]).filter((name) => name !== 'memory-leak');
  for (let last = names.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [names[last], names[other]] = [names[other] ?? 'log-flood', names[last] ?? 'log-flood'];
  }
  return [...names, 'memory-leak'];
}
