import { expect } from 'chai';
import { seedFileCrypto } from '../../../emulator/cli/seed-file-crypto.ts';
import type { FieldErrorCode } from '../../../shared/errors.ts';
import type { SeedFileCrypto } from '../../../shared/seed-files/crypto.ts';
import { expectRefusal } from './reading.ts';
import { FIGURE_6, FIGURE_6_KEY, FIGURE_7, FIGURE_7_PASSPHRASE } from './rfc6030.ts';
import {
  cipherValues,
  encryptionOf,
  flipped,
  keyOf,
  passphrase,
  read,
  sealed,
  tokens,
} from './sealing.ts';

const KEY = keyOf(FIGURE_6_KEY);

type Refusal = readonly [what: string, field: string, code: FieldErrorCode, text: string];

const within = (change: (text: string) => string) => change(FIGURE_6);
const SECRET_MAC = /<ValueMAC>[^<]*<\/ValueMAC>/;
const METHOD = /<MACMethod[\s\S]*<\/MACMethod>/;
const seven = (change: (text: string) => string) => change(FIGURE_7);
const VALUE = 'KeyPackage 1/EncryptedValue';

describe('encrypted PSKC that is refused', () => {
  const six: readonly Refusal[] = [
    ['no MAC', VALUE, 'required', within((text) => text.replace(SECRET_MAC, ''))],
    ['an empty MAC', VALUE, 'required', within((text) => text.replace(SECRET_MAC, '<ValueMAC/>'))],
    [
      'a MAC cut short',
      VALUE,
      'wrongKey',
      within((text) => text.replace(SECRET_MAC, '<ValueMAC>Su+NvtQfmvfJzF6b</ValueMAC>')),
    ],
    ['no MAC method', VALUE, 'unsupported', within((text) => text.replace(METHOD, ''))],
    [
      'neither MAC nor method',
      VALUE,
      'required',
      within((text) => text.replace(METHOD, '').replace(SECRET_MAC, '')),
    ],
    [
      'a MAC of another kind',
      'MACMethod',
      'unsupported',
      within((text) => text.replace('#hmac-sha1', '#hmac-md5')),
    ],
    [
      'a seed in the clear',
      'KeyPackage 1/Secret',
      'notAllowed',
      within((text) =>
        text.replace(
          /<Secret>[\s\S]*<\/Secret>/,
          '<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>',
        ),
      ),
    ],
    [
      'a seed twice, encrypted and not',
      VALUE,
      'oneOf',
      within((text) => text.replace('<Secret>', '<Secret><PlainValue>AAAA</PlainValue>')),
    ],
    [
      'another cipher',
      VALUE,
      'unsupported',
      within((text) => text.replace(/(<Secret>[\s\S]*)#aes128-cbc/, '$1#tripledes-cbc')),
    ],
    [
      'a cipher of another key length',
      VALUE,
      'wrongKey',
      within((text) => text.replace(/(<Secret>[\s\S]*)#aes128-cbc/, '$1#aes256-cbc')),
    ],
    [
      'a certificate',
      'X509Data',
      'unsupported',
      within((text) => text.replace(/<ds:KeyName>.*<\/ds:KeyName>/, '<ds:X509Data/>')),
    ],
    [
      'a key that comes late',
      'EncryptionKey',
      'notAllowed',
      within((text) => text.replace('</KeyContainer>', '<EncryptionKey/></KeyContainer>')).replace(
        /<EncryptionKey>[\s\S]*?<\/EncryptionKey>/,
        '',
      ),
    ],
  ];
  for (const [what, field, code, text] of six) {
    it(`for ${what} names ${field}`, async () => {
      expectRefusal((await read('pskc', [text], { key: KEY })).error, field, code);
      const pieces = text.match(/[\s\S]{1,7}/g) ?? [];
      expectRefusal((await read('pskc', pieces, { key: KEY })).error, field, code);
    });
  }

  const count = (iterations: string) =>
    seven((text) => text.replace('<IterationCount>1000', `<IterationCount>${iterations}`));
  const derived: readonly Refusal[] = [
    ['too many iterations', 'IterationCount', 'tooLarge', count('2000001')],
    ['iterations without bound', 'IterationCount', 'tooLarge', count('9'.repeat(400))],
    ['no iterations', 'IterationCount', 'tooSmall', count('0')],
    ['no salt', 'Specified', 'required', seven((text) => text.replace('Ej7/PEpyEpw=', ''))],
    ['a strange salt', 'Specified', 'badFormat', seven((text) => text.replace('Ej7/', 'Ej7!'))],
    [
      'a strange key length',
      'KeyLength',
      'unsupported',
      seven((text) => text.replace('<KeyLength>16', '<KeyLength>17')),
    ],
    [
      'another derivation',
      'KeyDerivationMethod',
      'unsupported',
      seven((text) => text.replace('#pbkdf2', '#scrypt')),
    ],
    ['another PRF', 'PRF', 'unsupported', seven((text) => text.replace('<PRF/>', '<PRF>x</PRF>'))],
    ['a raw key', 'EncryptionKey', 'notAllowed', FIGURE_6],
  ];
  for (const [what, field, code, text] of derived) {
    it(`for ${what} names ${field}`, async () => {
      const key = passphrase(FIGURE_7_PASSPHRASE);
      expectRefusal((await read('pskc', [text], { key })).error, field, code);
    });
  }

  it('without a key, or with one of the other kind, says which it needs', async () => {
    const none = await read('pskc', [FIGURE_7]);
    expectRefusal(none.error, 'EncryptionKey', 'required');
    expect(String(none.error)).to.include('under a passphrase');
    expectRefusal((await read('pskc', [FIGURE_6])).error, 'EncryptionKey', 'required');
    const other = await read('pskc', [FIGURE_7], { key: KEY });
    expectRefusal(other.error, 'EncryptionKey', 'notAllowed');
  });

  it('has its MACs and its seeds where they were', async () => {
    const text = await sealed(tokens(2), KEY);
    const [first = '', second = ''] = text.match(new RegExp(SECRET_MAC, 'g')) ?? [];
    const swapped = text.replace(first, 'FIRST').replace(second, first).replace('FIRST', second);
    expectRefusal((await read('pskc', [swapped], { key: KEY })).error, VALUE, 'wrongKey');
    const secrets = text.match(/<Secret>.*<\/Secret>/g) ?? [];
    const copied = text.replace(secrets[1] ?? '', secrets[0] ?? '');
    const { error } = await read('pskc', [copied], { key: KEY });
    expectRefusal(error, 'KeyPackage 2/EncryptedValue', 'duplicate');
  });

  it('refuses the whole file for a wrong MAC, whatever else can be had', async () => {
    const text = (await sealed(tokens(3), KEY)).replace(
      /(<ValueMAC>)(.)(.*\n[\s\S]*)$/,
      (_, tag: string, sign: string, rest: string) => `${tag}${sign === 'A' ? 'B' : 'A'}${rest}`,
    );
    const { error, refused } = await read('pskc', [text], { key: KEY, partial: true });
    expectRefusal(error, VALUE, 'wrongKey');
    expect(refused).to.deep.equal([]);
  });

  it('says nothing of seed, key or passphrase', async () => {
    const key = passphrase('correct horse');
    const text = (await sealed(tokens(1), key)).replace('Length="6"', 'Length="5"');
    const { error } = await read('pskc', [text], { key });
    const told = JSON.stringify([error, String(error), (error as Error).stack]);
    expect(told).to.include('KeyPackage 1').and.not.to.include('correct horse');
  });
});

describe('encrypted numbers of PSKC', () => {
  const cases: readonly (readonly [hex: string, expected: number | FieldErrorCode])[] = [
    ['00', 0],
    ['2a', 42],
    ['0000002a', 42],
    ['000000000000002a', 42],
    ['001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['0020000000000000', 'tooLarge'],
    ['ffffffffffffffff', 'tooLarge'],
    ['000000000000000001', 'badFormat'],
    // "12345678" could only be digits; "1" could be 1 and 49.
    ['3132333435363738', 12_345_678],
    ['31', 'badFormat'],
    [Buffer.from('9'.repeat(19)).toString('hex'), 'tooLarge'],
    ['', 'required'],
  ];
  for (const [hex, expected] of cases) {
    it(`are read from ${hex === '' ? 'nothing' : hex} as ${expected}`, async () => {
      const text = await sealedCounter(Buffer.from(hex, 'hex'));
      const { entries, error } = await read('pskc', [text], { key: KEY });
      if (typeof expected === 'number') expect(entries[0]?.nextCounter).to.equal(expected);
      else expectRefusal(error, 'KeyPackage 1/Counter', expected);
    });
  }
});

describe('lesson "XML/PSKC": a MAC is checked before anything is decrypted, and fails hard', () => {
  /** Tells how often a seed was decrypted; the MAC key has to be, before any MAC can be checked. */
  function watched(hmac: SeedFileCrypto['hmac'] = seedFileCrypto.hmac) {
    let decrypted = 0;
    const crypto: SeedFileCrypto = {
      ...seedFileCrypto,
      hmac,
      aesCbcDecrypt(...given) {
        decrypted += 1;
        return seedFileCrypto.aesCbcDecrypt(...given);
      },
    };
    return { crypto, seedsDecrypted: () => Math.max(0, decrypted - 1) };
  }

  /** The seed's first block changed through the vector: nothing but the MAC can tell. */
  async function tampered(): Promise<string> {
    const text = await sealed(tokens(1), KEY);
    const seed = cipherValues(text)[1] ?? Buffer.alloc(0);
    return text.replace(seed.toString('base64'), flipped(seed, 0, 1));
  }

  it('refuses a changed seed without decrypting it', async () => {
    const { crypto, seedsDecrypted } = watched();
    const { entries, error } = await read('pskc', [await tampered()], { key: KEY, crypto });
    expect(entries).to.deep.equal([]);
    expectRefusal(error, VALUE, 'wrongKey');
    expect(seedsDecrypted()).to.equal(0);
  });

  it('imports a seed that nobody has when the check is taken away', async () => {
    const text = await tampered();
    const mac = /<ValueMAC>([^<]*)</.exec(text)?.[1] ?? '';
    // The defence removed: every MAC is said to be the one that stands in the file.
    const { crypto, seedsDecrypted } = watched(() => Buffer.from(mac, 'base64'));
    const { entries, error } = await read('pskc', [text], { key: KEY, crypto });
    expect(error).to.equal(undefined);
    expect(seedsDecrypted()).to.equal(1);
    const [original] = tokens(1);
    expect(entries[0]?.seed).not.to.deep.equal(original?.seed);
  });
});

/** A file whose counter is these bytes, encrypted with a MAC. */
async function sealedCounter(bytes: Uint8Array): Promise<string> {
  const marker = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 5]);
  const { crypto } = encryptionOf(KEY);
  const replacing: SeedFileCrypto = {
    ...crypto,
    aesCbcEncrypt(key, iv, blocks) {
      const isCounter = Buffer.from(blocks.subarray(0, 8)).equals(marker) && blocks.length === 16;
      const padding = 16 - (bytes.length % 16);
      const padded = Buffer.concat([bytes, Buffer.alloc(padding, padding)]);
      return crypto.aesCbcEncrypt(key, iv, isCounter ? padded : blocks);
    },
  };
  return sealed(tokens(1), KEY, { crypto: replacing, sealNumbers: true });
}
