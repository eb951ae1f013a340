import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { adminCookies } from '../../runtime/end-to-end/index.ts';
import { runLoad } from '../load/run-load.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { number, readOptions } from '../read-options.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';

const PAUSE_MS = 60;
const LAST_MARKS_MS = 3_000;

/**
 * From the acknowledgement of a span to its row on an open page of the live tail in Chromium, while other spans come
 * at `--rate` a second. Both clocks are the machine's own.
 */
export async function run(args: readonly string[]): Promise<Record<string, number>> {
  const values = readOptions(args, {
    marks: number(200, 'spans that are waited for on the page'),
    rate: number(20_000, 'spans a second behind them'),
  });
  const marks = values.marks;
  const platform = await startPlatform();
  const browser = await launchBrowser();
  const context = await browser.newContext();
  await context.addCookies(await adminCookies(platform.ports.dashboard));
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${platform.ports.dashboard}/tail?q=latency-mark`);
  await watchForMarks(page);
  const load = runLoad({
    protocol: 'http',
    port: platform.ports.otlpHttp,
    durationMs: marks * (PAUSE_MS + 15) + LAST_MARKS_MS,
    concurrency: 4,
    spansPerRequest: 500,
    spansPerSecond: values.rate,
  });
  await sleep(1_500);
  const acknowledged = new Map<string, number>();
  for (let mark = 0; mark < marks; mark += 1) {
    const name = `latency-mark-${String(mark).padStart(5, '0')}`;
    await sendMark(platform.ports.otlpHttp, name);
    acknowledged.set(name, performance.timeOrigin + performance.now());
    await sleep(PAUSE_MS);
  }
  const report = await load;
  const seen = new Map(await page.evaluate<[string, number][]>('[...globalThis.latencyMarks]'));
  await browser.close();
  await platform.stop();
  // One that never came has not come in any time.
  const delays = [...acknowledged]
    .map(([name, atMs]) => Math.max(0, (seen.get(name) ?? Infinity) - atMs))
    .sort((a, b) => a - b);
  return {
    p50Ms: quantile(delays, 0.5),
    p99Ms: quantile(delays, 0.99),
    ackToBrowserMsP99: quantile(delays, 0.99),
    marks,
    seen: seen.size,
    backgroundSpansPerSecond: Math.round((report.acceptedSpans / report.elapsedMs) * 1_000),
  };
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
