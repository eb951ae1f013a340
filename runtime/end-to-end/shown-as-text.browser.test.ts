import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../platform/index.ts';
import { makeUser } from './access-people.ts';
import { adminCookies } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';

const MARKUP = `<img src=x onerror="window.planted=1"><b>bold</b>`;

let folder: string;
let platform: Platform;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-text-'));
  browser = await launchBrowser();
  platform = await startTestPlatform(folder);
  const context = await browser.newContext();
  await context.addCookies(await adminCookies(platform.ports.dashboard));
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
});
afterAll(async () => {
  await browser.close();
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

const goTo = (path: string) => page.goto(`http://127.0.0.1:${platform.ports.dashboard}${path}`);

describe('what comes from outside', () => {
  it('is text on the page, in names of people and in telemetry', async () => {
    const { users } = platform.access;
    const id = await makeUser(platform, 'mallory', ['viewer']);
    await users.change((query) => users.update(query, id, { name: MARKUP }));
    const nowNano = String(BigInt(Date.now()) * 1_000_000n);
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: MARKUP } }] };
    const logRecords = [{ timeUnixNano: nowNano, severityText: 'ERROR', body: { stringValue: MARKUP } }];
    const sent = await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
    });
    expect(sent.status).toBe(200);
    for (const path of ['/admin/users', '/logs', '/']) {
      await goTo(path);
      await page.getByText(MARKUP).filter({ visible: true }).first().waitFor();
      expect([path, await page.locator('img[src="x"]').count()]).toEqual([path, 0]);
    }
    expect(await page.evaluate('window.planted')).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it('passwords are typed into fields that hide them, and that password managers know', async () => {
    const fieldsOf = async (): Promise<(string | null)[][]> =>
      Promise.all(
        (await page.locator('input[type=password]').all()).map(async (field) => [
          await field.getAttribute('autocomplete'),
          await field.getAttribute('onpaste'),
        ]),
      );
    await goTo('/account');
    await page.getByLabel('New password', { exact: true }).waitFor();
    const account = await fieldsOf();
    expect(account.length).toBeGreaterThanOrEqual(3);
    await page.context().clearCookies();
    await goTo('/sign-in');
    await page.getByLabel('Password').fill('never shown');
    const all = [...account, ...(await fieldsOf())];
    expect(all.length).toBe(account.length + 1);
    for (const field of all) {
      expect(field).toEqual([expect.stringMatching(/^(?:current|new)-password$/), null]);
    }
  });
});
