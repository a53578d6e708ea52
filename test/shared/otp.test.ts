import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { generateSync } from '@otplib/hotp';
import { crypto as otplibCrypto } from '@otplib/plugin-crypto-node';
import { expect } from 'chai';
import fc from 'fast-check';
import { createOtp, timeStepAt } from '../../shared/otp.ts';
import { ALGORITHMS, DIGITS, type Seed, type UnixMillis } from '../../shared/types.ts';
import { type Peer, peerOrSkip } from '../support/debian.ts';
import { nodeCrypto } from '../support/node-crypto.ts';

const otp = createOtp(nodeCrypto);
const execute = promisify(execFile);
/** oathtool's `-w`: so many codes after the first. */
const MORE = 20;
const CALLS = 100;

const seeds = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes) => bytes as Seed);
const digits = fc.constantFrom(...DIGITS);

describe('codes beside oathtool', () => {
  let oathtool: Peer;

  before(async function () {
    oathtool = await peerOrSkip(this, 'oathtool');
  });

  async function codesOf(seed: Seed, parameters: readonly string[]): Promise<string[]> {
    const hex = Buffer.from(seed).toString('hex');
    const all = [...parameters, '-w', String(MORE), hex];
    const { stdout } = await execute(oathtool.path, all, { env: oathtool.env });
    return stdout.trim().split('\n');
  }

  it('are those of HOTP at any counter', async function () {
    this.timeout(120_000);
    const counters = fc.oneof(fc.nat(), fc.maxSafeNat()).map((n) => Math.max(0, n - MORE));
    const property = fc.asyncProperty(seeds, counters, digits, async (seed, counter, length) => {
      const theirs = await codesOf(seed, ['--hotp', '-c', String(counter), '-d', String(length)]);
      const parameters = { algorithm: 'SHA1', digits: length } as const;
      const ours = theirs.map((_, index) => otp.code(seed, counter + index, parameters));
      expect(theirs).to.have.length(MORE + 1);
      expect(ours).to.deep.equal(theirs);
    });
    await fc.assert(property, { numRuns: CALLS });
  });

  it('are those of TOTP at any time, step and algorithm', async function () {
    this.timeout(120_000);
    const moment = fc.integer({ min: 0, max: 4_102_444_800 });
    const step = fc.oneof(fc.constantFrom(30, 60), fc.integer({ min: 1, max: 3600 }));
    const kind = fc.record({ algorithm: fc.constantFrom(...ALGORITHMS), digits });
    const property = fc.asyncProperty(seeds, moment, step, kind, async (seed, now, size, how) => {
      const theirs = await codesOf(seed, [
        `--totp=${how.algorithm}`,
        ...['-N', `@${now}`, '-s', `${size}s`, '-d', String(how.digits)],
      ]);
      const first = timeStepAt((now * 1000) as UnixMillis, { stepSeconds: size });
      expect(theirs).to.have.length(MORE + 1);
      expect(theirs.map((_, index) => otp.code(seed, first + index, how))).to.deep.equal(theirs);
    });
    await fc.assert(property, { numRuns: CALLS });
  });
});

/** Random cases of one run; each an own seed, algorithm, length and moving factor. */
const CASES = 100_000;

describe('codes beside otplib', () => {
  it(`are the same in ${CASES.toLocaleString('en-US')} random cases`, function () {
    this.timeout(120_000);
    const algorithms = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const;
    const factors = fc.oneof(fc.nat(), fc.maxSafeNat());
    const algorithm = fc.constantFrom(...ALGORITHMS);
    const property = fc.property(
      seeds,
      factors,
      algorithm,
      digits,
      (seed, factor, hash, length) => {
        const theirs = generateSync({
          ...{ secret: seed, counter: factor, algorithm: algorithms[hash], digits: length },
          crypto: otplibCrypto,
        });
        return otp.code(seed, factor, { algorithm: hash, digits: length }) === theirs;
      },
    );
    fc.assert(property, { numRuns: CASES });
  });
});

describe('codes', () => {
  it('are refused for what is no moving factor', () => {
    const seed = new Uint8Array(20) as Seed;
    for (const factor of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      const make = () => otp.code(seed, factor, { algorithm: 'SHA1', digits: 6 });
      expect(make, String(factor)).to.throw(RangeError);
    }
  });

  it('change at the first millisecond of a time step', () => {
    const step = (millis: number) => timeStepAt(millis as UnixMillis, { stepSeconds: 30 });
    expect([0, 29_999, 30_000, 59_999, 60_000].map(step)).to.deep.equal([0, 0, 1, 1, 2]);
    expect(step(-1)).to.equal(-1);
  });
});
