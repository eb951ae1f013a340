import { expect, it } from 'vitest';
import { shopId, TRACE_ID } from './platform-data.ts';
import { shopHistory } from './shop-traffic.ts';
import { setStage } from './stage.ts';

const stage = setStage((platform) => {
  platform.live.publish(shopHistory(Math.floor(Date.now() / 1_000), 20));
});

const open = (options = {}) =>
  stage.open(`/services/${encodeURIComponent(shopId('cart'))}?from=now-1h`, options);

it('a service shows how its traces are built, and opens them', async () => {
  const { page, complaints } = await open();
  const shapes = page.getByRole('region', { name: 'Shapes' });
  const rows = shapes.getByRole('row');
  await expect.poll(() => rows.count()).toBe(4);
  const query = stage.platform.api.asked.find((asked) => asked.includes('/traces/shapes')) ?? '';
  expect(new URL(`http://x${query}`).searchParams.get('service')).toBe(shopId('cart'));
  expect(query).toContain('from=now-1h');
  await shapes.getByText('2,000 of about 48.2k traces').waitFor();
  const [first, second] = [rows.nth(1), rows.nth(2)];
  expect(await first.innerText()).toMatch(/gateway\s+GET \/cart[\s\S]+HGETALL\s+×3[\s\S]+69 %[\s\S]+40 ms/);
  expect(await first.getByRole('link', { name: 'Open failed' }).count()).toBe(0);
  expect(await second.innerText()).toMatch(/and 2 that are nearly the same[\s\S]+8 %/);
  expect(await second.getByText(/send the confirmation/).count()).toBe(0);
  await second.getByRole('button', { name: 'One more step' }).click();
  await second.getByText(/send the confirmation/).waitFor();
  const traces = new URL(
    (await second.getByRole('link', { name: 'Show traces' }).getAttribute('href')) ?? '',
    stage.platform.url,
  );
  expect(traces.pathname).toBe('/traces');
  expect(Object.fromEntries(traces.searchParams)).toMatchObject({
    ...{ service: shopId('gateway'), operation: 'POST /checkout', from: 'now-1h' },
  });
  await second.getByRole('link', { name: 'Open example' }).click();
  await page.waitForURL(`**/traces/${TRACE_ID}`);
  expect(complaints).toEqual([]);
});

it.each([400, 800, 1_280])('they fit a page %d px wide', async (width) => {
  const { page } = await open({ width });
  const shapes = page.getByRole('region', { name: 'Shapes' });
  await shapes.getByRole('row').nth(3).waitFor();
  const table = shapes.getByRole('table');
  const sizes = await table.evaluate((element) => [element.scrollWidth, element.clientWidth]);
  expect(sizes[0]).toBeLessThanOrEqual((sizes[1] ?? 0) + 1);
});

it('without traces in memory they say so', async () => {
  stage.platform.api.isEmpty = true;
  const { page } = await open();
  await expect.poll(() => page.getByText('No trace of this range is in memory').count()).toBe(1);
});
