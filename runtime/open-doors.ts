import type { Access } from './access.ts';
import { ConfigError, type Config } from './config/index.ts';
import { HttpDoor, ingestDoor, RateLimits, TrustedProxies } from './doors/index.ts';
import type { LiveDoor } from './live/index.ts';
import type { OtlpReceiverOptions } from './receivers/otlp/index.ts';

/** Through which everything comes in: requests and sockets through one, telemetry through the other. */
export interface Doors {
  readonly door: HttpDoor;
  readonly liveDoor: LiveDoor;
  readonly authorize: NonNullable<OtlpReceiverOptions['authorize']>;
  readonly noteForeignPage: NonNullable<OtlpReceiverOptions['noteForeignPage']>;
}

export function openDoors(config: Config, { control, refusals }: Access): Doors {
  const proxies = proxiesOf(config.trustedProxies);
  const limits = new RateLimits({
    query: { requests: config.queryRate, seconds: 1 },
    ingest: { requests: config.ingestRate, seconds: 1 },
    copilot: { requests: config.copilotRate, seconds: 60 },
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
      now: Date.now,
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
