import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { adminCookies } from '../../runtime/end-to-end/index.ts';
import { realWorld } from '../demo/real-world.ts';
import { Shop } from '../demo/shop.ts';
import { runTraffic } from '../demo/traffic.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { number, readOptions } from '../read-options.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';

const FOLDER = fileURLToPath(new URL('./pictures/', import.meta.url));

/** The pictures of the README: the overview, with a fault on, after the shop has been open for a while. */
export async function run(args: readonly string[]): Promise<Record<string, string>> {
  const values = readOptions(args, {
    seconds: number(120, 'how long the shop is open before the pictures are taken'),
  });
  await mkdir(FOLDER, { recursive: true });
  const platform = await startPlatform();
  const world = realWorld(`http://127.0.0.1:${platform.ports.otlpHttp}`);
  const shop = new Shop(world, new Set(['payment-latency', 'error-burst']));
  const closing = new AbortController();
  const traffic = runTraffic({
    world,
    requestsPerSecond: 30,
    dayMs: 86_400_000,
    factor: () => 1,
    visit: () => shop.visit(),
    signal: closing.signal,
  });
  await sleep(values.seconds * 1_000);
  const browser = await launchBrowser();
  const written: Record<string, string> = {};
  for (const colorScheme of ['dark', 'light'] as const) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme });
    await context.addCookies(await adminCookies(platform.ports.dashboard));
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${platform.ports.dashboard}/`);
    await sleep(4_000);
    const path = `${FOLDER}overview-${colorScheme}.png`;
    await page.screenshot({ path });
    written[colorScheme] = path;
  }
  await browser.close();
  closing.abort();
  await traffic;
  await shop.stop();
  await platform.stop();
  return written;
}
