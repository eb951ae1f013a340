import type { Page } from 'playwright-core';
import type { AttributeJson, LogJson, MetricSeriesJson, SpanJson } from '../../proto/api/index.ts';
import { textOfValue } from '../../web/ui/any-value.ts';
import { STATUS_ERROR } from '../../web/ui/otel-names.ts';

/** What is compared of a span: its service, name and id, its status message, and its attributes as `key=value`. */
export interface ShownSpan {
  readonly service: string;
  readonly name: string;
  readonly spanId: string;
  readonly message: string;
  readonly attributes: readonly string[];
}

/** Rows out of sight are not in the document: with this height all are in sight. */
export const TALL_VIEWPORT = { width: 1280, height: 6_000 } as const;

export function spanAsShown({ service, name, spanId, status, attributes }: SpanJson): ShownSpan {
  const failed = status.message || 'The span ended with an error and no message.';
  return {
    service: service.name,
    name,
    spanId,
    message: status.code === STATUS_ERROR ? failed : '',
    attributes: textsOf(attributes),
  };
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

/** Opens one trace after the other, by the command palette, and each of its spans. */
export async function shownSpans(
  page: Page,
  origin: string,
  traceIds: Iterable<string>,
): Promise<ShownSpan[]> {
  await page.goto(`${origin}/traces`);
  await page.getByRole('heading', { name: 'Traces', exact: true }).waitFor();
  const shown: ShownSpan[] = [];
  for (const traceId of traceIds) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(traceId);
    await page.locator('#palette-list li').first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === `/traces/${traceId}`);
    const rows = page.locator('.span-row');
    await rows.first().waitFor();
    for (const row of await rows.all()) {
      await row.click();
      const service = await row.locator('.span-service').innerText();
      shown.push({ service, ...(await openSpan(page)) });
    }
  }
  return shown;
}

async function openSpan(page: Page): Promise<Omit<ShownSpan, 'service'>> {
  const detail = page.getByRole('complementary', { name: 'Span', exact: true });
  const summary = page.locator('summary', { hasText: /^Attributes/ });
  const own = detail.locator('details', { has: summary });
  const [keys, values, name, spanId, message] = await Promise.all([
    own.locator('th').allTextContents(),
    own.locator('.value-cell > span:first-child').allTextContents(),
    detail.locator('h2').innerText(),
    detail.locator('dt:text-is("Span id") + dd').innerText(),
    detail.locator('.banner').allInnerTexts(),
  ]);
  const attributes = keys.map((key, at) => `${key}=${values[at] ?? ''}`);
  return { name, spanId, message: message.join().trim(), attributes };
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
