import { encodeQR } from 'qr';
import { encodeBase32 } from '../../shared/base32.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import { formatOtpauth } from '../../shared/seed-files/otpauth.ts';
import {
  type AccountId,
  ALGORITHMS,
  type Algorithm,
  type Digits,
  parseCode,
  parseSeed,
  parseSerial,
  type Seed,
  type Serial,
  type TokenParameters,
} from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { AccountService } from '../accounts/port.ts';
import type { Limits } from '../http/limits.ts';
import type { ImportItem, TokenService } from '../tokens/port.ts';
import type { Detail } from './envelope.ts';
import { CompatError } from './errors.ts';
import { type Parameters, required } from './parameters.ts';
import { numberOf } from './token-list.ts';

/** `POST /token/init` and `POST /token/resync`. */

export interface TokenChangeParts {
  readonly tokens: Pick<TokenService, 'get' | 'importEntries' | 'register' | 'resync'>;
  readonly accounts: Pick<AccountService, 'resolve'>;
  readonly rng: Rng;
  /** By serial, as over /v1; absent in a lab. */
  readonly limits?: Pick<Limits, 'attempt'> | undefined;
}

/** RFC 6238 section 5.1: as long as the HMAC's output. */
const SEED_BYTES: Readonly<Record<Algorithm, number>> = { SHA1: 20, SHA256: 32, SHA512: 64 };
const SERIAL_BYTES = 8;
const STEP_SECONDS = 30;
const STEP_SECONDS_MAX = 3600;

/**
 * Makes a stocked token, its seed in the reply. It belongs to nobody before two of its codes have
 * registered it (`/token/resync` does, for the user it was made for).
 *
 * @throws CompatError 905, 904, 301
 */
export async function initToken(
  parameters: Parameters,
  caller: Caller,
  parts: TokenChangeParts,
): Promise<Detail> {
  const user = parameters.get('user');
  const account = user ? await parts.accounts.resolve(user) : undefined;
  if (user && account === undefined) throw new CompatError(904, 'User does not exist.');
  const entry = entryOf(parameters, account, parts.rng);
  const report = await parts.tokens.importEntries(one(entry), { dryRun: false }, caller);
  if (report.imported !== 1) throw new CompatError(301, 'A token of this serial exists already.');
  return enrolment(entry);
}

function entryOf(parameters: Parameters, account: AccountId | undefined, rng: Rng): SeedFileEntry {
  const tokenParameters = parametersOf(parameters);
  const { algorithm } = tokenParameters;
  const seed = seedOf(parameters, SEED_BYTES[algorithm], rng);
  return {
    serial: serialOf(parameters, tokenParameters, rng),
    seed,
    parameters: tokenParameters,
    nextCounter: 0,
    ...(account === undefined ? {} : { account }),
  };
}

function parametersOf(parameters: Parameters): TokenParameters {
  const type = (parameters.get('type') ?? 'hotp').toLowerCase();
  const name = (parameters.get('hashlib') ?? 'sha1').toUpperCase();
  const algorithm = ALGORITHMS.find((known) => known === name);
  if (algorithm === undefined) throw new CompatError(905, "Unknown 'hashlib'.");
  const digits = numberOf(parameters, 'otplen', { least: 6, greatest: 8, or: 6 }) as Digits;
  if (type === 'hotp') return { type: 'event', algorithm, digits };
  if (type !== 'totp') throw new CompatError(905, `Unknown token type: '${type.slice(0, 20)}'`);
  const bounds = { least: 1, greatest: STEP_SECONDS_MAX, or: STEP_SECONDS };
  return {
    type: 'time',
    algorithm,
    digits,
    stepSeconds: numberOf(parameters, 'timeStep', bounds),
  };
}

function seedOf(parameters: Parameters, bytes: number, rng: Rng): Seed {
  const given = parameters.get('otpkey');
  if (!given && !['1', 'true', 'True'].includes(parameters.get('genkey') ?? '')) {
    throw new CompatError(905, "Missing parameter: 'otpkey' or 'genkey'");
  }
  const isHex = !given || /^(?:[0-9A-Fa-f]{2})+$/.test(given);
  const seed = parseSeed(given && isHex ? Buffer.from(given, 'hex') : rng.bytes(bytes));
  if (isHex && seed !== undefined) return seed;
  throw new CompatError(905, "'otpkey' is 16 to 64 bytes in hexadecimal.");
}

function serialOf(parameters: Parameters, { type }: TokenParameters, rng: Rng): Serial {
  const given = parameters.get('serial');
  const random = Buffer.from(rng.bytes(SERIAL_BYTES)).toString('hex');
  const serial = parseSerial(given || `${type === 'event' ? 'OATH' : 'TOTP'}${random}`);
  if (serial !== undefined) return serial;
  throw new CompatError(905, "'serial' is 1 to 64 letters, digits, '.', '_' and '-'.");
}

async function* one(entry: SeedFileEntry): AsyncGenerator<ImportItem, void> {
  // The import wipes what it has sealed; the reply still needs it.
  yield { ...entry, seed: Uint8Array.from(entry.seed) as Seed };
}

function enrolment(entry: SeedFileEntry): Detail {
  const { serial, seed } = entry;
  const address = formatOtpauth({ ...entry, issuer: 'fobd' });
  const picture = Buffer.from(encodeQR(address, 'svg')).toString('base64');
  const image = `data:image/svg+xml;base64,${picture}`;
  const hex = Buffer.from(seed).toString('hex');
  const detail = {
    googleurl: { description: 'URL for an authenticator app', img: image, value: address },
    otpkey: {
      description: 'The seed, for a token of one’s own',
      img: image,
      value: `seed://${hex}`,
      value_b32: encodeBase32(seed),
    },
    rollout_state: 'verify',
    serial,
  };
  seed.fill(0);
  return detail;
}

/**
 * Two codes: a registered token is found again by them, a stocked one is registered to the user it
 * was made for.
 *
 * @throws CompatError 905, 601
 */
export async function resyncToken(
  parameters: Parameters,
  caller: Caller,
  { tokens, limits }: TokenChangeParts,
): Promise<boolean> {
  const serial = parseSerial(required(parameters, 'serial'));
  const code1 = parseCode(required(parameters, 'otp1'));
  const code2 = parseCode(required(parameters, 'otp2'));
  if (serial === undefined) throw new CompatError(905, "Malformed parameter: 'serial'");
  if (code1 === undefined || code2 === undefined) {
    throw new CompatError(905, "'otp1' and 'otp2' are 6 to 8 digits.");
  }
  const known = await tokens.get(serial).catch(missing);
  const { life, intendedAccount } = known.token;
  const settle = limits?.attempt({ serial, code: `${code1} ${code2}` });
  try {
    const codes = { serial, code1, code2 };
    const { outcome } =
      life === 'stocked' && intendedAccount !== undefined
        ? await tokens.register({ ...codes, account: intendedAccount }, caller)
        : await tokens.resync(codes, caller);
    settle?.(outcome === 'accepted');
    return outcome === 'accepted';
  } catch (error) {
    if (error instanceof FobtwinError && error.code === 'invalidInput') {
      throw new CompatError(905, error.message);
    }
    throw error;
  }
}

function missing(error: unknown): never {
  if (error instanceof FobtwinError && error.code === 'notFound') {
    throw new CompatError(601, 'There is no token of this serial.');
  }
  throw error;
}
