import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { AttributeJson, LogJson, MetricSeriesJson, SpanJson } from '../../proto/api/index.ts';
import { textOfValue } from '../ui/any-value.ts';

/** Rows out of sight are not in the document: with this height all are in sight. */
export const TALL_VIEWPORT = { width: 1280, height: 6_000 } as const;

/** A trace on its page. */
export interface ShownTrace {
  /** Of each row, its service and name. */
  readonly rows: readonly string[];
  /** As the page saves them. */
  readonly spans: readonly SpanJson[];
}

/** A span opened in its trace; attributes as `key=value`. */
export interface OpenSpan {
  readonly name: string;
  readonly spanId: string;
  readonly attributes: readonly string[];
}

export function rowOf({ service, name }: SpanJson): string {
  return `${service.name}: ${name}`;
}

export function openAsShown({ name, spanId, attributes }: SpanJson): OpenSpan {
  return { name, spanId, attributes: textsOf(attributes) };
}

export function logAsShown({ service, body }: LogJson): string {
  return `${service.name}: ${textOfValue(body)}`;
}

/** As the list below a metric's chart names it. */
export function seriesAsShown({ service, attributes }: MetricSeriesJson): string {
  return [service.name, ...textsOf(attributes)].join(' · ');
}

function textsOf(attributes: readonly AttributeJson[]): string[] {
  return attributes.map(({ key, value }) => `${key}=${textOfValue(value)}`);
}

/** By the command palette, from any page. */
export async function shownTrace(page: Page, traceId: string): Promise<ShownTrace> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(traceId);
  await page.locator('#palette-list li').first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === `/traces/${traceId}`);
  const rows = page.locator('.span-row');
  await rows.first().waitFor();
  const [services, names] = await Promise.all([
    rows.locator('.span-service').allTextContents(),
    rows.locator('.span-title').allTextContents(),
  ]);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'JSON' }).click(),
  ]);
  const { spans } = JSON.parse(await readFile(await download.path(), 'utf8')) as ShownTrace;
  return { rows: services.map((service, at) => `${service}: ${names[at] ?? ''}`), spans };
}

/** Opens each span of the trace that the page shows. */
export async function openSpans(page: Page): Promise<OpenSpan[]> {
  const detail = page.getByRole('complementary', { name: 'Span', exact: true });
  const own = detail.locator('details', { has: page.locator('summary', { hasText: /^Attributes/ }) });
  const opened: OpenSpan[] = [];
  for (const row of await page.locator('.span-row').all()) {
    await row.click();
    const [keys, values, name, spanId] = await Promise.all([
      own.locator('th').allTextContents(),
      own.locator('.value-cell > span:first-child').allTextContents(),
      detail.locator('h2').innerText(),
      detail.locator('dt:text-is("Span id") + dd').innerText(),
    ]);
    opened.push({ name, spanId, attributes: keys.map((key, at) => `${key}=${values[at] ?? ''}`) });
  }
  return opened;
}

export async function shownLogs(page: Page, origin: string): Promise<string[]> {
  await page.goto(`${origin}/logs?q=${encodeURIComponent('-service:ophion')}`);
  const rows = page.locator('.log-table .log-row');
  await rows.first().waitFor();
  const services = await rows.locator('[role=cell]:nth-child(3)').allInnerTexts();
  const bodies = await rows.locator('[role=cell]:nth-child(4)').allInnerTexts();
  return services.map((service, at) => `${service.trim()}: ${bodies[at] ?? ''}`);
}

/** By metric, what the list below its chart names. */
export async function shownSeries(
  page: Page,
  origin: string,
  metrics: Iterable<string>,
): Promise<Record<string, string[]>> {
  await page.goto(`${origin}/metrics`);
  const shown: Record<string, string[]> = {};
  for (const metric of metrics) {
    await page.locator('.metric-row', { has: page.getByText(metric, { exact: true }) }).click();
    const rows = page.getByRole('region', { name: metric, exact: true }).locator('.series-list > li');
    await rows.first().waitFor();
    shown[metric] = (await rows.locator('.mono').allTextContents()).sort();
  }
  return shown;
}
