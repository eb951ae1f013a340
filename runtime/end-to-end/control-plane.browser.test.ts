import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../platform/index.ts';
import { adminCookies } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';

const PASSWORD = 'seven marbles under glass';

let folder: string;
let platform: Platform;
let browser: Browser;
let dashboard: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-control-plane-'));
  browser = await launchBrowser();
  platform = await startTestPlatform(folder);
  dashboard = `http://127.0.0.1:${platform.ports.dashboard}`;
});
afterAll(async () => {
  await browser.close();
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Violations of the policy, and errors that nothing caught. */
  readonly complaints: string[];
}

async function open(path: string, asAdmin = false): Promise<Opened> {
  const context = await browser.newContext();
  if (asAdmin) await context.addCookies(await adminCookies(platform.ports.dashboard));
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // Refusals are what is tested.
    if (message.type() === 'error' && !/ 4\d\d |\/live/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`${dashboard}${path}`);
  return { page, context, complaints };
}

async function signIn(page: Page, login: string, code?: string): Promise<void> {
  await page.getByLabel('Login').fill(login);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  if (code === undefined) return;
  await page.getByLabel('Code').fill(code);
  await page.keyboard.press('Enter');
}

const send = (key: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: '{"resourceSpans":[]}',
  });

describe('the control plane, in a browser', () => {
  it('makes a role and a user, who sets a password by the link and sees what the role is for', async () => {
    const admin = await open('/admin/roles', true);
    const { page } = admin;
    await page.getByRole('button', { name: 'New role' }).click();
    const role = page.getByRole('dialog', { name: 'New role' });
    await role.getByLabel('Name', { exact: true }).fill('cart-team');
    await role.getByLabel(/^services:read/).check();
    await role.getByLabel(/^traces:read/).check();
    await role.getByRole('button', { name: 'Add a line' }).click();
    await role.getByLabel('Service of line 1').fill('cart*');
    await role.getByRole('button', { name: 'Make the role' }).click();
    await role.waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /cart-team/ })
      .getByText('* / * / cart*')
      .waitFor();

    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('button', { name: 'New user' }).click();
    const user = page.getByRole('dialog', { name: 'New user' });
    await user.getByLabel('Login').fill('ada');
    await user.getByLabel(/^viewer/).uncheck();
    await user.getByLabel(/^cart-team/).check();
    await user.getByRole('button', { name: 'Make the user' }).click();
    const link = (await user.locator('.shown-once code').textContent()) ?? '';
    await user.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /ada/ }).getByText('cart-team').waitFor();

    const other = await open(link.slice(dashboard.length));
    await other.page.getByLabel('New password').fill(PASSWORD);
    await other.page.keyboard.press('Enter');
    await other.page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(other.page, 'ada');
    await other.page.getByRole('button', { name: 'Signed in as ada' }).click();
    await other.page.getByRole('link', { name: 'Account', exact: true }).waitFor();
    expect(await other.page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
    await other.page.goto(`${dashboard}/admin/users`);
    await other.page.getByText('users:read').first().waitFor();
    expect([...admin.complaints, ...other.complaints]).toEqual([]);

    // Her session is seen, and ended: the open page of hers leaves by itself.
    await page.getByRole('button', { name: 'Change ada' }).click();
    const hers = page.getByRole('region', { name: 'Sessions of ada' });
    await hers.getByRole('button', { name: 'End', exact: true }).click();
    await hers.getByText('Signed in nowhere.').waitFor();
    await other.page.getByRole('heading', { name: 'Sign in to OPHION' }).waitFor();
    await signIn(other.page, 'ada');
    await other.page.getByRole('button', { name: 'Signed in as ada' }).waitFor();
    // Disabled: likewise.
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('This user cannot sign in any more.').waitFor();
    await other.page.getByRole('heading', { name: 'Sign in to OPHION' }).waitFor();
    await Promise.all([admin.context.close(), other.context.close()]);
  });

  it('keeps an account: password, second factor, sessions, keys', async () => {
    const { users, passwords } = platform.access;
    await users.change((query) =>
      users.create(query, {
        kind: 'person',
        login: 'grace',
        name: 'Grace',
        roles: ['viewer'],
        mustChangePassword: false,
      }),
    );
    const grace = users.byLogin('grace') ?? expect.unreachable();
    const token = await passwords.createLink(grace, { actor: 'system', address: '' });
    const { page, context, complaints } = await open(`/set-password#${token}`);
    await page.getByLabel('New password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, 'grace');
    await page.getByRole('button', { name: 'Signed in as grace' }).click();
    await page.getByRole('link', { name: 'Account', exact: true }).click();

    const factor = page.getByRole('region', { name: 'Second factor' });
    await factor.getByLabel('Password, to confirm').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await factor.getByRole('img', { name: 'The secret as a QR code' }).waitFor();
    const secret = (await factor.locator('.shown-once code').textContent()) ?? '';
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    await factor.getByLabel('Code of six digits').fill('000000');
    await page.keyboard.press('Enter');
    await factor.getByRole('alert').waitFor();
    await factor.getByLabel('Code of six digits').fill(totp.generate({ timestamp: Date.now() - 30_000 }));
    await page.keyboard.press('Enter');
    await factor.getByText('On', { exact: true }).waitFor();

    const elsewhere = await open('/sign-in');
    await signIn(elsewhere.page, 'grace', totp.generate());
    await elsewhere.page.getByRole('button', { name: 'Signed in as grace' }).waitFor();
    await page.reload();
    const sessions = page.getByRole('region', { name: 'Sessions' });
    await sessions.getByText('this one').waitFor();
    await sessions.getByRole('button', { name: 'End', exact: true }).click();
    await elsewhere.page.getByRole('heading', { name: 'Sign in to OPHION' }).waitFor();

    const keys = page.getByRole('region', { name: 'API keys' });
    await keys.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog', { name: 'New API key of mine' });
    await dialog.getByLabel('Name').fill('from my laptop');
    await dialog.getByLabel(/^ingest/).uncheck();
    await dialog.getByLabel(/^query/).check();
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    const key = (await dialog.locator('.shown-once code').textContent()) ?? '';
    const ask = (): Promise<Response> =>
      fetch(`http://127.0.0.1:${platform.ports.api}/api/v1/services`, { headers: { 'x-ophion-key': key } });
    expect((await ask()).status).toBe(200);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await keys.getByRole('button', { name: 'Revoke from my laptop' }).click();
    await keys.getByText('revoked').waitFor();
    expect((await ask()).status).toBe(401);
    expect(complaints).toEqual([]);
    await Promise.all([context.close(), elsewhere.context.close()]);
  });

  it('gives a program a key of its own, and tells of it all in the audit log', async () => {
    const { page, context, complaints } = await open('/admin/service-accounts', true);
    await page.getByRole('button', { name: 'New service account' }).click();
    const made = page.getByRole('dialog', { name: 'New service account' });
    await made.getByLabel('Login').fill('exporter');
    await made.getByLabel(/^admin/).check();
    await made.getByRole('button', { name: 'Make the account' }).click();
    const account = page.getByRole('region', { name: 'exporter' });
    await account.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog', { name: 'New key of exporter' });
    await dialog.getByLabel('Name').fill('checkout');
    await page.keyboard.press('Enter');
    const key = (await dialog.locator('.shown-once code').textContent()) ?? '';
    expect((await send(key)).status).toBe(200);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await account.getByRole('button', { name: 'Disable' }).click();
    await account.getByText('its keys do not count').waitFor();
    expect((await send(key)).status).toBe(401);

    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByLabel('Part of actor, target or detail').fill('exporter');
    const entries = page.getByRole('region', { name: 'Entries' });
    await entries.getByText('user:admin').first().waitFor();
    await entries
      .getByRole('button', { name: /^Detail of entry/ })
      .first()
      .click();
    await entries.getByText('SHA-256').waitFor();
    expect(await entries.textContent()).not.toContain(key);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^ophion-audit-.*\.csv$/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('changes settings, tells what changed, and goes back', async () => {
    const { page, context, complaints } = await open('/admin/settings', true);
    const notice = page.getByRole('textbox', { name: 'Notice' });
    await notice.fill('Maintenance at noon.');
    await page.getByLabel('Kept for, days').fill('7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('audit.retentionDays').waitFor();
    await page.getByLabel('Kept for, days').fill('400');
    await page.getByLabel('Why, for the history').fill('announced');
    await page.getByRole('button', { name: 'Save' }).click();
    const history = page.getByRole('region', { name: 'History' });
    await history.getByText('Version 1').waitFor();
    await history.getByText('announced').waitFor();
    await history.getByText('"Maintenance at noon."').waitFor();

    const secrets = page.getByRole('region', { name: 'Secrets' });
    await secrets.getByLabel('New value of oidc-client-secret').fill('never-to-be-read-back');
    await page.keyboard.press('Enter');
    await secrets.getByText('by user:admin').waitFor();

    const anybody = await open('/sign-in');
    await anybody.page.getByText('Maintenance at noon.').waitFor();
    await history.getByRole('button', { name: 'Back to the defaults' }).click();
    await history.getByText('as version 0').waitFor();
    expect(await notice.inputValue()).toBe('');
    expect(await page.content()).not.toContain('never-to-be-read-back');
    expect([...complaints, ...anybody.complaints]).toEqual([]);
    await Promise.all([context.close(), anybody.context.close()]);
  });

  describe('by the keyboard alone', () => {
    const isFocused = async (page: Page, target: Locator): Promise<boolean> =>
      (await target.and(page.locator(':focus')).count()) === 1;
    /** As somebody without a mouse gets there, from wherever the focus is. */
    const tabTo = async (page: Page, target: Locator): Promise<void> => {
      await target.waitFor();
      for (let presses = 0; presses < 120; presses += 1) {
        if (await isFocused(page, target)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never gets to ${String(target)}`);
    };
    const press = async (page: Page, target: Locator, key = 'Enter'): Promise<void> => {
      await tabTo(page, target);
      await page.keyboard.press(key);
    };
    const type = async (page: Page, target: Locator, text: string): Promise<void> => {
      await tabTo(page, target);
      await page.keyboard.press('Control+a');
      await page.keyboard.type(text);
    };

    it('users are reached from the menu, and a dialog is left again', async () => {
      const { page, context, complaints } = await open('/', true);
      await press(page, page.getByRole('button', { name: 'Signed in as admin' }));
      await press(page, page.getByRole('link', { name: 'Administration' }));
      await page.waitForURL(/\/admin\/users$/);
      const begin = page.getByRole('button', { name: 'New user' });
      await press(page, begin);
      await page.getByRole('dialog', { name: 'New user' }).getByLabel('Login').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      // Back where one was.
      expect(await isFocused(page, begin)).toBe(true);
      expect(complaints).toEqual([]);
      await context.close();
    });

    it('roles are made', async () => {
      const { page, context, complaints } = await open('/admin/roles', true);
      await press(page, page.getByRole('button', { name: 'New role' }));
      const role = page.getByRole('dialog', { name: 'New role' });
      await type(page, role.getByLabel('Name', { exact: true }), 'by-keyboard');
      await press(page, role.getByLabel(/^services:read/), 'Space');
      await press(page, role.getByRole('button', { name: 'Make the role' }));
      await role.waitFor({ state: 'detached' });
      await page.getByRole('row', { name: /by-keyboard/ }).waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    });

    it('service accounts are made, and get a key', async () => {
      const { page, context, complaints } = await open('/admin/service-accounts', true);
      await press(page, page.getByRole('button', { name: 'New service account' }));
      const made = page.getByRole('dialog', { name: 'New service account' });
      await type(page, made.getByLabel('Login'), 'typist');
      await press(page, made.getByLabel(/^admin/), 'Space');
      await press(page, made.getByRole('button', { name: 'Make the account' }));
      await press(
        page,
        page.getByRole('region', { name: 'typist' }).getByRole('button', { name: 'New key' }),
      );
      const dialog = page.getByRole('dialog', { name: 'New key of typist' });
      await type(page, dialog.getByLabel('Name'), 'typed');
      await page.keyboard.press('Enter');
      await dialog.locator('.shown-once code').waitFor();
      await press(page, dialog.getByRole('button', { name: 'Done' }));
      await dialog.waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
      await context.close();
    });

    it('settings are changed, and taken back', async () => {
      const { page, context, complaints } = await open('/admin/settings', true);
      await type(page, page.getByRole('textbox', { name: 'Notice' }), 'Typed.');
      await press(page, page.getByRole('button', { name: 'Save' }));
      const history = page.getByRole('region', { name: 'History' });
      await history.getByText('"Typed."').waitFor();
      await press(page, history.getByRole('button', { name: 'Back to the defaults' }));
      await expect.poll(() => page.getByRole('textbox', { name: 'Notice' }).inputValue()).toBe('');
      expect(complaints).toEqual([]);
      await context.close();
    });

    it('the audit log is searched, and an entry opened', async () => {
      const { page, context, complaints } = await open('/admin/audit', true);
      await type(page, page.getByLabel('Part of actor, target or detail'), 'admin');
      const entries = page.getByRole('region', { name: 'Entries' });
      await entries.getByText('user:admin').first().waitFor();
      await press(page, entries.getByRole('button', { name: /^Detail of entry/ }).first());
      await entries.getByText('SHA-256').waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    });

    it('one’s own account gets a key', async () => {
      const { page, context, complaints } = await open('/account', true);
      const keys = page.getByRole('region', { name: 'API keys' });
      await press(page, keys.getByRole('button', { name: 'New key' }));
      const dialog = page.getByRole('dialog', { name: 'New API key of mine' });
      await type(page, dialog.getByLabel('Name'), 'typed');
      await press(page, dialog.getByRole('button', { name: 'Make the key' }));
      await dialog.locator('.shown-once code').waitFor();
      await press(page, dialog.getByRole('button', { name: 'Done' }));
      await press(page, keys.getByRole('button', { name: 'Revoke typed' }));
      await keys.getByText('revoked').waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    });
  });
});
