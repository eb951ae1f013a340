import { z } from 'zod';

/** What the database refuses to remove from the audit log, whatever the setting says. */
export const LEAST_AUDIT_RETENTION_DAYS = 30;

export const SECOND_FACTOR_RULES = ['nobody', 'admins', 'everybody'] as const;
export type SecondFactorRule = (typeof SECOND_FACTOR_RULES)[number];

const httpUrl = (help: string) =>
  z
    .url({ protocol: /^https?$/, error: 'expected a URL that starts with http:// or https://' })
    .max(2_000)
    .nullable()
    .default(null)
    .describe(help);
const claim = (fallback: string, help: string) => z.string().min(1).max(100).default(fallback).describe(help);
const name = z.string().min(1).max(200);

const general = z.strictObject({
  publicUrl: httpUrl('where browsers reach this installation; sign-in providers send them back there'),
});

const signIn = z.strictObject({
  notice: z
    .string()
    .max(2_000)
    .default('')
    .describe('shown on the sign-in page, before anybody has signed in'),
  idleMinutes: z
    .int()
    .min(5)
    .max(525_600)
    .nullable()
    .default(480)
    .describe(
      'after so long without any use a session ends; an open page that shows live data uses it; null: sessions end by sessionHours alone',
    ),
  requireSecondFactor: z
    .enum(SECOND_FACTOR_RULES)
    .default('nobody')
    .describe(
      'who signs in with a password and has no second factor must set one up before anything else: nobody, admins (whoever may manage users, roles, keys or security settings), everybody',
    ),
  sessionHours: z
    .int()
    .min(1)
    .max(8_760)
    .nullable()
    .default(null)
    .describe(
      'how long a session lasts at most, for those that begin afterwards; null: as OPHION_SESSION_HOURS says',
    ),
});

const oidc = z.strictObject({
  isEnabled: z.boolean().default(false).describe('offer sign-in through an OpenID Connect provider'),
  label: z.string().min(1).max(100).default('Single sign-on').describe('what its button says'),
  issuer: httpUrl('of the provider; its /.well-known/openid-configuration is read'),
  clientId: z.string().max(500).default('').describe('what the provider calls this installation'),
  scopes: z
    .array(
      z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, { error: 'expected a scope without spaces' }),
    )
    .max(20)
    .default(['openid', 'profile', 'email'])
    .describe('asked of the provider; openid must be among them'),
  loginClaim: claim('preferred_username', 'claim that names the user here'),
  groupsClaim: claim('groups', 'claim that lists the groups of the user'),
  groupRoles: z
    .record(name, z.array(name).max(20))
    .default({})
    .describe('roles of each group; whoever is in none of them cannot sign in'),
});

const outgoing = z.strictObject({
  allow: z
    .array(z.string().min(1).max(255))
    .max(200)
    .default([])
    .describe(
      'addresses, ranges and hosts that requests may reach although they are not of the public internet',
    ),
});

const audit = z.strictObject({
  retentionDays: z
    .int()
    .min(LEAST_AUDIT_RETENTION_DAYS)
    .max(36_500)
    .nullable()
    .default(null)
    .describe('days that the audit log is kept; null keeps all of it'),
});

const insights = z.strictObject({
  retentionDays: z
    .int()
    .min(1)
    .max(3_650)
    .default(90)
    .describe('days that an insight is kept after it is over, with the feedback on it'),
});

/** What can be changed while the platform runs. What is needed to start stands in environment or `ophion.yaml`. */
export const settings = z
  .strictObject({
    general: general.prefault({}),
    signIn: signIn.prefault({}),
    oidc: oidc.prefault({}),
    outgoing: outgoing.prefault({}),
    audit: audit.prefault({}),
    insights: insights.prefault({}),
  })
  .superRefine((all, context) => {
    const object = (path: readonly string[], message: string): void => {
      context.addIssue({ code: 'custom', path: [...path], message });
    };
    if (!all.oidc.scopes.includes('openid')) object(['oidc', 'scopes'], 'expected openid among the scopes');
    if (all.oidc.issuer !== null && !isSafe(all.oidc.issuer)) {
      object(['oidc', 'issuer'], 'expected https, or http on this machine');
    }
    if (!all.oidc.isEnabled) return;
    if (all.oidc.issuer === null) {
      object(['oidc', 'issuer'], 'is needed to enable sign-in through a provider');
    }
    if (all.oidc.clientId === '') {
      object(['oidc', 'clientId'], 'is needed to enable sign-in through a provider');
    }
    if (all.general.publicUrl === null) {
      object(['general', 'publicUrl'], 'is needed to enable sign-in through a provider');
    }
  });

/**
 * What security does not depend on: whoever has `settings:write` may change it. Everything else needs `settings:security`, too,
 * so that a setting which nobody has thought about is kept rather than open.
 */
const ORDINARY_SETTINGS: readonly string[] = ['signIn.notice', 'insights.retentionDays'];

/** `path`: of one field, as `outgoing.allow`. */
export function isSecuritySetting(path: string): boolean {
  return !ORDINARY_SETTINGS.includes(path);
}

/** Whoever stands between could sign in as anybody. */
function isSafe(issuer: string): boolean {
  if (!URL.canParse(issuer)) return true;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

export type Settings = z.output<typeof settings>;

export const DEFAULT_SETTINGS: Settings = settings.parse({});
