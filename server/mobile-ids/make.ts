import { encodeQR } from 'qr';
import { crockfordOf } from '../../shared/crockford.ts';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { formatOtpauth } from '../../shared/seed-files/otpauth.ts';
import {
  type AccountId,
  parseSeed,
  parseSerial,
  type TimeParameters,
  type UnixMillis,
} from '../../shared/types.ts';
import type { TokenDetail } from '../tokens/port.ts';
import type { Vault } from '../vault/port.ts';
import { newFactor } from '../verification/factor.ts';
import type { NewMobileId } from './port.ts';

/** What every authenticator app can do; many pass over what an address asks for beyond it. */
const PARAMETERS: TimeParameters = {
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
};
/** RFC 4226 section 4, R6 recommends 160 bits. */
const SEED_BYTES = 20;
const SERIAL_CHARACTERS = 12;
const MANUFACTURER = 'Fobtwin';
const MODEL = 'Mobile ID';

export interface Making {
  readonly vault: Pick<Vault, 'seal'>;
  /** A cryptographic source. */
  readonly rng: Rng;
  /** Who stands beside the codes in the app. */
  readonly issuer: string;
}

/** A stocked token meant for `account`, and what is shown of it once; the plain seed is wiped. */
export function makeMobileId(
  account: AccountId,
  now: UnixMillis,
  { vault, rng, issuer }: Making,
): { readonly detail: TokenDetail; readonly shown: NewMobileId } {
  const serial = parseSerial(`MID-${crockfordOf(rng.bytes(SERIAL_CHARACTERS))}`);
  const seed = parseSeed(rng.bytes(SEED_BYTES));
  if (serial === undefined || seed === undefined) {
    throw new FobtwinError('internal', 'The random source gave too little.');
  }
  try {
    const entry = { serial, seed, parameters: PARAMETERS, nextCounter: 0, issuer };
    const uri = formatOtpauth(entry);
    const token = {
      version: 1,
      serial,
      life: 'stocked',
      holds: [],
      parameters: PARAMETERS,
      sealedSeed: vault.seal(seed, { serial, parameters: PARAMETERS }),
      manufacturer: MANUFACTURER,
      model: MODEL,
      mobileId: true,
      intendedAccount: account,
      importedAt: now,
    } as const;
    return {
      detail: { token, factor: newFactor(PARAMETERS, 0) },
      shown: { serial, uri, qrCode: pictureOf(uri) },
    };
  } finally {
    seed.fill(0);
  }
}

/** On white, whatever the page behind it is: no camera reads black on black. */
const pictureOf = (uri: string): string =>
  encodeQR(uri, 'svg').replace(/>/, '><rect width="100%" height="100%" fill="#fff"/>');
