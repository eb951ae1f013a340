import { OTLP_PATH_NEEDS } from '../../proto/access/index.ts';
import type { Signal } from '../../proto/columns/index.ts';
import { decide, limitedAs, type AccessControl } from '../auth/index.ts';
import type { Access, Sender } from '../receivers/otlp/index.ts';
import { isLoopback, plainAddress, type TrustedProxies } from './client-address.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RefusalLog } from './refusal-log.ts';

export interface IngestDoorOptions {
  readonly access: Pick<AccessControl, 'holderOf'>;
  /** Who may send without a key. */
  readonly anonymous: 'loopback' | 'everywhere' | 'never';
  readonly proxies: TrustedProxies;
  readonly limits: RateLimits;
  readonly refusals: RefusalLog;
}

/** Answers at once: telemetry does not wait for a database. */
export function ingestDoor(options: IngestDoorOptions): (sender: Sender, signal: Signal) => Access {
  const { access, anonymous, proxies, limits, refusals } = options;
  const mayBeNobody = ({ remoteAddress, forwardedFor }: Sender, address: string): boolean => {
    if (anonymous === 'everywhere') return true;
    if (anonymous === 'never' || !isLoopback(address)) return false;
    // A proxy on this machine that nobody has told us of speaks for the whole world.
    return forwardedFor === undefined || proxies.has(plainAddress(remoteAddress));
  };
  return (sender, signal) => {
    const address = proxies.clientOf(sender.remoteAddress, sender.forwardedFor);
    const holder = sender.key === undefined ? undefined : access.holderOf(sender.key);
    const needs = OTLP_PATH_NEEDS[`/v1/${signal}`];
    const decision = decide(needs, holder);
    const isNobody = sender.key === undefined && mayBeNobody(sender, address);
    if (decision !== 'allowed' && !isNobody) {
      const verdict = decision === 'unknown' ? 'unknown' : 'forbidden';
      refusals.note({
        actor: holder ? `key:${holder.id}` : 'anonymous',
        target: `OTLP ${signal}`,
        address,
        reason: verdict === 'unknown' ? 'no key that counts' : 'the key is not for sending telemetry',
      });
      return verdict;
    }
    const keys = [limitedAs(address), ...(holder ? [`key:${holder.id}`] : [])];
    const refused = keys
      .map((key) => limits.spend('ingest', key))
      .find(({ retryAfterMs }) => retryAfterMs > 0);
    if (!refused) return 'granted';
    refusals.note({
      actor: holder ? `key:${holder.id}` : 'anonymous',
      target: `OTLP ${signal}`,
      address,
      reason: 'more than OPHION_INGEST_RATE',
    });
    return refused;
  };
}
