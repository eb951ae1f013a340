import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { adminCookies } from '../../runtime/end-to-end/index.ts';
import { runLoad } from '../load/run-load.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { number, readOptions } from '../read-options.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';

/** Pages that show what comes, left open. */
const PAGES = { overview: '/', service: '/services/~~bench-0', tail: '/tail' } as const;
const MS_A_MINUTE = 60_000;
const MB = 1e6;

interface Sample {
  readonly heapMb: number;
  readonly nodes: number;
  /** Changes of the page since the sample before. */
  readonly updates: number;
}

interface OpenPage {
  readonly name: string;
  readonly page: Page;
  readonly session: CDPSession;
  readonly samples: Sample[];
}

/**
 * Whether pages that are left open grow or stop: what their JavaScript heap and DOM hold after a collection, once a minute for
 * `--minutes`, while spans come at `--rate` a second. Growth is the slope of the second half, when rings and lists are full.
 */
export async function run(args: readonly string[]): Promise<Record<string, number>> {
  const { minutes, rate } = readOptions(args, {
    minutes: number(30, 'minutes that the pages stay open'),
    rate: number(500, 'spans a second'),
  });
  const platform = await startPlatform();
  const browser = await launchBrowser();
  try {
    const load = runLoad({
      protocol: 'http',
      port: platform.ports.otlpHttp,
      durationMs: minutes * MS_A_MINUTE,
      concurrency: 1,
      spansPerRequest: 100,
      spansPerSecond: rate,
    });
    const cookies = await adminCookies(platform.ports.dashboard);
    const pages: OpenPage[] = [];
    for (const [name, path] of Object.entries(PAGES)) {
      // A context each: a tab behind another one would be painted by nobody.
      const context = await browser.newContext();
      await context.addCookies(cookies);
      pages.push(await openPage(context, name, `http://127.0.0.1:${platform.ports.dashboard}${path}`));
    }
    for (let minute = 0; minute < minutes; minute += 1) {
      await sleep(MS_A_MINUTE);
      for (const each of pages) each.samples.push(await sampleOf(each));
      process.stderr.write(`${minute + 1} of ${minutes} minutes: ${pages.map(described).join(', ')}\n`);
    }
    await load;
    return Object.assign({ minutes }, ...pages.map(figuresOf)) as Record<string, number>;
  } finally {
    await browser.close();
    await platform.stop();
  }
}

async function openPage(context: BrowserContext, name: string, url: string): Promise<OpenPage> {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(`
    globalThis.soakUpdates = 0;
    new MutationObserver((records) => { globalThis.soakUpdates += records.length; })
      .observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
  `);
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('Performance.enable');
  return { name, page, session, samples: [] };
}

async function sampleOf({ page, session }: OpenPage): Promise<Sample> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name: string) => metrics.find((each) => each.name === name)?.value ?? Number.NaN;
  const updates = await page.evaluate<number>(
    `(() => { const seen = globalThis.soakUpdates; globalThis.soakUpdates = 0; return seen; })()`,
  );
  return { heapMb: metric('JSHeapUsedSize') / MB, nodes: metric('Nodes'), updates };
}

function described({ name, samples }: OpenPage): string {
  const last = samples.at(-1);
  return `${name} ${(last?.heapMb ?? 0).toFixed(1)} MB`;
}

function figuresOf({ name, samples }: OpenPage): Record<string, number> {
  const late = samples.slice(Math.floor(samples.length / 2));
  return {
    [`${name}HeapMb`]: rounded(samples.at(-1)?.heapMb ?? Number.NaN),
    [`${name}GrowthMbPerHour`]: rounded(60 * slopeOf(late.map(({ heapMb }) => heapMb))),
    [`${name}NodesPerHour`]: Math.round(60 * slopeOf(late.map(({ nodes }) => nodes))),
    [`${name}LeastUpdatesPerMinute`]: Math.min(...samples.map(({ updates }) => updates)),
  };
}

/** Of a straight line through values that are one apart, by least squares. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [across, along] = [0, 0];
  for (const [at, value] of values.entries()) {
    across += (at - middle) * (value - mean);
    along += (at - middle) ** 2;
  }
  return along === 0 ? 0 : across / along;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
