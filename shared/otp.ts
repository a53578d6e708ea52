import { generateSync } from '@otplib/hotp';
import type { CryptoPlugin } from 'otplib';
import type { Algorithm, Code, Digits, Seed, TimeParameters, UnixMillis } from './types.ts';

/** The HMAC that codes are made with; handed in, so that this file runs in a browser too. */
export type OtpCrypto = CryptoPlugin;

export interface CodeParameters {
  readonly algorithm: Algorithm;
  readonly digits: Digits;
}

/** Makes the code of one moving factor: a counter (RFC 4226) or a time step (RFC 6238). */
export interface Otp {
  /**
   * @param movingFactor integer, 0 to 2^53 - 1
   * @throws RangeError when the moving factor is outside that range
   */
  code(seed: Seed, movingFactor: number, parameters: CodeParameters): Code;
}

const OTPLIB_ALGORITHM = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const;

/**
 * RFC 4226 section 5.3 for a counter; RFC 6238 section 4.2 is the same function of a time step.
 *
 * @param crypto a synchronous otplib crypto plugin, `crypto` of `@otplib/plugin-crypto-node` say
 */
export function createOtp(crypto: OtpCrypto): Otp {
  return {
    code(seed, movingFactor, { algorithm, digits }) {
      if (!Number.isSafeInteger(movingFactor) || movingFactor < 0) {
        throw new RangeError('a moving factor is an integer from 0 to 2^53 - 1');
      }
      // otplib's own HOTP without the choice of strategy before it, which costs a third more.
      return generateSync({
        secret: seed,
        counter: movingFactor,
        algorithm: OTPLIB_ALGORITHM[algorithm],
        digits,
        crypto,
      }) as Code;
    },
  };
}

/** The time step that `now` lies in, with T0 = 0 (RFC 6238 section 4.2). An integer. */
export function timeStepAt(now: UnixMillis, { stepSeconds }: Pick<TimeParameters, 'stepSeconds'>) {
  return Math.floor(now / (stepSeconds * 1000));
}
