import { z } from 'zod';
import { SealBrokenError, type Sealer } from '../secrets/index.ts';

/** After which a sign-in that was begun at a provider counts no more. */
export const OIDC_TICKET_SECONDS = 600;
const WHAT = 'sign-in at a provider';

const ticket = z.strictObject({
  issuer: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** A path of ours. */
  returnTo: z.string(),
  /** The session that the browser was in. */
  replaces: z.string().optional(),
  expiresAtMs: z.number(),
});
export type OidcTicket = Readonly<z.output<typeof ticket>>;

/** For a cookie: binds what comes back from the provider to the browser that went there. */
export function sealTicket(sealer: Sealer, value: OidcTicket): string {
  return sealer.seal(WHAT, JSON.stringify(value)).toString('base64url');
}

/** `undefined`: not one of ours, changed, or too old. */
export function openTicket(sealer: Sealer, text: string, nowMs: number): OidcTicket | undefined {
  try {
    const opened = ticket.parse(
      JSON.parse(sealer.open(WHAT, Buffer.from(text, 'base64url')).toString('utf8')),
    );
    return opened.expiresAtMs > nowMs ? opened : undefined;
  } catch (error) {
    if (error instanceof SealBrokenError) return undefined;
    throw error;
  }
}

/** Only a path within this installation: not `//elsewhere`, not `/\elsewhere`. */
export function ownPath(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) ? text : '/';
}
