import ipaddr from 'ipaddr.js';

/** Addresses: of callers, the ranges that an application may be called from, and of services. */

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Longest text looked at: a full IPv6 address with a prefix has 43 characters. */
const CHARACTERS_MAX = 64;
/** Whoever has one address of IPv6 usually has its whole /64 (RFC 6177). */
const SOURCE_PREFIX_BITS = 64;

export interface AddressRange {
  /** Canonical: `10.0.0.0/8`, `2001:db8::/32`. */
  readonly text: string;
  readonly network: Address;
  readonly prefixBits: number;
}

/**
 * An address as it is compared: IPv4 inside IPv6 (`::ffff:10.0.0.1`) is IPv4, a zone is dropped.
 * `undefined` when the text is none. Four decimal parts only: `010.1` has too many readings.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > CHARACTERS_MAX) return undefined;
  const bare = text.split('%', 1)[0] ?? '';
  const isFit = ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare);
  return isFit ? ipaddr.process(bare) : undefined;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address; bits beyond the prefix are dropped. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, addressText = '', prefixText] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = addressText.includes('%') ? undefined : parseAddress(addressText);
  if (address === undefined) return undefined;
  const isMapped = address.kind() === 'ipv4' && addressText.includes(':');
  const bitsMax = address.kind() === 'ipv4' ? 32 : 128;
  // A prefix of an IPv4 address in IPv6 dress counts the 96 bits before it.
  const prefixBits = prefixText === undefined ? bitsMax : Number(prefixText) - (isMapped ? 96 : 0);
  if (prefixBits < 0 || prefixBits > bitsMax) return undefined;
  const network = networkOf(address, prefixBits);
  return { text: `${network.toString()}/${prefixBits}`, network, prefixBits };
}

export const isInRange = (address: Address, { network, prefixBits }: AddressRange): boolean =>
  address.kind() === network.kind() && address.match(network, prefixBits);

/** Is the address in one of the ranges? What is no address is in none. */
export function isAllowed(address: string | undefined, ranges: readonly AddressRange[]): boolean {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed !== undefined && ranges.some((range) => isInRange(parsed, range));
}

/** Whether a host, by name or address, is this machine: what is sent there does not leave it. */
export const isThisMachine = (host: string): boolean =>
  host === 'localhost' || parseAddress(host)?.range() === 'loopback';

/** A name or an address: that of IPv6 stands in brackets in a URL. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** Whether nobody on the way reads what is sent there: https, or http on this machine. */
export const isConfidential = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine(hostOf(url)));

/** A service that fobd sends to: `isConfidential`, and neither user nor password stand in it. */
export function parseServiceUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  return isConfidential(url) ? url : undefined;
}

/** What limits by source count by: the IPv4 address, or the /64 of an IPv6 one. */
export function sourceOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return 'unknown';
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : networkOf(parsed, SOURCE_PREFIX_BITS).toString();
}

function networkOf(address: Address, prefixBits: number): Address {
  const cidr = `${address.toString()}/${prefixBits}`;
  return address.kind() === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
    : ipaddr.IPv6.networkAddressFromCIDR(cidr);
}
