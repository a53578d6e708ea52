import { encodeBase64 } from './base64.ts';
import type { OnEntry, SeedFileEntry, SeedFileParser } from './entry.ts';
import { withFinalRefusal } from './final-refusal.ts';
import { PSKC_NAMESPACE } from './pskc-elements.ts';
import { PskcReader } from './pskc-reader.ts';
import { NAME_TOKEN, NO_TOKEN, refusal } from './values.ts';

const ALGORITHM_URI = {
  event: 'urn:ietf:params:xml:ns:keyprov:pskc:hotp',
  time: 'urn:ietf:params:xml:ns:keyprov:pskc:totp',
} as const;

/** Left away for SHA-1, which is what readers take when nothing is said (RFC 4226 section 5). */
const SUITE = { SHA1: undefined, SHA256: 'HMAC-SHA256', SHA512: 'HMAC-SHA512' } as const;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Reads plain (unencrypted) PSKC, RFC 6030. Entries come out as soon as their KeyPackage is closed,
 * so a file of any length takes the memory of one entry, and of the serials seen.
 *
 * DTDs and entities are refused, and encrypted files: this version does not read those. A signature
 * over the file is not checked.
 */
export function createPskcParser(onEntry: OnEntry): SeedFileParser {
  return withFinalRefusal(new PskcReader(onEntry));
}

/**
 * Plain PSKC (RFC 6030), valid against its schema: the seeds stand in it in the clear.
 *
 * @throws FobtwinError `invalidInput` when there are no entries, which the schema does not allow,
 * or when a text has characters that XML cannot carry
 */
export function formatPskc(entries: Iterable<SeedFileEntry>): string {
  const packages = Array.from(entries, formatKeyPackage);
  if (packages.length === 0) {
    throw refusal({ field: 'KeyPackage' }, 'required', NO_TOKEN, NAME_TOKEN);
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<KeyContainer Version="1.0" xmlns="${PSKC_NAMESPACE}">`,
    ...packages,
    '</KeyContainer>',
    '',
  ].join('\n');
}

function formatKeyPackage(entry: SeedFileEntry, index: number): string {
  const { serial, seed, parameters, manufacturer, model, issuer } = entry;
  const text = (name: string, value: string | undefined): string =>
    value === undefined
      ? ''
      : `<${name}>${escapeXml(value, `KeyPackage ${index + 1}/${name}`)}</${name}>`;
  const deviceInfo = [
    text('Manufacturer', manufacturer),
    text('SerialNo', serial),
    text('Model', model),
  ];
  const algorithmParameters = [
    text('Suite', SUITE[parameters.algorithm]),
    `<ResponseFormat Encoding="DECIMAL" Length="${parameters.digits}"/>`,
  ];
  return [
    '  <KeyPackage>',
    `    <DeviceInfo>${deviceInfo.join('')}</DeviceInfo>`,
    `    <Key Id="${serial}" Algorithm="${ALGORITHM_URI[parameters.type]}">`,
    ...(issuer === undefined ? [] : [`      ${text('Issuer', issuer)}`]),
    `      <AlgorithmParameters>${algorithmParameters.join('')}</AlgorithmParameters>`,
    '      <Data>',
    `        ${plain('Secret', encodeBase64(seed))}`,
    ...movingFactor(entry).map((line) => `        ${line}`),
    '      </Data>',
    '    </Key>',
    '  </KeyPackage>',
  ].join('\n');
}

/** In the order of the schema's sequence: Secret, Counter, Time, TimeInterval. */
function movingFactor({ parameters, nextCounter }: SeedFileEntry): string[] {
  if (parameters.type === 'event') return [plain('Counter', String(nextCounter))];
  return [plain('Time', '0'), plain('TimeInterval', String(parameters.stepSeconds))];
}

function plain(name: string, value: string): string {
  return `<${name}><PlainValue>${value}</PlainValue></${name}>`;
}

function escapeXml(text: string, field: string): string {
  if (!isXmlText(text)) {
    const nextStep = 'Take the control characters out of it.';
    throw refusal({ field }, 'badFormat', 'it has characters that XML cannot carry', nextStep);
  }
  // A reader turns a bare carriage return into a line feed (XML 1.0 section 2.11).
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '').replace(/\r/g, '&#13;');
}

/** XML 1.0 section 2.2: no control characters but tab and line ends, no lone surrogates. */
function isXmlText(text: string): boolean {
  return /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(text);
}
