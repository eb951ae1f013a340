import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Proxies whose word about who they speak for is taken: addresses and networks (`10.0.0.0/8`). */
export class TrustedProxies {
  private readonly list = new BlockList();

  /** Throws on what is neither. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [address = '', bits] = entry.split('/');
      const family = familyOf(address);
      if (!family) throw new Error(`${JSON.stringify(entry)} is no address and no network`);
      if (bits === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(bits), family);
    }
  }

  has(address: string): boolean {
    const family = familyOf(address);
    return family !== undefined && this.list.check(address, family);
  }

  /**
   * Who asks: the peer, or, when that is a trusted proxy, the nearest address of `X-Forwarded-For` that is none. What stands
   * further left could have been written by anybody.
   */
  clientOf(peer: string, forwardedFor: string | undefined): string {
    let client = plainAddress(peer);
    const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
    while (this.has(client)) {
      const hop = plainAddress(hops.pop() ?? '');
      if (isIP(hop) === 0) break;
      client = hop;
    }
    return client;
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (isIPv4(address)) return 'ipv4';
  return isIPv6(address) ? 'ipv6' : undefined;
}

/** One text for one address: without port and brackets, IPv4 as such also where it came in a mapped form. */
export function plainAddress(text: string): string {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (!isIPv6(bare) || bare.includes('%')) return bare;
  const short = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high, low] = [parseInt(mapped[1] ?? '0', 16), parseInt(mapped[2] ?? '0', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}
