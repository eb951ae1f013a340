import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { InsightJson } from '../../proto/api/index.ts';
import { shopId, TRACE_ID } from './platform-data.ts';
import { insightsOfShop, madeInsight } from './platform-insights.ts';
import { shopHistory } from './shop-traffic.ts';
import { setStage } from './stage.ts';

const stage = setStage();

const titles = (page: Page) => page.locator('.insight-title').allInnerTexts();
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
const treeItem = (page: Page, service: string) =>
  page.locator(`[role=treeitem][data-service="${shopId(service)}"]`);
const treeItems = (page: Page) =>
  page
    .getByRole('treeitem')
    .evaluateAll((items) =>
      items.map(
        (item) => `${item.getAttribute('aria-level') ?? ''} ${item.getAttribute('aria-label') ?? ''}`,
      ),
    );
const [ANOMALY, FORECAST] = insightsOfShop(Date.now());
const CRITICAL = 'Latency of checkout is 11 times what is expected';

describe.each(['dark', 'light'] as const)('insights, %s theme', (theme) => {
  it('are listed newest first, filtered by the URL, and open by keyboard', async () => {
    const { page, complaints } = await stage.open('/insights', { theme });
    await page.getByText(CRITICAL).waitFor();
    expect(await titles(page)).toHaveLength(5);
    await page.getByText('75 %').waitFor();
    await page.getByLabel('Kind').selectOption('forecast');
    await expect.poll(() => titles(page)).toEqual(['Disk /data of catalog is full in 3.1 days']);
    expect(page.url()).toContain('kind=forecast');
    await page.reload();
    await expect.poll(() => titles(page)).toHaveLength(1);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => titles(page)).toHaveLength(5);
    await page.locator('.insight-row', { hasText: CRITICAL }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: CRITICAL }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('show why: charts with what was expected, causes that open, evidence with its links', async () => {
    const { page, complaints } = await stage.open(`/insights/${ANOMALY?.id ?? ''}`, { theme });
    await page.getByRole('heading', { name: CRITICAL }).waitFor();
    const first = page.getByRole('button', { name: /payment/ });
    expect(await first.getAttribute('aria-expanded')).toBe('true');
    await page.getByText('Deploy of version 2.3.1').waitFor();
    expect(await page.getByRole('list', { name: 'Since then' }).innerText()).toMatch(
      /^since .+catalog.* also: GET \/items is 3 times slower$/s,
    );
    const common = page.getByRole('region', { name: 'What failing spans have in common' });
    const rows = await common.getByRole('row').allInnerTexts();
    expect(rows.map((row) => row.split(/\s*\t\s*/))).toEqual([
      ['Attribute', 'Value', 'Failing', 'Others', 'Links'],
      ['resource.service.version', '2.3.1', '100 %', '4 %', 'Traces'],
      ['resource.cloud.availability_zone', 'b', '92 %', '31 %', 'Traces'],
    ]);
    expect(await common.getByRole('link', { name: 'Compare all attributes' }).getAttribute('href')).toMatch(
      /^\/traces\?q=service.*&facets=1&facet-view=differs&against=service.*-status%3Aerror&against-from=\d+&from=\d+&to=\d+$/,
    );
    expect(
      await page
        .getByRole('img', { name: 'latency of POST /payment: measured, and what was expected' })
        .count(),
    ).toBe(1);
    await first.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByText('Deploy of version 2.3.1').count()).toBe(0);
    await page.getByRole('button', { name: /checkout gives up/ }).click();
    await page.getByText('there is no evidence of its own').waitFor();
    const hrefs = await page
      .locator('.evidence-links a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(hrefs).toContain(`/traces/${TRACE_ID}`);
    const logs = hrefs.find((href) => href.startsWith('/logs')) ?? '';
    const search = new URL(logs, 'http://test').searchParams;
    expect([search.get('service'), search.get('q')]).toEqual([shopId('checkout'), '"charge of"']);
    expect(Number(search.get('from'))).toBeLessThan(Date.now() - 300_000);
    expect(complaints).toEqual([]);
  });

  it('show causes as a tree from the symptom down, by keyboard and by mouse', async () => {
    const { page, complaints } = await stage.open(`/insights/${ANOMALY?.id ?? ''}`, { theme });
    const tree = page.getByRole('tree');
    await tree.waitFor();
    expect(await treeItems(page)).toEqual([
      '1 gateway, passes on, the symptom was seen here',
      '2 checkout, cause 2, errors, 19 % of the blame',
      '3 cart, passes on',
      '4 payment, cause 1, latency, 71 % of the blame',
      '1 catalog, cause 3, cpu, 10 % of the blame, on no known way from the symptom',
    ]);
    await tree.getByText('Deploy of version 2.3.1').waitFor();
    const [gateway, payment] = [treeItem(page, 'gateway'), treeItem(page, 'payment')];
    await gateway.focus();
    expect(await tree.locator('[tabindex="0"]').count()).toBe(1);
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    await expect.poll(() => focused(page)).toMatch(/^payment/);
    await page.keyboard.press('Enter');
    await expect.poll(() => tree.getByText('Deploy of version 2.3.1').count()).toBe(0);
    await page.keyboard.press(' ');
    await tree.getByText('Deploy of version 2.3.1').waitFor();
    await payment.getByRole('link').first().focus();
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).not.toMatch(/^cart/);
    await payment.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => treeItem(page, 'cart').getAttribute('aria-expanded')).toBe('false');
    expect(await payment.count()).toBe(0);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => focused(page)).toMatch(/^checkout/);
    await page.keyboard.press('Enter');
    await tree.getByText('there is no evidence of its own').waitFor();
    await page.keyboard.press('End');
    await expect.poll(() => focused(page)).toMatch(/^catalog/);
    await tree.getByTitle('Show what is below').click();
    await payment.waitFor();
    await tree.getByRole('button', { name: /catalog is busy/ }).click();
    await expect.poll(() => tree.getByText('there is no evidence of its own').count()).toBe(2);
    expect(complaints).toEqual([]);
  });

  it('fit their tree of causes onto a phone', async () => {
    const { page, complaints } = await stage.open(`/insights/${ANOMALY?.id ?? ''}`, { theme, width: 360 });
    const panel = page.getByRole('region', { name: 'Root causes' });
    await panel.getByRole('tree').waitFor();
    const [right = 0, ...others] = await panel
      .locator('.panel-head, .cause-row, .cause-share')
      .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().right));
    expect(others.length).toBeGreaterThan(5);
    expect(Math.max(...others)).toBeLessThanOrEqual(right);
    expect(complaints).toEqual([]);
  });

  it('of what is coming show the forecast and when the limit is reached', async () => {
    const { page, complaints } = await stage.open(`/insights/${FORECAST?.id ?? ''}`, { theme });
    await page
      .getByRole('img', { name: 'disk /data: measured, and the forecast with its intervals' })
      .waitFor();
    await page.getByText('is reached').waitFor();
    expect(stage.platform.api.asked.some((path) => path.includes('/metrics/forecast?query=sum'))).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('say what runs out, and how much load is left', async () => {
    const { page, complaints } = await stage.open('/insights?view=capacity', { theme });
    await page.getByText('disk /data full in 3.1 days (80 %: 2.4 or later)').waitFor();
    await page.getByText('7 less full are not shown').waitFor();
    await page.getByText('16 %').waitFor();
    await page.getByRole('button', { name: 'Forecast of disk /data' }).click();
    await page.getByRole('img', { name: /disk \/data: measured/ }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('insights', () => {
  it('come and go by themselves, are counted in the navigation, and stand on other pages', async () => {
    stage.platform.api.isEmpty = true;
    stage.platform.live.publish(shopHistory(Math.floor(Date.now() / 1_000) - 1, 30));
    const { page, complaints } = await stage.open('/insights');
    await page.getByText('Nothing is abnormal').waitFor();
    const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /Insights/ });
    expect(await link.innerText()).toBe('Insights');
    const service = ANOMALY?.services[0];
    const begun = madeInsight(9, Date.now(), {
      title: 'Just now',
      ...(service && { service, services: [service] }),
    });
    const tip = madeInsight(8, Date.now() - 1_000, {
      ...{ kind: 'tip', severity: 'info', title: 'Since long' },
      ...(service && { service, services: [service] }),
    });
    stage.platform.live.changeInsights([begun, tip]);
    await expect.poll(() => titles(page)).toEqual(['Just now', 'Since long']);
    await expect.poll(() => link.locator('.nav-count').innerText()).toBe('1');
    await page.goto(`${stage.platform.url}/`);
    const ribbon = page.getByRole('navigation', { name: 'Open insights' });
    await ribbon.getByText('Just now').waitFor();
    expect(await ribbon.getByText('Since long').count()).toBe(0);
    await page.goto(`${stage.platform.url}/services/${encodeURIComponent(shopId('checkout'))}`);
    await ribbon.getByText('Just now').waitFor();
    await ribbon.getByText('Since long').waitFor();
    await page.goto(`${stage.platform.url}/services/${encodeURIComponent(shopId('cart'))}`);
    await page.getByRole('heading', { name: 'cart' }).waitFor();
    await expect.poll(() => page.locator('.nav-count').innerText()).toBe('1');
    expect(await ribbon.count()).toBe(0);
    stage.platform.api.isEmpty = false;
    await page.goto(`${stage.platform.url}/map`);
    await page.getByRole('link', { name: /checkout.*1 open insight/ }).waitFor();
    stage.platform.live.changeInsights([{ ...begun, state: 'over', updatedUnixMs: Date.now() }]);
    await expect.poll(() => page.locator('.nav-count').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('that were missed are there when the socket comes back', async () => {
    stage.platform.api.isEmpty = true;
    const { page } = await stage.open('/insights');
    await page.getByText('Nothing is abnormal').waitFor();
    stage.platform.live.changeInsights([madeInsight(1, Date.now(), { title: 'Before' })]);
    await expect.poll(() => titles(page)).toEqual(['Before']);
    stage.platform.live.goAway();
    await page.getByText('Stale since').waitFor();
    stage.platform.live.changeInsights([
      madeInsight(1, Date.now(), { title: 'Before', state: 'over', updatedUnixMs: Date.now() }),
      madeInsight(2, Date.now(), { title: 'Meanwhile' }),
    ]);
    stage.platform.live.comeBack();
    await expect.poll(() => titles(page), { timeout: 20_000 }).toEqual(['Meanwhile']);
    const renewed = stage.platform.live.received.filter(
      (one) => one.type === 'subscribe' && one.topic.kind === 'insights' && one.since !== undefined,
    );
    expect(renewed.length).toBeGreaterThan(0);
  });

  it('from before there were ways show their causes as a list; a tree stays as it is when news come', async () => {
    const { page, complaints } = await stage.open(`/insights/${ANOMALY?.id ?? ''}`);
    await treeItem(page, 'cart').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => treeItem(page, 'payment').count()).toBe(0);
    const causes = ANOMALY?.rootCauses ?? [];
    const change = (rootCauses: InsightJson['rootCauses']): void => {
      if (ANOMALY) {
        stage.platform.live.changeInsights([{ ...ANOMALY, rootCauses, updatedUnixMs: Date.now() }]);
      }
    };
    change(causes.map((cause) => ({ ...cause, score: cause.score / 2 })));
    await page.getByRole('treeitem', { name: /checkout, cause 2, errors, 9.5 %/ }).waitFor();
    expect(await focused(page)).toMatch(/^cart/);
    expect(await treeItem(page, 'payment').count()).toBe(0);
    change(
      causes.map(({ service, signal, score, explanation, evidence }) => ({
        ...{ service, signal, score, explanation, evidence },
      })),
    );
    await page.getByText('the likeliest first').waitFor();
    expect(await page.getByRole('tree').count()).toBe(0);
    expect(await page.locator('ol.causes .cause-rank').allInnerTexts()).toEqual(['1', '2', '3']);
    expect(complaints).toEqual([]);
  });

  it('are judged, and judged otherwise', async () => {
    const { page } = await stage.open(`/insights/${ANOMALY?.id ?? ''}`);
    const useful = page.getByRole('button', { name: 'Useful', exact: false }).first();
    await useful.click();
    await expect.poll(() => useful.getAttribute('aria-pressed')).toBe('true');
    await useful.click();
    await expect.poll(() => useful.getAttribute('aria-pressed')).toBe('false');
  });

  it('are found by key and palette, and say what to do when they cannot be loaded', async () => {
    stage.platform.live.publish(shopHistory(Math.floor(Date.now() / 1_000) - 1, 5));
    const { page } = await stage.open('/');
    await page.locator('.service-name').first().waitFor();
    await page.keyboard.press('8');
    await page.getByRole('heading', { name: 'Insights' }).waitFor();
    await page.goto(`${stage.platform.url}/`);
    await page.locator('.service-name').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('insig');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Insights' }).waitFor();
    stage.platform.api.failure = {
      status: 503,
      body: { error: { code: 'STORAGE_UNAVAILABLE', message: 'no database', cure: 'wait a little' } },
    };
    await page.reload();
    await page.getByText('Insights could not be loaded').waitFor();
    await page.getByText('wait a little').waitFor();
    stage.platform.api.failure = undefined;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(CRITICAL).waitFor();
    await page.goto(`${stage.platform.url}/insights/0192f0c5-7d4e-7cc3-98a4-999999999999`);
    await page.getByText('The insight could not be loaded').waitFor();
    expect(await page.getByRole('link', { name: 'Back to all insights' }).getAttribute('href')).toBe(
      '/insights',
    );
  });

  it('stand beside a metric: what was expected of it, and where it goes', async () => {
    const { page, complaints } = await stage.open('/metrics?name=process.cpu.utilization');
    await page.getByRole('button', { name: 'Expected band' }).click();
    await page.getByRole('img', { name: /Expected: mean of all series/ }).waitFor();
    await page.getByText('The first 4 values').waitFor();
    expect(page.url()).toContain('outlook=band');
    const asked = stage.platform.api.asked.find((path) => path.includes('/metrics/band')) ?? '';
    expect(new URL(asked, 'http://test').searchParams.get('query')).toBe(
      'avg({__name__="process.cpu.utilization"})',
    );
    await page.getByRole('button', { name: 'Forecast' }).click();
    await page.getByRole('img', { name: /Forecast: mean of all series/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('stand beside a metric that is their evidence, and not beside others', async () => {
    const { page, complaints } = await stage.open('/metrics?name=process.cpu.utilization');
    const panel = page.getByRole('region', { name: 'process.cpu.utilization' });
    await panel.waitFor();
    expect(await page.getByRole('navigation', { name: 'Open insights' }).count()).toBe(0);
    const [some] = insightsOfShop(Date.now());
    const evidence = some?.evidence.flatMap((one) =>
      one.type === 'signal' ? [{ ...one, name: 'process.cpu.utilization', operation: '' }] : [],
    );
    stage.platform.live.changeInsights([
      madeInsight(41, Date.now(), { title: 'The processor is busy', ...(evidence && { evidence }) }),
    ]);
    const ribbon = panel.getByRole('navigation', { name: 'Open insights' });
    await ribbon.getByText('The processor is busy').waitFor();
    expect(await ribbon.getByRole('link', { name: 'All' }).getAttribute('href')).toBe('/insights?state=open');
    expect(complaints).toEqual([]);
  });

  it('stand on the charts of a service as what is expected, and say what is still being learned', async () => {
    stage.platform.live.publish(shopHistory(Math.floor(Date.now() / 1_000) - 1, 30));
    const { page, complaints } = await stage.open(`/services/${encodeURIComponent(shopId('cart'))}`);
    const chart = (name: string) => page.getByRole('region', { name, exact: true });
    await chart('Requests').getByText('expected', { exact: false }).waitFor();
    await chart('Latency').getByText('expected p95', { exact: false }).waitFor();
    await chart('Errors').getByText('learning').waitFor();
    expect(await page.getByText('learning').count()).toBe(1);
    expect(complaints).toEqual([]);
  });
});

describe.each(['dark', 'light'] as const)('the cause on the page of a service, %s theme', (theme) => {
  const open = (query = '') =>
    stage.open(`/services/${encodeURIComponent(shopId('checkout'))}${query}`, { theme });
  const part = (page: Page) => page.getByRole('region', { name: 'Cause', exact: true });
  const asked = () => stage.platform.api.asked.filter((path) => path.includes('/root-causes'));

  it('is asked for by keyboard, and shown as a tree with what is in common and what changed', async () => {
    stage.platform.live.publish(shopHistory(Math.floor(Date.now() / 1_000) - 1, 30));
    const { page, complaints } = await open();
    const button = part(page).getByRole('button', { name: 'Find the cause' });
    await button.focus();
    expect(asked()).toEqual([]);
    await page.keyboard.press('Enter');
    const tree = part(page).getByRole('tree');
    await tree.waitFor();
    expect(asked()).toEqual([
      `/api/v1/root-causes?${new URLSearchParams({ service: shopId('checkout'), since: 'now-15m', until: 'now' })}`,
    ]);
    await part(page).getByText('payment is the likeliest cause').waitFor();
    await tree.getByText('Deploy of version 2.3.1').waitFor();
    await part(page).getByRole('region', { name: 'What failing spans have in common' }).waitFor();
    const changed = part(page).getByRole('region', { name: 'What changed' });
    expect(await changed.getByRole('listitem').count()).toBeGreaterThan(0);
    await page.keyboard.press('Tab');
    await expect.poll(() => focused(page)).toMatch(/^gateway, passes on/);
    await button.click();
    await expect.poll(() => asked()).toHaveLength(2);
    expect(complaints).toEqual([]);
  });

  it('is of the range that one chose, as long as that is held', async () => {
    const now = Date.now();
    const chosen = { from: String(now - 180_000), to: String(now - 60_000) };
    const { page } = await open(`?${new URLSearchParams(chosen)}`);
    await part(page).getByText('in the range chosen above').waitFor();
    await part(page).getByRole('button', { name: 'Find the cause' }).click();
    await part(page).getByRole('tree').waitFor();
    expect(asked()[0]).toContain(new URLSearchParams({ since: chosen.from, until: chosen.to }).toString());
    await page.goto(`${stage.platform.url}/services/${encodeURIComponent(shopId('checkout'))}?from=now-1d`);
    await part(page).getByText('in the last 15 minutes').waitFor();
    await part(page).getByRole('button', { name: 'Find the cause' }).click();
    await part(page).getByRole('tree').waitFor();
    expect(asked()[1]).toContain('since=now-15m&until=now');
  });

  it('says when it is being looked for, that nothing stands out, and what went wrong', async () => {
    const { page } = await open();
    const button = part(page).getByRole('button', { name: 'Find the cause' });
    await button.waitFor();
    stage.platform.api.isEmpty = true;
    stage.platform.api.delayMs = 500;
    await button.click();
    await part(page).getByRole('status', { name: 'Loading The cause' }).waitFor();
    await part(page).getByRole('heading', { name: 'Nothing stands out' }).waitFor();
    await part(page).getByText('checkout does what it did before').waitFor();
    stage.platform.api.delayMs = 0;
    stage.platform.api.failure = {
      status: 503,
      body: { error: { code: 'OVERLOADED', message: 'too many ask for causes just now' } },
    };
    await button.click();
    await part(page).getByRole('alert').getByText('too many ask for causes just now').waitFor();
    stage.platform.api.failure = undefined;
    stage.platform.api.isEmpty = false;
    await part(page).getByRole('button', { name: 'Try again' }).click();
    await part(page).getByRole('tree').waitFor();
    expect(asked()).toHaveLength(3);
  });
});
