import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';
import { entryHash, type AuditAction, type AuditEntry, type AuditEvent } from './audit-entry.ts';

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly outcome?: AuditEvent['outcome'];
  /** Part of actor, target or detail, in any case. */
  readonly text?: string;
  readonly from?: Date;
  /** Not in it any more. */
  readonly to?: Date;
  /** Entries that come after this one, in the order that is asked for. */
  readonly beyond?: number;
}

/** Which entries come first. */
export type AuditOrder = 'newest' | 'oldest';

/** Whether the chain is whole; if not, which entry is the first that is not as it was written, and why. */
export type Verification =
  | {
      readonly intact: true;
      /** Entries there are; older ones, up to `cutAt`, were removed by retention. */
      readonly entries: number;
      readonly cutAt: number;
    }
  | { readonly intact: false; readonly sequence: number; readonly reason: string };

interface Row {
  readonly sequence: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: AuditAction;
  readonly target: string;
  readonly outcome: AuditEvent['outcome'];
  readonly address: string;
  readonly detail: AuditEvent['detail'];
  readonly previous: Uint8Array;
  readonly hash: Uint8Array;
}

interface Link {
  readonly sequence: string;
  readonly hash: Uint8Array;
}

/** The last entry that was removed. */
interface Cut {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

const DAY_MS = 86_400_000;
const COLUMNS = 'sequence, at, actor, action, target, outcome, address, detail, previous, hash';
const PAGE = 1_000;

/** Who did what, in an order that nobody can change unnoticed: each entry holds the hash of the one before. */
export class AuditLog {
  private readonly database: ControlDatabase;
  private readonly now: () => Date;

  constructor(database: ControlDatabase, now: () => Date = () => new Date()) {
    this.database = database;
    this.now = now;
  }

  /** A change and its entry belong into one transaction: give the query of that. */
  async append(event: AuditEvent, query?: RunQuery): Promise<void> {
    if (query === undefined) await this.database.transaction((own) => this.add(own, event));
    else await this.add(query, event);
  }

  async list(
    filter: AuditFilter,
    limit: number,
    order: AuditOrder = 'newest',
  ): Promise<readonly AuditEntry[]> {
    const [beyond, direction] = order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC'];
    const rows = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM audit_log
       WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2)
         AND ($3::text IS NULL OR outcome = $3) AND ($4::bigint IS NULL OR sequence ${beyond} $4)
         AND ($5::text IS NULL OR strpos(lower(actor || ' ' || target || ' ' || detail::text), lower($5)) > 0)
         AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
       ORDER BY sequence ${direction} LIMIT $8`,
      [
        filter.actor ?? null,
        filter.action ?? null,
        filter.outcome ?? null,
        filter.beyond ?? null,
        filter.text ?? null,
        filter.from ?? null,
        filter.to ?? null,
        limit,
      ],
    );
    return rows.map(entryOf);
  }

  /** Oldest first. */
  async *entries(): AsyncGenerator<AuditEntry, void> {
    yield* this.entriesAfter((await this.cut()).sequence);
  }

  /** Of the newest entry; 0 when there is none. */
  async head(): Promise<number> {
    const [head] = await this.database.query<Link>('SELECT sequence, hash FROM audit_head');
    return Number(head?.sequence ?? 0);
  }

  /** Walks the whole chain, from where retention has cut it. */
  async verify(): Promise<Verification> {
    const cut = await this.cut();
    let { sequence, hash: previous } = cut;
    let isCutOnRecord = sequence === 0;
    for await (const entry of this.entriesAfter(sequence)) {
      const expected = sequence + 1;
      if (entry.sequence !== expected) return broken(expected, 'it is missing');
      if (!isSame(entry.previous, previous)) {
        return broken(expected, 'it does not follow the one before it');
      }
      if (!isSame(entry.hash, entryHash(entry))) return broken(expected, 'it was changed');
      isCutOnRecord ||= recordsCut(entry, cut);
      previous = entry.hash;
      sequence = expected;
    }
    const [head] = await this.database.query<Link>('SELECT sequence, hash FROM audit_head');
    if (Number(head?.sequence) !== sequence || !isSame(head?.hash ?? new Uint8Array(0), previous)) {
      return broken(sequence + 1, 'it was removed from the end');
    }
    if (!isCutOnRecord) return broken(cut.sequence, 'it was removed, and no entry says so');
    return { intact: true, entries: sequence - cut.sequence, cutAt: cut.sequence };
  }

  /**
   * Removes what is older than so many days, on record. Resolves with how many entries went. The database refuses less
   * than 30 days, and to remove the newest entry.
   */
  async prune(retentionDays: number, actor: string, address = ''): Promise<number> {
    const olderThan = new Date(this.now().getTime() - retentionDays * DAY_MS);
    return this.database.transaction(async (query) => {
      const [cut] = await query<{ cut_sequence: string; cut_hash: Uint8Array; removed: string }>(
        'SELECT cut_sequence, cut_hash, removed FROM prune_audit_log($1)',
        [olderThan],
      );
      if (!cut) return 0;
      const detail = {
        ...cutDetail({ sequence: Number(cut.cut_sequence), hash: cut.cut_hash }),
        removed: Number(cut.removed),
        olderThan: olderThan.toISOString(),
      };
      await this.add(query, {
        actor,
        action: 'audit.prune',
        target: 'audit',
        outcome: 'done',
        address,
        detail,
      });
      return Number(cut.removed);
    });
  }

  /** Oldest first. */
  async *entriesAfter(sequence: number): AsyncGenerator<AuditEntry, void> {
    let last = sequence;
    for (;;) {
      const rows = await this.database.query<Row>(
        `SELECT ${COLUMNS} FROM audit_log WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE}`,
        [last],
      );
      yield* rows.map(entryOf);
      last = Number(rows.at(-1)?.sequence ?? last);
      if (rows.length < PAGE) return;
    }
  }

  private async cut(): Promise<Cut> {
    const [cut] = await this.database.query<Link>('SELECT sequence, hash FROM audit_cut');
    if (!cut) throw new Error('the audit log has lost where it was cut');
    return { sequence: Number(cut.sequence), hash: cut.hash };
  }

  private async add(query: RunQuery, event: AuditEvent): Promise<void> {
    const [head] = await query<Link>('SELECT sequence, hash FROM audit_head FOR UPDATE');
    if (!head) throw new Error('the audit log has lost its head');
    const entry = { ...event, sequence: Number(head.sequence) + 1, at: this.now(), previous: head.hash };
    const hash = entryHash(entry);
    const { sequence, at, actor, action, target, outcome, address, detail, previous } = entry;
    await query(`INSERT INTO audit_log (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, [
      sequence,
      at,
      actor,
      action,
      target,
      outcome,
      address,
      JSON.stringify(detail),
      previous,
      hash,
    ]);
    await query('UPDATE audit_head SET sequence = $1, hash = $2', [sequence, hash]);
  }
}

function entryOf(row: Row): AuditEntry {
  return { ...row, sequence: Number(row.sequence) };
}

function cutDetail({ sequence, hash }: Cut): { readonly through: number; readonly hash: string } {
  return { through: sequence, hash: Buffer.from(hash).toString('hex') };
}

function recordsCut({ action, detail }: AuditEntry, cut: Cut): boolean {
  const { through, hash } = cutDetail(cut);
  return action === 'audit.prune' && detail['through'] === through && detail['hash'] === hash;
}

function broken(sequence: number, reason: string): Verification {
  return { intact: false, sequence, reason };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
