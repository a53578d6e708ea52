import { expect } from 'chai';
import type { FieldErrorCode } from '../../../shared/errors.ts';
import { createPskcParser } from '../../../shared/seed-files/pskc.ts';
import {
  container,
  DECIMAL,
  file,
  HOTP,
  keyPackage,
  NAMESPACE,
  type Parts,
  plain,
  SEED,
  timeFile,
} from './pskc-parts.ts';
import { expectRefusal, readPieces, thrown } from './reading.ts';

type Refusal = readonly [what: string, code: FieldErrorCode, text: string];

const good = keyPackage();
const headless = file().slice('<?xml version="1.0"?>\n'.length);
const base64 = (length: number) => Buffer.alloc(length, 1).toString('base64');
const device = (content: string) => file({ device: content });
const serial = (text: string) => device(`<SerialNo>${text}</SerialNo>`);
const key = (attributes: string) => file({ key: attributes });
const data = (content: string) => file({ data: content });
const seed = (text: string) => data(plain('Secret', text));
const counter = (text: string) => data(SEED + plain('Counter', text));
const STEP = plain('TimeInterval', '30');
const interval = (text: string) => timeFile(plain('TimeInterval', text));
const policy = (content: string) => file({ afterData: `<Policy>${content}</Policy>` });
const format = (attributes: string) => file({ format: attributes });
const nested = '<q>'.repeat(40) + '</q>'.repeat(40);
const deep = `<Extensions><x xmlns="urn:x">${nested}</x></Extensions>`;
const wide = Array.from({ length: 40 }, (_, index) => `a${index}="1"`).join(' ');
const encrypted = `<EncryptedValue xmlns:x="http://www.w3.org/2001/04/xmlenc#"><x:EncryptionMethod
Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><x:CipherData><x:CipherValue>AAAA
</x:CipherValue></x:CipherData></EncryptedValue>`;
const mac = '<ValueMAC>AA==</ValueMAC>';
const endless = 'x'.repeat(300_000);
const two = (second: Parts) => container(good + keyPackage(second));

/** By the field that each must name. */
const REFUSALS: Readonly<Record<string, readonly Refusal[]>> = {
  'line 1': [
    ['an empty file', 'truncated', ''],
    ['CSV', 'malformed', 'serial,seed\nFT1,00\n'],
    ['JSON', 'malformed', '{"serial": "FT1"}'],
    ['another XML file', 'malformed', '<html xmlns="http://www.w3.org/1999/xhtml"/>'],
    ['a DOCTYPE', 'doctype', `<!DOCTYPE KeyContainer>${headless}`],
    ['a DOCTYPE of entities', 'doctype', `<!DOCTYPE k [<!ENTITY a "bbb">]>${headless}`],
    ['a DOCTYPE from elsewhere', 'doctype', `<!DOCTYPE k SYSTEM "file:///etc/passwd">${headless}`],
    ['another encoding', 'unsupported', `<?xml version="1.0" encoding="latin1"?>${headless}`],
  ],
  'line 2': [
    ['another namespace', 'malformed', container(good, 'Version="1.0" xmlns="urn:x"')],
    ['no namespace', 'malformed', container(good, 'Version="1.0"')],
  ],
  'line 3': [
    ['a DOCTYPE inside', 'doctype', container(`<!DOCTYPE k>${good}`)],
    ['a tag without end', 'tooLong', container(`<KeyPackage ${endless}`)],
    ['text beside the packages', 'malformed', container(`x${good}`)],
  ],
  'line 5': [
    ['a closing tag too many', 'malformed', container(`${good}</KeyPackage>`)],
    ['a comment without end', 'tooLong', container(`${good}<!-- ${endless}`)],
  ],
  'KeyContainer/Version': [
    ['another version', 'unsupported', container(good, `Version="2.0" xmlns="${NAMESPACE}"`)],
    ['no version', 'unsupported', container(good, `xmlns="${NAMESPACE}"`)],
  ],
  EncryptionKey: [['an encryption key', 'required', container(`<EncryptionKey/>${good}`)]],
  MACMethod: [['a MAC method', 'unsupported', container(`<MACMethod Algorithm="x"/>${good}`)]],
  KeyPackage: [['no KeyPackage', 'required', container('')]],
  'KeyPackage 1': [
    ['an entity', 'entity', serial('&serial;')],
    ['an entity named like a property of objects', 'entity', serial('&constructor;')],
    ['an entity in an attribute', 'entity', key(`Id="&x;" ${HOTP}`)],
    ['a bare ampersand', 'malformed', serial('A & B;')],
    ['too many attributes', 'tooMany', key(`Id="1" ${wide} ${HOTP}`)],
    ['too deep a nesting', 'tooLarge', file({ afterKey: deep })],
  ],
  'KeyPackage 2': [['a file cut short', 'truncated', two({}).slice(0, -60)]],
  'KeyPackage 1/EncryptedValue': [
    ['an encrypted seed', 'required', data(`<Secret>${encrypted}</Secret>`)],
    ['an encrypted counter', 'required', data(`${SEED}<Counter>${encrypted}</Counter>`)],
    ['a value that says no algorithm', 'required', data('<Secret><EncryptedValue/></Secret>')],
  ],
  'KeyPackage 1/ValueMAC': [
    ['a MAC of a plain seed', 'unsupported', data(SEED.replace('</Secret>', `${mac}</Secret>`))],
  ],
  'KeyPackage 2/Serial': [
    ['a serial twice', 'duplicate', two({})],
    ['one twice, written differently', 'duplicate', two({ device: '<SerialNo>f t1</SerialNo>' })],
    ['a Key Id that is a serial', 'duplicate', two({ device: '' })],
  ],
  'KeyPackage 1/Serial': [
    ['a serial with other characters', 'badFormat', serial('FT/1')],
    ['a serial of 65 characters', 'badFormat', serial('9'.repeat(65))],
    ['a serial beyond reading', 'tooLong', serial('9'.repeat(201))],
    ['two serials', 'tooMany', device('<SerialNo>A</SerialNo><SerialNo>B</SerialNo>')],
    ['an element in a value', 'unknownField', serial('<b>1</b>')],
  ],
  'KeyPackage 1/Id': [
    ['no Key Id', 'required', key(HOTP)],
    ['an empty Key Id and no serial', 'required', file({ device: '', key: `Id=" " ${HOTP}` })],
  ],
  'KeyPackage 1/Key': [
    ['no Key', 'required', container('<KeyPackage></KeyPackage>')],
    ['two Keys', 'tooMany', file({ afterKey: `<Key Id="2" ${HOTP}/>` })],
    ['an attribute that is too long', 'tooLong', key(`Id="${'x'.repeat(4097)}" ${HOTP}`)],
  ],
  'KeyPackage 1/Model': [
    ['a long text', 'tooLong', device(`<Model>${'x'.repeat(4097)}</Model>`)],
    ['a long label', 'tooLong', device(`<SerialNo>A1</SerialNo><Model>${'x'.repeat(201)}</Model>`)],
  ],
  'KeyPackage 1/DeviceInfo': [
    ['an element that PSKC does not have', 'unknownField', device('<Serial>1</Serial>')],
  ],
  'KeyPackage 1/Algorithm': [
    ['no algorithm', 'required', key('Id="1"')],
    ['an unknown algorithm', 'unknownAlgorithm', key(`Id="1" Algorithm="${NAMESPACE}:pin"`)],
  ],
  'KeyPackage 1/Suite': [['an unknown suite', 'unknownAlgorithm', file({ suite: 'HMAC-MD5' })]],
  'KeyPackage 1/ResponseFormat': [
    ['no response format', 'required', format('')],
    ['no length', 'required', format('Encoding="DECIMAL"')],
    ['no encoding', 'required', format('Length="6"')],
    ['five digits', 'tooSmall', format('Encoding="DECIMAL" Length="5"')],
    ['nine digits', 'tooLarge', format('Encoding="DECIMAL" Length="9"')],
    ['hexadecimal codes', 'unsupported', format('Encoding="HEXADECIMAL" Length="6"')],
    ['check digits', 'unsupported', format(`${DECIMAL} CheckDigits="true"`)],
  ],
  'KeyPackage 1/Data': [['text among elements', 'malformed', data(`${SEED}x`)]],
  'KeyPackage 1/Secret': [
    ['no seed', 'required', data('')],
    ['an empty seed', 'required', seed(' ')],
    ['a seed under 128 bits', 'seedTooShort', seed(base64(15))],
    ['a seed over 64 bytes', 'seedTooLong', seed(base64(65))],
    ['a seed that is not base64', 'badFormat', seed('MTIz*DU2')],
    ['a seed without its padding', 'badFormat', seed('MTIzNDU2Nzg5MDEyMzQ1Njc4OTA')],
    ['a seed with stray bits', 'badFormat', seed('MTIzNDU2Nzg5MDEyMzQ1Njc4OTB=')],
    ['two seeds', 'tooMany', data(SEED + SEED)],
  ],
  'KeyPackage 1/Counter': [
    ['a counter that is not exact in JavaScript', 'tooLarge', counter('9007199254740992')],
    ['a counter without end', 'tooLarge', counter('9'.repeat(4000))],
    ['a negative counter', 'tooSmall', counter('-1')],
    ['a fraction of a counter', 'badFormat', counter('1.5')],
    ['a counter in hexadecimal', 'badFormat', counter('0x10')],
    ['an empty counter', 'badFormat', counter('')],
  ],
  'KeyPackage 1/TimeInterval': [
    ['no time interval', 'required', timeFile('')],
    ['a time interval of nothing', 'tooSmall', interval('0')],
    ['a time interval over an hour', 'tooLarge', interval('3601')],
  ],
  'KeyPackage 1/Time': [['a date', 'badFormat', timeFile(STEP + plain('Time', '2026-01-01'))]],
  'KeyPackage 1/TimeDrift': [['no number', 'badFormat', timeFile(STEP + plain('TimeDrift', 'x'))]],
  'KeyPackage 1/PINPolicy': [
    ['a PIN for the server', 'unsupported', policy('<PINPolicy PINUsageMode="Append"/>')],
  ],
  'KeyPackage 1/KeyUsage': [
    ['a key for something else', 'unsupported', policy('<KeyUsage>Encrypt</KeyUsage>')],
  ],
  'KeyPackage 1/ExpiryDate': [
    [
      'a policy with an end',
      'unsupported',
      policy('<ExpiryDate>2026-01-01T00:00:00Z</ExpiryDate>'),
    ],
  ],
  'KeyPackage 1/Policy': [['a foreign policy', 'unsupported', policy('<x xmlns="urn:x"/>')]],
};

describe('PSKC that is refused', () => {
  for (const [field, refusals] of Object.entries(REFUSALS)) {
    for (const [what, code, text] of refusals) {
      it(`for ${what} names ${field}, wherever it is cut`, () => {
        expectRefusal(readPieces(createPskcParser, [text]).error, field, code);
        const pieces = text.match(/[\s\S]{1,7}/g) ?? [];
        expectRefusal(readPieces(createPskcParser, pieces).error, field, code);
      });
    }
  }

  it('stays refused, whatever is written afterwards', () => {
    const parser = createPskcParser(() => expect.fail('an entry out of a refused file'));
    const refused = thrown(() => parser.write('<!DOCTYPE x>'));
    expect(thrown(() => parser.write(file()))).to.equal(refused);
    expect(thrown(() => parser.end())).to.equal(refused);
  });

  it('says nothing of the seed', () => {
    const { error } = readPieces(createPskcParser, [seed('MTIzNDU2Nzg5MDEyMzQ1Njc4OTB=')]);
    const told = JSON.stringify([error, String(error), (error as Error).stack]);
    expect(told).to.include('Secret').and.not.to.include('MTIzNDU2');
  });
});
