import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { invalidInput } from '../../../shared/errors.ts';
import { hostOf, isConfidential, isThisMachine, parseAddress } from '../../access/address.ts';

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
  const { username, password, hash } = url;
  if (username !== '' || password !== '' || hash !== '') {
    throw refused('notAllowed', 'The address holds a user, a password or a fragment.');
  }
  if (!isConfidential(url)) {
    throw refused('notAllowed', 'The address is neither https nor on this machine.');
  }
  const host = hostOf(url);
  // A name is looked up for each connection.
  if (parseAddress(host) === undefined || isReachable(host, reachOf(url, allowsPrivate))) return;
  throw refused('notAllowed', 'The address is private.', PRIVATE_STEP);
}

const PRIVATE_STEP = 'Say that it may be: fobd webhook add URL --allow-private.';

const refused = (code: 'badFormat' | 'notAllowed', message: string, nextStep?: string) =>
  invalidInput('/url', code, message, {
    nextStep: nextStep ?? 'Give an address such as https://example.com/hooks/fobd.',
  });

export function reachOf(url: URL, allowsPrivate: boolean): Reach {
  if (isThisMachine(hostOf(url))) return 'loopback';
  return allowsPrivate ? 'any' : 'public';
}

/** Whether a connection to this very address may be made. */
export function isReachable(address: string, reach: Reach): boolean {
  const range = parseAddress(address)?.range();
  if (range === undefined) return false;
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
