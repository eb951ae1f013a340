import { createHmac, randomBytes } from 'node:crypto';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';
import { hashOfToken, newSecretToken } from './secret-token.ts';

export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
  readonly address: string;
  readonly userAgent: string;
}

export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

export type SessionEnd =
  | 'signed-out'
  /** The same browser signed in anew. */
  | 'signed-in-again'
  | 'ended-by-user'
  | 'token-reused'
  | 'password-changed'
  | 'disabled'
  /** The sign-in provider names no group any more that may sign in. */
  | 'roles-lost'
  | 'idle'
  | 'expired';

export interface BegunSession {
  readonly session: Session;
  readonly refreshToken: string;
}

/** How long sessions last. */
export interface SessionLimits {
  /** Of those that begin from now on, however much they are used. */
  readonly lifetimeMs: number;
  /** After so long without any use; without it none ends by that. */
  readonly idleMs?: number | undefined;
}

/** A refresh token for the next one, or why not. */
export type Refreshed =
  | { readonly type: 'refreshed'; readonly session: Session; readonly refreshToken: string }
  /** The token was used before: somebody else has it, too. The session is ended. */
  | { readonly type: 'reused'; readonly session: Session }
  | { readonly type: 'unknown' };

interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly created_at: Date;
  readonly seen_at: Date;
  readonly expires_at: Date;
  readonly address: string;
  readonly user_agent: string;
}

const COLUMNS = 'id, user_id, created_at, seen_at, expires_at, address, user_agent';
const MOST_USER_AGENT = 256;
/**
 * Two tabs may send the same refresh token at a time. So long after its first use, the browser that used it is given the same
 * next token again, as long as nobody has used that; whoever else comes with it, or later, ends the session.
 */
export const SAME_TOKEN_MS = 10_000;

/**
 * Who is signed in, and where. Sessions live in the database; which ones are live is also known here, so that an ended
 * one counts for nothing from that moment on.
 */
export class Sessions {
  private readonly database: ControlDatabase;
  private limits: SessionLimits;
  private readonly now: () => number;
  private readonly live = new Map<string, Session>();
  /** When sessions were used, since it was last written down. */
  private readonly usedAtMs = new Map<string, number>();
  /** A token's next one follows from it, and from this, which nobody has: so it can be given twice and is kept nowhere. */
  private readonly successorKey = randomBytes(32);
  private readonly listeners = new Set<(sessionId: string) => void>();

  private constructor(database: ControlDatabase, limits: SessionLimits, now: () => number) {
    this.database = database;
    this.limits = limits;
    this.now = now;
  }

  static async open(
    database: ControlDatabase,
    { now = Date.now, ...limits }: SessionLimits & { readonly now?: () => number },
  ): Promise<Sessions> {
    const sessions = new Sessions(database, limits, now);
    const rows = await database.query<SessionRow>(
      `SELECT ${COLUMNS} FROM sessions WHERE ended_at IS NULL AND expires_at > $1`,
      [new Date(now())],
    );
    for (const row of rows) sessions.live.set(row.id, sessionOf(row));
    return sessions;
  }

  setLimits(limits: SessionLimits): void {
    this.limits = limits;
  }

  isLive(sessionId: string): boolean {
    const session = this.live.get(sessionId);
    return session !== undefined && session.expiresAt.getTime() > this.now() && !this.isIdle(session);
  }

  /** Something was asked in it, or an open page listens in it. */
  touch(sessionId: string): void {
    if (this.isLive(sessionId)) this.usedAtMs.set(sessionId, this.now());
  }

  /** Newest first. */
  ofUser(userId: string): readonly Session[] {
    return [...this.live.values()]
      .filter((session) => session.userId === userId && this.isLive(session.id))
      .map((session) => ({ ...session, seenAt: new Date(this.lastUseMs(session)) }))
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  }

  /** The session that a refresh token is of, be it the newest or one before; `undefined` when there is none that goes on. */
  async idOfToken(token: string): Promise<string | undefined> {
    const [found] = await this.database.query<{ session_id: string }>(
      'SELECT session_id FROM refresh_tokens WHERE hash = $1',
      [hashOfToken(token)],
    );
    return found && this.isLive(found.session_id) ? found.session_id : undefined;
  }

  /** Told of every session that ends. Returns how to stop being told. */
  onEnded(listener: (sessionId: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * As part of a transaction; `admit` lets it count once that is committed. Always a new id and new tokens: what a client brought
   * along before it signed in counts for nothing.
   */
  async begin(query: RunQuery, userId: string, { address, userAgent }: Client): Promise<BegunSession> {
    const refreshToken = newSecretToken();
    const now = new Date(this.now());
    const [made] = await query<SessionRow>(
      `INSERT INTO sessions (user_id, created_at, seen_at, expires_at, address, user_agent)
       VALUES ($1, $2, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
      [
        userId,
        now,
        new Date(this.now() + this.limits.lifetimeMs),
        address,
        userAgent.slice(0, MOST_USER_AGENT),
      ],
    );
    if (!made) throw new Error('no session was made');
    await keepToken(query, made.id, refreshToken);
    return { session: sessionOf(made), refreshToken };
  }

  admit({ session }: BegunSession): void {
    this.live.set(session.id, session);
  }

  /** Takes a refresh token for a new one. What `reused` does belongs to the transaction that ends the session of one used before. */
  async refresh(
    token: string,
    client: Client,
    reused: (query: RunQuery, session: Session) => Promise<void>,
  ): Promise<Refreshed> {
    const outcome = await this.database.transaction(async (query) => {
      const found = await this.refreshIn(query, token, client);
      if (found.type === 'reused') await reused(query, found.session);
      return found;
    });
    if (outcome.type === 'refreshed') {
      // Ended while the database was asked: its new token must not bring it back.
      if (!this.live.has(outcome.session.id)) return { type: 'unknown' };
      this.live.set(outcome.session.id, outcome.session);
      this.usedAtMs.delete(outcome.session.id);
    }
    if (outcome.type === 'reused') this.forget([outcome.session.id]);
    return outcome;
  }

  private async refreshIn(query: RunQuery, token: string, client: Client): Promise<Refreshed> {
    const now = new Date(this.now());
    const [found] = await query<SessionRow & { readonly used_at: Date | null; ended_at: Date | null }>(
      `SELECT s.id, s.user_id, s.created_at, s.seen_at, s.expires_at, s.address, s.user_agent, s.ended_at, t.used_at
       FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.hash = $1 FOR UPDATE`,
      [hashOfToken(token)],
    );
    if (found?.ended_at !== null || found.expires_at <= now || this.isIdle(sessionOf(found))) {
      return { type: 'unknown' };
    }
    const refreshToken = this.successorOf(token);
    const userAgent = client.userAgent.slice(0, MOST_USER_AGENT);
    const session = { ...sessionOf(found), seenAt: now, address: client.address, userAgent };
    if (found.used_at !== null) {
      const isSameBrowser = found.address === client.address && found.user_agent === userAgent;
      const isJustNow = now.getTime() - found.used_at.getTime() < SAME_TOKEN_MS;
      if (isSameBrowser && isJustNow && (await isUnused(query, refreshToken))) {
        return { type: 'refreshed', session, refreshToken };
      }
      await endIn(query, [found.id], 'token-reused', now);
      return { type: 'reused', session: sessionOf(found) };
    }
    await query('UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1', [hashOfToken(token), now]);
    await keepToken(query, found.id, refreshToken);
    await query('UPDATE sessions SET seen_at = $2, address = $3, user_agent = $4 WHERE id = $1', [
      found.id,
      now,
      client.address,
      userAgent,
    ]);
    return { type: 'refreshed', session, refreshToken };
  }

  /** From this moment on, nothing that belongs to these sessions counts. Give the query of a transaction to be part of it. */
  async end(sessionIds: readonly string[], why: SessionEnd, query?: RunQuery): Promise<void> {
    if (sessionIds.length === 0) return;
    this.forget(sessionIds);
    await endIn(query ?? this.database.query, sessionIds, why, new Date(this.now()));
  }

  /** As `end`, for all sessions of a user but one: also those that nobody uses any more. Resolves with the ids of those that went on. */
  async endOf(
    userId: string,
    why: SessionEnd,
    query: RunQuery,
    exceptId?: string,
  ): Promise<readonly string[]> {
    const known = [...this.live.values()].filter((session) => session.userId === userId);
    this.forget(known.map(({ id }) => id).filter((id) => id !== exceptId));
    const ended = await query<{ id: string }>(
      `UPDATE sessions SET ended_at = $2, ended_why = $3
       WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND id IS DISTINCT FROM $4::uuid RETURNING id`,
      [userId, new Date(this.now()), why, exceptId ?? null],
    );
    return ended.map(({ id }) => id);
  }

  /** Ends those that nobody uses. What `ended` does belongs to the same transaction. */
  async endIdle(ended: (query: RunQuery, session: Session) => Promise<void>): Promise<void> {
    const idle = [...this.live.values()].filter((session) => this.isIdle(session));
    const ids = idle.map(({ id }) => id);
    if (idle.length === 0) return;
    await this.database.transaction(async (query) => {
      await endIn(query, ids, 'idle', new Date(this.now()));
      for (const session of idle) await ended(query, session);
    });
    // They counted for nothing already: what fails is tried again.
    this.forget(ids);
  }

  /** Writes down when sessions were used last. Call every minute or so. */
  async saveUses(): Promise<void> {
    const uses = [...this.usedAtMs];
    this.usedAtMs.clear();
    if (uses.length === 0) return;
    for (const [id, usedAtMs] of uses) {
      const session = this.live.get(id);
      if (session) this.live.set(id, { ...session, seenAt: new Date(usedAtMs) });
    }
    await this.database.query(
      `UPDATE sessions s SET seen_at = u.at FROM unnest($1::uuid[], $2::timestamptz[]) AS u (id, at)
       WHERE s.id = u.id AND s.seen_at < u.at`,
      [uses.map(([id]) => id), uses.map(([, usedAtMs]) => new Date(usedAtMs).toISOString())],
    );
  }

  /** Forgets what has expired, and tokens of sessions that are long over. Call now and then. */
  async sweep(): Promise<void> {
    const now = new Date(this.now());
    this.forget([...this.live.values()].filter(({ expiresAt }) => expiresAt <= now).map(({ id }) => id));
    await this.database.query(
      `DELETE FROM refresh_tokens WHERE session_id IN
         (SELECT id FROM sessions WHERE ended_at IS NOT NULL OR expires_at <= $1)`,
      [now],
    );
  }

  private lastUseMs({ id, seenAt }: Session): number {
    return Math.max(seenAt.getTime(), this.usedAtMs.get(id) ?? 0);
  }

  private isIdle(session: Session): boolean {
    const { idleMs } = this.limits;
    return idleMs !== undefined && this.now() - this.lastUseMs(session) >= idleMs;
  }

  private successorOf(token: string): string {
    return createHmac('sha256', this.successorKey).update(token).digest('base64url');
  }

  private forget(sessionIds: readonly string[]): void {
    for (const id of sessionIds) {
      this.usedAtMs.delete(id);
      if (!this.live.delete(id)) continue;
      for (const listener of this.listeners) listener(id);
    }
  }
}

async function keepToken(query: RunQuery, sessionId: string, token: string): Promise<void> {
  await query('INSERT INTO refresh_tokens (hash, session_id) VALUES ($1, $2)', [
    hashOfToken(token),
    sessionId,
  ]);
}

async function isUnused(query: RunQuery, token: string): Promise<boolean> {
  const [found] = await query<{ used_at: Date | null }>(
    'SELECT used_at FROM refresh_tokens WHERE hash = $1',
    [hashOfToken(token)],
  );
  return found?.used_at === null;
}

async function endIn(
  query: RunQuery,
  sessionIds: readonly string[],
  why: SessionEnd,
  at: Date,
): Promise<void> {
  await query(
    'UPDATE sessions SET ended_at = $2, ended_why = $3 WHERE id = ANY($1::uuid[]) AND ended_at IS NULL',
    [sessionIds, at, why],
  );
}

function sessionOf(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    address: row.address,
    userAgent: row.user_agent,
  };
}
