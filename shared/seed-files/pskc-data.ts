import type { SeedFileEntry } from './entry.ts';
import { findCipherValue, type ValueOpener } from './pskc-cipher.ts';
import { DATA_NAMES, type DataName } from './pskc-elements.ts';
import { type ElementsText, first, placeOf } from './pskc-text.ts';
import { type Place, readInteger, refusal } from './values.ts';

/** The encrypted values of one KeyPackage, opened. */
export type OpenedData = ReadonlyMap<DataName, Uint8Array>;

/**
 * Opens what is encrypted in a KeyPackage.
 *
 * @param opener `undefined` when no key was handed in: then nothing may be encrypted; with a key
 * every seed must be, or a file could have its seeds replaced by known ones
 * @throws FobtwinError `invalidInput`; every one puts the whole file in doubt
 */
export function openData(keyPackage: ElementsText, opener: ValueOpener | undefined): OpenedData {
  const opened = new Map<DataName, Uint8Array>();
  for (const name of DATA_NAMES) {
    const path = `Key/Data/${name}`;
    const value = findCipherValue(keyPackage, `${path}/EncryptedValue`, `${path}/ValueMAC`);
    const isPlain = first(keyPackage, `${path}/PlainValue`) !== undefined;
    if (value === undefined) {
      if (isPlain) checkPlain(keyPackage, name, opener);
      continue;
    }
    if (isPlain) throw refusal(value.place, 'oneOf', 'it is there plain as well');
    if (opener === undefined) throw refusal(value.place, 'required', NEEDS_KEY, GIVE_KEY);
    opened.set(name, name === 'Secret' ? opener.openOnce(value) : opener.open(value));
  }
  return opened;
}

const NEEDS_KEY = 'it is encrypted, and no key was given';
const GIVE_KEY = 'Give the key or passphrase that its supplier sent apart from it.';

function checkPlain(
  keyPackage: ElementsText,
  name: DataName,
  opener: ValueOpener | undefined,
): void {
  const macPath = `Key/Data/${name}/ValueMAC`;
  if (first(keyPackage, macPath) !== undefined) {
    const what = 'a MAC belongs to an encrypted value, and this one is plain';
    throw refusal(placeOf(keyPackage, macPath), 'unsupported', what);
  }
  if (opener === undefined || name !== 'Secret') return;
  const what = 'a key was given, and this seed is not encrypted';
  const next = 'Ask its supplier; a file that is to be plain is imported without a key.';
  throw refusal(
    placeOf(keyPackage, 'Key/Data/Secret/PlainValue', 'Secret'),
    'notAllowed',
    what,
    next,
  );
}

const INTEGER_BYTES_MAX = 8;

/**
 * An encrypted number: 4 or 8 bytes, the highest first, as RFC 6030 section 4.2 has it; some write
 * fewer bytes, some decimal digits. Where both readings give a number that could be meant it is
 * refused: a wrong counter would let used codes pass, or none.
 */
export function integerText(bytes: Uint8Array, place: Place): string {
  if (bytes.length === 0) throw refusal(place, 'required', 'there is nothing in it');
  const digits = String.fromCharCode(...bytes.subarray(0, 20));
  const decimal = bytes.length <= 20 && /^[0-9]+$/.test(digits) ? digits : undefined;
  const binary = bigEndian(bytes);
  if (decimal !== undefined && binary !== undefined && Number.isSafeInteger(binary)) {
    const what = 'the number can be read as digits and as bytes, and either could be meant';
    throw refusal(place, 'badFormat', what);
  }
  if (decimal !== undefined) return decimal;
  if (binary === undefined) throw refusal(place, 'badFormat', 'it is not a number');
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER, what: 'a number' };
  // Beyond the range a number loses its last digits, which makes no difference to its refusal.
  return String(readInteger(binary.toFixed(0), range, place));
}

function bigEndian(bytes: Uint8Array): number | undefined {
  if (bytes.length > INTEGER_BYTES_MAX) return undefined;
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

/** @returns 8 bytes, the highest first */
export function counterBytes(number: SeedFileEntry['nextCounter']): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(number));
  return new Uint8Array(view.buffer);
}
