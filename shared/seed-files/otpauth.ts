import { decodeBase32, encodeBase32 } from '../base32.ts';
import type { TokenParameters } from '../types.ts';
import { SEED_FILE_LIMITS, type SeedFileEntry } from './entry.ts';
import {
  type Place,
  readAlgorithm,
  readCounter,
  readDigits,
  readSeed,
  readSerial,
  readStepSeconds,
  refusal,
} from './values.ts';

/** The parameters of the Key URI format that a code depends on, and the issuer. */
type Parameter = 'secret' | 'issuer' | 'algorithm' | 'digits' | 'period' | 'counter';

const ASK_AGAIN = 'Copy the whole address again, from "otpauth://" to its end.';
const place = (name: Parameter | 'type' | 'label'): Place => ({ field: `otpauth/${name}` });

/**
 * One token from an `otpauth://` address (the Key URI format that phone authenticators scan). The
 * serial is its label, less the issuer before the last colon. As the format has it: SHA1, 6 digits
 * and 30 seconds unless said, and an event token must give its counter. Parameters that say nothing
 * of codes (a picture's address, say) are passed over.
 *
 * @throws FobtwinError `invalidInput`, with a field `otpauth`, `otpauth/digits` and so on
 */
export function parseOtpauth(uri: string): SeedFileEntry {
  const address = readAddress(uri.trim());
  const text = (name: Parameter) => readParameter(address.searchParams, name);
  const type = readType(address.host);
  const label = readLabel(address.pathname);
  const issuer = text('issuer') ?? label.issuer;
  const secret = text('secret');
  if (secret === undefined)
    throw refusal(place('secret'), 'required', 'there is no seed', ASK_AGAIN);
  const algorithm = readAlgorithm(text('algorithm') ?? 'SHA1', place('algorithm'));
  const digits = readDigits(text('digits') ?? '6', place('digits'));
  const stepSeconds = readStepSeconds(text('period') ?? '30', place('period'));
  const parameters: TokenParameters =
    type === 'time' ? { type, algorithm, digits, stepSeconds } : { type, algorithm, digits };
  return {
    serial: readSerial(label.serial, place('label')),
    seed: readSeed(decodeBase32(secret), 'base32', place('secret')),
    parameters,
    nextCounter: type === 'event' ? readNextCounter(text('counter')) : 0,
    ...(issuer === undefined ? {} : { issuer }),
  };
}

/** The same format. Every parameter is written, since readers differ in what they assume. */
export function formatOtpauth(entry: SeedFileEntry): string {
  const { serial, seed, parameters, nextCounter, issuer } = entry;
  if (issuer !== undefined && /\p{Surrogate}/u.test(issuer)) {
    const nextStep = 'Take the broken characters out of it.';
    throw refusal(place('issuer'), 'badFormat', 'it is not whole Unicode text', nextStep);
  }
  const query: [Parameter, string][] = [
    ['secret', encodeBase32(seed)],
    ['algorithm', parameters.algorithm],
    ['digits', String(parameters.digits)],
    parameters.type === 'time'
      ? ['period', String(parameters.stepSeconds)]
      : ['counter', String(nextCounter)],
  ];
  if (issuer !== undefined) query.push(['issuer', issuer]);
  // Not URLSearchParams: many phones show its "+" for a space as it stands.
  const pairs = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const label = issuer === undefined ? serial : `${encodeURIComponent(issuer)}:${serial}`;
  const host = parameters.type === 'time' ? 'totp' : 'hotp';
  return `otpauth://${host}/${label}?${pairs.join('&')}`;
}

function readAddress(uri: string): URL {
  const here = { field: 'otpauth' };
  if (uri.length > SEED_FILE_LIMITS.fieldCharacters) {
    const what = `the address has at most ${SEED_FILE_LIMITS.fieldCharacters} characters`;
    throw refusal(here, 'tooLong', what, ASK_AGAIN);
  }
  const address = URL.canParse(uri) ? new URL(uri) : undefined;
  if (address === undefined || address.protocol !== 'otpauth:') {
    throw refusal(here, 'malformed', 'it is no otpauth:// address', ASK_AGAIN);
  }
  return address;
}

function readType(host: string): TokenParameters['type'] {
  const name = host.toLowerCase();
  if (name === 'totp') return 'time';
  if (name === 'hotp') return 'event';
  throw refusal(place('type'), 'unknownAlgorithm', 'the type is totp or hotp', ASK_AGAIN);
}

/** `/Issuer:SERIAL`, percent-encoded; a serial has no colon, so the last one parts the two. */
function readLabel(pathname: string): { readonly serial: string; readonly issuer?: string } {
  const label = decodeLabel(pathname.slice(1));
  const colon = label.lastIndexOf(':');
  if (colon < 0) return { serial: label };
  const issuer = label.slice(0, colon).trim();
  const serial = label.slice(colon + 1);
  return issuer === '' ? { serial } : { serial, issuer };
}

function decodeLabel(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal(place('label'), 'malformed', 'the label is not percent-encoded text', ASK_AGAIN);
  }
}

function readParameter(query: URLSearchParams, name: Parameter): string | undefined {
  const [text = '', ...more] = query.getAll(name);
  if (more.length > 0) throw refusal(place(name), 'tooMany', 'it is given twice', ASK_AGAIN);
  return text.trim() === '' ? undefined : text.trim();
}

function readNextCounter(text: string | undefined): number {
  if (text !== undefined) return readCounter(text, place('counter'));
  throw refusal(place('counter'), 'required', 'an event token (hotp) needs its counter', ASK_AGAIN);
}
