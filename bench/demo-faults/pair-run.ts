import type { FaultName } from '../demo/faults.ts';
import { CAUSES } from './fault-causes.ts';
import { WatchedShop, type ShownInsight } from './watched-shop.ts';

export interface PairOutcome {
  readonly first: FaultName;
  readonly second: FaultName;
  /** From the beginning of the second fault to an insight whose first cause is where it is; undefined for none while it lasted. */
  readonly detectedSeconds: number | undefined;
  /** Whether the first fault's insight still named its own cause at the end. */
  readonly isFirstRight: boolean;
  /** That were opened while either lasted. */
  readonly insights: number;
  readonly told: readonly string[];
}

export interface PairRunOptions {
  readonly seed: number;
  readonly startUnixMs: number;
  readonly minutes: number;
  readonly rate: number;
}

/** Of services that call each other or share callers, and of such as have nothing to do with each other. */
export const PAIRS: readonly (readonly [FaultName, FaultName])[] = [
  ['error-burst', 'payment-latency'],
  ['payment-latency', 'error-burst'],
  ['error-burst', 'traffic-spike'],
  ['traffic-spike', 'error-burst'],
  ['log-flood', 'dependency-down'],
  ['dependency-down', 'log-flood'],
];

const APART_MS = 180_000;
const SECOND_MS = 120_000;

/** A fault, and three minutes later, while it lasts, another. */
export async function runPair(
  [first, second]: readonly [FaultName, FaultName],
  options: PairRunOptions,
): Promise<PairOutcome> {
  const { seed, startUnixMs, rate } = options;
  const shop = await WatchedShop.open({ seed, startUnixMs, requestsPerSecond: rate });
  await shop.run(options.minutes * 60_000);
  const firstMs = shop.unixMs;
  shop.faults.add(first);
  await shop.run(APART_MS);
  const secondMs = shop.unixMs;
  shop.faults.add(second);
  await shop.run(SECOND_MS);
  await shop.stop();
  const opened = [...shop.insights.values()].filter((each) => each.first.detectedUnixMs >= firstMs);
  const ofSecond = opened
    .filter((each) => each.first.detectedUnixMs >= secondMs && namesCauseOf(second, each))
    .map((each) => (each.first.detectedUnixMs - secondMs) / 1_000);
  return {
    first,
    second,
    detectedSeconds: ofSecond.length === 0 ? undefined : Math.min(...ofSecond),
    isFirstRight: opened.some((each) => each.first.detectedUnixMs < secondMs && namesCauseOf(first, each)),
    insights: opened.length,
    told: opened.map(({ latest }) => `${latest.title} (${latest.rootCauses[0]?.service.name ?? 'no cause'})`),
  };
}

function namesCauseOf(fault: FaultName, { latest }: ShownInsight): boolean {
  return CAUSES[fault].includes(latest.rootCauses[0]?.service.name ?? '');
}
