import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { adminCookies } from '../../runtime/end-to-end/index.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';
import { runLoad } from '../load/run-load.ts';
import { median } from '../median.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { number, readOptions } from '../read-options.ts';
import { startPlainLive } from './start-plain-live.ts';

const PAUSE_MS = 60;
const FIRST_MARK_MS = 1_500;
const LAST_MARKS_MS = 3_000;

/** A receiver and its page, open in the browser. */
interface Side {
  readonly otlpPort: number;
  readonly page: Page;
  /** When each mark was acknowledged, in ms since 1970. */
  readonly acknowledged: Map<string, number>;
  readonly spansPerSecond: number[];
}

/**
 * From the acknowledgement of a span to its row on an open page of the live tail in Chromium, while other spans come
 * at `--rate` a second. Beside it, by turns, a plain Node receiver that pushes what it counted each second as JSON to a page of
 * the same browser. Both clocks are the machine's own.
 */
export async function run(args: readonly string[]): Promise<Record<string, number>> {
  const values = readOptions(args, {
    marks: number(200, 'spans that are waited for on each page'),
    rate: number(20_000, 'spans a second behind them'),
    rounds: number(5, 'rounds of each side, by turns, that share the marks'),
  });
  const platform = await startPlatform();
  const plainReceiver = await startPlainLive();
  const browser = await launchBrowser();
  const context = await browser.newContext();
  await context.addCookies(await adminCookies(platform.ports.dashboard));
  const open = async (otlpPort: number, address: string): Promise<Side> => {
    const page = await context.newPage();
    await page.goto(address);
    await watchForMarks(page);
    return { otlpPort, page, acknowledged: new Map(), spansPerSecond: [] };
  };
  const plain = await open(plainReceiver.port, `http://127.0.0.1:${plainReceiver.port}/`);
  const ours = await open(
    platform.ports.otlpHttp,
    `http://127.0.0.1:${platform.ports.dashboard}/tail?q=latency-mark`,
  );
  const marks = Math.ceil(values.marks / values.rounds);
  for (let round = 0; round < values.rounds; round += 1) {
    for (const side of [plain, ours]) await sendMarks(side, round * marks, marks, values.rate);
  }
  const [delays, plainDelays] = [await delaysOf(ours), await delaysOf(plain)];
  await browser.close();
  await platform.stop();
  await plainReceiver.stop();
  const [p99Ms, plainP99Ms] = [quantile(delays, 0.99), quantile(plainDelays, 0.99)];
  return {
    p50Ms: quantile(delays, 0.5),
    p99Ms,
    ackToBrowserMsP99: p99Ms,
    marks: delays.length,
    seen: delays.filter(Number.isFinite).length,
    backgroundSpansPerSecond: median(ours.spansPerSecond),
    plainP50Ms: quantile(plainDelays, 0.5),
    plainAckToBrowserMsP99: plainP99Ms,
    plainSeen: plainDelays.filter(Number.isFinite).length,
    plainBackgroundSpansPerSecond: median(plain.spansPerSecond),
    ratio: Math.round((10 * plainP99Ms) / p99Ms) / 10,
  };
}

async function sendMarks(side: Side, first: number, marks: number, rate: number): Promise<void> {
  // That of the other side comes to the front of the browser and back: only what is in front is painted.
  await side.page.bringToFront();
  const load = runLoad({
    protocol: 'http',
    port: side.otlpPort,
    durationMs: marks * (PAUSE_MS + 15) + LAST_MARKS_MS,
    concurrency: 4,
    spansPerRequest: 500,
    spansPerSecond: rate,
  });
  await sleep(FIRST_MARK_MS);
  for (let mark = first; mark < first + marks; mark += 1) {
    const name = `latency-mark-${String(mark).padStart(5, '0')}`;
    await sendMark(side.otlpPort, name);
    side.acknowledged.set(name, performance.timeOrigin + performance.now());
    await sleep(PAUSE_MS);
  }
  const { acceptedSpans, elapsedMs } = await load;
  side.spansPerSecond.push(Math.round((acceptedSpans / elapsedMs) * 1_000));
}

/** Ascending. One that never came has not come in any time. */
async function delaysOf({ page, acknowledged }: Side): Promise<number[]> {
  const seen = new Map(await page.evaluate<[string, number][]>('[...globalThis.latencyMarks]'));
  return [...acknowledged]
    .map(([name, atMs]) => Math.max(0, (seen.get(name) ?? Infinity) - atMs))
    .sort((a, b) => a - b);
}

/** Notes when the text of each mark is first in the page, at the frame that paints it. */
async function watchForMarks(page: Page): Promise<void> {
  await page.evaluate(`
    globalThis.latencyMarks = new Map();
    const look = () => {
      const now = performance.timeOrigin + performance.now();
      for (const [name] of document.body.textContent.matchAll(/latency-mark-\\d{5}/g)) {
        if (!globalThis.latencyMarks.has(name)) globalThis.latencyMarks.set(name, now);
      }
    };
    new MutationObserver(() => requestAnimationFrame(look)).observe(document.body, { childList: true, subtree: true, characterData: true });
  `);
}

async function sendMark(port: number, name: string): Promise<void> {
  const nowNano = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: crypto.randomUUID().replaceAll('-', ''),
    spanId: crypto.randomUUID().replaceAll('-', '').slice(0, 16),
    name,
    kind: 2,
    startTimeUnixNano: String(nowNano),
    endTimeUnixNano: String(nowNano + 1_000_000n),
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'marker' } }] };
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`a mark was answered ${response.status}`);
}

function quantile(sorted: readonly number[], q: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return Math.round(value * 10) / 10;
}
