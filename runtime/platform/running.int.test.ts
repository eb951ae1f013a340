import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAccess, type Access } from '../control-plane/index.ts';
import { AuditLog } from '../audit/index.ts';
import { AdminPasswordError } from '../auth/index.ts';
import { openSettings, type RunningSettings } from '../control-plane/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';

const DAY_MS = 86_400_000;
const AUTHOR = { actor: 'system', address: '' };
const log = pino({ level: 'silent' });
const [[, startEmbedded] = []] = CONTROL_ENGINES;

let engine: ControlEngine;
let folder: string;

beforeEach(async () => {
  if (!startEmbedded) throw new Error('there is no embedded database');
  engine = await startEmbedded();
  folder = await mkdtemp(join(tmpdir(), 'ophion-running-'));
});
afterEach(async () => {
  await engine.end();
  await rm(folder, { recursive: true, force: true });
});

const open = (adminPasswordFile?: string): Promise<Access> =>
  openAccess({
    config: { adminPasswordFile, secretKey: '09'.repeat(32), secretKeyFile: undefined, sessionHours: 24 },
    database: engine.database,
    dataDir: folder,
    log,
  });

describe('a setting that is changed', () => {
  let access: Access;
  let settings: RunningSettings;

  beforeEach(async () => {
    access = await open();
    settings = await openSettings({ config: { outgoingAllow: [], sessionHours: 24 }, access, log });
  });
  afterEach(async () => {
    await settings.stop();
    await access.stop();
  });

  const change = (patch: Parameters<RunningSettings['store']['change']>[0]): Promise<number> =>
    settings.store.change(patch, { expectedVersion: settings.store.version, comment: '' }, AUTHOR);

  it('removes what the audit log has kept longer than that', async () => {
    const event = { ...AUTHOR, action: 'sign-in', target: 'session:x', outcome: 'done', detail: {} } as const;
    for (const days of [90, 60, 45, 10]) {
      const then = new Date(Date.now() - days * DAY_MS);
      await new AuditLog(engine.database, () => then).append(event);
    }
    const sequences = async (): Promise<readonly number[]> =>
      (await access.audit.list({ action: 'sign-in' }, 100)).map(({ sequence }) => sequence);
    expect(await sequences()).toEqual([4, 3, 2, 1]);
    await change({ audit: { retentionDays: 50 } });
    await vi.waitFor(
      async () => {
        expect(await sequences()).toEqual([4, 3]);
      },
      { timeout: 10_000 },
    );
    expect(await access.audit.verify()).toMatchObject({ intact: true, cutAt: 2 });
  });

  it('lets requests out to where it allows, and no more once it does not', async () => {
    const server: Server = createServer((_request, response) => response.end('here'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const answer = (): Promise<string> =>
      settings.outgoing.send({ url }).then(
        ({ body }) => body.toString(),
        (error: unknown) => (error as { readonly code: string }).code,
      );
    try {
      expect(await answer()).toBe('OUTGOING_FORBIDDEN');
      await change({ outgoing: { allow: ['127.0.0.1'] } });
      expect(await answer()).toBe('here');
      await change({ outgoing: { allow: [] } });
      expect(await answer()).toBe('OUTGOING_FORBIDDEN');
    } finally {
      server.close();
    }
  });
});

describe('what is done from time to time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Until it is so: what a timer starts goes on after it. */
  async function until(isSo: () => Promise<boolean>): Promise<boolean> {
    for (let tries = 0; tries < 100; tries += 1) {
      if (await isSo()) return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
  }

  it('is to write down when keys and sessions were used, and to end those that nobody uses', async () => {
    const access = await open();
    await access.createFirstAdmin();
    const admin = access.users.byLogin('admin');
    const begun = admin && (await access.signIn.begin(admin, { address: '', userAgent: '' }));
    if (!begun) throw new Error('the administrator cannot sign in');
    const { id, secret } = await access.keys.change((query) =>
      access.keys.create(query, {
        ...{ name: 'key', userId: admin.id, scopes: ['query'], createdBy: 'system', expiresAt: undefined },
      }),
    );
    vi.setSystemTime(Date.now() + 1_000);
    const usedAtMs = Date.now();
    expect(await access.control.principalOf(secret)).toBeDefined();
    expect(await access.control.principalOf(begun.accessToken)).toBeDefined();
    const written = async (): Promise<boolean> => {
      const [row] = await engine.database.query<{ used_at: Date | null; seen_at: Date }>(
        'SELECT k.used_at, s.seen_at FROM api_keys k, sessions s WHERE k.id = $1 AND s.id = $2',
        [id, begun.session.id],
      );
      return row?.used_at?.getTime() === usedAtMs && row.seen_at.getTime() === usedAtMs;
    };
    expect(await written()).toBe(false);
    vi.advanceTimersByTime(60_000);
    expect(await until(written)).toBe(true);
    access.sessions.setLimits({ lifetimeMs: DAY_MS, idleMs: 30_000 });
    vi.advanceTimersByTime(60_000);
    const ended = async (): Promise<boolean> =>
      (await access.audit.list({ action: 'session.end', text: begun.session.id }, 1)).length === 1;
    expect(await until(ended)).toBe(true);
    await access.stop();
  });

  it('is to count refusals, also those before a stop', async () => {
    const access = await open();
    for (let times = 0; times < 5; times += 1) {
      access.refusals.note({ actor: 'anonymous', target: 'GET /x', address: '192.0.2.1', reason: 'no' });
    }
    await access.stop();
    const entries = await access.audit.list({ action: 'access.refuse' }, 10);
    expect(entries.map(({ detail }) => detail)).toEqual([{ reason: 'no', more: 4 }, { reason: 'no' }]);
  });
});

describe('the file with the first administrator’s password', () => {
  it.each([
    ['that is not there', undefined, 'it cannot be read'],
    ['whose password is too short', 'aT7)kk2', 'take at least 12'],
    ['whose password is a common one', 'password1234', 'a common one'],
    ['that is empty', '\n', 'the password has 0 characters'],
  ])('%s makes nobody', async (_what, text, reason) => {
    const path = join(folder, 'password');
    if (text !== undefined) await writeFile(path, text);
    const access = await open(path);
    const refused = access.createFirstAdmin();
    await expect(refused).rejects.toThrow(AdminPasswordError);
    await expect(refused).rejects.toThrow(`OPHION_ADMIN_PASSWORD_FILE names ${path}: `);
    await expect(refused).rejects.toThrow(reason);
    if (text !== undefined && text !== '\n') await expect(refused).rejects.not.toThrow(text);
    expect(access.users.all()).toEqual([]);
    await access.stop();
  });

  it('makes an administrator who is asked for another password, as the file may be read by others, and shows it nowhere', async () => {
    const path = join(folder, 'password');
    await writeFile(path, 'seven brave otters hum\n');
    const access = await open(path);
    expect(await access.createFirstAdmin()).toBeUndefined();
    const admin = access.users.byLogin('admin');
    expect(admin).toMatchObject({ roles: ['admin'], mustChangePassword: true });
    expect(await access.hasher.isRight('seven brave otters hum', admin?.passwordHash)).toBe(true);
    await access.stop();
  });
});
