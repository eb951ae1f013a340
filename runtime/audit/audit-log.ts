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
  /** Entries before this one. */
  readonly before?: number;
}

/** Whether the chain is whole; if not, which entry is the first that is not as it was written, and why. */
export type Verification =
  | { readonly intact: true; readonly entries: number }
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

  /** Newest first. */
  async list(filter: AuditFilter, limit: number): Promise<readonly AuditEntry[]> {
    const rows = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM audit_log
       WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2)
         AND ($3::text IS NULL OR outcome = $3) AND ($4::bigint IS NULL OR sequence < $4)
         AND ($5::text IS NULL OR strpos(lower(actor || ' ' || target || ' ' || detail::text), lower($5)) > 0)
         AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
       ORDER BY sequence DESC LIMIT $8`,
      [
        filter.actor ?? null,
        filter.action ?? null,
        filter.outcome ?? null,
        filter.before ?? null,
        filter.text ?? null,
        filter.from ?? null,
        filter.to ?? null,
        limit,
      ],
    );
    return rows.map(entryOf);
  }

  /** Walks the whole chain. */
  async verify(): Promise<Verification> {
    let previous: Uint8Array = new Uint8Array(0);
    let sequence = 0;
    for (;;) {
      const rows = await this.database.query<Row>(
        `SELECT ${COLUMNS} FROM audit_log WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE}`,
        [sequence],
      );
      for (const entry of rows.map(entryOf)) {
        const expected = sequence + 1;
        if (entry.sequence !== expected) return broken(expected, 'it is missing');
        if (!isSame(entry.previous, previous)) {
          return broken(expected, 'it does not follow the one before it');
        }
        if (!isSame(entry.hash, entryHash(entry))) return broken(expected, 'it was changed');
        previous = entry.hash;
        sequence = expected;
      }
      if (rows.length < PAGE) break;
    }
    const [head] = await this.database.query<{ sequence: string; hash: Uint8Array }>(
      'SELECT sequence, hash FROM audit_head',
    );
    if (Number(head?.sequence) === sequence && isSame(head?.hash ?? new Uint8Array(0), previous)) {
      return { intact: true, entries: sequence };
    }
    return broken(sequence + 1, 'it was removed from the end');
  }

  private async add(query: RunQuery, event: AuditEvent): Promise<void> {
    const [head] = await query<{ sequence: string; hash: Uint8Array }>(
      'SELECT sequence, hash FROM audit_head FOR UPDATE',
    );
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

function broken(sequence: number, reason: string): Verification {
  return { intact: false, sequence, reason };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
