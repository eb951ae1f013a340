import type { ChangeStore, ServiceChange } from '../../actors/ports/index.ts';
import type { VisibleServices } from '../../proto/access/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { ControlDatabase } from '../storage/postgres/index.ts';
import { visibleIds } from '../../workers/search/index.ts';

/** Which changes; times are Unix ms, `toMs` is left out. */
export interface ChangeFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly service?: string;
  readonly kind?: ServiceChange['kind'];
}

interface ChangeRow {
  readonly at: Date;
  readonly service: string;
  readonly kind: ServiceChange['kind'];
  readonly name: string;
}

const DAY_MS = 86_400_000;
/** However many there are in the time they are kept for: the oldest go. */
const MOST_CHANGES = 100_000;

/** Changes of services in Postgres. Rejects with `StorageUnavailableError` when it cannot be reached. */
export class PostgresChangeStore implements ChangeStore {
  private readonly database: ControlDatabase;
  private readonly now: () => number;

  constructor(database: ControlDatabase, now: () => number = Date.now) {
    this.database = database;
    this.now = now;
  }

  async save(changes: readonly ServiceChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.database.transaction(async (query) => {
      for (const { atMs, serviceId, kind, name } of changes) {
        await query(
          'INSERT INTO service_changes (at, service, kind, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
          [new Date(atMs), serviceId, kind, JSON.stringify(name)],
        );
      }
    });
  }

  /** Newest first, of services that are visible alone. */
  async list(
    { fromMs, toMs, service, kind }: ChangeFilter,
    limit: number,
    visible: VisibleServices,
  ): Promise<readonly ServiceChange[]> {
    const rows = await this.database.query<ChangeRow>(
      `SELECT at, service, kind, name FROM service_changes
       WHERE at >= $1 AND at < $2 AND ($3::text IS NULL OR service = $3) AND ($4::text IS NULL OR kind = $4)
         AND ($5::text[] IS NULL OR service = ANY ($5))
       ORDER BY at DESC, service, kind, name LIMIT $6`,
      [
        new Date(fromMs),
        new Date(toMs),
        service ?? null,
        kind ?? null,
        visible === 'all' ? null : await this.knownServices(visible),
        limit,
      ],
    );
    return rows.map((row) => ({
      serviceId: row.service as ServiceId,
      kind: row.kind,
      name: JSON.parse(row.name) as string,
      atMs: row.at.getTime(),
    }));
  }

  /** Removes those of more than so many days ago, and the oldest where there are too many. Resolves with how many went. */
  async prune(retentionDays: number): Promise<number> {
    const aged = await this.database.query('DELETE FROM service_changes WHERE at < $1 RETURNING at', [
      new Date(this.now() - retentionDays * DAY_MS),
    ]);
    const surplus = await this.database.query(
      `DELETE FROM service_changes WHERE at <=
         (SELECT at FROM service_changes ORDER BY at DESC OFFSET ${MOST_CHANGES} LIMIT 1) RETURNING at`,
    );
    return aged.length + surplus.length;
  }

  private async knownServices(visible: VisibleServices): Promise<readonly string[]> {
    const rows = await this.database.query<{ service: string }>(
      'SELECT DISTINCT service FROM service_changes',
    );
    return rows.map(({ service }) => service).filter(visibleIds(visible));
  }
}
