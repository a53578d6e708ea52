import { jwtVerify, SignJWT } from 'jose';
import type { Rng } from '../../shared/rng.ts';
import { type ApplicationId, parseApplicationId, type UnixMillis } from '../../shared/types.ts';

/**
 * What `/auth` gives a service account: a signed token, good for an hour, that names its
 * application. The application is looked up again at each use: one that was revoked is out at once.
 */

const LIFE_SECONDS = 3600;
const ISSUER = 'fobd/compat';
const NONCE_BYTES = 8;
export interface ServiceTokenParts {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly rng: Rng;
}

/**
 * The Java client reads the payload as plain base64, not base64url: ASCII without `>`, `?` and `~`
 * is the same in both.
 */
export function signServiceToken(
  application: ApplicationId,
  now: UnixMillis,
  { key, rng }: ServiceTokenParts,
): Promise<string> {
  return new SignJWT({
    username: application,
    realm: '',
    role: 'admin',
    authtype: 'password',
    nonce: Buffer.from(rng.bytes(NONCE_BYTES)).toString('hex'),
    rights: [],
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setExpirationTime(Math.floor(now / 1000) + LIFE_SECONDS)
    .sign(key);
}

/** Whose token it is; undefined for one that is wrong or over. */
export async function readServiceToken(
  token: string,
  now: UnixMillis,
  { key }: Pick<ServiceTokenParts, 'key'>,
): Promise<ApplicationId | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      currentDate: new Date(now),
    });
    return parseApplicationId(String(payload['username']));
  } catch {
    return undefined;
  }
}
