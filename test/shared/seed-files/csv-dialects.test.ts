import { expect } from 'chai';
import type { FieldErrorCode } from '../../../shared/errors.ts';
import { CSV_DIALECT_NAMES, type CsvDialectName } from '../../../shared/seed-files/csv-dialects.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import { expectRefusal } from './reading.ts';
import { read, readWhole } from './sealing.ts';

const HEX = '3132333435363738393031323334353637383930';
const BASE32 = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const SEED = new TextEncoder().encode('12345678901234567890');
const LONG = 'ab'.repeat(32);
const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('');

type Expected = Partial<Omit<SeedFileEntry, 'parameters' | 'serial' | 'account'>> & {
  readonly serial: string;
  readonly account?: string;
  readonly parameters: object;
};

const event = (serial: string, nextCounter = 0, parameters: object = {}): Expected => ({
  serial,
  seed: SEED as SeedFileEntry['seed'],
  parameters: { type: 'event', algorithm: 'SHA1', digits: 6, ...parameters },
  nextCounter,
});
const time = (serial: string, stepSeconds = 30, parameters: object = {}): Expected => ({
  serial,
  seed: SEED as SeedFileEntry['seed'],
  parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds, ...parameters },
  nextCounter: 0,
});

const ENTRA = 'upn,serial number,secret key,time interval,manufacturer,model';
const contoso = { manufacturer: 'Contoso', model: 'HardwareKey' };
const OATH_HOTP = `OATH-HOTP,11.12.13 18:55,1,cccccccccccd,,${HEX},,,0,0,0,6,0,0,0,0,0,0`;

/** By dialect: files that are known without its being named, and what is in them. */
const FILES: readonly (readonly [CsvDialectName, what: string, string, readonly Expected[]])[] = [
  [
    'fobtwin',
    'accounts and labels',
    lines(
      'serial,seed,algorithm,digits,counter,account,manufacturer,model,issuer',
      `A1,${HEX},SHA1,6,7,helga@contoso.com,"Acme, Inc.",M1,"a ""b"""`,
      `A2,${HEX},SHA1,6,0,,,,`,
    ),
    [
      {
        ...event('A1', 7),
        account: 'helga@contoso.com',
        manufacturer: 'Acme, Inc.',
        model: 'M1',
        issuer: 'a "b"',
      },
      event('A2'),
    ],
  ],
  [
    'entra',
    'what Microsoft shows',
    lines(ENTRA, `Helga@contoso.com,1234567,${BASE32},60,Contoso,HardwareKey`),
    [{ ...time('1234567', 60), ...contoso, account: 'Helga@contoso.com' }],
  ],
  [
    'entra',
    'what Deepnet ships, in other letters',
    lines(
      'Serial Number,Secret Key,TimeInterval,Manufacturer,Model',
      `10001001,${BASE32.toLowerCase()},30,Contoso,HardwareKey`,
    ),
    [{ ...time('10001001'), ...contoso }],
  ],
  [
    'linotp',
    'a hash and a time step',
    lines(
      '# serial, key, type, digits, step, hash',
      `T1, ${HEX}, totp, 8, 60, sha256`,
      `H1, ${HEX}, hmac, 6, , sha1`,
      `L1,${LONG},hotp,6,,`,
    ),
    [
      time('T1', 60, { algorithm: 'SHA256', digits: 8 }),
      event('H1'),
      {
        ...event('L1', 0, { algorithm: 'SHA256' }),
        seed: Uint8Array.from(Buffer.from(LONG, 'hex')) as SeedFileEntry['seed'],
      },
    ],
  ],
  [
    'privacyidea-users',
    'users in front',
    lines(
      '# version: 2',
      `helga, ldap, contoso.com, H1, ${HEX}, hotp, 6, 42`,
      `karl, ldap, , T1, ${HEX}, totp, 8, 60`,
      `,,,T2,${HEX},totp`,
    ),
    [
      { ...event('H1', 42), account: 'helga@contoso.com' },
      { ...time('T1', 60, { digits: 8 }), account: 'karl' },
      time('T2'),
    ],
  ],
  ['pingid-hotp', 'counters', lines(`P1,${HEX},17`, `P2,${HEX},0`), [event('P1', 17), event('P2')]],
  [
    'phenixid',
    'both kinds of token',
    lines(`HOTP;H1;${HEX};12`, `H2;${HEX};0`, `TOTP;T1;SHA256;${HEX};0;60;8`),
    [event('H1', 12), event('H2'), time('T1', 60, { algorithm: 'SHA256', digits: 8 })],
  ],
  [
    'yubico',
    'the traditional format',
    lines(
      'LOGGING START,11.12.13 18:50',
      OATH_HOTP,
      OATH_HOTP.replace(',1,', ',2,').replace(',6,', ',8,'),
    ),
    [event('UBOM00000002_1'), event('UBOM00000002_2', 0, { digits: 8 })],
  ],
  [
    'yubico',
    'the Yubico format',
    lines('# OATH mode', `508326,,0,${HEX},,2013-12-12T08:41:07,`),
    [event('UBOM508326_X')],
  ],
];

describe('CSV of others', () => {
  for (const [dialect, what, text, expected] of FILES) {
    it(`is known as ${dialect} by itself, and when it is named: ${what}`, async () => {
      const pieces = text.match(/[\s\S]{1,7}/g) ?? [];
      for (const options of [{}, { dialect }]) {
        expect(await readWhole('csv', [text], options)).to.deep.equal(expected);
        expect(await readWhole('csv', pieces, options)).to.deep.equal(expected);
      }
    });
  }

  it('of privacyIDEA and LinOTP is one where they agree', async () => {
    const text = lines(`H1,${HEX},hotp,6`, `T1,${HEX},totp,8,60`, `T2,${HEX},TOTP`);
    const expected = [event('H1'), time('T1', 60, { digits: 8 }), time('T2')];
    for (const dialect of [undefined, 'linotp', 'privacyidea'] as const) {
      const options = dialect === undefined ? {} : { dialect };
      expect(await readWhole('csv', [text], options)).to.deep.equal(expected);
    }
  });

  it('take a time step or a counter in the fifth field for nothing else', async () => {
    const steps = lines(`T1,${HEX},totp,6,30`, `T2,${HEX},totp,6,60`);
    expect(await readWhole('csv', [steps])).to.deep.equal([time('T1'), time('T2', 60)]);
    const counters = lines(`H1,${HEX},hotp,6,9007199254740991`);
    const { nextStep = '' } = (await read('csv', [counters])).error as { nextStep?: string };
    expect(nextStep).to.equal('Name its dialect: linotp, privacyidea.');
  });

  it('have labels of one line, without control characters', async () => {
    const file = (text: string) => lines(ENTRA, `,1,${BASE32},30,${text},M1`);
    const [entry] = await readWhole('csv', [file('Acme \t Inc.')]);
    expect(entry?.manufacturer).to.equal('Acme Inc.');
    const [lined] = await readWhole('csv', [file('Acme\u2028 Inc.')]);
    expect(lined?.manufacturer).to.equal('Acme Inc.');
    for (const text of ['\u001b[31mAcme', 'Ac\u202eme', 'Ac\u0000me', 'Ac\u009bme', 'Ac\uffffme']) {
      const { error } = await read('csv', [file(text)]);
      expectRefusal(error, 'line 2/manufacturer', 'badFormat');
    }
  });

  const ambiguous: readonly (readonly [
    what: string,
    text: string,
    line: number,
    Readonly<Partial<Record<CsvDialectName, Expected>>>,
  ])[] = [
    [
      'a counter, which LinOTP does not read',
      lines(`H0,${HEX},hotp,6`, `H1,${HEX},hotp,6,42`),
      2,
      { linotp: event('H1'), privacyidea: event('H1', 42) },
    ],
    [
      'a seed of 32 bytes, from which LinOTP tells the hash',
      lines(`H1,${LONG},hotp,6`),
      1,
      {
        linotp: { ...event('H1', 0, { algorithm: 'SHA256' }), seed: longSeed() },
        privacyidea: { ...event('H1'), seed: longSeed() },
      },
    ],
    [
      'a serial and a seed alone',
      lines(`X1,${HEX}`),
      1,
      {
        linotp: event('X1'),
        privacyidea: event('X1'),
        'pingid-hotp': event('X1'),
        'pingid-totp': time('X1'),
      },
    ],
  ];
  for (const [what, text, line, meanings] of ambiguous) {
    it(`is never guessed: ${what}`, async () => {
      const names = Object.keys(meanings).join(', ');
      for (const partial of [false, true]) {
        const { error } = await read('csv', [text], { partial });
        expectRefusal(error, `line ${line}`, 'oneOf');
        expect(String(error)).to.include(names);
      }
      for (const [name, expected] of Object.entries(meanings)) {
        const dialect = CSV_DIALECT_NAMES.find((known) => known === name) ?? 'fobtwin';
        const entries = await readWhole('csv', [text], { dialect });
        expect(entries.at(-1)).to.deep.equal(expected);
      }
    });
  }

  type Refusal = readonly [
    what: string,
    field: string,
    code: FieldErrorCode,
    text: string,
    dialect?: CsvDialectName,
  ];
  const refusals: readonly Refusal[] = [
    ['no kind that is known', 'line 1', 'unknownField', lines('Karl;Meier;Bonn')],
    ['Protectimus’ header', 'line 1', 'unknownField', lines('serialNumber,secret')],
    ['another dialect than named', 'line 1', 'unknownField', lines(`P1,${HEX},17`), 'phenixid'],
    ['our columns, named Entra', 'line 1', 'unknownField', lines('serial,seed'), 'entra'],
    ['no time interval', 'line 1/time interval', 'required', lines('serial number,secret key')],
    ['a column twice', 'line 1/model', 'duplicate', lines(`${ENTRA},model`)],
    ['hexadecimal for Entra', 'line 2/secret key', 'badFormat', lines(ENTRA, `,1,${HEX},60,,`)],
    ['no account name', 'line 2/upn', 'badFormat', lines(ENTRA, `a b,1,${BASE32},60,,`)],
    ['a line of another kind', 'line 2', 'unknownField', lines(`P1,${HEX},17`, `HOTP;P2;${HEX};1`)],
    ['OCRA', 'line 1', 'unknownField', lines(`O1,${HEX},ocra,OCRA-1:HOTP-SHA1-6:QN08`)],
    ['TAN', 'line 1', 'unknownField', lines(`O1,${HEX},tan,1 2 3`)],
    [
      'a counter beyond 2^53 - 1',
      'line 1/counter',
      'tooLarge',
      lines(`P1,${HEX},9007199254740992`),
    ],
    [
      'a counter of 400 digits',
      'line 1/counter',
      'tooLarge',
      lines(`P1,${HEX},${'9'.repeat(400)}`),
    ],
    ['nine digits', 'line 1/digits', 'tooLarge', lines(`T1,${HEX},totp,9`)],
    ['an epoch', 'line 1/epoch', 'unsupported', lines(`TOTP;T1;SHA1;${HEX};946684800;30;6`)],
    ['an unknown hash', 'line 1/algorithm', 'unknownAlgorithm', lines(`T1,${HEX},totp,6,30,md5`)],
    [
      'a Yubico OTP',
      'line 1/type',
      'unsupported',
      lines(OATH_HOTP.replace('OATH-HOTP', 'Yubico OTP')),
    ],
    ['no public id', 'line 1/publicId', 'required', lines(OATH_HOTP.replace('cccccccccccd', ''))],
    ['no modhex', 'line 1/publicId', 'badFormat', lines(OATH_HOTP.replace('cccccccccccd', 'aa'))],
    [
      'a static password',
      'line 1/privateId',
      'unsupported',
      lines(`508326,,,${HEX},,2013-12-12T08:44:34,`),
    ],
  ];
  for (const [what, field, code, text, dialect] of refusals) {
    it(`is refused for ${what}, naming ${field}`, async () => {
      const options = dialect === undefined ? {} : { dialect };
      const { error } = await read('csv', [text], options);
      expectRefusal(error, field, code);
      const told = `${String(error)} ${(error as { nextStep?: string }).nextStep}`;
      expect(told).not.to.include(HEX.slice(0, 16));
    });
  }

  it('tells of the kinds there are where it knows none', async () => {
    const { error } = await read('csv', [lines('Karl;Meier')]);
    expect((error as { nextStep?: string }).nextStep).to.include(CSV_DIALECT_NAMES.join(', '));
  });
});

function longSeed(): SeedFileEntry['seed'] {
  return Uint8Array.from(Buffer.from(LONG, 'hex')) as SeedFileEntry['seed'];
}
