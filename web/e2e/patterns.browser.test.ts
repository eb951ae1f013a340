import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { shopId } from './platform-data.ts';
import { shopHistory } from './shop-traffic.ts';
import { setStage } from './stage.ts';

const stage = setStage((platform) => {
  platform.live.publish(shopHistory(Math.floor(Date.now() / 1_000), 20));
});

const rows = (page: Page) => page.locator('.pattern-row');
const asked = (path: string) =>
  stage.platform.api.asked.filter((one) => one.startsWith(`/api/v1${path}`)).at(-1) ?? '';
const searchOf = (page: Page) => new URL(page.url()).searchParams;

describe.each(['dark', 'light'] as const)('log patterns, %s theme', (theme) => {
  it('stand beside the records, news first, each with its trend in words', async () => {
    const { page, complaints } = await stage.open('/logs', { theme });
    await page.getByRole('button', { name: 'Patterns' }).click();
    await expect.poll(() => rows(page).count()).toBe(5);
    expect(searchOf(page).get('view')).toBe('patterns');
    const trends = await rows(page).locator('.badge').allInnerTexts();
    expect(trends).toEqual(['New', 'Rising', 'Gone', 'Periodic', 'Steady']);
    expect(await rows(page).first().locator('.parameter').allInnerTexts()).toEqual(['number', 'word']);
    const bars = page.getByRole('img', { name: 'Records of the last 4 h 0 min, at most 30 in 2 min 0 s' });
    expect(await bars.count()).toBe(1);
    await page.getByRole('button', { name: 'Records', exact: true }).click();
    await page.getByRole('row').nth(5).waitFor();
    expect(complaints).toEqual([]);
  });

  it('open by keyboard, and lead to their records and the live tail', async () => {
    const { page, complaints } = await stage.open('/logs?view=patterns', { theme });
    await rows(page).first().focus();
    await page.keyboard.press('Enter');
    await page.getByText('at charge (/srv/pay.js:1:2)').waitFor();
    await page.getByText('pay.js:charge').waitFor();
    await page.getByText('12 · 99').waitFor();
    expect(await rows(page).first().getAttribute('aria-expanded')).toBe('true');
    const href = async (name: string): Promise<URL> =>
      new URL((await page.getByRole('link', { name }).last().getAttribute('href')) ?? '', stage.platform.url);
    const [records, tail] = [await href('Records'), await href('Live tail')];
    const query = 'body:charge\\ of\\ *\\ EUR\\ failed\\:\\ *';
    expect([records.pathname, records.searchParams.get('q')]).toEqual(['/logs', query]);
    expect([tail.pathname, tail.searchParams.get('service')]).toEqual(['/tail', shopId('payment')]);
    await page.keyboard.press('j');
    await page.getByText('It comes far more often than usual: 60/min, usually 5/min.').waitFor();
    expect(await page.locator('.pattern-detail').count()).toBe(1);
    await page.reload();
    await page.getByText('It comes far more often than usual').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.pattern-detail').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe('log patterns', () => {
  it('are filtered by service, severity, trend and text, which the URL holds', async () => {
    const { page, complaints } = await stage.open('/logs?view=patterns');
    await expect.poll(() => rows(page).count()).toBe(5);
    await page.getByLabel('Severity').selectOption('13');
    await expect.poll(() => rows(page).count()).toBe(2);
    expect(asked('/logs/patterns')).toContain('severity=warn');
    await page.getByLabel('Trend').selectOption('rising');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.keyboard.press('/');
    await page.keyboard.type('nothing');
    await page.getByText('No pattern fits').waitFor();
    await page.reload();
    await page.getByText('No pattern fits').waitFor();
    expect(Object.fromEntries(searchOf(page))).toMatchObject({
      trend: 'rising',
      text: 'nothing',
      severity: '13',
    });
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect.poll(() => rows(page).count()).toBe(5);
    await page.getByLabel('Service').selectOption(shopId('cart'));
    await expect.poll(() => rows(page).count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('are put into the search line of the records, or left out of it', async () => {
    const { page } = await stage.open('/logs?view=patterns');
    await rows(page).nth(4).click();
    const exclude = page.getByRole('button', { name: 'Exclude', exact: true });
    await exclude.click();
    await expect.poll(() => searchOf(page).get('q')).toBe('-body:order\\ *\\ accepted');
    expect(await exclude.getAttribute('aria-pressed')).toBe('true');
    expect(await rows(page).nth(4).innerText()).toContain('excluded');
    await page.getByRole('button', { name: 'Include', exact: true }).click();
    await expect.poll(() => searchOf(page).get('q')).toBe('body:order\\ *\\ accepted');
    await page.getByRole('link', { name: 'Show them' }).click();
    await expect.poll(() => asked('/logs?')).toContain('q=body');
    expect(searchOf(page).get('view')).toBeNull();
  });

  it('say what is wrong, and that there are none yet', async () => {
    stage.platform.api.isEmpty = true;
    const { page } = await stage.open('/logs?view=patterns');
    await page.getByText('No log record has come yet').waitFor();
    stage.platform.api.failure = {
      status: 503,
      body: { error: { code: 'DEADLINE_EXCEEDED', message: 'it took too long', cure: 'Try again.' } },
    };
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Patterns could not be loaded').waitFor();
    stage.platform.api.failure = undefined;
    stage.platform.api.isEmpty = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => rows(page).count()).toBe(5);
  });

  it('keep what is open while their figures are asked for anew', async () => {
    const { page } = await stage.open('/logs?view=patterns');
    await rows(page).nth(1).click();
    await rows(page).nth(1).focus();
    const before = stage.platform.api.asked.length;
    await expect.poll(() => stage.platform.api.asked.length, { timeout: 15_000 }).toBeGreaterThan(before);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-expanded'))).toBe('true');
    expect(await page.locator('.pattern-detail').count()).toBe(1);
  });
});
