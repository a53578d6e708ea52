import { hkdfSync } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { deriveKey, unwrapKey, wrapKey } from '../../../server/vault/keys.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { countingRng } from './counting-rng.ts';

const key = (fill: number) => new Uint8Array(32).fill(fill);

describe('key wrapping', () => {
  it('gives the key again, whatever it is', () =>
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.string(),
        (master, wrapped, purpose) => {
          const text = wrapKey(master, wrapped, purpose, countingRng());
          expect(text).to.match(/^[A-Za-z0-9_-]+$/);
          expect([...unwrapKey(master, text, purpose)]).to.deep.equal([...wrapped]);
        },
      ),
    ));

  const refusedAs = (act: () => unknown, code: string) => {
    expect(act).to.throw(FobtwinError).with.property('code', code);
  };

  it('names a wrong master key, and a key wrapped for something else', () => {
    const wrapped = wrapKey(key(1), key(2), 'rootKey', countingRng());
    refusedAs(() => unwrapKey(key(3), wrapped, 'rootKey'), 'wrongMasterKey');
    refusedAs(() => unwrapKey(key(1), wrapped, 'dataKey'), 'wrongMasterKey');
  });

  it('notices every changed, missing or added byte', () => {
    const wrapped = Buffer.from(wrapKey(key(1), key(2), 'rootKey', countingRng()), 'base64url');
    for (let place = 0; place < wrapped.length; place += 1) {
      const changed = Buffer.from(wrapped);
      changed[place] = (changed[place] ?? 0) ^ 1;
      refusedAs(
        () => unwrapKey(key(1), changed.toString('base64url'), 'rootKey'),
        'wrongMasterKey',
      );
      const cut = wrapped.subarray(0, place).toString('base64url');
      refusedAs(() => unwrapKey(key(1), cut, 'rootKey'), 'wrongMasterKey');
    }
    const longer = Buffer.concat([wrapped, Buffer.from([0])]).toString('base64url');
    refusedAs(() => unwrapKey(key(1), longer, 'rootKey'), 'wrongMasterKey');
  });

  it('takes a new nonce each time', () => {
    const rng = countingRng();
    const texts = Array.from({ length: 10 }, () => wrapKey(key(1), key(2), 'rootKey', rng));
    expect(new Set(texts.map((text) => text.slice(0, 16))).size).to.equal(10);
  });

  it('refuses a master key of another length', () => {
    refusedAs(() => wrapKey(new Uint8Array(16), key(2), 'rootKey', countingRng()), 'internal');
    refusedAs(() => unwrapKey(new Uint8Array(33), '', 'rootKey'), 'internal');
  });

  it('derives a key for each purpose by HKDF-SHA-256', () => {
    const audit = deriveKey(key(1), 'audit');
    const info = 'fobd/derive/v1/audit';
    expect([...audit]).to.deep.equal([...Buffer.from(hkdfSync('sha256', key(1), '', info, 32))]);
    expect(deriveKey(key(1), 'audit')).to.deep.equal(audit);
    expect(deriveKey(key(1), 'other')).not.to.deep.equal(audit);
    expect(deriveKey(key(2), 'audit')).not.to.deep.equal(audit);
    refusedAs(() => deriveKey(new Uint8Array(31), 'audit'), 'internal');
  });
});
