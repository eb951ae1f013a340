import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What may be reached although it is not of the public internet. */
export interface AllowList {
  readonly ranges: readonly (readonly [Address, number])[];
  /** In lower case. */
  readonly hosts: ReadonlySet<string>;
}

export const NOTHING_ALLOWED: AllowList = { ranges: [], hosts: new Set() };

const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');
/**
 * Where clouds keep an instance's credentials. A host that is allowed by name does not reach them; only their own
 * range does.
 */
const METADATA = [
  '169.254.0.0/16',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  // Azure: a public address that is answered within the host.
  '168.63.129.16/32',
  '100.100.100.200/32',
].map((range) => ipaddr.parseCIDR(range));

/** What is wrong with an entry; `undefined`: nothing. */
export function allowEntryProblem(entry: string): string | undefined {
  if (ipaddr.isValidCIDR(entry) || isPlainAddress(entry) || isHostName(entry)) return undefined;
  return 'expected an address, a range such as 10.1.0.0/16, or the name of a host';
}

/** Throws for an entry that `allowEntryProblem` objects to. */
export function parseAllowList(entries: readonly string[]): AllowList {
  const ranges: (readonly [Address, number])[] = [];
  const hosts = new Set<string>();
  for (const entry of entries) {
    const problem = allowEntryProblem(entry);
    if (problem !== undefined) throw new Error(`${JSON.stringify(entry)}: ${problem}`);
    if (ipaddr.isValidCIDR(entry)) ranges.push(ipaddr.parseCIDR(entry));
    else if (isPlainAddress(entry)) ranges.push(wholeOf(ipaddr.process(entry)));
    else hosts.add(hostOf(entry));
  }
  return { ranges, hosts };
}

/** Whether a connection to this address may be made for this host. */
export function mayReach(host: string, address: string, allowed: AllowList): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (allowed.ranges.some((range) => isIn(parsed, range))) return true;
  if (METADATA.some((range) => isIn(parsed, range))) return false;
  return isPublic(parsed) || allowed.hosts.has(hostOf(host));
}

/** Only what is given out to the internet: whatever wraps an IPv4 address, or is not given out yet, is not. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST_V6);
}

function isIn(address: Address, [network, bits]: readonly [Address, number]): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function wholeOf(address: Address): readonly [Address, number] {
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** `ipaddr` also reads 0177.1 and 2130706433: nobody writes such a range on purpose. */
function isPlainAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

function isHostName(text: string): boolean {
  return /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/i.test(
    text,
  );
}

function hostOf(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}
