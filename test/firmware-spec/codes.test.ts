import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createOtp, timeStepAt } from '../../shared/otp.ts';
import type { Algorithm, Digits, Seed, UnixMillis } from '../../shared/types.ts';
import { nodeCrypto } from '../support/node-crypto.ts';

interface CounterCase {
  readonly from: string;
  readonly movingFactor: number;
  readonly hmac: string;
  readonly truncated: number;
  readonly digits: Digits;
  readonly code: string;
}
interface TimeCase {
  readonly from: string;
  readonly atSeconds: number;
  readonly movingFactor: number;
  readonly algorithm: Algorithm;
  readonly digits: Digits;
  readonly code: string;
}

const otp = createOtp(nodeCrypto);
const vectors = <T>(name: string): T =>
  JSON.parse(
    readFileSync(new URL(`../../firmware-spec/vectors/${name}`, import.meta.url), 'utf8'),
  ) as T;
const seedOf = (hexadecimal: string) => new Uint8Array(Buffer.from(hexadecimal, 'hex')) as Seed;

describe('firmware-spec/vectors, codes', () => {
  const rfc4226 = vectors<{ algorithm: Algorithm; seed: string; cases: CounterCase[] }>(
    'rfc4226.json',
  );
  const rfc6238 = vectors<{
    stepSeconds: number;
    seeds: Record<Algorithm, string>;
    cases: TimeCase[];
  }>('rfc6238.json');

  it('has each counter of RFC 4226 with 6 and 8 digits', () => {
    const of = (digits: number) =>
      rfc4226.cases.filter((one) => one.digits === digits).map((one) => one.movingFactor);
    expect(of(6)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(of(8)).to.deep.equal(of(6));
  });

  for (const { from, movingFactor, digits, code, hmac, truncated } of rfc4226.cases) {
    it(`counter ${movingFactor}, ${digits} digits (${from})`, () => {
      const seed = seedOf(rfc4226.seed);
      expect(otp.code(seed, movingFactor, { algorithm: 'SHA1', digits })).to.equal(code);
      expect(intermediate(seed, movingFactor)).to.deep.equal({ hmac, truncated });
      expect(String(truncated).padStart(10, '0').slice(-digits)).to.equal(code);
    });
  }

  it('has RFC 6238 for every algorithm with 8 and 6 digits, seeds of 20, 32, 64 bytes', () => {
    expect(rfc6238.cases).to.have.length(6 * 3 * 2);
    const lengths = Object.values(rfc6238.seeds).map((seed) => seedOf(seed).length);
    expect(lengths).to.deep.equal([20, 32, 64]);
  });

  for (const { from, atSeconds, movingFactor, algorithm, digits, code } of rfc6238.cases) {
    it(`${algorithm} at ${atSeconds} s, ${digits} digits (${from})`, () => {
      const step = timeStepAt((atSeconds * 1000) as UnixMillis, rfc6238);
      expect(step).to.equal(movingFactor);
      expect(otp.code(seedOf(rfc6238.seeds[algorithm]), step, { algorithm, digits })).to.equal(
        code,
      );
    });
  }
});

/** RFC 4226 section 5.3 spelled out, for the intermediate values of its appendix D. */
function intermediate(seed: Seed, counter: number): { hmac: string; truncated: number } {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const hmac = createHmac('sha1', seed).update(message).digest();
  const offset = (hmac.at(-1) ?? 0) & 0x0f;
  return { hmac: hmac.toString('hex'), truncated: hmac.readUInt32BE(offset) & 0x7fffffff };
}
