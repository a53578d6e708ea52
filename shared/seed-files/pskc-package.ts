import type { Algorithm, Serial, TokenParameters } from '../types.ts';
import { decodeBase64 } from './base64.ts';
import type { SeedFileEntry } from './entry.ts';
import { placeName } from './pskc-elements.ts';
import {
  type Place,
  readAlgorithm,
  readCounter,
  readDigits,
  readInteger,
  readSeed,
  readSerial,
  readStepSeconds,
  refusal,
} from './values.ts';

/** One element of a KeyPackage that was kept, as it stands in the file. */
export interface ElementText {
  readonly line: number;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
}

/** One KeyPackage as text: every element with a `value` use, by its path. */
export interface KeyPackageText {
  /** `KeyPackage 3`. */
  readonly name: string;
  readonly line: number;
  readonly elements: Map<string, ElementText[]>;
}

const TYPE_BY_ALGORITHM: ReadonlyMap<string, TokenParameters['type']> = new Map([
  ['urn:ietf:params:xml:ns:keyprov:pskc:hotp', 'event'],
  ['urn:ietf:params:xml:ns:keyprov:pskc:totp', 'time'],
  // Written by vendors that followed a draft of the RFC.
  ['urn:ietf:params:xml:ns:keyprov:pskc#hotp', 'event'],
  ['urn:ietf:params:xml:ns:keyprov:pskc#totp', 'time'],
  ['http://www.ietf.org/keyprov/pskc#hotp', 'event'],
  ['http://www.ietf.org/keyprov/pskc#totp', 'time'],
]);

/**
 * The token that a KeyPackage describes (RFC 6030 sections 4 and 10.1).
 *
 * @throws FobtwinError `invalidInput`, the field naming the KeyPackage and the element
 */
export function readKeyPackage(keyPackage: KeyPackageText): SeedFileEntry {
  if (!keyPackage.elements.has('Key')) {
    const place = { field: `${keyPackage.name}/Key`, line: keyPackage.line };
    throw refusal(place, 'required', 'a KeyPackage holds exactly one Key');
  }
  checkPolicy(keyPackage);
  const parameters = readParameters(keyPackage);
  const seedText = requireText(keyPackage, 'Key/Data/Secret/PlainValue');
  const counter = findInteger(keyPackage, 'Key/Data/Counter/PlainValue', readCounter);
  checkClock(keyPackage);
  const manufacturer = findLabel(keyPackage, 'DeviceInfo/Manufacturer');
  const model = findLabel(keyPackage, 'DeviceInfo/Model');
  const issuer = findLabel(keyPackage, 'Key/Issuer');
  return {
    serial: readPackageSerial(keyPackage),
    seed: readSeed(decodeBase64(seedText.text), 'base64', seedText.place),
    parameters,
    nextCounter: parameters.type === 'event' ? (counter ?? 0) : 0,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

/** Where the serial stands: the device's number, or the key's id where the file has none. */
export function serialPlace(keyPackage: KeyPackageText): Place {
  const source = first(keyPackage, 'DeviceInfo/SerialNo') ?? first(keyPackage, 'Key');
  return { field: `${keyPackage.name}/Serial`, line: source?.line ?? keyPackage.line };
}

function readPackageSerial(keyPackage: KeyPackageText): Serial {
  const id = requireAttribute(keyPackage, 'Key', 'Id');
  return readSerial(
    findText(keyPackage, 'DeviceInfo/SerialNo') ?? id.text,
    serialPlace(keyPackage),
  );
}

function readParameters(keyPackage: KeyPackageText): TokenParameters {
  const uri = requireAttribute(keyPackage, 'Key', 'Algorithm');
  const type = TYPE_BY_ALGORITHM.get(uri.text.trim());
  if (type === undefined) {
    throw refusal(uri.place, 'unknownAlgorithm', 'only the algorithms hotp and totp are read');
  }
  const algorithm = readSuite(keyPackage);
  const digits = readResponseFormat(keyPackage);
  if (type === 'event') return { type, algorithm, digits };
  // A wrong step never shows a good code, so a missing one is not guessed.
  const interval = requireText(keyPackage, 'Key/Data/TimeInterval/PlainValue');
  return { type, algorithm, digits, stepSeconds: readStepSeconds(interval.text, interval.place) };
}

function readSuite(keyPackage: KeyPackageText): Algorithm {
  const suite = findText(keyPackage, 'Key/AlgorithmParameters/Suite');
  // RFC 4226 section 5: HMAC-SHA-1 unless something else is said.
  return suite === undefined
    ? 'SHA1'
    : readAlgorithm(suite, placeOf(keyPackage, 'Key/AlgorithmParameters/Suite'));
}

/** RFC 6030 section 10.1: ResponseFormat must be there, decimal, with its length. */
function readResponseFormat(keyPackage: KeyPackageText) {
  const path = 'Key/AlgorithmParameters/ResponseFormat';
  const length = requireAttribute(keyPackage, path, 'Length');
  const encoding = requireAttribute(keyPackage, path, 'Encoding');
  if (encoding.text.trim() !== 'DECIMAL') {
    throw refusal(encoding.place, 'unsupported', 'only codes in Encoding DECIMAL are read');
  }
  const check = first(keyPackage, path)?.attributes.get('CheckDigits')?.trim() ?? 'false';
  if (check !== 'false' && check !== '0') {
    throw refusal(encoding.place, 'unsupported', 'codes with a check digit are not read');
  }
  return readDigits(length.text, length.place);
}

/**
 * Time and TimeDrift say where the token's clock stood when the file was written. Registration
 * finds that again from two codes, so they are only checked for being integers.
 */
function checkClock(keyPackage: KeyPackageText): void {
  for (const name of ['Time', 'TimeDrift']) {
    findInteger(keyPackage, `Key/Data/${name}/PlainValue`, (text, place) =>
      readInteger(
        text,
        { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, what: name },
        place,
      ),
    );
  }
  if (first(keyPackage, 'Key/Data/TimeInterval/PlainValue') !== undefined) {
    findInteger(keyPackage, 'Key/Data/TimeInterval/PlainValue', readStepSeconds);
  }
}

/**
 * RFC 6030 section 5: a key whose policy is not understood must not be used. A PIN that the device
 * itself checks, and use for codes, ask nothing of the server.
 */
function checkPolicy(keyPackage: KeyPackageText): void {
  const pin = first(keyPackage, 'Key/Policy/PINPolicy');
  const mode = pin?.attributes.get('PINUsageMode') ?? 'Local';
  if (mode !== 'Local') {
    const place = placeOf(keyPackage, 'Key/Policy/PINPolicy');
    throw refusal(place, 'unsupported', 'only a PIN that the token itself checks (Local) is read');
  }
  const usages = keyPackage.elements.get('Key/Policy/KeyUsage') ?? [];
  if (usages.length > 0 && !usages.some(({ text }) => text.trim() === 'OTP')) {
    const place = placeOf(keyPackage, 'Key/Policy/KeyUsage');
    throw refusal(place, 'unsupported', 'the policy does not allow the key to make codes (OTP)');
  }
}

/** What a token keeps of its labels, times a file's tokens, is what a server holds in memory. */
const LABEL_CHARACTERS_MAX = 200;

function findLabel(keyPackage: KeyPackageText, path: string): string | undefined {
  const text = findText(keyPackage, path);
  if (text === undefined || text.length <= LABEL_CHARACTERS_MAX) return text;
  const what = `a label has at most ${LABEL_CHARACTERS_MAX} characters`;
  throw refusal(placeOf(keyPackage, path), 'tooLong', what);
}

interface PlacedText {
  readonly text: string;
  readonly place: Place;
}

function first(keyPackage: KeyPackageText, path: string): ElementText | undefined {
  return keyPackage.elements.get(path)?.[0];
}

function placeOf(keyPackage: KeyPackageText, path: string, name = placeName(path)): Place {
  const line = first(keyPackage, path)?.line ?? keyPackage.line;
  return { field: `${keyPackage.name}/${name}`, line };
}

/** The element's text without white space around; `undefined` when nothing is left. */
function findText(keyPackage: KeyPackageText, path: string): string | undefined {
  const text = first(keyPackage, path)?.text.trim() ?? '';
  return text === '' ? undefined : text;
}

function requireText(keyPackage: KeyPackageText, path: string): PlacedText {
  const text = findText(keyPackage, path);
  const place = placeOf(keyPackage, path);
  if (text === undefined) throw refusal(place, 'required', `there is no ${placeName(path)}`);
  return { text, place };
}

function requireAttribute(keyPackage: KeyPackageText, path: string, name: string): PlacedText {
  const text = first(keyPackage, path)?.attributes.get(name);
  const place = placeOf(keyPackage, path, path === 'Key' ? name : placeName(path));
  if (text === undefined || text.trim() === '') {
    throw refusal(place, 'required', `${placeName(path)} has no ${name}`);
  }
  return { text, place };
}

function findInteger(
  keyPackage: KeyPackageText,
  path: string,
  read: (text: string, place: Place) => number,
): number | undefined {
  const element = first(keyPackage, path);
  return element === undefined ? undefined : read(element.text, placeOf(keyPackage, path));
}
