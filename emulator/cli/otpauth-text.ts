import { FobtwinError } from '../../shared/errors.ts';
import type { Serial } from '../../shared/types.ts';

/** `otpauth://` addresses before they are parsed. */

export function isAddress(text: string): boolean {
  return /^\s*otpauth:/i.test(text);
}

/**
 * What the text of a QR code must be.
 *
 * @throws FobtwinError `invalidInput` for anything but an otpauth address, without its text,
 * since it may be something private
 */
export function checkAddress(text: string): void {
  refuseMigration(text);
  if (isAddress(text)) return;
  throw new FobtwinError('invalidInput', 'The QR code holds no otpauth:// address', {
    nextStep: 'Take the code that is meant for an authenticator app.',
  });
}

/** @throws FobtwinError `invalidInput` for what Google Authenticator exports */
export function refuseMigration(text: string): void {
  if (!/^\s*otpauth-migration:/i.test(text)) return;
  throw new FobtwinError(
    'invalidInput',
    'An otpauth-migration:// address is a whole export of Google Authenticator, not one token',
    { nextStep: 'Give each token by its own otpauth:// address, as its issuer shows it.' },
  );
}

const PARTS = /^(\s*otpauth:\/\/[^/?#]*\/)([^?#]*)(.*)$/is;
const ISSUER = /^(.*)(?::|%3a)/is;

/** The address with another serial in its label; an issuer before the colon stays. */
export function renamed(address: string, serial: Serial): string {
  const [, scheme, label = '', rest = ''] = PARTS.exec(address) ?? [];
  if (scheme === undefined) return address;
  const issuer = ISSUER.exec(label)?.[1];
  return `${scheme}${issuer === undefined ? '' : `${issuer}:`}${serial}${rest}`;
}
