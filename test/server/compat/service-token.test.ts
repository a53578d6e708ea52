import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { readServiceToken, signServiceToken } from '../../../server/compat/service-token.ts';
import { parseApplicationId, type UnixMillis } from '../../../shared/types.ts';

const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };
const key = new Uint8Array(32).fill(7);
const application = parseApplicationId('0011223344556677');
const NOW = Date.UTC(2026, 0, 1) as UnixMillis;

describe('compat: service tokens', () => {
  if (application === undefined) throw new Error('no application id');
  const sign = () => signServiceToken(application, NOW, { key, rng });

  it('name their application for an hour', async () => {
    const token = await sign();
    const at = (seconds: number) =>
      readServiceToken(token, (NOW + seconds * 1000) as UnixMillis, { key });
    expect(await at(0)).to.equal(application);
    expect(await at(3599)).to.equal(application);
    expect(await at(3600)).to.equal(undefined);
  });

  it('are read by whoever decodes base64 instead of base64url', async () => {
    for (let n = 0; n < 200; n += 1) {
      const payload = (await sign()).split('.')[1] ?? '';
      expect(payload).to.match(/^[A-Za-z0-9]+$/);
      const claims: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
      expect(claims).to.include({ username: application, role: 'admin' });
      expect(claims).to.have.property('exp', NOW / 1000 + 3600);
    }
  });

  it('are nobody’s when they are forged, of another key, or without a signature', async () => {
    const token = await sign();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const other = { key: new Uint8Array(32).fill(8) };
    expect(await readServiceToken(token, NOW, other)).to.equal(undefined);
    for (const forged of [
      `${unsigned}.${payload}.`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -2)}AA`,
      '',
      'x',
      token.repeat(100),
    ]) {
      expect(await readServiceToken(forged, NOW, { key }), forged).to.equal(undefined);
    }
  });
});
