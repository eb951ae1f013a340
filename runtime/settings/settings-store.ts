import { DEFAULT_SETTINGS, type Settings } from '../../proto/settings/index.ts';
import type { AuditLog } from '../audit/index.ts';
import { QueryRefusedError, type ControlDatabase, type RunQuery } from '../storage/postgres/index.ts';
import { parseSettings, patchSettings, readStored, type SettingsPatch } from './read-settings.ts';
import { checkAllowList, type SettingsCheck } from './settings-checks.ts';
import { settingsDiff, type SettingDifference } from './settings-diff.ts';
import {
  SettingsConflictError,
  SettingsInvalidError,
  SettingsVersionUnknownError,
} from './settings-error.ts';

/** Who changes something, and from where. */
export interface Author {
  /** As the audit log names it. */
  readonly actor: string;
  readonly address: string;
}

export interface SettingsVersion {
  readonly version: number;
  readonly settings: Settings;
  readonly author: string;
  readonly comment: string;
  /** The version it was made equal to, by a roll-back. */
  readonly restores: number | undefined;
  readonly createdAt: Date;
}

/** A version in a list, with what it changed. */
export interface SettingsHistoryEntry extends Omit<SettingsVersion, 'settings'> {
  readonly differences: readonly SettingDifference[];
}

export interface SettingsWrite {
  /** The version that the change was decided on. */
  readonly expectedVersion: number;
  readonly comment: string;
  readonly restores?: number;
}

export interface SettingsStoreOptions {
  readonly database: ControlDatabase;
  readonly audit: AuditLog;
  readonly checks?: readonly SettingsCheck[];
  readonly now?: () => number;
}

interface Row {
  readonly version: number;
  readonly value: unknown;
  readonly author: string;
  readonly comment: string;
  readonly restores: number | null;
  readonly created_at: Date;
}

const SELECT = 'SELECT version, value, author, comment, restores, created_at FROM settings_versions';
const UNIQUE_VIOLATION = '23505';
const NEVER_CHANGED = { version: 0, current: DEFAULT_SETTINGS };

/** The settings that can be changed while the platform runs: what they are, and every version there was. */
export class SettingsStore {
  private readonly options: SettingsStoreOptions;
  private readonly listeners = new Set<(settings: Settings, before: Settings) => void>();
  private latest: Pick<SettingsStore, 'current' | 'version'> = NEVER_CHANGED;

  private constructor(options: SettingsStoreOptions) {
    this.options = options;
  }

  /** Rejects with `SettingsInvalidError` when what is kept cannot be. */
  static async open(options: SettingsStoreOptions): Promise<SettingsStore> {
    const store = new SettingsStore(options);
    await store.reload();
    return store;
  }

  get current(): Settings {
    return this.latest.current;
  }

  /** 0: never changed. */
  get version(): number {
    return this.latest.version;
  }

  /** Told after each change. Returns how to stop being told. */
  onChange(listener: (settings: Settings, before: Settings) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Newest first. */
  async history(limit: number, before?: number): Promise<readonly SettingsHistoryEntry[]> {
    const rows = await this.options.database.query<Row>(
      `${SELECT} WHERE $1::integer IS NULL OR version < $1 ORDER BY version DESC LIMIT $2`,
      // One more: the last is shown by what it differs from.
      [before ?? null, limit + 1],
    );
    const versions = rows.map(versionOf);
    return versions.slice(0, limit).map(({ settings, ...entry }, index) => ({
      ...entry,
      differences: settingsDiff(versions[index + 1]?.settings ?? DEFAULT_SETTINGS, settings),
    }));
  }

  /** Version 0 is what everything was at first. Rejects with `SettingsVersionUnknownError`. */
  async at(version: number): Promise<Settings> {
    if (version === 0) return DEFAULT_SETTINGS;
    const [row] = await this.options.database.query<Row>(`${SELECT} WHERE version = $1`, [version]);
    if (!row) throw new SettingsVersionUnknownError(version);
    return versionOf(row).settings;
  }

  /** Throws `SettingsConflictError` when the version that was seen is no longer the one that counts. */
  requireVersion(expected: number): void {
    if (expected !== this.version) throw new SettingsConflictError(expected);
  }

  /** Resolves with the version that counts now. Rejects with `SettingsInvalidError` or `SettingsConflictError`. */
  async change(patch: SettingsPatch, write: SettingsWrite, author: Author): Promise<number> {
    this.requireVersion(write.expectedVersion);
    return this.put(patchSettings(this.current, patch), write, author);
  }

  /** Makes everything as it was in an older version: as a new one. */
  async rollBack(version: number, write: SettingsWrite, author: Author): Promise<number> {
    return this.put(await this.at(version), { ...write, restores: version }, author);
  }

  /** Not from memory: as whoever `query` belongs to sees them. */
  async stored(query: RunQuery): Promise<Pick<SettingsStore, 'current' | 'version'>> {
    const [row] = await query<Row>(`${SELECT} ORDER BY version DESC LIMIT 1`);
    if (!row) return NEVER_CHANGED;
    const { version, settings: current } = versionOf(row);
    return { version, current };
  }

  /**
   * Within a transaction of the caller's, who calls `reload` when it is done. Resolves with the new version, or that
   * which counts when nothing differs.
   */
  async write(
    query: RunQuery,
    settings: Settings,
    { expectedVersion, comment, restores }: SettingsWrite,
    author: Author,
  ): Promise<number> {
    this.check(settings);
    const before = await this.stored(query);
    if (before.version !== expectedVersion) throw new SettingsConflictError(expectedVersion);
    const differences = settingsDiff(before.current, settings);
    if (differences.length === 0) return before.version;
    const version = before.version + 1;
    await query(
      `INSERT INTO settings_versions (version, value, author, comment, restores, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [version, JSON.stringify(settings), author.actor, comment, restores ?? null, this.now()],
    ).catch((error: unknown) => {
      const isTaken = error instanceof QueryRefusedError && error.sqlState === UNIQUE_VIOLATION;
      throw isTaken ? new SettingsConflictError(expectedVersion) : error;
    });
    await this.options.audit.append(
      {
        actor: author.actor,
        action: restores === undefined ? 'settings.change' : 'settings.roll-back',
        target: `settings:${version}`,
        outcome: 'done',
        address: author.address,
        detail: {
          before: Object.fromEntries(differences.map(({ path, before: was }) => [path, was])),
          after: Object.fromEntries(differences.map(({ path, after }) => [path, after])),
          ...(comment === '' ? {} : { comment }),
          ...(restores === undefined ? {} : { restores }),
        },
      },
      query,
    );
    return version;
  }

  async reload(): Promise<void> {
    const found = await this.stored(this.options.database.query);
    const before = this.latest;
    // Two changes at a time: the later one was read already.
    if (found.version <= before.version) return;
    this.latest = found;
    for (const listener of this.listeners) listener(found.current, before.current);
  }

  private async put(settings: Settings, write: SettingsWrite, author: Author): Promise<number> {
    const version = await this.options.database.transaction((query) =>
      this.write(query, settings, write, author),
    );
    await this.reload();
    return version;
  }

  private check(settings: Settings): void {
    parseSettings(settings);
    const problems = [checkAllowList, ...(this.options.checks ?? [])].flatMap((check) => check(settings));
    if (problems.length > 0) throw new SettingsInvalidError(problems);
  }

  private now(): Date {
    return new Date(this.options.now?.() ?? Date.now());
  }
}

function versionOf(row: Row): SettingsVersion {
  return {
    version: row.version,
    settings: readStored(row.value),
    author: row.author,
    comment: row.comment,
    restores: row.restores ?? undefined,
    createdAt: row.created_at,
  };
}
