import { createHash } from 'node:crypto';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Everything that is put on record. */
export const AUDIT_ACTIONS = [
  'sign-in',
  'sign-out',
  'session.end',
  'session.reuse',
  'password.change',
  'password.link',
  'password.reset',
  'totp.begin',
  'totp.enable',
  'totp.disable',
  'user.create',
  'user.change',
  'role.create',
  'role.change',
  'role.remove',
  'key.create',
  'key.revoke',
  'access.refuse',
  'settings.change',
  'settings.roll-back',
  'secret.set',
  'secret.clear',
  'audit.prune',
  'insight.judge',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What somebody did, or was not let do. Never holds a secret. */
export interface AuditEvent {
  /** `user:login`, `key:id`, `system` or `anonymous`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** To whom or what: `user:login`, `role:name`, `GET /api/v1/traces`. */
  readonly target: string;
  readonly outcome: 'done' | 'refused';
  /** From where. */
  readonly address: string;
  /** `before` and `after` of a change, `reason` of a refusal. */
  readonly detail: Readonly<Record<string, Json | undefined>>;
}

/** An event in its place in the chain. */
export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly at: Date;
  readonly previous: Uint8Array;
  readonly hash: Uint8Array;
}

/** SHA-256 over the hash before and all that the entry says, in one way to write it. */
export function entryHash(entry: Omit<AuditEntry, 'hash'>): Buffer {
  const { sequence, at, actor, action, target, outcome, address, detail, previous } = entry;
  const said = [sequence, at.toISOString(), actor, action, target, outcome, address, canonical(detail)];
  return createHash('sha256').update(previous).update(JSON.stringify(said)).digest();
}

/** Postgres gives keys of an object back in an order of its own. */
function canonical(value: Json | undefined): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(canonical);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, canonical(inner as Json)]),
  );
}
