import { MOST_SECRET_LENGTH, SECRET_NAMES, type SecretName } from '../../proto/settings/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Sealer } from '../secrets/index.ts';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';
import { SettingsInvalidError } from './settings-error.ts';
import type { Author } from './settings-store.ts';

/** All that is ever told of a secret. */
export interface SecretState {
  readonly name: SecretName;
  /** When it was set, and by whom; `undefined`: it is not. */
  readonly set: { readonly at: Date; readonly by: string } | undefined;
}

export interface SecretStoreOptions {
  readonly database: ControlDatabase;
  readonly sealer: Sealer;
  readonly audit: AuditLog;
  readonly now?: () => number;
}

/** What others have entrusted to this installation: encrypted at rest, and never told again. */
export class SecretStore {
  private readonly options: SecretStoreOptions;

  constructor(options: SecretStoreOptions) {
    this.options = options;
  }

  /** Every secret there could be. */
  async list(query: RunQuery = this.options.database.query): Promise<readonly SecretState[]> {
    const rows = await query<{ name: string; set_by: string; set_at: Date }>(
      'SELECT name, set_by, set_at FROM secrets',
    );
    return SECRET_NAMES.map((name) => {
      const row = rows.find((known) => known.name === name);
      return { name, set: row && { at: row.set_at, by: row.set_by } };
    });
  }

  /** For who uses it, not for who asks. Rejects with `SealBrokenError`. */
  async reveal(name: SecretName, query: RunQuery = this.options.database.query): Promise<string | undefined> {
    const [row] = await query<{ sealed: Uint8Array }>('SELECT sealed FROM secrets WHERE name = $1', [name]);
    return row && this.options.sealer.open(sealOf(name), row.sealed).toString('utf8');
  }

  /** Within a transaction of the caller's, or its own. Rejects with `SettingsInvalidError`. */
  async set(name: SecretName, value: string, author: Author, query?: RunQuery): Promise<void> {
    if (value === '' || value.length > MOST_SECRET_LENGTH) {
      const message = `expected 1 to ${MOST_SECRET_LENGTH} characters`;
      throw new SettingsInvalidError([{ path: `secrets.${name}`, message }]);
    }
    if (query === undefined) {
      await this.options.database.transaction((own) => this.set(name, value, author, own));
      return;
    }
    const wasSet = await this.isSet(query, name);
    await query(
      `INSERT INTO secrets (name, sealed, set_by, set_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (name) DO UPDATE SET sealed = $2, set_by = $3, set_at = $4`,
      [name, this.options.sealer.seal(sealOf(name), value), author.actor, this.now()],
    );
    await this.record(query, 'secret.set', name, author, { before: masked(wasSet), after: masked(true) });
  }

  /** False: it was not set. */
  async clear(name: SecretName, author: Author, query?: RunQuery): Promise<boolean> {
    if (query === undefined) {
      return this.options.database.transaction((own) => this.clear(name, author, own));
    }
    const removed = await query('DELETE FROM secrets WHERE name = $1 RETURNING name', [name]);
    if (removed.length === 0) return false;
    await this.record(query, 'secret.clear', name, author, { before: masked(true), after: masked(false) });
    return true;
  }

  private async isSet(query: RunQuery, name: SecretName): Promise<boolean> {
    return (await query('SELECT name FROM secrets WHERE name = $1', [name])).length > 0;
  }

  private record(
    query: RunQuery,
    action: 'secret.set' | 'secret.clear',
    name: SecretName,
    author: Author,
    detail: { readonly before: string; readonly after: string },
  ): Promise<void> {
    const target = `secret:${name}`;
    return this.options.audit.append(
      { actor: author.actor, action, target, outcome: 'done', address: author.address, detail },
      query,
    );
  }

  private now(): Date {
    return new Date(this.options.now?.() ?? Date.now());
  }
}

/** A length would tell something, too. */
function masked(isSet: boolean): string {
  return isSet ? 'set' : 'not set';
}

function sealOf(name: SecretName): string {
  return `secret ${name}`;
}
