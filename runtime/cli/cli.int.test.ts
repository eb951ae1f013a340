import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { AuditLog } from '../audit/index.ts';
import { createFirstAdmin, PasswordHasher, Users } from '../auth/index.ts';
import { lockDirectory } from '../directory-lock/index.ts';
import { openControlDatabase, type ControlDatabase } from '../storage/postgres/index.ts';
import { startThrowawayPostgres, type ThrowawayPostgres } from '../storage/postgres/throwaway-postgres.ts';
import { runCli } from './run-cli.ts';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe.each(['embedded', 'server'])('ophion, control database %s', (kind) => {
  let folder: string;
  let dataDir: string;
  let postgres: ThrowawayPostgres | undefined;
  let environment: Record<string, string>;
  const options = () =>
    postgres
      ? { url: postgres.url, onIdleError: () => undefined }
      : { directory: join(dataDir, 'postgres'), template: 'dist/templates/postgres' };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ophion-cli-'));
    dataDir = folder;
    if (kind === 'server') postgres = await startThrowawayPostgres();
    environment = { OPHION_DATA_DIR: dataDir, ...(postgres ? { OPHION_POSTGRES_URL: postgres.url } : {}) };
    await withDatabase(async (database) => {
      const users = await Users.open(database);
      await createFirstAdmin({ users, hasher: new PasswordHasher(), audit: new AuditLog(database) });
    });
  });
  afterAll(async () => {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function withDatabase<Result>(work: (database: ControlDatabase) => Promise<Result>): Promise<Result> {
    const database = await openControlDatabase(options());
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  async function ophion(
    args: readonly string[],
    more: Record<string, string> = {},
    input = '',
  ): Promise<Said> {
    let out = '';
    let err = '';
    const code = await runCli(args, {
      environment: { ...environment, ...more },
      write: (text) => (out += text),
      complain: (text) => (err += text),
      input: Readable.from([input]),
    });
    return { code, out, err };
  }

  const file = async (value: unknown): Promise<string> => {
    const path = join(folder, 'change.yaml');
    await writeFile(path, typeof value === 'string' ? value : stringify(value));
    return path;
  };

  it('exports what gives no difference, always in the same words', async () => {
    const exported = await ophion(['config', 'export']);
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(exported.out).toContain('retentionDays: null');
    expect((await ophion(['config', 'export'])).out).toBe(exported.out);
    expect(await ophion(['config', 'diff', await file(exported.out)])).toEqual({ code: 0, out: '', err: '' });
    expect(await ophion(['config', 'diff', '-'], {}, exported.out)).toEqual({ code: 0, out: '', err: '' });
    const output = join(folder, 'out.yaml');
    await ophion(['config', 'export', '--output', output]);
    expect(await readFile(output, 'utf8')).toBe(exported.out);
    expect((await stat(output)).mode & 0o077).toBe(0);
  });

  it('shows, applies, and round-trips everything', async () => {
    const path = await file({
      version: 1,
      settings: { signIn: { notice: 'Be kind' }, oidc: { groupRoles: { z: ['readers'], a: ['admin'] } } },
      secrets: { 'oidc-client-secret': { fromEnvironment: 'THE_SECRET' } },
      roles: [{ name: 'readers', permissions: ['traces:read', 'logs:read'] }],
      users: [{ login: 'Ada', name: 'Ada L', roles: ['readers', 'editor'] }],
      serviceAccounts: [{ login: 'ci', roles: ['readers'] }],
    });
    const secret = { THE_SECRET: 'hunter2-hunter2' };
    const lines = [
      '+ role readers: name "readers", permissions ["logs:read","traces:read"]',
      '+ user ada: name "Ada L", roles ["editor","readers"], isDisabled false',
      '+ service account ci: name "", roles ["readers"], isDisabled false',
      '~ setting signIn.notice: "" -> "Be kind"',
      '~ setting oidc.groupRoles: {} -> {"z":["readers"],"a":["admin"]}',
      '~ secret oidc-client-secret: set',
    ];
    const diff = await ophion(['config', 'diff', path], secret);
    expect(diff).toMatchObject({ code: 1, err: '' });
    expect(diff.out.trim().split('\n')).toEqual(lines);
    const dry = await ophion(['config', 'apply', path, '--dry-run'], secret);
    expect(dry).toMatchObject({ code: 0, out: diff.out, err: '6 changes would be made\n' });
    const applied = await ophion(['config', 'apply', path, '--comment', 'as agreed'], secret);
    expect(applied).toMatchObject({ code: 0, out: diff.out, err: '6 changes made\n' });
    expect(await ophion(['config', 'apply', path], secret)).toEqual({
      code: 0,
      out: '',
      err: 'nothing to change\n',
    });
    const exported = await ophion(['config', 'export']);
    expect(exported.out).not.toContain('hunter2');
    expect(parse(exported.out)).toMatchObject({
      secrets: { 'oidc-client-secret': 'set' },
      users: [{ login: 'ada' }, { login: 'admin' }],
      serviceAccounts: [{ login: 'ci', name: '', roles: ['readers'], isDisabled: false }],
    });
    expect(exported.out.indexOf('a:\n')).toBeLessThan(exported.out.indexOf('z:\n'));
    expect(await ophion(['config', 'diff', await file(exported.out)])).toEqual({ code: 0, out: '', err: '' });
    const reference = { version: 1, secrets: { 'oidc-client-secret': { fromEnvironment: 'THE_SECRET' } } };
    const other = await ophion(['config', 'diff', await file(reference)], { THE_SECRET: 'another' });
    expect(other.out).toBe('~ secret oidc-client-secret: set\n');
    const audit = await ophion(['audit', 'export']);
    expect(audit.out).not.toContain('hunter2');
    for (const action of ['role.create', 'user.create', 'settings.change', 'secret.set']) {
      expect(audit.out).toContain(`"action":"${action}"`);
    }
  });

  it('leaves the name and the enabling of a user as they are when it does not name them', async () => {
    const user = { login: 'grace', name: 'Grace H', roles: ['viewer'], isDisabled: true };
    await ophion(['config', 'apply', await file({ version: 1, users: [user] })]);
    const part = { version: 1, users: [{ login: 'grace', roles: ['editor'] }] };
    const applied = await ophion(['config', 'apply', await file(part)]);
    expect(applied.out).toBe('~ user grace: roles ["viewer"] -> ["editor"]\n');
    const grace = await withDatabase(async (database) => (await Users.open(database)).byLogin('grace'));
    expect(grace).toMatchObject({ name: 'Grace H', roles: ['editor'], isDisabled: true });
    expect((await ophion(['config', 'diff', await file(part)])).out).toBe('');
    await withDatabase(({ query }) => query(`DELETE FROM users WHERE login = 'grace'`));
  });

  it('removes roles that the list leaves out, and leaves alone what is not named', async () => {
    const gone = await ophion([
      'config',
      'apply',
      await file({ version: 1, settings: { oidc: { groupRoles: {} } }, roles: [] }),
    ]);
    expect(gone.out).toContain('- role readers\n');
    const { users, serviceAccounts, roles } = parse((await ophion(['config', 'export'])).out) as Record<
      string,
      unknown
    >;
    expect(roles).toEqual([]);
    expect(users).toMatchObject([
      { login: 'ada', roles: ['editor'] },
      { login: 'admin', roles: ['admin'] },
    ]);
    expect(serviceAccounts).toMatchObject([{ login: 'ci', roles: [] }]);
  });

  it.each([
    [
      'who disables the last administrator',
      { users: [{ login: 'admin', roles: ['admin'], isDisabled: true }] },
      'users:write',
    ],
    ['who demotes the last administrator', { users: [{ login: 'admin', roles: ['viewer'] }] }, 'users:write'],
    [
      'who leaves only one that has no password',
      {
        users: [
          { login: 'admin', roles: [] },
          { login: 'new', roles: ['admin'] },
        ],
      },
      'users:write',
    ],
    ['an unknown role', { users: [{ login: 'x', roles: ['nope'] }] }, 'users.x.roles: there is no role nope'],
    [
      'a role of every installation',
      { roles: [{ name: 'admin', permissions: [] }] },
      'roles.admin: is a role that every',
    ],
    ['an unknown permission', { roles: [{ name: 'r', permissions: ['all'] }] }, 'roles.0.permissions.0'],
    [
      'a user twice',
      {
        users: [
          { login: 'x', roles: [] },
          { login: 'X', roles: [] },
        ],
      },
      'users.x: is named twice',
    ],
    [
      'a person as a service account',
      { serviceAccounts: [{ login: 'ada', roles: [] }] },
      'users.ada: is a person here',
    ],
    ['an unknown setting', { settings: { signIn: { nope: 1 } } }, 'signIn.nope: is no setting'],
    [
      'a wrong setting',
      { settings: { outgoing: { allow: ['10.0.0.0/99'] } } },
      'outgoing.allow.0: expected an address',
    ],
    [
      'a mapping to no role',
      { settings: { oidc: { groupRoles: { g: ['nope'] } } } },
      'there is no role nope',
    ],
    ['an unknown secret', { secrets: { nope: 'set' } }, 'secrets'],
    [
      'a secret in the file',
      { secrets: { 'oidc-client-secret': 'hunter2' } },
      'expected set, unset, fromFile',
    ],
    [
      'a variable that is not set',
      { secrets: { 'oidc-client-secret': { fromEnvironment: 'NOPE' } } },
      'NOPE is not set',
    ],
    ['an unknown part', { more: 1 }, 'more'],
    ['another version', { version: 2 }, 'version'],
  ])('refuses %s, and changes nothing', async (_name, change, message) => {
    const before = (await ophion(['config', 'export'])).out;
    const refused = await ophion([
      'config',
      'apply',
      await file({ version: 1, roles: undefined, ...change }),
    ]);
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toContain(message);
    expect(refused.err).not.toContain('hunter2');
    expect((await ophion(['config', 'export'])).out).toBe(before);
    expect((await ophion(['audit', 'verify'])).code).toBe(0);
  });

  it('reads no file that unfolds to more than it holds, or is no YAML', async () => {
    const bomb = 'a: &a [x,x]\nb: &b [*a,*a]\nversion: 1\nsettings: {c: {d: [*b,*b]}}\n';
    expect((await ophion(['config', 'apply', await file(bomb)])).err).toContain('file: is not YAML');
    expect((await ophion(['config', 'apply', await file('a: [1')])).err).toContain('file: is not YAML');
    expect((await ophion(['config', 'apply', join(folder, 'missing.yaml')])).err).toContain('cannot be read');
  });

  it('verifies the audit log, and names what is wrong with it', async () => {
    const intact = await ophion(['audit', 'verify']);
    expect(intact).toMatchObject({ code: 0, err: '' });
    expect(intact.out).toMatch(/^intact: \d+ entries\n$/);
    await withDatabase(async ({ query }) => {
      await query('ALTER TABLE audit_log DISABLE TRIGGER USER');
      await query(`UPDATE audit_log SET actor = 'user:innocent' WHERE sequence = 2`);
    });
    expect(await ophion(['audit', 'verify'])).toEqual({
      code: 1,
      out: 'broken at entry 2: it was changed\n',
      err: '',
    });
  });

  it('exports the audit log as JSON and CSV, which no spreadsheet runs', async () => {
    await withDatabase((database) =>
      new AuditLog(database).append({
        actor: '=cmd("x")',
        action: 'sign-in',
        target: 'a,"b"',
        outcome: 'refused',
        address: '',
        detail: {},
      }),
    );
    const lines = (await ophion(['audit', 'export'])).out.trim().split('\n');
    const last = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
    expect(last).toMatchObject({
      sequence: lines.length,
      target: 'a,"b"',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    const output = join(folder, 'audit.csv');
    expect(await ophion(['audit', 'export', '--format', 'csv', '--output', output])).toEqual({
      code: 0,
      out: '',
      err: '',
    });
    const csv = (await readFile(output, 'utf8')).trim().split('\r\n');
    expect(csv).toHaveLength(lines.length + 1);
    expect(csv.at(-1)).toContain(`"'=cmd(""x"")",sign-in,"a,""b""",refused,,{},`);
  });

  it('lets a locked-out administrator in again', async () => {
    await withDatabase(async ({ query }) => {
      await query(`UPDATE users SET is_disabled = true, password_hash = 'x' WHERE login = 'admin'`);
      await query(`INSERT INTO sign_in_failures VALUES ('account:admin', 50, now())`);
      await query(
        `INSERT INTO sessions (user_id, expires_at, address, user_agent) SELECT id, now() + interval '1 day', '', '' FROM users WHERE login = 'admin'`,
      );
    });
    const { code, out } = await ophion(['admin', 'reset-password']);
    expect(code).toBe(0);
    await withDatabase(async (database) => {
      const admin = (await Users.open(database)).byLogin('admin');
      expect(admin).toMatchObject({ isDisabled: false, mustChangePassword: true });
      expect(await new PasswordHasher().isRight(out.trim(), admin?.passwordHash)).toBe(true);
      expect(await database.query('SELECT * FROM sign_in_failures')).toEqual([]);
      expect(await database.query('SELECT * FROM sessions WHERE ended_at IS NULL')).toEqual([]);
      const [entry] = await new AuditLog(database).list({ action: 'password.reset' }, 1);
      expect(entry?.actor).toMatch(/^cli:/);
      expect(JSON.stringify(entry)).not.toContain(out.trim());
    });
    const link = await ophion(['admin', 'reset-password', '--link']);
    expect(link.out).toMatch(/^[\w-]{43}\n$/);
    const links = await withDatabase(({ query }) =>
      query('SELECT * FROM password_links WHERE used_at IS NULL'),
    );
    expect(links).toHaveLength(1);
  });

  it('makes nobody an administrator unasked', async () => {
    expect(await ophion(['admin', 'reset-password', '--login', 'nobody'])).toMatchObject({
      code: 3,
      out: '',
    });
    expect(await ophion(['admin', 'reset-password', '--login', 'ci'])).toMatchObject({ code: 3, out: '' });
    const refused = await ophion(['admin', 'reset-password', '--login', 'ada']);
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toContain('--make-admin');
    expect(await ophion(['admin', 'reset-password', '--login', 'ada', '--make-admin'])).toMatchObject({
      code: 0,
    });
    const ada = await withDatabase(async (database) => (await Users.open(database)).byLogin('ada'));
    expect(ada?.roles).toEqual(['admin', 'editor']);
  });

  it('does not touch what a platform that runs has, or what is not there', async () => {
    const lock = await lockDirectory(dataDir, 'OPHION_DATA_DIR');
    const refused = await ophion(['config', 'export']);
    await lock.release();
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toContain(`${dataDir} is in use by process ${process.pid}`);
    expect(refused.err).toContain('--url');
    const nowhere = join(folder, 'nowhere');
    const missing = await ophion(['audit', 'verify'], { OPHION_DATA_DIR: nowhere });
    expect(missing.err).toContain(`there is no installation in ${nowhere}`);
    await expect(stat(nowhere)).rejects.toThrow('ENOENT');
  });
});

describe('ophion on a shell', () => {
  const shell = (...args: string[]) =>
    spawnSync(process.execPath, ['runtime/cli/ophion.mjs', ...args], { encoding: 'utf8' });

  it('helps with every command', () => {
    const help = shell('--help');
    expect(help.status).toBe(0);
    const commands = [...help.stdout.matchAll(/^ {2}(\w+ [\w-]+)/gm)].map(([, name]) => name ?? '');
    expect(commands).toEqual([
      'config export',
      'config diff',
      'config apply',
      'audit verify',
      'audit export',
      'admin reset-password',
    ]);
  });

  it('says how it is used when it is used wrongly', async () => {
    const quiet = {
      environment: {},
      write: () => undefined,
      complain: () => undefined,
      input: Readable.from([]),
    };
    for (const args of [
      [],
      ['nope'],
      ['config'],
      ['config', 'apply'],
      ['audit', 'verify', 'x'],
      ['audit', 'export', '--nope'],
    ]) {
      expect(await runCli(args, quiet)).toBe(2);
    }
    expect(await runCli(['audit', 'export', '--format', 'xml'], quiet)).toBe(2);
    for (const name of [
      'config export',
      'config diff',
      'config apply',
      'audit verify',
      'audit export',
      'admin reset-password',
    ]) {
      let out = '';
      const io = { ...quiet, write: (text: string) => (out += text) };
      expect(await runCli([...name.split(' '), '--help'], io)).toBe(0);
      expect(out).toContain(`usage: ophion ${name}`);
    }
    const remote = shell('config', 'export', '--url', 'http://127.0.0.1:9');
    expect(remote.status).toBe(3);
    expect(remote.stderr).toContain('OPHION_API_KEY');
  });
});
