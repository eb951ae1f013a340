import type { AuditEntry } from './audit-entry.ts';
import type { AuditLog } from './audit-log.ts';

export interface AuditLinesOptions {
  readonly audit: Pick<AuditLog, 'head' | 'entriesAfter'>;
  /** One line for each entry, in the order of the chain. */
  readonly write: (entry: Readonly<Record<string, unknown>>) => void;
}

/**
 * Tells of what is put on record while the platform runs, for who ships its log to another system. Read back from the database, so
 * that nothing is told which was not committed, and everything once.
 */
export class AuditLines {
  private readonly options: AuditLinesOptions;
  private told: number;
  private telling: Promise<void> = Promise.resolve();

  private constructor(options: AuditLinesOptions, told: number) {
    this.options = options;
    this.told = told;
  }

  /** What is on record already was told by the run that put it there. */
  static async open(options: AuditLinesOptions): Promise<AuditLines> {
    return new AuditLines(options, await options.audit.head());
  }

  /** Tells of all that is new. Call every few seconds, and at the end. */
  tell(): Promise<void> {
    this.telling = this.telling.catch(() => undefined).then(() => this.tellNew());
    return this.telling;
  }

  private async tellNew(): Promise<void> {
    for await (const entry of this.options.audit.entriesAfter(this.told)) {
      this.options.write(lineOf(entry));
      this.told = entry.sequence;
    }
  }
}

function lineOf(entry: AuditEntry): Readonly<Record<string, unknown>> {
  const { sequence, at, actor, action, target, outcome, address, detail, hash } = entry;
  const said = { sequence, at: at.toISOString(), actor, action, target, outcome, address, detail };
  return { ...said, hash: Buffer.from(hash).toString('hex') };
}
