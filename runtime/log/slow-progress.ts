import type { Logger } from './create-log.ts';

const SLOW_MS = 1_000;

/** Says how far something is, once a second, when it takes longer than that. */
export class SlowProgress {
  private readonly log: Pick<Logger, 'info'>;
  private readonly what: string;
  private readonly now: () => number;
  private saidAtMs: number;

  constructor(log: Pick<Logger, 'info'>, what: string, now: () => number = Date.now) {
    this.log = log;
    this.what = what;
    this.now = now;
    this.saidAtMs = now();
  }

  /** `share` of 1 is shown as percent. */
  at({ share, ...figures }: { readonly share: number; readonly [figure: string]: number }): void {
    const nowMs = this.now();
    if (nowMs - this.saidAtMs < SLOW_MS) return;
    this.saidAtMs = nowMs;
    this.log.info({ ...figures, percent: Math.round(share * 100) }, this.what);
  }
}
