import { randomUUID } from 'node:crypto';
import {
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
} from 'jose';
import type { Sealer } from '../secrets/index.ts';
import type { ControlDatabase } from '../storage/postgres/index.ts';

export const ACCESS_TOKEN_SECONDS = 600;
const ALGORITHM = 'EdDSA';
const TYPE = 'at+jwt';
const ISSUER = 'ophion';
const DAY_MS = 86_400_000;
/** After which tokens are signed with a new key. */
const KEY_AGE_MS = 30 * DAY_MS;
/**
 * For which the old one still counts: a platform that shares the database learns of the new one within an hour (`rotate`), what it
 * signed until then counts for ten minutes, and clocks differ.
 */
const OVERLAP_MS = 7_200_000;

/** Who signed in, and in which session. */
export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

interface SigningKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  readonly createdMs: number;
}

interface KeyRow {
  readonly kid: string;
  readonly public_jwk: JWK;
  readonly private_jwk: Uint8Array;
  readonly created_at: Date;
}

/** Signs and checks access tokens: JWTs by EdDSA, with keys that rotate and lie sealed in the database. */
export class AccessTokens {
  private readonly database: ControlDatabase;
  private readonly sealer: Sealer;
  private readonly now: () => number;
  /** Newest first. */
  private keys: readonly SigningKey[] = [];

  private constructor(database: ControlDatabase, sealer: Sealer, now: () => number) {
    this.database = database;
    this.sealer = sealer;
    this.now = now;
  }

  static async open(
    database: ControlDatabase,
    sealer: Sealer,
    now: () => number = Date.now,
  ): Promise<AccessTokens> {
    const tokens = new AccessTokens(database, sealer, now);
    await tokens.rotate();
    return tokens;
  }

  async sign({ userId, sessionId }: Omit<AccessClaims, 'expiresAtMs'>): Promise<string> {
    const [key] = this.keys;
    if (!key) throw new Error('there is no signing key');
    const nowSeconds = Math.floor(this.now() / 1_000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(userId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + ACCESS_TOKEN_SECONDS)
      .sign(key.privateKey);
  }

  /** `undefined`: not one of ours, changed, or expired. Only our algorithm and our keys count, whatever the head says. */
  async verify(token: string): Promise<AccessClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.publicKeyOf(kid), {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: ISSUER,
        typ: TYPE,
        requiredClaims: ['sub', 'sid', 'exp'],
        currentDate: new Date(this.now()),
      });
      const { sub, sid, exp } = payload;
      if (typeof sub !== 'string' || typeof sid !== 'string' || exp === undefined) return undefined;
      return { userId: sub, sessionId: sid, expiresAtMs: exp * 1_000 };
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  /** For those who check our tokens themselves (RFC 7517). */
  jwks(): { readonly keys: readonly JWK[] } {
    return { keys: this.keys.map(({ publicJwk }) => publicJwk) };
  }

  /** Makes a new key when the newest is too old, and forgets those that nothing valid was signed with. Call hourly. */
  async rotate(): Promise<void> {
    const nowMs = this.now();
    await this.load();
    const [newest] = this.keys;
    if (!newest || nowMs - newest.createdMs >= KEY_AGE_MS) {
      await this.make();
      await this.load();
    }
    const done = this.keys.slice(1).filter((_key, index) => {
      const { createdMs: replacedMs } = this.keys[index] ?? { createdMs: nowMs };
      return nowMs - replacedMs >= OVERLAP_MS;
    });
    if (done.length === 0) return;
    await this.database.query('DELETE FROM signing_keys WHERE kid = ANY($1::text[])', [
      done.map(({ kid }) => kid),
    ]);
    await this.load();
  }

  private publicKeyOf(kid: string | undefined): CryptoKey {
    const key = this.keys.find((known) => known.kid === kid);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key.publicKey;
  }

  private async load(): Promise<void> {
    const rows = await this.database.query<KeyRow>(
      'SELECT kid, public_jwk, private_jwk, created_at FROM signing_keys ORDER BY created_at DESC',
    );
    this.keys = await Promise.all(
      rows.map(async (row) => {
        const privateJwk = JSON.parse(
          this.sealer.open(sealOf(row.kid), row.private_jwk).toString('utf8'),
        ) as JWK;
        return {
          kid: row.kid,
          publicJwk: row.public_jwk,
          publicKey: (await importJWK(row.public_jwk, ALGORITHM)) as CryptoKey,
          privateKey: (await importJWK(privateJwk, ALGORITHM)) as CryptoKey,
          createdMs: row.created_at.getTime(),
        };
      }),
    );
  }

  private async make(): Promise<void> {
    const kid = randomUUID();
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' };
    const sealed = this.sealer.seal(sealOf(kid), JSON.stringify(await exportJWK(privateKey)));
    await this.database.query(
      'INSERT INTO signing_keys (kid, public_jwk, private_jwk, created_at) VALUES ($1, $2, $3, $4)',
      [kid, JSON.stringify(publicJwk), sealed, new Date(this.now())],
    );
  }
}

function sealOf(kid: string): string {
  return `signing key ${kid}`;
}
