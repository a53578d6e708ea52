import type { Algorithm, Code, Digits, Seed, TimeParameters, UnixMillis } from './types.ts';

/**
 * The HMAC that codes are made with; handed in, so that this file runs in a browser too. otplib's
 * synchronous crypto plugins are of this shape.
 */
export interface OtpCrypto {
  /** The key and the message are read before it returns, and not kept. */
  hmac(algorithm: 'sha1' | 'sha256' | 'sha512', key: Uint8Array, message: Uint8Array): Uint8Array;
}

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
  /**
   * The same code as the integer that its digits say: what a scan compares, for a text each would
   * cost it a tenth of its HMACs.
   */
  number(seed: Seed, movingFactor: number, parameters: CodeParameters): number;
}

const HASH = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const;
const MODULUS: Readonly<Record<Digits, number>> = {
  6: 1_000_000,
  7: 10_000_000,
  8: 100_000_000,
};

const COUNTER_BYTES = 8;
const TWO_TO_32 = 0x1_0000_0000;

/**
 * RFC 4226 section 5.3 for a counter; RFC 6238 section 4.2 is the same function of a time step.
 * What it costs is the HMAC: a scan makes hundreds of codes.
 */
export function createOtp(crypto: OtpCrypto): Otp {
  const message = new DataView(new ArrayBuffer(COUNTER_BYTES));
  const messageBytes = new Uint8Array(message.buffer);
  const number: Otp['number'] = (seed, movingFactor, { algorithm, digits }) => {
    if (!Number.isSafeInteger(movingFactor) || movingFactor < 0) {
      throw new RangeError('a moving factor is an integer from 0 to 2^53 - 1');
    }
    message.setUint32(0, Math.floor(movingFactor / TWO_TO_32));
    message.setUint32(4, movingFactor % TWO_TO_32);
    return truncate(crypto.hmac(HASH[algorithm], seed, messageBytes)) % MODULUS[digits];
  };
  return {
    number,
    code: (seed, movingFactor, parameters) =>
      formatCode(number(seed, movingFactor, parameters), parameters.digits),
  };
}

const formatCode = (number: number, digits: Digits): Code =>
  String(number).padStart(digits, '0') as Code;

/** Dynamic truncation (RFC 4226 section 5.3): 31 bits from where the last four bits point. */
function truncate(hmac: Uint8Array): number {
  const offset = byteAt(hmac, hmac.length - 1) & 0x0f;
  return (
    ((byteAt(hmac, offset) & 0x7f) << 24) |
    (byteAt(hmac, offset + 1) << 16) |
    (byteAt(hmac, offset + 2) << 8) |
    byteAt(hmac, offset + 3)
  );
}

/** An HMAC has at least 20 bytes, and truncation reads none beyond the nineteenth. */
const byteAt = (bytes: Uint8Array, place: number): number => bytes[place] ?? 0;

/** The time step that `now` lies in, with T0 = 0 (RFC 6238 section 4.2). An integer. */
export function timeStepAt(now: UnixMillis, { stepSeconds }: Pick<TimeParameters, 'stepSeconds'>) {
  return Math.floor(now / (stepSeconds * 1000));
}
