import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { inkOf } from './ink-of.ts';
import { SHOP, shopId, TRACE_ID } from './platform-data.ts';
import { shopHistory, shopSecond } from './shop-traffic.ts';
import { setStage } from './stage.ts';

const stage = setStage();

const nowSecond = () => Math.floor(Date.now() / 1_000);
const quiet = (name: string, second: number, requests: number) => ({
  service: shopId(name),
  second,
  requests,
});

const names = (page: Page) => page.locator('.service-name').allInnerTexts();

describe('a new install', () => {
  it('says how to send the first span, with the ports asked of the server, and goes live by itself', async () => {
    const { page, complaints } = await stage.open('/');
    await page.getByRole('heading', { name: 'Send the first span' }).waitFor();
    await page.getByText('http://127.0.0.1:14318').first().waitFor();
    for (const language of ['Python', 'Java', '.NET', 'Node.js']) {
      await page.getByRole('button', { name: language, exact: true }).click();
      expect(await page.locator('.steps pre').count()).toBeGreaterThanOrEqual(3);
    }
    expect(await page.locator('.steps').innerText()).toContain(
      '@opentelemetry/auto-instrumentations-node/register',
    );

    stage.platform.live.publish([quiet('cart', nowSecond(), 12)]);
    await page.locator('.service-name', { hasText: 'cart' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Send the first span' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('counts as new while it hears of nobody but itself', async () => {
    stage.platform.live.publish([{ service: '~~ophion', second: nowSecond(), requests: 3 }]);
    const { page } = await stage.open('/');
    await page.getByRole('heading', { name: 'Send the first span' }).waitFor();
    expect(await page.getByRole('link', { name: 'its own figures' }).getAttribute('href')).toBe(
      '/services/~~ophion',
    );
  });
});

describe('the overview', () => {
  it('shows every service with its figures, worst first, and changes by the second', async () => {
    const end = nowSecond() - 2;
    stage.platform.live.publish(shopHistory(end, 120).map((one) => ({ ...one, errors: 0, p95Ms: 40 })));
    stage.platform.live.publish([{ service: shopId('email'), second: end, requests: 100, errors: 50 }]);
    const { page, complaints } = await stage.open('/');
    await page.locator('.service-name').first().waitFor();
    expect(await names(page)).toHaveLength(SHOP.length);
    expect((await names(page))[0]).toBe('email');
    const row = page.getByRole('row').filter({ hasText: 'cart' });
    expect(await row.innerText()).not.toContain('k/s');
    stage.platform.live.publish([quiet('cart', nowSecond(), 90_000)]);
    await expect.poll(() => row.innerText(), { timeout: 5_000 }).toContain('k/s');
    expect(complaints).toEqual([]);
  });

  it('sorts by column, filters by name, and keeps both in the URL', async () => {
    stage.platform.live.publish(shopHistory(nowSecond() - 1, 30));
    const { page } = await stage.open('/');
    await page.getByRole('button', { name: 'Service', exact: true }).click();
    await expect.poll(() => names(page)).toEqual([...SHOP].sort());
    await page.getByRole('button', { name: 'Service', exact: true }).click();
    await expect.poll(() => names(page)).toEqual([...SHOP].sort().reverse());
    await page.keyboard.press('/');
    await page.keyboard.type('ca');
    await expect.poll(() => names(page)).toEqual(['catalog', 'cart']);
    expect(page.url()).toContain('filter=ca');
    await page.reload();
    await expect.poll(() => names(page)).toEqual(['catalog', 'cart']);
    await page.getByRole('searchbox').fill('nobody');
    await page.getByText('No service matches').waitFor();
  });

  it('says since when it is stale, comes back by itself, and fills the gap', async () => {
    const begun = nowSecond() - 40;
    for (let at = 0; at < 20; at++) stage.platform.live.publish([quiet('cart', begun + at, 10)]);
    const { page, complaints } = await stage.open(`/services/${encodeURIComponent(shopId('cart'))}`);
    await page.getByText('Live', { exact: true }).waitFor();
    const rate = page.locator('.figures dd').first();
    await expect.poll(() => rate.innerText()).toMatch(/^[1-9]/);
    stage.platform.live.goAway();
    await page.getByText('Stale since').waitFor();
    for (let at = 20; at < 40; at++) stage.platform.live.publish([quiet('cart', begun + at, 10)]);
    stage.platform.live.comeBack();
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    // 40 seconds of 10 requests each, none missing.
    await expect.poll(() => rate.innerText(), { timeout: 5_000 }).toMatch(/^(10|9\.\d+)\/s$/);
    const again = stage.platform.live.received.filter(
      (one) => one.type === 'subscribe' && one.since !== undefined,
    );
    expect(again.length).toBeGreaterThan(0);
    expect(complaints.filter((text) => !text.includes('WebSocket'))).toEqual([]);
  });

  it('pauses, and shows 500 services with only those in sight in the document', async () => {
    const end = nowSecond();
    stage.platform.live.publish(
      Array.from({ length: 500 }, (_, at) => quiet(`svc-${String(at).padStart(3, '0')}`, end, at + 1)),
    );
    const { page } = await stage.open('/?sort=-name');
    await page.getByText('500', { exact: true }).waitFor();
    expect(await page.locator('.service-name').count()).toBeLessThan(60);
    await page.locator('.virtual').evaluate((element) => {
      element.scrollTo({ top: element.scrollHeight });
    });
    await page.locator('.service-name', { hasText: 'svc-499' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    const row = page.getByRole('row').filter({ hasText: 'svc-499' });
    const before = await row.innerText();
    stage.platform.live.publish([quiet('svc-499', end + 1, 1_000_000)]);
    await page.waitForTimeout(1_500);
    expect(await row.innerText()).toBe(before);
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => row.innerText()).not.toBe(before);
  });

  it('leads to the service page, whose charts and operations are alive', async () => {
    stage.platform.live.publish(shopHistory(nowSecond() - 1, 300));
    const { page, complaints } = await stage.open('/');
    await page.locator('.service-name', { hasText: 'cart' }).click();
    await page.getByRole('heading', { name: 'cart' }).waitFor();
    await expect.poll(() => page.locator('.legend').first().innerText()).toMatch(/requests\s+\d+\/s/);
    await page.getByRole('row').filter({ hasText: 'GET /cart/{id}' }).waitFor();
    const inked = await page
      .locator('.chart canvas')
      .first()
      .evaluate((canvas) => {
        const element = canvas as HTMLCanvasElement;
        const { data } = element.getContext('2d')?.getImageData(0, 0, element.width, element.height) ?? {
          data: [],
        };
        return Array.from(data).filter((value, at) => at % 4 === 3 && value > 0).length;
      });
    expect(inked).toBeGreaterThan(1_000);
    stage.platform.live.publish(shopSecond(nowSecond()));
    expect(complaints).toEqual([]);
  });

  it('marks deploys, and says of restarts and new instances on the page of the service', async () => {
    const lastMinutes = { from: 'now-15m', to: 'now' };
    const end = nowSecond() - 1;
    stage.platform.live.publish(['cart', 'email'].map((name) => quiet(name, end, 5)));
    const { page, complaints } = await stage.open('/');
    const spark = (name: string) => page.getByRole('row').filter({ hasText: name }).locator('.spark-cell');
    await expect.poll(() => spark('cart').getAttribute('title')).toMatch(/^Deploy of 2\.4\.1 at .*\d:\d\d/);
    expect(await spark('cart').locator('canvas').getAttribute('aria-label')).toContain('Deploy of 2.4.1');
    expect(await spark('email').getAttribute('title')).toBe(null);
    // The flag: the colour of text, which nothing else in the picture has.
    expect(await inkOf(spark('cart').locator('canvas'), 'text')).toBeGreaterThan(10);
    expect(await inkOf(spark('email').locator('canvas'), 'text')).toBe(0);

    await page.locator('.service-name', { hasText: 'cart' }).click();
    const list = page.getByRole('list', { name: 'Deploys, restarts and scalings' });
    await list.waitFor();
    expect(await list.innerText()).toMatch(
      /New instance cart-7d4b9 at [^]*Restart as cart-5f6c8 1 at [^]*Deploy of 2\.4\.1 at /,
    );
    expect(stage.platform.api.asked).toContain(
      `/api/v1/changes?${new URLSearchParams({ ...lastMinutes, service: shopId('cart'), limit: '500' })}`,
    );
    expect(complaints).toEqual([]);
  });
});

describe('the live tail', () => {
  const spanRow = (name: string, statusCode = 0) => ({
    traceId: TRACE_ID,
    spanId: '0000000000000001',
    service: shopId('cart'),
    name,
    kind: 2,
    statusCode,
    startTimeUnixNano: `${Date.now()}000000`,
    durationMs: 4.2,
    statusMessage: statusCode === 2 ? 'out of stock' : '',
  });

  it('follows, pauses, counts what it held back and what the server left out', async () => {
    stage.platform.live.publish(shopHistory(nowSecond(), 5));
    const { page, complaints } = await stage.open('/tail');
    await page.getByText('Waiting for spans').waitFor();
    for (let at = 0; at < 50; at++) {
      stage.platform.live.sendTail('spans', [spanRow(`op-${at}`, at === 49 ? 2 : 0)]);
    }
    await page.getByText('op-49', { exact: false }).waitFor();
    await page.getByText('out of stock').waitFor();
    expect(await page.getByRole('button', { name: 'Follow the newest' }).count()).toBe(0);

    await page.getByRole('button', { name: 'Pause' }).click();
    stage.platform.live.sendTail('spans', [spanRow('while-paused')], 7);
    await page.getByText('1 new while paused').waitFor();
    await page.getByText('7 left out').waitFor();
    expect(await page.getByText('while-paused').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('while-paused').waitFor();

    await page.locator('.virtual').evaluate((element) => {
      element.scrollTo({ top: 0 });
    });
    await page.getByRole('button', { name: 'Follow the newest' }).waitFor();
    stage.platform.live.sendTail('spans', [spanRow('below')]);
    await page.waitForTimeout(300);
    expect(await page.locator('.virtual').evaluate((element) => element.scrollTop)).toBe(0);
    await page.getByRole('button', { name: 'Follow the newest' }).click();
    await page.getByText('below', { exact: false }).first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('keeps no more than 2,000 rows', async () => {
    const { page } = await stage.open('/tail');
    await page.getByText('Waiting for spans').waitFor();
    for (let part = 0; part < 30; part++) {
      stage.platform.live.sendTail(
        'spans',
        Array.from({ length: 100 }, (_, at) => spanRow(`op-${part * 100 + at}`)),
      );
    }
    await page.getByText('2,000 of at most 2,000 rows').waitFor();
    await expect.poll(() => page.getByText('op-2999').count()).toBe(1);
  });

  it('asks the server for what the filter says', async () => {
    const { page } = await stage.open('/tail?kind=logs&severity=17&q=timeout');
    await page.getByText('Waiting for log records').waitFor();
    await expect
      .poll(() => stage.platform.live.received.map((one) => one.type === 'subscribe' && one.topic))
      .toContainEqual({ kind: 'logs', q: 'timeout', minSeverity: 17 });
  });
});
