import {
  type AccountId,
  type Algorithm,
  parseAccountId,
  type Seed,
  type Serial,
  type TokenParameters,
} from '../types.ts';
import { decodeBase64 } from './base64.ts';
import type { SeedFileEntry } from './entry.ts';
import { integerText, type OpenedData } from './pskc-data.ts';
import type { DataName } from './pskc-elements.ts';
import {
  type ElementsText,
  findAttribute,
  findText,
  first,
  type PlacedText,
  placeOf,
  requireAttribute,
  requireText,
} from './pskc-text.ts';
import {
  type Place,
  readAlgorithm,
  readCounter,
  readDigits,
  readInteger,
  readLabel,
  readSeed,
  readSerial,
  readStepSeconds,
  refusal,
} from './values.ts';

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
 * @param opened what was encrypted in it
 * @throws FobtwinError `invalidInput`, the field naming the KeyPackage and the element
 */
export function readKeyPackage(keyPackage: ElementsText, opened: OpenedData): SeedFileEntry {
  if (!keyPackage.elements.has('Key')) {
    const place = { field: `${keyPackage.name}/Key`, line: keyPackage.line };
    throw refusal(place, 'required', 'a KeyPackage holds exactly one Key');
  }
  checkPolicy(keyPackage);
  const parameters = readParameters(keyPackage, opened);
  const seed = readSeedData(keyPackage, opened);
  const counter = findNumber(keyPackage, 'Counter', opened);
  checkClock(keyPackage, opened);
  const manufacturer = findLabel(keyPackage, 'DeviceInfo/Manufacturer');
  const model = findLabel(keyPackage, 'DeviceInfo/Model');
  const issuer = findLabel(keyPackage, 'Key/Issuer');
  const account = findAccount(keyPackage);
  return {
    serial: readPackageSerial(keyPackage),
    seed,
    parameters,
    nextCounter:
      parameters.type === 'event' && counter !== undefined
        ? readCounter(counter.text, counter.place)
        : 0,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(account === undefined ? {} : { account }),
  };
}

function readSeedData(keyPackage: ElementsText, opened: OpenedData): Seed {
  const path = 'Key/Data/Secret/PlainValue';
  const bytes = opened.get('Secret');
  if (bytes !== undefined) return readSeed(bytes, 'encrypted', placeOf(keyPackage, path));
  const plain = requireText(keyPackage, path);
  return readSeed(decodeBase64(plain.text), 'base64', plain.place);
}

/** A number of Data as decimal digits, plain or opened; `undefined` when it is not there. */
function findNumber(
  keyPackage: ElementsText,
  name: DataName,
  opened: OpenedData,
): PlacedText | undefined {
  const path = `Key/Data/${name}/PlainValue`;
  const place = placeOf(keyPackage, path);
  const bytes = opened.get(name);
  if (bytes !== undefined) return { text: integerText(bytes, place), place };
  const plain = first(keyPackage, path);
  return plain === undefined ? undefined : { text: plain.text, place };
}

const UID_ALONE = /^uid=([^,+=\\]*)$/i;

/**
 * The account that a Key's UserId names, a distinguished name (RFC 6030 section 4.3.6). Only one
 * that consists of a UID alone says which account of ours is meant; all others are passed over.
 */
function findAccount(keyPackage: ElementsText): AccountId | undefined {
  const [, uid] = UID_ALONE.exec(findText(keyPackage, 'Key/UserId') ?? '') ?? [];
  return uid === undefined ? undefined : parseAccountId(uid);
}

/** Where the serial stands: the device's number, or the key's id where the file has none. */
export function serialPlace(keyPackage: ElementsText): Place {
  const source = first(keyPackage, 'DeviceInfo/SerialNo') ?? first(keyPackage, 'Key');
  return { field: `${keyPackage.name}/Serial`, line: source?.line ?? keyPackage.line };
}

export function readPackageSerial(keyPackage: ElementsText): Serial {
  const id = requireAttribute(keyPackage, 'Key', 'Id');
  return readSerial(
    findText(keyPackage, 'DeviceInfo/SerialNo') ?? id.text,
    serialPlace(keyPackage),
  );
}

function readParameters(keyPackage: ElementsText, opened: OpenedData): TokenParameters {
  const uri = requireAttribute(keyPackage, 'Key', 'Algorithm');
  const type = TYPE_BY_ALGORITHM.get(uri.text.trim());
  if (type === undefined) {
    throw refusal(uri.place, 'unknownAlgorithm', 'only the algorithms hotp and totp are read');
  }
  const algorithm = readSuite(keyPackage);
  const digits = readResponseFormat(keyPackage);
  if (type === 'event') return { type, algorithm, digits };
  // A wrong step never shows a good code, so a missing one is not guessed.
  const interval =
    findNumber(keyPackage, 'TimeInterval', opened) ??
    requireText(keyPackage, 'Key/Data/TimeInterval/PlainValue');
  return { type, algorithm, digits, stepSeconds: readStepSeconds(interval.text, interval.place) };
}

function readSuite(keyPackage: ElementsText): Algorithm {
  const path = 'Key/AlgorithmParameters/Suite';
  // privacyIDEA's export has it as an attribute.
  const suite = findText(keyPackage, path) ?? findAttribute(keyPackage, path, 'hashalgo');
  // RFC 4226 section 5: HMAC-SHA-1 unless something else is said.
  return suite === undefined ? 'SHA1' : readAlgorithm(suite, placeOf(keyPackage, path));
}

/** RFC 6030 section 10.1: ResponseFormat must be there, decimal, with its length. */
function readResponseFormat(keyPackage: ElementsText) {
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
function checkClock(keyPackage: ElementsText, opened: OpenedData): void {
  for (const name of ['Time', 'TimeDrift'] as const) {
    const found = findNumber(keyPackage, name, opened);
    const range = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, what: name };
    if (found !== undefined) readInteger(found.text, range, found.place);
  }
}

/**
 * RFC 6030 section 5: a key whose policy is not understood must not be used. A PIN that the device
 * itself checks, and use for codes, ask nothing of the server.
 */
function checkPolicy(keyPackage: ElementsText): void {
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

function findLabel(keyPackage: ElementsText, path: string): string | undefined {
  return readLabel(findText(keyPackage, path), placeOf(keyPackage, path));
}
