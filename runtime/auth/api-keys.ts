import { KEY_SCOPES, type KeyScope } from '../../proto/access/index.ts';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';
import { hashOfToken, newSecretToken } from './secret-token.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Its last characters. */
  readonly hint: string;
  readonly userId: string;
  readonly scopes: readonly KeyScope[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  readonly usedAt: Date | undefined;
  readonly revokedAt: Date | undefined;
}

interface KeyRow {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly name: string;
  readonly hint: string;
  readonly user_id: string;
  readonly scopes: readonly string[];
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly used_at: Date | null;
  readonly revoked_at: Date | null;
}

/** What tells a key from other secrets, for people and for scanners of leaks. */
const PREFIX = 'ophion_';
const HINT_LENGTH = 4;
const SELECT = `SELECT id, hash, name, hint, user_id, scopes, created_by, created_at, expires_at, used_at, revoked_at
  FROM api_keys`;

/** Keys by which programs ask. Known here by their hash, so that telemetry is admitted without asking the database. */
export class ApiKeys {
  private readonly database: ControlDatabase;
  private readonly now: () => number;
  private byHash = new Map<string, ApiKey>();
  private loading: Promise<void> = Promise.resolve();
  private readonly listeners = new Set<() => void>();
  private readonly usedAtMs = new Map<string, number>();

  private constructor(database: ControlDatabase, now: () => number) {
    this.database = database;
    this.now = now;
  }

  static async open(database: ControlDatabase, now: () => number = Date.now): Promise<ApiKeys> {
    const keys = new ApiKeys(database, now);
    await keys.reload();
    return keys;
  }

  /** Newest first. */
  all(): readonly ApiKey[] {
    return [...this.byHash.values()]
      .map((key) => ({ ...key, usedAt: this.lastUse(key) }))
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  }

  get(id: string): ApiKey | undefined {
    return this.all().find((key) => key.id === id);
  }

  /** The key of a text that came with a request; `undefined` when it is none, was revoked or has expired. */
  find(text: string): ApiKey | undefined {
    if (!text.startsWith(PREFIX)) return undefined;
    const key = this.byHash.get(hashOfToken(text).toString('base64'));
    if (!key || !this.counts(key)) return undefined;
    this.usedAtMs.set(key.id, this.now());
    return key;
  }

  /** Answers the key itself, which is shown once and kept nowhere. */
  async create(
    query: RunQuery,
    key: Pick<ApiKey, 'name' | 'userId' | 'scopes' | 'createdBy' | 'expiresAt'>,
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const secret = `${PREFIX}${newSecretToken()}`;
    const [row] = await query<{ id: string }>(
      `INSERT INTO api_keys (hash, hint, name, user_id, scopes, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5::text[], $6, $7) RETURNING id`,
      [
        hashOfToken(secret),
        secret.slice(-HINT_LENGTH),
        key.name,
        key.userId,
        key.scopes,
        key.createdBy,
        key.expiresAt ?? null,
      ],
    );
    if (!row) throw new Error('no key was made');
    return { id: row.id, secret };
  }

  async revoke(query: RunQuery, id: string): Promise<void> {
    await query('UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL', [
      id,
      new Date(this.now()),
    ]);
  }

  /** All that somebody has, at once; resolves with the ids of those that counted until then. */
  async revokeOf(query: RunQuery, userId: string): Promise<readonly string[]> {
    const revoked = await query<{ id: string }>(
      `UPDATE api_keys SET revoked_at = $2
       WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) RETURNING id`,
      [userId, new Date(this.now())],
    );
    return revoked.map(({ id }) => id);
  }

  /** Whether it would still be found. */
  isLive(id: string): boolean {
    const key = [...this.byHash.values()].find((known) => known.id === id);
    return key !== undefined && this.counts(key);
  }

  /** Told after every change. Returns how to stop being told. */
  onChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Runs a change in one transaction, with what else belongs to it, and knows the outcome afterwards. */
  async change<Result>(work: (query: RunQuery) => Promise<Result>): Promise<Result> {
    const result = await this.database.transaction(work);
    await this.reload();
    return result;
  }

  /** After a change that was part of somebody else's transaction. */
  reload(): Promise<void> {
    // One after the other, or an older state could come after a newer one.
    this.loading = this.loading.catch(() => undefined).then(() => this.load());
    return this.loading;
  }

  /** Writes down when keys were used last. Call now and then. */
  async saveUses(): Promise<void> {
    const uses = [...this.usedAtMs];
    this.usedAtMs.clear();
    for (const [id, usedAtMs] of uses) {
      await this.database.query('UPDATE api_keys SET used_at = $2 WHERE id = $1', [id, new Date(usedAtMs)]);
    }
    if (uses.length > 0) await this.reload();
  }

  private counts({ revokedAt, expiresAt }: ApiKey): boolean {
    return revokedAt === undefined && (expiresAt === undefined || expiresAt.getTime() > this.now());
  }

  private lastUse({ id, usedAt }: ApiKey): Date | undefined {
    const usedAtMs = this.usedAtMs.get(id);
    return usedAtMs === undefined ? usedAt : new Date(usedAtMs);
  }

  private async load(): Promise<void> {
    const rows = await this.database.query<KeyRow>(SELECT);
    this.byHash = new Map(rows.map((row) => [Buffer.from(row.hash).toString('base64'), keyOf(row)]));
    for (const listener of this.listeners) listener();
  }
}

function keyOf(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    userId: row.user_id,
    scopes: row.scopes.filter((scope): scope is KeyScope => Object.hasOwn(KEY_SCOPES, scope)),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    usedAt: row.used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}
