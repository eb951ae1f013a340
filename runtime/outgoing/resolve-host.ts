import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { mayReach, type AllowList } from './allow-list.ts';
import { OutgoingError } from './outgoing-error.ts';

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export const resolveBySystem: Resolve = (host) => lookup(host, { all: true });

/**
 * The addresses to connect to. One that may not be reached forbids all: who answers with both a public and a private
 * address is up to something.
 */
export async function resolveHost(
  host: string,
  resolve: Resolve,
  allowed: AllowList,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  const addresses = family === 0 ? await ask(host, resolve) : [{ address: host, family }];
  const refused = addresses.find(({ address }) => !mayReach(host, address, allowed));
  if (refused) {
    const what = family === 0 ? `${host} is ${refused.address}, which` : host;
    throw new OutgoingError(
      'OUTGOING_FORBIDDEN',
      `${what} is not of the public internet; allow it with the setting outgoing.allow or OPHION_OUTGOING_ALLOW`,
    );
  }
  return addresses;
}

async function ask(host: string, resolve: Resolve): Promise<readonly LookupAddress[]> {
  try {
    const addresses = await resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new OutgoingError('OUTGOING_UNREACHABLE', `${host} has no address`, error);
  }
  throw new OutgoingError('OUTGOING_UNREACHABLE', `${host} has no address`);
}
