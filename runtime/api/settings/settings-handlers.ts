import { ALL_PERMISSIONS } from '../../../proto/access/index.ts';
import type { SETTINGS_ENDPOINTS } from '../../../proto/api/index.ts';
import { isSecuritySetting, SECRETS, type Settings } from '../../../proto/settings/index.ts';
import {
  applyConfiguration,
  describeStep,
  exportConfiguration,
  planConfiguration,
  type ConfigurationContext,
} from '../../configuration/index.ts';
import { patchSettings, settingsDiff } from '../../settings/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf, DONE, requireCovers, requireEachRole } from '../access/index.ts';
import { OIDC_HANDLERS } from './oidc-handlers.ts';
import { refusable, type SettingsContext, type SettingsHandlers } from './settings-handler.ts';

type Request = Parameters<typeof askerOf>[0];

export const SETTINGS_HANDLERS: SettingsHandlers<typeof SETTINGS_ENDPOINTS> = {
  ...OIDC_HANDLERS,

  'GET /api/v1/settings': ({ settings: { store } }) =>
    Promise.resolve({ version: store.version, settings: store.current }),

  'PATCH /api/v1/settings': async (context, request) => {
    const { store } = context.settings;
    const { changes, ...write } = request.body;
    const { actor, address } = askerOf(request);
    const wanted = await refusable(
      Promise.resolve().then(() => {
        // What is looked at below is what the change is made of: a version never changes.
        store.requireVersion(write.expectedVersion);
        return patchSettings(store.current, changes);
      }),
    );
    requireMayChange(context, request, wanted);
    await refusable(store.change(changes, write, { actor, address }));
    return { version: store.version, settings: store.current };
  },

  'GET /api/v1/settings/history': async ({ settings: { store } }, { query }) => {
    const versions = await store.history(query.limit, query.before);
    return {
      versions: versions.map(({ version, author, comment, restores, createdAt, differences }) => ({
        ...{ version, author, comment, restores: restores ?? null, differences },
        createdAtUnixMs: createdAt.getTime(),
      })),
    };
  },

  'GET /api/v1/settings/diff': async ({ settings: { store } }, { query: { from, to } }) => {
    const [before, after] = await refusable(Promise.all([store.at(from), store.at(to)]));
    return { differences: settingsDiff(before, after) };
  },

  'POST /api/v1/settings/roll-back': async (context, request) => {
    const { store } = context.settings;
    const { version, ...write } = request.body;
    const { actor, address } = askerOf(request);
    const wanted = await refusable(store.at(version));
    await refusable(
      Promise.resolve().then(() => {
        store.requireVersion(write.expectedVersion);
      }),
    );
    requireMayChange(context, request, wanted);
    await refusable(store.rollBack(version, write, { actor, address }));
    return { version: store.version, settings: store.current };
  },

  'GET /api/v1/secrets': async ({ settings: { secrets } }) => ({
    secrets: (await secrets.list()).map(({ name, set }) => ({
      ...{ name, description: SECRETS[name], isSet: set !== undefined },
      ...{ setAtUnixMs: set?.at.getTime() ?? null, setBy: set?.by ?? null },
    })),
  }),

  'PUT /api/v1/secrets/:name': async ({ settings: { secrets } }, request) => {
    const { actor, address } = askerOf(request);
    await refusable(secrets.set(request.path.name, request.body.value, { actor, address }));
    return DONE;
  },

  'DELETE /api/v1/secrets/:name': async ({ settings: { secrets } }, request) => {
    const { actor, address } = askerOf(request);
    await secrets.clear(request.path.name, { actor, address });
    return DONE;
  },

  'GET /api/v1/audit/verification': async ({ access }) => {
    const found = await access.audit.verify();
    return found.intact
      ? { intact: true, entries: found.entries, cutAt: found.cutAt, brokenAt: null, reason: null }
      : { intact: false, entries: null, cutAt: null, brokenAt: found.sequence, reason: found.reason };
  },

  'GET /api/v1/configuration': async (context, request) => {
    requireEverything(context, request);
    return { configuration: await exportConfiguration(configurationOf(context)) };
  },

  'POST /api/v1/configuration': async (context, request) => {
    requireEverything(context, request);
    const { configuration, secretValues, comment, dryRun } = request.body;
    const { actor, address } = askerOf(request);
    const stores = configurationOf(context);
    const author = { actor, address };
    const steps = await refusable(
      dryRun
        ? planConfiguration(stores, configuration, secretValues).then((plan) => plan.steps)
        : applyConfiguration(stores, configuration, secretValues, author, comment),
    );
    return { changes: steps.map(describeStep) };
  },
};

function configurationOf({ access, settings }: SettingsContext): ConfigurationContext {
  const { users, sessions, audit } = access;
  return { users, sessions, audit, settings: settings.store, secrets: settings.secrets };
}

/**
 * What security depends on needs a permission of its own. Who says which groups have which roles gives them: nobody gives what
 * they do not have.
 */
function requireMayChange({ access, settings }: SettingsContext, request: Request, wanted: Settings): void {
  const paths = settingsDiff(settings.store.current, wanted).map(({ path }) => path);
  const ofSecurity = paths.filter(isSecuritySetting);
  if (ofSecurity.length > 0) requireSecurity(access, request, ofSecurity);
  if (!paths.some((path) => path.startsWith('oidc.'))) return;
  const mayManage = { permissions: new Set(['users:write' as const]), narrowed: new Map() };
  requireCovers(access, request, mayManage, 'settings:oidc');
  requireEachRole(access, request, Object.values(wanted.oidc.groupRoles).flat());
}

function requireSecurity(
  access: SettingsContext['access'],
  request: Request,
  paths: readonly string[],
): void {
  const { principal, actor, address } = askerOf(request);
  if (principal.grants.permissions.has('settings:security')) return;
  const reason = `${paths.join(', ')} needs the permission settings:security`;
  access.refusals.note({ actor, target: 'settings', address, reason });
  throw new ApiError('FORBIDDEN', reason, 'ask an administrator to change it');
}

/** Whoever configures everything may do everything. */
function requireEverything({ access }: SettingsContext, request: Request): void {
  const all = { permissions: new Set(ALL_PERMISSIONS), narrowed: new Map() };
  requireCovers(access, request, all, 'configuration');
}
