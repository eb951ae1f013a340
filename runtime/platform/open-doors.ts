import type { Access } from '../control-plane/index.ts';
import { ConfigError, type Config } from '../config/index.ts';
import { HttpDoor, ingestDoor, RateLimits, TrustedProxies } from '../doors/index.ts';
import type { LiveDoor } from '../live/index.ts';
import type { OtlpReceiverOptions } from '../receivers/otlp/index.ts';

/** Through which everything comes in: requests and sockets through one, telemetry through the other. */
export interface Doors {
  readonly door: HttpDoor;
  readonly liveDoor: LiveDoor;
  readonly authorize: NonNullable<OtlpReceiverOptions['authorize']>;
  readonly noteForeignPage: NonNullable<OtlpReceiverOptions['noteForeignPage']>;
}

/** A page asks many things when it opens, an exporter catches up after a break: so many seconds' worth may come at once. */
const SECONDS_AT_ONCE = 10;

export function openDoors(config: Config, { control, refusals }: Access): Doors {
  const proxies = proxiesOf(config.trustedProxies);
  const { queryRate, ingestRate, copilotRate } = config;
  const limits = new RateLimits({
    query: { requests: queryRate, seconds: 1, capacity: queryRate * SECONDS_AT_ONCE },
    ingest: { requests: ingestRate, seconds: 1, capacity: ingestRate * SECONDS_AT_ONCE },
    copilot: { requests: copilotRate, seconds: 60, capacity: copilotRate },
  });
  const isTls = config.tlsCertFile !== undefined;
  const door = new HttpDoor({ access: control, proxies, limits, refusals, isTls });
  return {
    door,
    liveDoor: {
      admitPath: (request) => door.admitPath(request),
      renewed: (principal) => control.renewed(principal),
      addressOf: (request) => door.addressOf(request),
      noteRefusal: (refusal) => {
        refusals.note(refusal);
      },
    },
    authorize: ingestDoor({
      ...{ access: control, proxies, limits, refusals },
      anonymous: config.ingestAnonymous,
    }),
    noteForeignPage: ({ remoteAddress, forwardedFor }, signal) => {
      refusals.note({
        actor: 'anonymous',
        target: `OTLP ${signal}`,
        address: proxies.clientOf(remoteAddress, forwardedFor),
        reason: 'a page that OPHION_OTLP_CORS_ORIGINS does not name',
      });
    },
  };
}

function proxiesOf(entries: readonly string[]): TrustedProxies {
  try {
    return new TrustedProxies(entries);
  } catch (error) {
    throw new ConfigError(
      `OPHION_TRUSTED_PROXIES: ${(error as Error).message}; write addresses and networks such as 10.0.0.1, 10.0.0.0/8`,
      { cause: error },
    );
  }
}
