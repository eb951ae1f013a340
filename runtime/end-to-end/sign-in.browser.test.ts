import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../platform/index.ts';
import { adminCredentials } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';
import { launchBrowser } from '../../web/e2e/launch-browser.ts';

const NEW_PASSWORD = 'seven marbles under glass';

let folder: string;
let platform: Platform;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-sign-in-'));
  browser = await launchBrowser();
  platform = await startTestPlatform(folder);
  const { users } = platform.access;
  const admin = users.byLogin('admin');
  // As before the first sign-in.
  await users.change((query) => users.update(query, admin?.id ?? '', { mustChangePassword: true }));
});
afterAll(async () => {
  await browser.close();
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** Violations of the policy, and errors that nothing caught. */
  readonly complaints: string[];
}

async function open(path: string): Promise<Opened> {
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // That nobody is signed in yet is what the page finds out by a 401.
    if (message.type() === 'error' && !/ 4\d\d |\/live/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${platform.ports.dashboard}${path}`);
  return { page, complaints };
}

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('Login').fill('admin');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
}

describe('signing in, in a browser', () => {
  it('is asked for first, says what is wrong, has a first password changed, and leads where one wanted', async () => {
    const { page, complaints } = await open('/logs?q=level:error');
    await page.getByRole('heading', { name: 'Sign in to OPHION' }).waitFor();
    await signIn(page, 'not the password');
    await page.getByRole('alert').getByText('login or password is wrong').waitFor();
    const { password } = await adminCredentials();
    await signIn(page, password);
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    await page.getByLabel('New password').fill('password1234');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('the password is a common one').waitFor();
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/logs\?q=level/);
    await page.getByRole('button', { name: 'Signed in as admin' }).waitFor();
    const cookies = await page.context().cookies();
    expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
      { httpOnly: true, sameSite: 'Strict' },
      { httpOnly: true, sameSite: 'Strict' },
    ]);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('goes on with a new token when the old one is gone, and ends everywhere at once', async () => {
    const { page, complaints } = await open('/');
    await signIn(page, NEW_PASSWORD);
    const menu = page.getByRole('button', { name: 'Signed in as admin' });
    await menu.waitFor();
    // As ten minutes later.
    await page.context().clearCookies({ name: 'ophion-access' });
    await page.reload();
    await menu.waitFor();
    expect((await page.context().cookies()).map(({ name }) => name).sort()).toEqual([
      'ophion-access',
      'ophion-refresh',
    ]);
    // Ended from elsewhere: the open page notices by its socket.
    const { sessions, users } = platform.access;
    const own = sessions.ofUser(users.byLogin('admin')?.id ?? '');
    await sessions.end(
      own.map(({ id }) => id),
      'ended-by-user',
    );
    await page.getByRole('heading', { name: 'Sign in to OPHION' }).waitFor();
    await signIn(page, NEW_PASSWORD);
    await menu.click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to OPHION' }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('asks for the code of a second factor', async () => {
    const { secondFactor, users } = platform.access;
    const admin = () => users.byLogin('admin') ?? expect.unreachable();
    const totp = new TOTP({ secret: Secret.fromBase32((await secondFactor.propose(admin(), '')).secret) });
    const step = 30_000;
    expect(await secondFactor.confirm(admin(), totp.generate({ timestamp: Date.now() - step }), '')).toBe(
      true,
    );
    const { page, complaints } = await open('/sign-in');
    await signIn(page, NEW_PASSWORD);
    await page.getByLabel('Code').fill('000000');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('the code is wrong').waitFor();
    await page.getByLabel('Code').fill(totp.generate());
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Signed in as admin' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('has a second factor set up first where one is required, also by who is signed in', async () => {
    const { control, secondFactor, users } = platform.access;
    const admin = () => users.byLogin('admin') ?? expect.unreachable();
    await secondFactor.remove(admin(), 'system', '');
    const { page, complaints } = await open('/');
    await signIn(page, NEW_PASSWORD);
    await page.getByRole('button', { name: 'Signed in as admin' }).waitFor();
    control.requireSecondFactor('admins');
    await page.reload();
    await page.getByText('A second factor is required here now.').waitFor();
    await signIn(page, NEW_PASSWORD);
    await page.getByRole('img', { name: 'The secret as a QR code' }).waitFor();
    const secret = (await page.locator('.shown-once code').textContent()) ?? '';
    const code = page.getByLabel('Code of six digits');
    await code.fill('000000');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('the code is wrong').waitFor();
    // A step that no code of the test before was of.
    await code.fill(
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + 30_000 }),
    );
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Signed in as admin' }).waitFor();
    expect(admin().hasTotp).toBe(true);
    control.requireSecondFactor('nobody');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('sets a password by a link, which is nowhere to be read afterwards', async () => {
    const { passwords, users } = platform.access;
    const admin = users.byLogin('admin') ?? expect.unreachable();
    const token = await passwords.createLink(admin, { actor: 'system', address: '' });
    const { page, complaints } = await open(`/set-password#${token}`);
    await page.getByLabel('New password').fill('eleven quiet lanterns drift');
    expect(page.url()).not.toContain(token);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Sign in to OPHION' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
