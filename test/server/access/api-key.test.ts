import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  formatApiKey,
  hashApiKeySecret,
  makeApiKey,
  parseApiKey,
  sameHash,
} from '../../../server/access/api-key.ts';
import type { ApplicationId } from '../../../shared/types.ts';

const ID = '00112233445566ff' as ApplicationId;
const GOOD = `fobd_${ID}_${'A'.repeat(43)}`;

describe('API keys', () => {
  it('are read back from their text, whatever the secret', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secret) => {
        const apiKey = makeApiKey(ID, secret);
        expect(Buffer.from(apiKey.secret, 'base64url')).to.deep.equal(Buffer.from(secret));
        expect(parseApiKey(formatApiKey(apiKey))).to.deep.equal(apiKey);
      }),
    );
  });

  const bad: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'another prefix': GOOD.replace('fobd', 'fobx'),
    'an id in upper case': GOOD.replace('ff', 'FF'),
    'a secret too short': GOOD.slice(0, -1),
    'a secret too long': `${GOOD}A`,
    'a line feed after it': `${GOOD}\n`,
    'a character of plain base64': `${GOOD.slice(0, -1)}+`,
    'white space before it': ` ${GOOD.slice(0, -1)}`,
    'a megabyte': 'f'.repeat(1_048_576),
  };
  for (const [name, text] of Object.entries(bad)) {
    it(`are not ${name}`, () => expect(parseApiKey(text)).to.equal(undefined));
  }

  it('are hashed with SHA-256 over the text of the secret', () => {
    const secret = 'A'.repeat(43);
    const expected = createHash('sha256').update(secret, 'utf8').digest('hex');
    expect(hashApiKeySecret(secret).toString('hex')).to.equal(expected);
  });

  it('differ when one bit of the hash does', () => {
    const hash = hashApiKeySecret('A');
    const other = Buffer.from(hash);
    other[31] = (other[31] ?? 0) ^ 1;
    expect(sameHash(hash, Buffer.from(hash))).to.equal(true);
    expect(sameHash(hash, other)).to.equal(false);
  });
});
