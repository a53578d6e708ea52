import { type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';

/** Where a browser may be sent with a code: exactly what was registered, and only fit addresses. */

const CHARACTERS_MAX = 2048;
/** A private-use scheme has a dot in it: its owner's domain, reversed (RFC 8252 section 7.1). */
const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;
/** RFC 8252 section 7.3; `localhost` too, which section 8.3 advises against and many need. */
const LOOPBACKS = new Set(['127.0.0.1', '[::1]', 'localhost']);
/** Nothing that a browser drops or reads as something else, and no wildcard. */
const UNFIT = /[^\u0021-\u007e]|[\\*]/;

const REASONS: readonly (readonly [(text: string) => boolean, FieldErrorCode, string])[] = [
  [(text) => text.length > CHARACTERS_MAX, 'tooLong', 'is too long'],
  [(text) => UNFIT.test(text), 'badFormat', 'has a character that is not allowed, such as *'],
  [(text) => !URL.canParse(text), 'badFormat', 'is no address'],
  [(text) => text.includes('#'), 'notAllowed', 'has a fragment'],
  [(text) => hasCredentials(new URL(text)), 'notAllowed', 'has a user or a password in it'],
  [
    (text) => !hasAllowedScheme(new URL(text)),
    'notAllowed',
    'is neither https, nor http on this machine, nor of a private scheme such as com.example.app:',
  ],
];

/**
 * Checks every address of a list.
 *
 * @throws FobtwinError `invalidInput` naming each that is not allowed
 */
export function checkRedirectAddresses(
  field: 'redirectUris' | 'postLogoutRedirectUris',
  addresses: readonly string[],
): void {
  const faults = addresses.flatMap((address, index) => {
    const isTwice = addresses.indexOf(address) !== index;
    const reason = REASONS.find(([isWrong]) => isWrong(address));
    if (reason === undefined && !isTwice) return [];
    const [, code, text] = reason ?? [undefined, 'duplicate' as const, 'is given twice'];
    return [{ field: `/${field}/${index}`, code, text }];
  });
  const [first] = faults;
  if (first === undefined) return;
  const which = addresses[Number(first.field.split('/').at(-1))]?.slice(0, 100) ?? '';
  throw new FobtwinError('invalidInput', `The address ${JSON.stringify(which)} ${first.text}.`, {
    errors: faults.map(({ field: at, code }) => ({ field: at, code })),
    nextStep: 'Give the whole address, such as https://app.example.com/callback.',
  });
}

const hasCredentials = ({ username, password }: URL): boolean => username !== '' || password !== '';

function hasAllowedScheme({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  if (protocol === 'http:') return LOOPBACKS.has(hostname);
  return PRIVATE_SCHEME.test(protocol);
}

/**
 * Whether a public client with these addresses is a program on a person's machine, whose port on
 * loopback is another each time (RFC 8252 section 7.3), and not a page in a browser.
 */
export const isNative = (addresses: readonly string[]): boolean =>
  addresses.some((address) => new URL(address).protocol !== 'https:');

export const isLoopbackOverTls = (address: string): boolean =>
  new URL(address).protocol === 'https:' && LOOPBACKS.has(new URL(address).hostname);

/** Of a private scheme: only a program on a person's machine can be reached so. */
export const isPrivate = (address: string): boolean =>
  !['https:', 'http:'].includes(new URL(address).protocol);
