import { describe, expect, it } from 'vitest';
import { inkOf } from './ink-of.ts';
import { largeTrace, SHOP, shopId, TRACE_ID } from './platform-data.ts';
import { shopHistory } from './shop-traffic.ts';
import { setStage } from './stage.ts';

const stage = setStage((platform) => {
  platform.live.publish(shopHistory(Math.floor(Date.now() / 1_000), 20));
});

const asked = (path: string) =>
  stage.platform.api.asked.filter((one) => one.startsWith(`/api/v1${path}`)).at(-1) ?? '';
const FAILURE = {
  status: 503,
  body: {
    error: {
      code: 'STORAGE_UNAVAILABLE',
      message: 'ClickHouse cannot be reached',
      cure: 'Start ClickHouse.',
    },
  },
};

describe('the trace search', () => {
  it('asks what the form says, keeps it in the URL, and opens a trace', async () => {
    const { page, complaints } = await stage.open('/traces');
    await page.getByRole('row').filter({ hasText: 'POST /checkout' }).first().waitFor();
    await page.getByLabel('Status').selectOption('error');
    await page.getByLabel('Service').selectOption(shopId('payment'));
    await page.getByLabel('Min duration').fill('1.5s');
    await page.getByLabel('Min duration').press('Enter');
    await expect.poll(() => asked('/traces')).toContain('minDurationMs=1500');
    expect(new URL(`http://x${asked('/traces')}`).searchParams.get('service')).toBe(shopId('payment'));
    expect(page.url()).toContain('status=error');
    await page.reload();
    expect(await page.getByLabel('Min duration').inputValue()).toBe('1.5s');
    await page.getByRole('row').filter({ hasText: 'frontend' }).first().click();
    await page.waitForURL(`**/traces/${TRACE_ID}`);
    expect(complaints).toEqual([]);
  });

  it('shows what to do when it fails, when it is slow, and when nothing is found', async () => {
    stage.platform.api.failure = FAILURE;
    const { page } = await stage.open('/traces');
    await page.getByText('ClickHouse cannot be reached').waitFor();
    await page.getByText('Start ClickHouse.').waitFor();
    stage.platform.api.failure = undefined;
    stage.platform.api.isEmpty = true;
    stage.platform.api.delayMs = 700;
    await page.reload();
    await page.getByRole('status', { name: 'Loading Traces' }).waitFor();
    await expect.poll(() => page.getByText('No trace fits').count()).toBe(1);
  });
});

describe('the waterfall', () => {
  it('shows the tree, its notes, and a span in full with every digit', async () => {
    const { page, complaints } = await stage.open(`/traces/${TRACE_ID}`);
    await page.getByText('1 span names a parent that did not arrive.').waitFor();
    await page.getByText('the clocks differ').waitFor();
    expect(await page.locator('.span-row').count()).toBe(13);
    await page.locator('.span-row').filter({ hasText: 'Charge' }).first().click();
    const detail = page.getByRole('complementary', { name: 'Span' });
    await detail.getByText('card declined: 402 from the bank').waitFor();
    expect(await detail.innerText()).toContain('9223372036854775807');
    expect(await detail.innerText()).toContain('9007199254740993');
    expect(page.url()).toContain('span=0000000000000009');
    await page.reload();
    await detail.getByRole('heading', { name: 'Charge' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('collapses with error marks, searches, and follows the keyboard', async () => {
    const { page } = await stage.open(`/traces/${TRACE_ID}`);
    await page.locator('.span-row').first().waitFor();
    await page.keyboard.press(']');
    await expect.poll(() => page.locator('.span-row').count()).toBe(2);
    await page.getByText('2 below').waitFor();
    await page.keyboard.press('[');
    await expect.poll(() => page.locator('.span-row').count()).toBe(13);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await expect.poll(() => page.url()).toContain('span=0000000000000002');
    await page.keyboard.press('/');
    await page.keyboard.type('redis');
    await page.getByText('1 match').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('span=0000000000000004');
    await page.getByRole('button', { name: 'Only matches' }).click();
    await expect.poll(() => page.locator('.span-row').count()).toBe(1);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Critical path' }).click();
    expect(page.url()).toContain('critical=1');
  });

  it('zooms by dragging over the minimap and back', async () => {
    const { page } = await stage.open(`/traces/${TRACE_ID}`);
    const map = await page.getByLabel('The whole trace; drag to zoom').boundingBox();
    const reset = page.getByRole('button', { name: 'Reset zoom' });
    expect(await reset.isDisabled()).toBe(true);
    const { x = 0, y = 0, width = 0 } = map ?? {};
    await page.mouse.move(x + width * 0.25, y + 20);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + 20, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => reset.isDisabled()).toBe(false);
    expect(await page.locator('.ruler span').allInnerTexts()).toEqual(['125 ms', '150 ms', '175 ms']);
    await reset.click();
    await expect.poll(() => reset.isDisabled()).toBe(true);
  });

  it('scrolls through 50,000 spans with only those in sight in the document', async () => {
    stage.platform.api.traceSpans = largeTrace(50_000, Date.now());
    const { page, complaints } = await stage.open(`/traces/${TRACE_ID}`);
    await page.locator('.span-row').first().waitFor({ timeout: 60_000 });
    await page.getByText('50k spans').waitFor();
    const rows = page.locator('.waterfall .virtual');
    for (const share of [0.25, 0.5, 0.75, 1]) {
      await rows.evaluate((element, to) => {
        element.scrollTop = element.scrollHeight * to;
      }, share);
      await expect.poll(() => page.locator('.span-row').count()).toBeGreaterThan(10);
      expect(await page.locator('.span-row').count()).toBeLessThan(60);
    }
    await page.getByRole('searchbox').fill('name:49999');
    await page.getByText('1 match').waitFor({ timeout: 20_000 });
    await page.getByRole('searchbox').press('Enter');
    await page.getByRole('heading', { name: 'operation 49999' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('has the logs of the trace, and says so when a trace is not known', async () => {
    const { page } = await stage.open(`/traces/${TRACE_ID}?tab=logs`);
    await page.locator('.log-row').first().waitFor();
    expect(asked('/logs?')).toContain(`traceId=${TRACE_ID}`);
    await page.goto(`${stage.platform.url}/traces/${'1'.repeat(32)}`);
    await page.getByText('This trace is not known').waitFor();
  });
});

describe('other views of a trace', () => {
  it('are a flame graph and statistics, which lead back to the spans', async () => {
    const { page, complaints } = await stage.open(`/traces/${TRACE_ID}?tab=flame`);
    const flame = page.getByRole('list', { name: 'Flame graph' });
    await flame.getByRole('listitem').first().waitFor();
    await page.getByRole('button', { name: 'Statistics' }).click();
    const rows = page.getByRole('table', { name: 'Operations of this trace' }).getByRole('row');
    expect(await rows.count()).toBeGreaterThan(5);
    await rows.getByRole('button', { name: 'Charge', exact: true }).click();
    await page.getByText('2 matches').waitFor();
    expect(page.url()).not.toContain('tab=');
    await page.getByRole('button', { name: 'High latency' }).click();
    await page.getByText(/\d+ match/).waitFor();
    expect(page.url()).toContain('q=duration%3E');
    expect(complaints).toEqual([]);
  });

  it('are a graph of its calls, which leads back to the spans', async () => {
    const { page, complaints } = await stage.open(`/traces/${TRACE_ID}?tab=graph`);
    const calls = page.getByRole('group', { name: 'Calls of this trace' });
    const charge = calls.getByRole('button', { name: /^payment Charge/ });
    await charge.waitFor();
    expect(await calls.locator('.call-edge').count()).toBeGreaterThan(4);
    await charge.press('Enter');
    await page.getByText(/^\d match/).waitFor();
    expect(page.url()).not.toContain('tab=');
    expect(complaints).toEqual([]);
  });

  it('show what spans logged in their rows, and who links to them', async () => {
    const { page, complaints } = await stage.open(`/traces/${TRACE_ID}`);
    const first = page.locator('.span-row').first();
    await first.locator('.row-logs').waitFor();
    expect(await first.locator('.row-logs').getAttribute('title')).toContain('at worst');
    await first.click();
    const detail = page.getByRole('complementary', { name: 'Span' });
    await detail.locator('summary').filter({ hasText: 'Logs' }).waitFor();
    await detail.getByText(/^\d+ more are in the tab Logs/).waitFor();
    await detail.getByText('Linked from').waitFor();
    const line = new URL(`http://x${asked('/traces?')}`).searchParams.get('q');
    expect(line).toBe(`link.span:0000000000000001 link.trace:${TRACE_ID}`);
    expect(complaints).toEqual([]);
  });

  it('say how a span stands among others like it, and where to look next', async () => {
    const { page } = await stage.open(`/traces/${TRACE_ID}`);
    await page.locator('.span-row').filter({ hasText: 'Charge' }).first().click();
    const detail = page.getByRole('complementary', { name: 'Span' });
    await detail.getByText(/Longer than \d+ % of 4 like it/).waitFor();
    const query = new URL(`http://x${asked('/traces/aggregate')}`).searchParams;
    expect(query.get('q')).toContain('name:Charge');
    expect(await detail.getByRole('link', { name: 'Metrics' }).getAttribute('href')).toContain('/metrics?');
  });

  it('come from a file that was saved, and say what is wrong with another', async () => {
    const { page, complaints } = await stage.open(`/traces/${TRACE_ID}`);
    await page.locator('.span-row').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'JSON' }).click(),
    ]);
    await page.goto(`${stage.platform.url}/traces/file`);
    const wrong = { name: 'wrong.json', mimeType: 'application/json', buffer: Buffer.from('{}') };
    await page.locator('input[type=file]').setInputFiles(wrong);
    await page.getByText('the file holds no trace').waitFor();
    await page.locator('input[type=file]').setInputFiles(await download.path());
    await expect.poll(() => page.locator('.span-row').count()).toBe(13);
    expect(complaints).toEqual([]);
  });

  it('compare it with another that begins alike', async () => {
    const { page, complaints } = await stage.open(`/traces/${TRACE_ID}`);
    await page.getByRole('link', { name: 'Compare' }).click();
    const others = page.getByRole('table', { name: 'Traces that begin like it' });
    await others.getByRole('button').first().click();
    const paths = page.getByRole('table', { name: 'Paths of both traces' });
    await paths.getByText('▲ slower').waitFor();
    expect(await paths.getByRole('row').count()).toBe(3);
    expect(await paths.innerText()).toContain('+3 ms');
    await page.getByRole('button', { name: 'All' }).click();
    await expect.poll(() => paths.getByRole('row').count()).toBe(4);
    await page.reload();
    await expect.poll(() => paths.getByRole('row').count()).toBe(4);
    expect(complaints).toEqual([]);
  });
});

describe('the log list', () => {
  it('has a builder that writes the search line', async () => {
    const { page, complaints } = await stage.open('/logs?q=error');
    await page.getByRole('button', { name: 'Condition' }).click();
    const builder = page.getByRole('dialog', { name: 'Search by conditions' });
    await builder.getByLabel('Field').fill('zone');
    await builder.getByLabel('Comparison').selectOption('is not');
    await builder.getByLabel('Value').fill('eu-1b');
    await builder.getByLabel('Value').blur();
    await builder.getByRole('button', { name: 'Add' }).click();
    await expect.poll(() => asked('/logs?')).toContain('q=error+-zone%3Aeu-1b');
    await builder.getByRole('button', { name: 'Remove error' }).click();
    await expect.poll(() => asked('/logs?')).toContain('q=-zone%3Aeu-1b');
    expect(complaints).toEqual([]);
  });

  it('filters, opens a record with its structure, and leads to the trace', async () => {
    const { page, complaints } = await stage.open('/logs');
    await page.locator('.log-row').first().waitFor();
    expect(await page.locator('.log-row').count()).toBeLessThan(60);
    await page.getByText('1,000 records by severity').waitFor();
    await page.locator('.log-row').filter({ hasText: 'structured' }).first().click();
    const detail = page.getByRole('complementary', { name: 'Log record' });
    await detail.getByText('attempt').waitFor();
    expect(page.url()).toContain('record=');
    await page.getByLabel('Severity', { exact: true }).selectOption('17');
    await expect.poll(() => asked('/logs?')).toContain('minSeverity=17');
    await expect.poll(() => page.locator('.log-row .severity.info').count()).toBe(0);
    await page.getByRole('link', { name: 'Open the trace' }).first().click();
    await page.waitForURL(`**/traces/${TRACE_ID}**`);
    expect(complaints).toEqual([]);
  });
});

describe('around a record', () => {
  it('shows what the same resource logged, more of it, and goes back', async () => {
    const { page, complaints } = await stage.open('/logs');
    await page.locator('.log-row').nth(4).click();
    await page.getByRole('button', { name: 'Around it' }).click();
    const around = page.getByRole('table', { name: 'Records around it, oldest first' });
    await around.locator('.log-row').first().waitFor();
    expect(asked('/logs/')).toMatch(/-4\/context\?before=20&after=20$/);
    expect(await around.locator('.log-row').count()).toBe(25);
    expect(await around.locator('.log-row').nth(20).getAttribute('aria-selected')).toBe('true');
    await page.getByRole('button', { name: '20 before these' }).click();
    await expect.poll(() => around.locator('.log-row').count()).toBe(45);
    await page.reload();
    await around.locator('.log-row').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('table', { name: 'Log records' }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('facets', () => {
  it('put values into the search line and take them out again', async () => {
    const { page, complaints } = await stage.open('/logs');
    await page.getByRole('button', { name: 'Facets' }).click();
    const facets = page.getByRole('complementary', { name: 'Facets' });
    await facets.getByText('http.route').waitFor();
    expect(await facets.getByRole('listitem').count()).toBe(6);
    await facets.getByRole('button', { name: '2 more' }).click();
    expect(await facets.getByRole('listitem').count()).toBe(8);
    await facets.getByRole('button', { name: 'Without http.route:"/pay now"' }).click();
    await expect.poll(() => asked('/logs?')).toContain('q=-http.route%3A%22%2Fpay+now%22');
    await facets.getByRole('button', { name: 'Only http.route:"/pay now"' }).click();
    expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('http.route:"/pay now"');
    await facets.getByRole('button', { name: 'Only http.route:"/pay now"' }).click();
    await expect.poll(() => page.getByLabel('Search', { exact: true }).inputValue()).toBe('');
    expect(complaints).toEqual([]);
  });

  it('say what differs from everything else, with the filters of the form as terms', async () => {
    const { page } = await stage.open(
      `/traces?facets=1&facet-view=differs&status=error&service=${shopId('cart')}`,
    );
    const facets = page.getByRole('complementary', { name: 'Facets' });
    await facets.getByText('100 % / 12.5 %').waitFor();
    const line = new URL(`http://x${asked('/traces/diff')}`).searchParams.get('q');
    expect(line).toContain('service:cart');
    expect(line).toContain('status:error');
    await facets.getByRole('button', { name: 'Only zone:eu-1b' }).click();
    await expect.poll(() => asked('/traces?')).toContain('q=zone%3Aeu-1b');
  });
});

describe('saved views', () => {
  it('bring a view back by its name, in this browser, until they are forgotten', async () => {
    const { page, complaints } = await stage.open('/traces?status=error&min=1s');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Name of this view').fill('slow failures');
    await page.getByLabel('Name of this view').press('Enter');
    await page.goto(`${stage.platform.url}/traces`);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('link', { name: 'slow failures' }).click();
    await expect.poll(() => page.url()).toContain('status=error');
    expect(await page.getByLabel('Min duration').inputValue()).toBe('1s');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Forget slow failures' }).click();
    await page.getByText('None is saved yet.').waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('what is listed', () => {
  it('is saved in a format that other programs read', async () => {
    const { page } = await stage.open('/logs');
    await page.locator('.log-row').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'NDJSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^ophion-logs-\d{4}-\d\d-\d\d\.ndjson$/);
    expect(asked('/logs?')).toContain('limit=5000');
  });
});

describe('map and metrics', () => {
  it('draws services, databases, queues and hosts, and leads to a service', async () => {
    const { page, complaints } = await stage.open('/map');
    await page.locator('.map-drawing .map-node').first().waitFor();
    expect(await page.locator('.map-drawing .map-node').count()).toBe(SHOP.length + 4);
    await page.getByRole('link', { name: /payment/ }).press('Enter');
    await page.getByRole('heading', { name: 'payment' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('lists metrics and draws the chosen one', async () => {
    const { page, complaints } = await stage.open('/metrics');
    await page.getByRole('button', { name: /process\.memory\.usage/ }).click();
    await page
      .getByRole('region', { name: 'process.memory.usage' })
      .getByText('cart · http.route=/cart')
      .waitFor();
    expect(asked('/metrics/series')).toContain('name=process.memory.usage');
    expect(complaints).toEqual([]);
  });

  it('marks deploys on the chart of a metric, of the chosen service alone', async () => {
    const { page, complaints } = await stage.open('/metrics?name=process.memory.usage');
    const chart = page.getByRole('region', { name: 'process.memory.usage' }).getByRole('img');
    await expect.poll(() => chart.getAttribute('aria-label')).toMatch(/cart: Deploy of 2\.4\.1 at .*\d:\d\d/);
    // Line, flag and name: in the colour of text, which nothing else in the picture has.
    await expect.poll(() => inkOf(chart, 'text')).toBeGreaterThan(10);
    await page.getByLabel('Service').selectOption(shopId('email'));
    await expect.poll(() => chart.getAttribute('aria-label')).toBe('process.memory.usage over time');
    expect(await inkOf(chart, 'text')).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe('the ledger', () => {
  it('accounts for every item, gives reasons, and says when the books do not balance', async () => {
    const { page, complaints } = await stage.open('/ledger');
    const spans = page.getByRole('region', { name: 'Spans' });
    await spans.getByText('Balanced').waitFor();
    await spans.getByRole('row', { name: /Refused .* 2,500/ }).waitFor();
    await spans.getByRole('row', { name: /ends before it starts 488/ }).waitFor();
    await page.getByRole('region', { name: 'Log records' }).getByText('2 unexplained').waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('the shell', () => {
  it('goes to a service or trace by the command palette', async () => {
    const { page } = await stage.open('/logs');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('payment');
    await page.locator('#palette-list li').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'payment' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type(TRACE_ID);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/traces/${TRACE_ID}`);
    await expect.poll(() => page.locator('.span-row').count()).toBe(13);
  });

  it('follows the system’s theme, and remembers another choice', async () => {
    const { page } = await stage.open('/', { theme: 'light' });
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    await page.locator('.service-name').first().waitFor();
    expect(await theme()).toBe('light');
    const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.getByRole('button', { name: 'Dark theme' }).click();
    expect(await theme()).toBe('dark');
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(light);
    await page.reload();
    expect(await theme()).toBe('dark');
  });

  it('takes a time range from one page to the next, and reads it from the URL', async () => {
    const { page } = await stage.open('/traces');
    await page.getByRole('button', { name: 'Last 15 minutes' }).click();
    await page.getByRole('button', { name: 'Last 3 hours' }).click();
    await expect.poll(() => asked('/traces?')).toContain('from=now-3h');
    await page.getByRole('link', { name: 'Logs' }).click();
    await expect.poll(() => asked('/logs?')).toContain('from=now-3h');
    await page.reload();
    await page.getByRole('button', { name: 'Last 3 hours' }).waitFor();
  });

  it('has a page for what is not there', async () => {
    const { page } = await stage.open('/no/such/page');
    await expect.poll(() => page.getByText('There is no such page').count()).toBe(1);
  });

  it.each(['dark', 'light'] as const)('fits 1280 × 720 without sideways scrolling: %s', async (theme) => {
    const { page, complaints } = await stage.open('/', { theme });
    for (const path of [
      '/',
      '/traces',
      `/traces/${TRACE_ID}?span=0000000000000009`,
      '/logs',
      '/tail',
      '/map',
      '/metrics',
      '/ledger',
    ]) {
      await page.goto(stage.platform.url + path);
      await page.waitForTimeout(400);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1_280);
    }
    expect(complaints).toEqual([]);
  });
});
