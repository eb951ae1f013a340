import { z } from 'zod';
import { serviceMatcher } from '../access/index.ts';
import { keyScope, permission } from './access.ts';
import { limit, range } from './parameters.ts';

const login = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\s\p{C}/:]+$/u, 'expected no spaces, slashes or colons');
/** Nothing that a terminal, a log or a database takes for anything but text. */
const plain = z.string().regex(/^\P{Cc}*$/u, 'expected no control characters');
const displayName = plain.trim().max(200);
/** How good a new one is, is not asked of its shape alone. */
const password = z.string().max(1_000);
const code = z.string().max(20).meta({ description: 'six digits of the authenticator app' });
const token = z.string().max(200);
const roles = z.array(z.string().min(1).max(100)).max(50);

export const signInBody = z.strictObject({
  login: plain.max(200),
  password,
  code: code.optional(),
  deliver: z
    .enum(['cookies', 'tokens'])
    .default('tokens')
    .meta({ description: 'browsers take cookies, which no script can read' }),
});
export const refreshBody = z.strictObject({
  refreshToken: token.optional().meta({ description: 'without it the one in the cookie' }),
});
export const changePasswordBody = z.strictObject({
  current: password,
  next: password,
  revokeKeys: z.boolean().default(false).meta({ description: 'my API keys count no more' }),
});
export const redeemLinkBody = z.strictObject({
  token,
  password,
  keepKeys: z
    .boolean()
    .default(false)
    .meta({ description: 'API keys of the user stay; without it they are revoked' }),
});
/** For what must not be done by somebody who found a screen unlocked. */
export const confirmedBody = z.strictObject({ password });
export const codeBody = z.strictObject({ code });

export const sessionPath = z.strictObject({ sessionId: z.uuid() });
export const userPath = z.strictObject({ userId: z.uuid() });
export const userSessionPath = z.strictObject({ userId: z.uuid(), sessionId: z.uuid() });
export const accountPath = z.strictObject({ accountId: z.uuid() });
export const keyPath = z.strictObject({ keyId: z.uuid() });
const roleName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\s\p{C}/:]+$/u, 'expected no spaces, slashes or colons');
export const rolePath = z.strictObject({ role: roleName });

export const newUserBody = z.strictObject({ login, name: displayName.default(''), roles });
export const changedUserBody = z.strictObject({
  name: displayName.optional(),
  roles: roles.optional(),
  isDisabled: z.boolean().optional(),
});

const services = z
  .array(serviceMatcher)
  .min(1)
  .max(100)
  .nullable()
  .default(null)
  .meta({ description: 'null: for all services' });
export const newRoleBody = z.strictObject({
  name: roleName,
  permissions: z.array(permission).max(100),
  services,
});
export const changedRoleBody = newRoleBody.omit({ name: true });

export const newKeyBody = z.strictObject({
  name: displayName.min(1),
  scopes: z.array(keyScope).min(1).max(10),
  expiresInDays: z.int().min(1).max(3_650).nullable().default(90).meta({ description: 'null: never' }),
});

export const auditQuery = z.strictObject({
  from: range.from.optional(),
  to: range.to.optional(),
  actor: plain.max(1_000).optional().meta({ description: 'user:login, key:id, system or anonymous' }),
  action: plain.max(1_000).optional(),
  outcome: z.enum(['done', 'refused']).optional(),
  text: plain.max(1_000).optional().meta({ description: 'part of actor, target or detail, in any case' }),
  order: z.enum(['newest', 'oldest']).default('newest').meta({ description: 'which entries come first' }),
  limit: limit(100, 10_000),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'expected nextCursor of the page before')
    .optional()
    .meta({ description: 'nextCursor of the page before, with the same parameters' }),
});
