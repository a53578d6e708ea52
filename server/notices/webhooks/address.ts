import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { invalidInput } from '../../../shared/errors.ts';

/**
 * Where a webhook may go. It is reached from inside the operator's network, so that an address that
 * only fobd can reach would lend fobd's reach to whoever sets the webhook.
 */

const URL_MAX = 2048;

/** `loopback`: this machine, by name or address; `public`: nowhere private; `any`: allowed to. */
export type Reach = 'loopback' | 'public' | 'any';

/** @throws FobtwinError `invalidInput`, field `/url` */
export function checkWebhookUrl(text: string, { allowsPrivate }: { allowsPrivate: boolean }): void {
  const url = text.length <= URL_MAX && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refused('badFormat', 'The address cannot be read.');
  const { protocol, username, password, hash } = url;
  if (username !== '' || password !== '' || hash !== '') {
    throw refused('notAllowed', 'The address holds a user, a password or a fragment.');
  }
  if (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(url))) {
    const address = literalOf(url);
    const isRefused = address !== undefined && !isReachable(address, reachOf(url, allowsPrivate));
    if (isRefused) throw refused('notAllowed', 'The address is private.', PRIVATE_STEP);
    return;
  }
  throw refused('notAllowed', 'The address is neither https nor on this machine.');
}

const PRIVATE_STEP = 'Say that it may be: fobd webhook add URL --allow-private.';

const refused = (code: 'badFormat' | 'notAllowed', message: string, nextStep?: string) =>
  invalidInput('/url', code, message, {
    nextStep: nextStep ?? 'Give an address such as https://example.com/hooks/fobd.',
  });

export function reachOf(url: URL, allowsPrivate: boolean): Reach {
  if (isLoopbackHost(url)) return 'loopback';
  return allowsPrivate ? 'any' : 'public';
}

/** Node shows an IPv6 address in brackets. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** The host where it is an address and no name. */
function literalOf(url: URL): string | undefined {
  const host = hostOf(url);
  return ipaddr.isValid(host) ? host : undefined;
}

function isLoopbackHost(url: URL): boolean {
  const host = hostOf(url);
  return host === 'localhost' || (ipaddr.isValid(host) && rangeOf(host) === 'loopback');
}

/** Of an IPv4 address in IPv6 that of the IPv4 address. */
const rangeOf = (address: string): string => ipaddr.process(address).range();

/** Whether a connection to this very address may be made. */
export function isReachable(address: string, reach: Reach): boolean {
  if (!ipaddr.isValid(address)) return false;
  const range = rangeOf(address);
  if (reach === 'loopback') return range === 'loopback';
  if (reach === 'public') return range === 'unicast';
  return range !== 'unspecified' && range !== 'multicast' && range !== 'broadcast';
}

/** Looks names up, and finds only addresses within reach: what is connected to was looked at. */
export const lookupWithin =
  (reach: Reach): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const within = error === null ? found.filter((each) => isReachable(each.address, reach)) : [];
      const [first] = within;
      if (first === undefined) {
        const failure: NodeJS.ErrnoException = error ?? new Error('the address is out of reach');
        failure.code ??= 'EADDRESSREFUSED';
        callback(failure, '', 0);
      } else if (options.all === true) {
        callback(null, within);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
