import { Secret, TOTP } from 'otpauth';

const ISSUER = 'OPHION';
const PERIOD_SECONDS = 30;
/** Codes of the step before and after are taken as well: clocks differ. */
const WINDOW = 1;

export interface NewTotp {
  /** Base32, to be typed in. */
  readonly secret: string;
  /** `otpauth://…`, to be shown as a QR code. */
  readonly uri: string;
}

/** A new secret for an authenticator app (RFC 6238: SHA-1, 6 digits, 30 s, as all apps expect). */
export function newTotp(login: string): NewTotp {
  const totp = totpOf(new Secret({ size: 20 }).base32, login);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step whose code this is; `undefined` when it is none of now, or not later than the last one used. */
export function stepOfCode(
  secret: string,
  code: string,
  nowMs: number,
  lastStep: number,
): number | undefined {
  const digits = code.replaceAll(/\s/g, '');
  const delta = totpOf(secret, '').validate({ token: digits, timestamp: nowMs, window: WINDOW });
  if (delta === null) return undefined;
  const step = Math.floor(nowMs / 1_000 / PERIOD_SECONDS) + delta;
  return step > lastStep ? step : undefined;
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });
}
