import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openControlPlane, type OpenControlPlane } from '../fixtures/index.ts';
import { SettingsConflictError } from '../settings/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import {
  applyConfiguration,
  ConfigurationConflictError,
  exportConfiguration,
  parseConfiguration,
  type ConfigurationContext,
  type ConfigurationStep,
} from './index.ts';

const FILE_AUTHOR = { actor: 'cli:file', address: '' };
const OTHER = { actor: 'user:other', address: '' };
const SECRET = 'oidc-client-secret';

describe.each(CONTROL_ENGINES)('a configuration that is applied, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let plane: OpenControlPlane;
  let context: ConfigurationContext;

  beforeAll(async () => {
    engine = await start();
    plane = await openControlPlane(engine.database);
    context = { ...plane.access, ...plane };
  });
  afterAll(async () => {
    await plane.access.stop();
    await engine.end();
  });
  beforeEach(async () => {
    await apply({
      settings: { signIn: { notice: 'at first' } },
      secrets: { [SECRET]: { fromEnvironment: 'X' } },
      roles: [{ name: 'readers', permissions: ['logs:read'] }],
      users: [{ login: 'ada', name: 'Ada', roles: ['viewer'], isDisabled: false }],
    });
  });

  const apply = (file: object, secret = 'at first'): Promise<readonly ConfigurationStep[]> =>
    applyConfiguration(
      context,
      parseConfiguration({ version: 1, ...file }),
      { [SECRET]: secret },
      FILE_AUTHOR,
    );

  const everything = async (): Promise<unknown> => {
    await plane.access.users.reload();
    return [
      await exportConfiguration(context),
      await plane.secrets.reveal(SECRET),
      await plane.access.audit.head(),
    ];
  };

  /** Somebody else has their turn when the file was compared already, and was not applied yet. Resolves with what they left. */
  function meanwhile(change: () => Promise<unknown>): Promise<unknown> {
    const { users } = plane.access;
    return new Promise((resolve, reject) => {
      vi.spyOn(users, 'change').mockImplementationOnce(async (work, committed) => {
        await change().then(everything).then(resolve, reject);
        return users.change(work, committed);
      });
    });
  }

  const others = {
    giveRoles: () =>
      plane.access.users.change((query) =>
        plane.access.users.update(query, plane.access.users.byLogin('ada')?.id ?? '', {
          roles: ['operator'],
        }),
      ),
    makeUser: () =>
      plane.access.users.change(async (query) => {
        const made = { kind: 'person', name: '', roles: [], mustChangePassword: false } as const;
        await plane.access.users.create(query, { login: `new-${plane.settings.version}`, ...made });
      }),
    widenRole: () =>
      plane.access.users.change((query) =>
        plane.access.users.putRole(query, 'readers', { permissions: ['traces:read'], services: undefined }),
      ),
    removeRole: () => plane.access.users.change((query) => plane.access.users.removeRole(query, 'readers')),
    changeNotice: () =>
      plane.settings.change(
        { signIn: { notice: 'by another' } },
        { expectedVersion: plane.settings.version, comment: '' },
        OTHER,
      ),
    setSecret: () => plane.secrets.set(SECRET, 'by another', OTHER),
    /** Another process, which cannot tell this one. */
    renameElsewhere: () => engine.database.query(`UPDATE users SET name = 'by another' WHERE login = 'ada'`),
  };

  it.each<readonly [string, keyof typeof others, object, readonly string[]]>([
    ['the roles of a user', 'giveRoles', { users: [{ login: 'ada', roles: ['editor'] }] }, ['user ada']],
    ['a role', 'widenRole', { roles: [{ name: 'readers', permissions: ['sql:run'] }] }, ['role readers']],
    ['a role that goes', 'widenRole', { roles: [] }, ['role readers']],
    [
      'a role that is given',
      'removeRole',
      { users: [{ login: 'ada', roles: ['readers'] }] },
      ['users.ada.roles: there is no role readers'],
    ],
    ['a setting', 'changeNotice', { settings: { signIn: { notice: 'by file' } } }, ['setting signIn.notice']],
    ['a secret', 'setSecret', { secrets: { [SECRET]: { fromEnvironment: 'X' } } }, [`secret ${SECRET}`]],
    ['a secret that goes', 'setSecret', { secrets: { [SECRET]: 'unset' } }, [`secret ${SECRET}`]],
    [
      'one of many things',
      'setSecret',
      {
        settings: { signIn: { notice: 'by file' } },
        secrets: { [SECRET]: { fromEnvironment: 'X' } },
        roles: [{ name: 'writers', permissions: ['sql:run'] }],
        users: [{ login: 'ada', roles: ['writers'] }],
      },
      [`secret ${SECRET}`],
    ],
    [
      'a user, in another process',
      'renameElsewhere',
      { users: [{ login: 'ada', name: 'by file', roles: ['editor'] }] },
      ['user ada'],
    ],
  ])('leaves all as it is when somebody else has changed %s', async (_what, change, file, changed) => {
    const left = meanwhile(others[change]);
    const refused: unknown = await apply(file, 'by file').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigurationConflictError);
    expect(refused).toMatchObject({ changed });
    expect(String(refused)).toContain('ophion config diff');
    expect(await everything()).toEqual(await left);
    if (change === 'removeRole') return;
    // Whoever has seen the difference may apply it.
    expect((await apply(file, 'by file')).length).toBeGreaterThan(0);
    expect(await apply(file, 'by file')).toEqual([]);
  });

  it('does not mind what it has nothing to do with', async () => {
    const left = meanwhile(async () => {
      await others.makeUser();
      await others.setSecret();
      await others.changeNotice();
    });
    const steps = await apply({
      settings: { signIn: { sessionHours: 7 } },
      users: [{ login: 'ada', roles: ['editor'] }],
    });
    await left;
    expect(steps).toHaveLength(2);
    expect(plane.settings.current.signIn).toMatchObject({ notice: 'by another', sessionHours: 7 });
    expect(plane.access.users.byLogin('ada')?.roles).toEqual(['editor']);
    expect(await plane.secrets.reveal(SECRET)).toBe('by another');
  });

  it('and settings that somebody changes at the same time never wait for each other', async () => {
    for (let round = 0; round < 20; round += 1) {
      const expectedVersion = plane.settings.version;
      const outcomes = await Promise.allSettled([
        apply({
          settings: { signIn: { notice: `by file ${round}` } },
          roles: [{ name: 'readers', permissions: round % 2 === 0 ? ['sql:run'] : ['logs:read'] }],
        }),
        plane.settings.change({ signIn: { notice: `${round}` } }, { expectedVersion, comment: '' }, OTHER),
      ]);
      const refused = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
      );
      expect(refused.length).toBeLessThan(2);
      for (const reason of refused) {
        expect([SettingsConflictError, ConfigurationConflictError]).toContain((reason as Error).constructor);
      }
    }
    expect(await plane.access.audit.verify()).toMatchObject({ intact: true });
  });
});
