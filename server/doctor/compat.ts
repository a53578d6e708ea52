import { type AddressRange, isInRange, parseAddressRange } from '../access/address.ts';
import type { CompatOptions } from '../compat/options.ts';
import { type Finding, orOk, warn } from './finding.ts';

/** Loopback and private networks, link-local ones with them (RFC 1918, 3927, 4193, 4291). */
const NOT_PUBLIC: readonly AddressRange[] = [
  ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
  ...['::1', 'fc00::/7', 'fe80::/10'],
].flatMap((text) => parseAddressRange(text) ?? []);

/** What the file of the drop-in API allows, and ought not to without good reason. */
export function checkCompat(options: CompatOptions | undefined): readonly Finding[] {
  if (options === undefined) return [];
  const { addresses, requireKey, mode, tokenInit } = options;
  const findings: Finding[] = [];
  const add = (what: string, next: string): void => {
    findings.push(warn('compat', `The drop-in API ${what}`, next));
  };
  if (mode === 'code') {
    add(
      'asks for a code alone: whoever holds the token signs in',
      'Ask for the password as well: "mode": "challenge" or "appended".',
    );
  }
  const open = requireKey ? [] : addresses.filter(isPublic).map(({ text }) => text);
  if (open.length > 0) {
    add(
      `answers public addresses without an API key: ${open.join(', ')}`,
      'Set "requireKey": true, or name addresses of networks of your own alone.',
    );
  }
  if (tokenInit) {
    add(
      'lets service accounts make tokens, whose seeds it sends over the network',
      'Set "tokenInit": false, and import seed files instead.',
    );
  }
  const who = requireKey ? 'callers with an API key' : `${addresses.length} ranges of addresses`;
  return orOk(findings, 'compat', `The drop-in API answers ${who}, and asks for a password`);
}

/** A range of which any part is reached from everywhere. */
const isPublic = ({ network, prefixBits }: AddressRange): boolean =>
  !NOT_PUBLIC.some((own) => prefixBits >= own.prefixBits && isInRange(network, own));
