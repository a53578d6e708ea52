import { encodeBase64 } from './base64.ts';
import type { SeedFileEntry } from './entry.ts';
import { type Entries, inPieces } from './pieces.ts';
import { PSKC_NAMESPACE } from './pskc-elements.ts';
import { createSealer, type PskcEncryption, type Sealer } from './pskc-sealer.ts';
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

export interface PskcOptions {
  /** Default: the seeds stand in the file in the clear. */
  readonly encryption?: PskcEncryption;
}

/**
 * PSKC (RFC 6030) in pieces of text as the entries come, valid against its schema; it takes the
 * memory of one piece. Encrypted seeds have a MAC, always.
 *
 * @throws FobtwinError `invalidInput` when there are no entries, which the schema does not allow,
 * or when a text has characters that XML cannot carry
 */
export function writePskc(
  entries: Entries<SeedFileEntry>,
  { encryption }: PskcOptions = {},
): AsyncGenerator<string, void> {
  return inPieces(pskcTexts(entries, encryption));
}

async function* pskcTexts(
  entries: Entries<SeedFileEntry>,
  encryption: PskcEncryption | undefined,
): AsyncGenerator<string, void> {
  const sealer = encryption === undefined ? PLAIN : await createSealer(encryption);
  let count = 0;
  for await (const entry of entries) {
    // Not before there is an entry: whoever is sent a file without one hears it before any of it.
    if (count === 0) yield header(sealer);
    count += 1;
    yield formatKeyPackage(entry, count, sealer);
  }
  if (count === 0) throw noToken();
  yield FOOTER;
}

/**
 * Plain PSKC in one text, for a few entries: the seeds stand in it in the clear.
 *
 * @throws as `writePskc`
 */
export function formatPskc(entries: Iterable<SeedFileEntry>): string {
  const packages = Array.from(entries, (entry, index) => formatKeyPackage(entry, index + 1, PLAIN));
  if (packages.length === 0) throw noToken();
  return [header(PLAIN), ...packages, FOOTER].join('');
}

const FOOTER = '</KeyContainer>\n';

const noToken = () => refusal({ field: 'KeyPackage' }, 'required', NO_TOKEN, NAME_TOKEN);

const PLAIN: Sealer = {
  namespaces: '',
  lines: [],
  seed: (bytes) => plainValue(encodeBase64(bytes)),
  number: (number) => plainValue(String(number)),
};

const plainValue = (text: string): string => `<PlainValue>${text}</PlainValue>`;

function header({ namespaces, lines }: Sealer): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<KeyContainer Version="1.0" xmlns="${PSKC_NAMESPACE}"${namespaces}>`,
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function formatKeyPackage(entry: SeedFileEntry, number: number, sealer: Sealer): string {
  const { serial, seed, parameters, manufacturer, model, issuer, account } = entry;
  const text = (name: string, value: string | undefined): string =>
    value === undefined
      ? ''
      : `<${name}>${escapeXml(value, `KeyPackage ${number}/${name}`)}</${name}>`;
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
    `        <Secret>${sealer.seed(seed)}</Secret>`,
    ...movingFactor(entry, sealer).map((line) => `        ${line}`),
    '      </Data>',
    // An account's id has nothing that a distinguished name would escape.
    ...(account === undefined ? [] : [`      <UserId>UID=${account}</UserId>`]),
    '    </Key>',
    '  </KeyPackage>',
    '',
  ].join('\n');
}

/** In the order of the schema's sequence: Secret, Counter, Time, TimeInterval. */
function movingFactor({ parameters, nextCounter }: SeedFileEntry, sealer: Sealer): string[] {
  if (parameters.type === 'event') return [`<Counter>${sealer.number(nextCounter)}</Counter>`];
  return [
    `<Time>${plainValue('0')}</Time>`,
    `<TimeInterval>${sealer.number(parameters.stepSeconds)}</TimeInterval>`,
  ];
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
