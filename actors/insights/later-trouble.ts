import type { ServiceId } from '../../proto/columns/index.ts';
import type { OpenInsight } from './open-insight.ts';
import type { Trouble } from './symptom.ts';

/** So long after it was first found to be of an insight trouble is asked about once more: what joins an insight is not seen apart any more. */
const CONFIRMED_AFTER_MS = 6_000;
const FORGOTTEN_AFTER_MS = 60_000;

/** Later trouble that was found once to be of an insight, by its services. */
export class Confirmations {
  private readonly sinceMs = new Map<ServiceId, number>();

  /** Whether it was found so a while ago, and may be asked about for good; `undefined`: never. */
  isRipe(group: readonly Trouble[], nowMs: number): boolean | undefined {
    for (const [service, ms] of this.sinceMs) {
      if (nowMs - ms > FORGOTTEN_AFTER_MS) this.sinceMs.delete(service);
    }
    const known = group.map(({ serviceId }) => this.sinceMs.get(serviceId)).filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : nowMs - Math.min(...known) >= CONFIRMED_AFTER_MS;
  }

  note(group: readonly Trouble[], nowMs: number): void {
    for (const { serviceId } of group) {
      if (!this.sinceMs.has(serviceId)) this.sinceMs.set(serviceId, nowMs);
    }
  }

  forget(group: readonly Trouble[]): void {
    for (const { serviceId } of group) this.sinceMs.delete(serviceId);
  }
}

/** Questions about one insight that are asked without delay, and how long further ones wait for their turn. */
const ASKED_AT_ONCE = 12;
const ASKED_EVERY_MS = 10_000;

/**
 * Whether it may be asked now if later trouble is of an insight; counts it when so. Each question is an analysis, and an insight of many services
 * has many: what comes beyond waits, since it would be lost in the insight if it were taken to be of it unasked.
 */
export function takesTurn(insight: Pick<OpenInsight, 'decided' | 'decidedMs'>, nowMs: number): boolean {
  if (insight.decided >= ASKED_AT_ONCE && nowMs - insight.decidedMs < ASKED_EVERY_MS) return false;
  insight.decided += 1;
  insight.decidedMs = nowMs;
  return true;
}
