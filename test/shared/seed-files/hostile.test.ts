import { expect } from 'chai';
import type { FieldErrorCode } from '../../../shared/errors.ts';
import { SEED_FILE_LIMITS, type SeedFileFormat } from '../../../shared/seed-files/entry.ts';
import { container, file, keyPackage, SEED } from './pskc-parts.ts';
import { expectRefusal } from './reading.ts';
import { read } from './sealing.ts';

const HEX = '3132333435363738393031323334353637383930';
const headless = file().replace('<?xml version="1.0"?>\n', '');
const bomb = [
  '<!DOCTYPE KeyContainer [<!ENTITY a0 "seed">',
  ...Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`),
  ']>',
].join('');
const outside = '<!DOCTYPE KeyContainer [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
const parameter = '<!DOCTYPE KeyContainer [<!ENTITY % p SYSTEM "http://127.0.0.1/p.dtd"> %p;]>';
const inSerial = (text: string) => file({ device: `<SerialNo>${text}</SerialNo>` });
const utf16 = (text: string) => new TextDecoder().decode(Buffer.from(`\uFEFF${text}`, 'utf16le'));
const nested = (depth: number) =>
  `<Extensions><x xmlns="urn:x">${'<q>'.repeat(depth)}${'</q>'.repeat(depth)}</x></Extensions>`;
const big = 'x'.repeat(300_000);
const longSerial =
  `<Tokens><Token serial="${'9'.repeat(5000)}"><Applications><Application><Seed>${HEX}</Seed>` +
  '</Application></Applications></Token></Tokens>';
const numbers = ['9007199254740992', '1'.padEnd(400, '0'), '0x10', '1e3', '5.0', 'Infinity', '٥'];

type Attack = readonly [
  what: string,
  SeedFileFormat,
  text: string,
  field: string,
  code: FieldErrorCode,
];

const ATTACKS: readonly Attack[] = [
  ['a billion laughs', 'pskc', bomb + headless.replace('FT1<', '&a9;<'), 'line 1', 'doctype'],
  ['an external entity', 'pskc', outside + headless, 'line 1', 'doctype'],
  ['a parameter entity', 'pskc', parameter + headless, 'line 1', 'doctype'],
  ['an external entity, SafeNet', 'safenet', `${outside}<Tokens/>`, 'line 1', 'doctype'],
  ['a billion laughs, SafeNet', 'safenet', `${bomb}<Tokens/>`, 'line 1', 'doctype'],
  ['an entity without a DTD', 'pskc', inSerial('&a9;'), 'KeyPackage 1', 'entity'],
  ['a prototype as entity', 'pskc', inSerial('&__proto__;'), 'KeyPackage 1', 'entity'],
  ['a NUL by reference', 'pskc', inSerial('A&#0;'), 'KeyPackage 1', 'malformed'],
  ['UTF-16', 'pskc', utf16(file()), 'line 1', 'malformed'],
  [
    'UTF-16 by its word',
    'pskc',
    `<?xml version="1.0" encoding="UTF-16"?>${headless}`,
    'line 1',
    'unsupported',
  ],
  [
    'UTF-7 by its word',
    'pskc',
    `<?xml version="1.0" encoding="UTF-7"?>${headless}`,
    'line 1',
    'unsupported',
  ],
  ['UTF-16 as CSV', 'csv', utf16(`serial,seed\nA1,${HEX}\n`), 'line 1', 'unknownField'],
  ['a huge attribute', 'pskc', file({ key: `Id="${big}"` }), 'KeyPackage 1', 'tooLong'],
  ['a huge attribute, SafeNet', 'safenet', longSerial, 'Token 1/Serial', 'tooLong'],
  ['a huge comment', 'pskc', container(`<!--${big}-->${keyPackage()}`), 'line 3', 'tooLong'],
  ['deep nesting', 'pskc', file({ afterKey: nested(40) }), 'KeyPackage 1', 'tooLarge'],
  [
    'nesting without end',
    'pskc',
    container('<KeyPackage>'.repeat(100_000)),
    'KeyPackage 1',
    'unknownField',
  ],
  ['deep nesting, SafeNet', 'safenet', '<Tokens>'.repeat(100_000), 'line 1', 'tooLarge'],
  [
    'a KeyPackage twice',
    'pskc',
    container(keyPackage() + keyPackage()),
    'KeyPackage 2/Serial',
    'duplicate',
  ],
  [
    'a KeyPackage in another',
    'pskc',
    file({ afterKey: keyPackage() }),
    'KeyPackage 1',
    'unknownField',
  ],
  ['a second file behind the first', 'pskc', file() + headless, 'line 7', 'malformed'],
  [
    'a seed in a foreign namespace',
    'pskc',
    file({
      data: SEED.replace('<Secret>', '<Secret xmlns="urn:x">').replace('</Secret>', '</Secret>'),
    }),
    'KeyPackage 1/Secret',
    'required',
  ],
  [
    'a formula for a seed',
    'csv',
    `serial,seed,algorithm,digits,period\nA1,=1+1,SHA1,6,30\n`,
    'line 2/seed',
    'badFormat',
  ],
  ['a line without end', 'csv', big, 'line 1', 'tooLong'],
  ...numbers.map(
    (number): Attack => [
      `the counter ${number.slice(0, 20)}`,
      'csv',
      `serial,seed,algorithm,digits,counter\nA1,${HEX},SHA1,6,${number}\n`,
      'line 2/counter',
      /^[0-9]+$/.test(number) ? 'tooLarge' : 'badFormat',
    ],
  ),
];

describe('hostile seed files', () => {
  for (const [what, format, text, field, code] of ATTACKS) {
    it(`are refused: ${what}`, async () => {
      const begun = performance.now();
      const { entries, error } = await read(format, [text]);
      expectRefusal(error, field, code);
      // One token may stand before what is wrong; nothing is committed before the end.
      expect(entries.length).to.be.at.most(1);
      expect(performance.now() - begun).to.be.lessThan(10_000);
    });
  }

  it('are refused for their length, without being kept', async () => {
    const piece = '\n'.repeat(1024 * 1024);
    const pieces = Array.from({ length: SEED_FILE_LIMITS.bytes / piece.length + 1 }, () => piece);
    expectRefusal(
      (await read('csv', pieces)).error,
      `line ${SEED_FILE_LIMITS.bytes + 1}`,
      'tooLarge',
    );
  }).timeout(60_000);
});
