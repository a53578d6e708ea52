import { expect } from 'chai';
import fc from 'fast-check';
import { FobtwinError } from '../../../shared/errors.ts';
import type { SeedFileKey } from '../../../shared/seed-files/key.ts';
import { writePskc } from '../../../shared/seed-files/pskc-writer.ts';
import { arbitraryEntries, change, cut, cuts } from './arbitrary-entries.ts';
import { expectRefusal } from './reading.ts';
import { FIGURE_6, FIGURE_6_KEY, FIGURE_7, FIGURE_7_PASSPHRASE } from './rfc6030.ts';
import {
  cipherValues,
  encryptionOf,
  flipped,
  join,
  keyOf,
  manyTokens,
  passphrase,
  read,
  readWhole,
  rng,
  sealed,
  tokens,
} from './sealing.ts';

const LABELS = ['manufacturer', 'model', 'issuer', 'account'] as const;
const KEY = keyOf(FIGURE_6_KEY);
const SEED = new TextEncoder().encode('12345678901234567890');
const RFC_TOKEN = {
  serial: '987654321',
  seed: SEED,
  parameters: { type: 'event', algorithm: 'SHA1', digits: 8 },
  nextCounter: 0,
};
const arbitraryKey = fc
  .constantFrom(16, 24, 32)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }).map(keyOf));

describe('encrypted PSKC', () => {
  it('of RFC 6030 figure 6 opens with its key', async () => {
    const [entry] = await readWhole('pskc', [FIGURE_6], { key: KEY });
    expect(entry).to.deep.equal({ ...RFC_TOKEN, manufacturer: 'Manufacturer', issuer: 'Issuer' });
  });

  it('of RFC 6030 figure 7 opens with its passphrase', async () => {
    const key = passphrase(FIGURE_7_PASSPHRASE);
    const [entry] = await readWhole('pskc', [FIGURE_7], { key });
    const labels = { manufacturer: 'TokenVendorAcme', issuer: 'Example-Issuer' };
    expect(entry).to.deep.equal({ ...RFC_TOKEN, ...labels });
  });

  it('comes back under any key as it was written, cut anywhere', async () => {
    const options = fc.record({
      hash: fc.constantFrom('sha1' as const, 'sha256' as const),
      sealNumbers: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        arbitraryEntries(LABELS),
        arbitraryKey,
        options,
        cuts,
        async (entries, key, sealing, shares) => {
          const pieces = cut(await sealed(entries, key, sealing), shares);
          expect(await readWhole('pskc', pieces, { key })).to.deep.equal(entries);
        },
      ),
    );
  });

  it('comes back under any passphrase as it was written, cut anywhere', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(arbitraryEntries(LABELS), text, cuts, async (entries, words, shares) => {
        const key = passphrase(words);
        const pieces = cut(await sealed(entries, key, { hash: 'sha256' }), shares);
        expect(await readWhole('pskc', pieces, { key })).to.deep.equal(entries);
      }),
      { numRuns: 30 },
    );
  });

  it('never shows a seed, and never uses an initialisation vector twice', async () => {
    const entries = tokens(50);
    const text = await sealed(entries, KEY);
    const values = cipherValues(text);
    expect(values).to.have.length(51);
    expect(new Set(values.map((value) => value.subarray(0, 16).toString('hex'))).size).to.equal(51);
    for (const { seed } of entries) {
      expect(text).not.to.include(Buffer.from(seed).toString('base64').slice(0, 20));
    }
  });

  it('is written in pieces that do not grow with the file', async () => {
    let longest = 0;
    let length = 0;
    for await (const piece of writePskc(manyTokens(5000), { encryption: encryptionOf(KEY) })) {
      longest = Math.max(longest, piece.length);
      length += piece.length;
    }
    expect(length).to.be.greaterThan(2_000_000);
    expect(longest).to.be.at.most(40_000);
  });

  it('is not begun without tokens, nor with more iterations than are read', async () => {
    const empty = writePskc([], { encryption: encryptionOf(KEY) });
    expectRefusal(await failureOf(join(empty)), 'KeyPackage', 'required');
    const slow = sealed(tokens(1), passphrase('x'), { iterations: 2_000_001 });
    expectRefusal(await failureOf(slow), 'iterations', 'tooLarge');
  });

  it('opens after any changed character to what was written, or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEntries(), change, async (all, changed) => {
        const text = changed(await sealed(all, KEY, { sealNumbers: true }));
        const { entries, error } = await read('pskc', [text], { key: KEY });
        if (error !== undefined) expect(error).to.be.instanceOf(FobtwinError);
        const seeds = new Set(all.map(({ seed }) => Buffer.from(seed).toString('hex')));
        for (const { seed } of entries) {
          expect(seeds).to.include(Buffer.from(seed).toString('hex'));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tells a wrong key, a wrong MAC and wrong padding apart for nobody', async () => {
    const text = await sealed(tokens(1), KEY);
    const [macKey = Buffer.alloc(0), seed = Buffer.alloc(0)] = cipherValues(text);
    const told = new Set<string>();
    const hear = async (changed: string, key: SeedFileKey = KEY) => {
      const { error, entries } = await read('pskc', [changed], { key });
      expect(entries).to.deep.equal([]);
      expectRefusal(error, 'KeyPackage 1/EncryptedValue', 'wrongKey');
      told.add(String(error));
    };
    for (let guess = 0; guess < 32; guess += 1) await hear(text, keyOf(rng.bytes(16)));
    // Every value of the byte before the last block makes another padding of the MAC key.
    for (let flip = 1; flip < 256; flip += 1) {
      await hear(text.replace(macKey.toString('base64'), flipped(macKey, 31, flip)));
    }
    for (const place of seed.keys()) {
      await hear(text.replace(seed.toString('base64'), flipped(seed, place, 1)));
    }
    expect([...told]).to.have.length(1);
    expect([...told].join()).to.include('the key or passphrase is wrong, or the file was changed');
  });
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
