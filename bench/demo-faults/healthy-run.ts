import { seededRandom } from './seeded-random.ts';
import { WatchedShop } from './watched-shop.ts';

export interface HealthyOutcome {
  readonly hours: number;
  readonly titles: readonly string[];
}

const HOURS = 4;
const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2026, 0, 5);
const DEPLOY_EVERY_MS = 2_400_000;
const SERVICES = [
  'gateway',
  'catalog',
  'search',
  'cart',
  'checkout',
  'inventory',
  'payment',
  'orders',
  'email',
];

/** A shop in which nothing goes wrong for some hours, at a time of day that the seed says; now and then a service gets a new version. */
export async function runHealthy(options: {
  readonly seed: number;
  readonly rate: number;
}): Promise<HealthyOutcome> {
  const random = seededRandom(options.seed ^ 0x2545f491);
  // Six runs in a row see the whole day.
  const startHour = (4 * options.seed) % 24;
  const startUnixMs = MONDAY + startHour * 3_600_000 + (options.seed % 5) * DAY_MS;
  const shop = await WatchedShop.open({ seed: options.seed, startUnixMs, requestsPerSecond: options.rate });
  const untilMs = startUnixMs + HOURS * 3_600_000;
  while (shop.unixMs < untilMs) {
    await shop.run(Math.min(DEPLOY_EVERY_MS, untilMs - shop.unixMs));
    const service = SERVICES[Math.floor(random() * SERVICES.length)] ?? 'cart';
    const instance = (shop.deployments.get(service)?.instance ?? 1) + 1;
    shop.deployments.set(service, { version: `2.5.${instance}`, instance });
  }
  await shop.stop();
  return { hours: HOURS, titles: [...shop.insights.values()].map(({ latest }) => latest.title) };
}
