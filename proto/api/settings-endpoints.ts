import { z } from 'zod';
import { configuration, SECRET_NAMES, MOST_SECRET_LENGTH, settings } from '../settings/index.ts';
import { done } from './access.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { limit } from './parameters.ts';
import { noParameters } from './requests.ts';
import { listOf, named, record } from './values.ts';

const version = z.int().min(0);
const comment = z.string().max(1_000).default('').meta({ description: 'why, for the history' });
const expectedVersion = version.meta({
  description: 'the version that was seen; another in between is a conflict',
});
const versionText = z.coerce.number({ error: 'expected the number of a version' }).int().min(0);
const secretName = z.enum(SECRET_NAMES);

const difference = named(
  'SettingDifference',
  record({ path: z.string(), before: z.unknown(), after: z.unknown() }),
);

const current = named(
  'CurrentSettings',
  record({
    version: version.meta({ description: '0: never changed' }),
    settings: named('Settings', settings),
  }),
);

const settingsVersion = named(
  'SettingsVersion',
  record({
    version,
    author: z.string().meta({ description: 'user:login, key:id or cli:name' }),
    comment: z.string(),
    restores: version.nullable().meta({ description: 'the version it was made equal to, by a roll-back' }),
    createdAtUnixMs: z.int(),
    differences: listOf(difference).meta({ description: 'from the version before' }),
  }),
);
export type SettingsVersionJson = z.output<typeof settingsVersion>;

const secret = named(
  'Secret',
  record({
    name: secretName,
    description: z.string(),
    isSet: z.boolean(),
    setAtUnixMs: z.int().nullable(),
    setBy: z.string().nullable(),
  }),
  'a value is never told',
);

export const changeSettingsBody = z.strictObject({
  expectedVersion,
  comment,
  changes: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .meta({ description: 'fields by group; what is not named stays' }),
});
export const rollBackBody = z.strictObject({ version, expectedVersion, comment });
export const secretBody = z.strictObject({ value: z.string().min(1).max(MOST_SECRET_LENGTH) });
export const configurationBody = z.strictObject({
  configuration,
  secretValues: z
    .partialRecord(secretName, z.string().max(MOST_SECRET_LENGTH))
    .default({})
    .meta({ description: 'of secrets that the configuration says where to read' }),
  comment,
  dryRun: z.boolean().default(false),
});

const answered303 = 'Answered with 303 and a Location, for browsers.';

/** What can be changed while the platform runs, and sign-in elsewhere, which stands in it. */
export const SETTINGS_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/settings',
    tag: 'settings',
    needs: 'settings:read',
    summary: 'Settings as they are',
    queryParameters: noParameters,
    answer: current,
    example: '/api/v1/settings',
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/v1/settings',
    tag: 'settings',
    needs: 'settings:write',
    summary: 'Change settings: a new version',
    description:
      'What security depends on (all but the notice of the sign-in page and how long insights are kept) needs settings:security, too. Groups of a sign-in provider give roles: whoever changes them may do all that those roles allow, and manage users.',
    queryParameters: noParameters,
    body: changeSettingsBody,
    answer: current,
    errors: ['CONFLICT'],
    example: '/api/v1/settings',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/settings/history',
    tag: 'settings',
    needs: 'settings:read',
    summary: 'Versions of the settings, newest first, each with what it changed',
    queryParameters: z.strictObject({
      limit: limit(50, 500),
      before: versionText.optional().meta({ description: 'versions before this one' }),
    }),
    answer: named('SettingsHistory', record({ versions: listOf(settingsVersion) })),
    rows: { key: 'versions', item: settingsVersion },
    example: '/api/v1/settings/history?limit=10',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/settings/diff',
    tag: 'settings',
    needs: 'settings:read',
    summary: 'What is different between two versions of the settings',
    queryParameters: z.strictObject({ from: versionText, to: versionText }),
    answer: named('SettingsDiff', record({ differences: listOf(difference) })),
    rows: { key: 'differences', item: difference },
    example: '/api/v1/settings/diff?from=0&to=1',
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/settings/roll-back',
    tag: 'settings',
    needs: 'settings:write',
    summary: 'Make all settings as they were in a version: a new version',
    description: 'Whoever does may change each setting that becomes another one.',
    queryParameters: noParameters,
    body: rollBackBody,
    answer: current,
    errors: ['CONFLICT'],
    example: '/api/v1/settings/roll-back',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/secrets',
    tag: 'settings',
    needs: 'settings:read',
    summary: 'Secrets there can be, and whether they are set',
    queryParameters: noParameters,
    answer: named('Secrets', record({ secrets: listOf(secret) })),
    rows: { key: 'secrets', item: secret },
    example: '/api/v1/secrets',
  }),
  endpoint({
    method: 'PUT',
    path: '/api/v1/secrets/:name',
    tag: 'settings',
    needs: 'settings:security',
    summary: 'Set a secret',
    pathParameters: z.strictObject({ name: secretName }),
    queryParameters: noParameters,
    body: secretBody,
    answer: done,
    example: '/api/v1/secrets/oidc-client-secret',
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/secrets/:name',
    tag: 'settings',
    needs: 'settings:security',
    summary: 'Clear a secret',
    pathParameters: z.strictObject({ name: secretName }),
    queryParameters: noParameters,
    answer: done,
    example: '/api/v1/secrets/oidc-client-secret',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/configuration',
    tag: 'settings',
    needs: 'settings:write',
    summary: 'All that is configured: settings, roles, users, service accounts, which secrets are set',
    description: 'For those who may do everything. `ophion config export --url` writes it as YAML.',
    queryParameters: noParameters,
    answer: named('ConfigurationAnswer', record({ configuration: z.unknown() })),
    example: '/api/v1/configuration',
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/configuration',
    tag: 'settings',
    needs: 'settings:write',
    summary: 'Make all that is configured as a file says, in one transaction, or say what that would change',
    description: 'For those who may do everything. `ophion config apply --url` reads it as YAML.',
    queryParameters: noParameters,
    body: configurationBody,
    answer: named('ConfigurationChanges', record({ changes: listOf(z.string()) })),
    errors: ['CONFLICT'],
    example: '/api/v1/configuration',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/audit/verification',
    tag: 'audit',
    needs: 'audit:read',
    summary: 'Whether the audit log is as it was written',
    description: 'Walks the whole chain. `ophion audit verify --url` asks this.',
    queryParameters: noParameters,
    answer: named(
      'AuditVerification',
      record({
        intact: z.boolean(),
        entries: z.int().nullable().meta({ description: 'that there are; null when the chain is broken' }),
        cutAt: z
          .int()
          .nullable()
          .meta({ description: 'entries up to this one were removed by retention, on record' }),
        brokenAt: z.int().nullable().meta({ description: 'the first entry that is not as it was written' }),
        reason: z.string().nullable(),
      }),
    ),
    example: '/api/v1/audit/verification',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/auth/options',
    tag: 'session',
    needs: 'nothing',
    summary: 'What the sign-in page shows',
    queryParameters: noParameters,
    answer: named(
      'SignInOptions',
      record({
        notice: z.string(),
        oidc: record({ label: z.string() }).nullable().meta({ description: 'null: not offered' }),
      }),
    ),
    example: '/api/v1/auth/options',
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/auth/oidc/start',
    tag: 'session',
    needs: 'nothing',
    summary: 'Begin to sign in at the provider',
    description:
      'For the sign-in page: a link on another page begins nothing. The answer says where to send the browser: to the provider, or to /sign-in?refused=REASON.',
    queryParameters: noParameters,
    body: z.strictObject({
      returnTo: z.string().max(2_000).optional().meta({ description: 'path to show afterwards' }),
    }),
    answer: named('SignInElsewhere', record({ location: z.string() })),
    example: '/api/v1/auth/oidc/start',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/auth/oidc/callback',
    tag: 'session',
    needs: 'nothing',
    summary: 'Come back from the sign-in provider',
    description: `${answered303} Who is not let in is sent to /sign-in?refused=REASON.`,
    queryParameters: z.strictObject(
      Object.fromEntries(
        [
          ...['code', 'state', 'iss', 'session_state', 'scope', 'error', 'error_description', 'error_uri'],
          // Of providers that say more than was asked.
          ...['authuser', 'hd', 'prompt', 'client_info'],
        ].map((name) => [name, z.string().max(8_000).optional()]),
      ),
    ),
    answer: done,
    example: '/api/v1/auth/oidc/callback',
  }),
] as const satisfies readonly Endpoint[];
