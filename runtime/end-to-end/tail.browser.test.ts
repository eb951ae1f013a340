import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../platform/index.ts';
import { adminCookies } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';

let folder: string;
let platform: Platform;
let browser: Browser;
let page: Page;

/** The cable between page and platform: it can be cut, and leads to whichever platform there is. */
const ends = new Set<Socket>();
let isCut = false;
const cable = createServer((near) => {
  if (isCut) {
    near.destroy();
    return;
  }
  const far = connect(platform.ports.dashboard, '127.0.0.1');
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    ends.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      ends.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
});

function cut(): void {
  isCut = true;
  for (const end of ends) end.destroy();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-tail-'));
  browser = await launchBrowser();
  platform = await startTestPlatform(folder);
  cable.listen(0, '127.0.0.1');
  await once(cable, 'listening');
  const context = await browser.newContext();
  await context.addCookies(await adminCookies(platform.ports.dashboard));
  page = await context.newPage();
});
afterAll(async () => {
  await browser.close();
  cut();
  cable.close();
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

async function send(...bodies: string[]): Promise<void> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const logRecords = bodies.map((body) => ({
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    body: { stringValue: body },
  }));
  const sent = await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
  });
  expect(sent.status).toBe(200);
}

const shown = (): Promise<string[]> => page.locator('.tail-table .mono.clip').allInnerTexts();
const live = (): Promise<void> => page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });

describe('the live tail of a page whose connection is lost', () => {
  it('shows each row once, those that came meanwhile too, and says when the platform starts anew', async () => {
    await page.goto(`http://127.0.0.1:${(cable.address() as AddressInfo).port}/tail?kind=logs&q=round`);
    await live();
    await page.getByText('Waiting for log records').waitFor();
    const sent: string[] = [];
    const sendMore = async (what: string): Promise<void> => {
      const bodies = Array.from({ length: 5 }, (_, at) => `round ${what} ${at}`);
      await send(...bodies, 'something else');
      sent.push(...bodies);
    };
    for (const round of ['a', 'b']) {
      cut();
      await page.getByText('Stale since').waitFor();
      await sendMore(`${round} while away`);
      isCut = false;
      await live();
      await sendMore(`${round} live`);
      await expect.poll(shown, { timeout: 10_000 }).toEqual(sent);
    }
    expect(await page.getByText('left out').count()).toBe(0);

    cut();
    await platform.stop();
    platform = await startTestPlatform(folder);
    isCut = false;
    await page.getByText(/Platform restarted, starts anew at \d/).waitFor({ timeout: 30_000 });
    await sendMore('after the restart');
    await expect.poll(shown, { timeout: 10_000 }).toEqual(sent);
  });
});
