import { z } from 'zod';
import { ALL_PERMISSIONS, KEY_SCOPES, serviceMatcher, type KeyScope } from '../access/index.ts';
import { listOf, named, record } from './values.ts';

/** Who may do what, as it leaves the API. No answer holds a secret that was shown before. */

export const permission = z.enum(ALL_PERMISSIONS);
export const keyScope = z.enum(Object.keys(KEY_SCOPES) as [KeyScope, ...KeyScope[]]);
const unixMs = z.int().meta({ description: 'milliseconds since 1970' });
const id = z.uuid();

/** An answer that says no more than that it was done. */
export const done = named('Done', record({ done: z.literal(true) }));

export const restriction = named(
  'ServiceMatcher',
  serviceMatcher.readonly(),
  'services: each part the value itself, or with * for any run of characters; a part that is missing may be anything',
);

export const session = named(
  'Session',
  record({
    id,
    createdAtUnixMs: unixMs,
    seenAtUnixMs: unixMs,
    expiresAtUnixMs: unixMs,
    address: z.string(),
    userAgent: z.string(),
    isCurrent: z.boolean().meta({ description: 'the session that asks' }),
  }),
);
export type SessionJson = z.output<typeof session>;

export const sessions = named('Sessions', record({ sessions: listOf(session) }));

export const me = named(
  'Me',
  record({
    userId: id,
    login: z.string(),
    name: z.string(),
    roles: listOf(z.string()),
    permissions: listOf(permission).meta({ description: 'what whoever asks may do just now' }),
    restrictions: listOf(record({ permission, services: listOf(restriction) })).meta({
      description: 'permissions that count for services alone which one of these matches',
    }),
    by: z.enum(['session', 'key']),
    session: session.nullable().meta({ description: 'null for a key' }),
    mustChangePassword: z.boolean().meta({ description: 'until then nothing else is allowed' }),
    mustSetUpSecondFactor: z.boolean().meta({
      description: 'until then, once the password is changed, nothing else is allowed',
    }),
    hasPassword: z.boolean().meta({ description: 'false for who signs in elsewhere' }),
    hasSecondFactor: z.boolean(),
  }),
);
export type MeJson = z.output<typeof me>;

export const tokens = record({
  accessToken: z.string().meta({ description: 'goes into `authorization: Bearer …`' }),
  accessExpiresAtUnixMs: unixMs,
  refreshToken: z.string().meta({ description: 'for one call of /api/v1/session/refresh' }),
});

export const signedIn = named(
  'SignedIn',
  record({ me, tokens: tokens.nullable().meta({ description: 'null when they are in cookies' }) }),
);
export type SignedInJson = z.output<typeof signedIn>;

export const totpSecret = named(
  'SecondFactorSecret',
  record({
    secret: z.string().meta({ description: 'base32, to be typed in; shown this once' }),
    uri: z.string().meta({ description: 'otpauth://…, to be shown as a QR code' }),
  }),
);

export const user = named(
  'User',
  record({
    id,
    login: z.string(),
    name: z.string(),
    roles: listOf(z.string()),
    isDisabled: z.boolean(),
    hasPassword: z.boolean(),
    hasSecondFactor: z.boolean(),
    mustChangePassword: z.boolean(),
    createdAtUnixMs: unixMs,
    signedInAtUnixMs: unixMs.nullable(),
  }),
);
export type UserJson = z.output<typeof user>;

export const passwordLink = named(
  'PasswordLink',
  record({
    token: z.string().meta({ description: 'lets its bearer set the password, once; shown this once' }),
    path: z.string().meta({ description: 'of the page that takes it; what follows # stays in the browser' }),
    expiresAtUnixMs: unixMs,
  }),
);

export const role = named(
  'Role',
  record({
    name: z.string(),
    permissions: listOf(permission),
    services: listOf(restriction)
      .nullable()
      .meta({ description: 'what the role may read is for services alone that one of these matches' }),
    isBuiltIn: z.boolean(),
  }),
);
export type RoleJson = z.output<typeof role>;

export const serviceAccount = named(
  'ServiceAccount',
  record({
    id,
    login: z.string(),
    name: z.string(),
    roles: listOf(z.string()),
    isDisabled: z.boolean(),
    createdAtUnixMs: unixMs,
  }),
);
export type ServiceAccountJson = z.output<typeof serviceAccount>;

export const apiKey = named(
  'ApiKey',
  record({
    id,
    name: z.string(),
    hint: z.string().meta({ description: 'its last characters' }),
    userId: id,
    login: z.string(),
    scopes: listOf(keyScope),
    createdBy: z.string(),
    createdAtUnixMs: unixMs,
    expiresAtUnixMs: unixMs.nullable(),
    usedAtUnixMs: unixMs.nullable(),
    revokedAtUnixMs: unixMs.nullable(),
  }),
);
export type ApiKeyJson = z.output<typeof apiKey>;

export const apiKeys = named('ApiKeys', record({ keys: listOf(apiKey) }));

export const newApiKey = named(
  'NewApiKey',
  record({ key: apiKey, secret: z.string().meta({ description: 'the key itself; shown this once' }) }),
);

export const auditEntry = named(
  'AuditEntry',
  record({
    sequence: z.int(),
    atUnixMs: unixMs,
    actor: z.string().meta({ description: 'user:login, key:id, system or anonymous' }),
    action: z.string(),
    target: z.string(),
    outcome: z.enum(['done', 'refused']),
    address: z.string(),
    detail: z
      .record(z.string(), z.unknown())
      .readonly()
      .meta({ description: 'before and after of a change, the reason of a refusal' }),
    previous: z.string().meta({ description: 'hash of the entry before' }),
    hash: z.string().meta({ description: 'SHA-256 over this entry and the hash of the one before' }),
  }),
);
export type AuditEntryJson = z.output<typeof auditEntry>;

export const permissionList = named(
  'Permissions',
  record({
    permissions: listOf(record({ name: permission, description: z.string() })),
    scopes: listOf(record({ name: keyScope, permissions: listOf(permission) })).meta({
      description: 'what an API key may be for; it never allows more than the roles of its owner',
    }),
  }),
);
