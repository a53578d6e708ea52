import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import {
  type Checkpoint,
  checkpointText,
  createSigningKey,
  isGenuineCheckpoint,
  parseCheckpoint,
  parsePublicKey,
  signCheckpoint,
} from '../../../server/audit/checkpoint.ts';

const key = createSigningKey(new Uint8Array(32).fill(9));
const publicKey = parsePublicKey(key.publicKey);
if (publicKey === undefined) throw new Error('the public key does not parse');
const head = { writer: 'w', sequence: 7, hash: 'a'.repeat(64) };
const checkpoint = signCheckpoint(head, '2026-01-01T00:00:00.000Z', key);

describe('a checkpoint', () => {
  it('is what its key signed, and survives its text', () => {
    expect(isGenuineCheckpoint(checkpoint, publicKey)).to.equal(true);
    const parsed = parseCheckpoint(checkpointText(checkpoint));
    expect(parsed).to.deep.equal(checkpoint);
    expect(checkpoint).to.include(head);
    expect(checkpoint.keyId).to.match(/^[0-9a-f]{16}$/);
  });

  it('is the signature of RFC 8032 for its seed and text', () => {
    // RFC 8032 section 7.1, test 1: the public key of this private key.
    const seed = Buffer.from(
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'hex',
    );
    const known = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    const parsed = parsePublicKey(createSigningKey(seed).publicKey);
    const bytes = parsed?.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
    expect(bytes).to.equal(known);
  });

  it('is not genuine with any member changed, nor by another key', () => {
    const changes: Partial<Checkpoint>[] = [
      { writer: 'v' },
      { sequence: 8 },
      { hash: 'b'.repeat(64) },
      { at: '2026-01-02T00:00:00.000Z' },
      { keyId: '0'.repeat(16) },
      { signature: `A${checkpoint.signature.slice(1)}` },
      { signature: '' },
    ];
    for (const change of changes) {
      const changed = { ...checkpoint, ...change };
      expect(isGenuineCheckpoint(changed, publicKey), JSON.stringify(change)).to.equal(false);
    }
    const other = createSigningKey(new Uint8Array(32).fill(8));
    const byOther = signCheckpoint(head, checkpoint.at, other);
    expect(isGenuineCheckpoint(byOther, publicKey)).to.equal(false);
    expect(isGenuineCheckpoint({ ...byOther, keyId: key.keyId }, publicKey)).to.equal(false);
  });

  it('is read from nothing else', () => {
    const texts = ['', '{}', 'null', '[]', '{"writer":"w"}', ' '.repeat(5000)];
    for (const text of texts) expect(parseCheckpoint(text), text).to.equal(undefined);
    const { signature, ...unsigned } = checkpoint;
    expect(parseCheckpoint(JSON.stringify(unsigned))).to.equal(undefined);
    expect(parseCheckpoint(JSON.stringify({ ...checkpoint, sequence: -1 }))).to.equal(undefined);
  });

  it('takes for a public key only one of Ed25519', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = { format: 'pem' } as const;
    const ed = generateKeyPairSync('ed25519');
    const refused = [
      '',
      'key',
      rsa.publicKey.export({ ...pem, type: 'spki' }).toString(),
      ed.privateKey.export({ ...pem, type: 'pkcs8' }).toString(),
    ];
    for (const text of refused) expect(parsePublicKey(text)).to.equal(undefined);
  });
});
