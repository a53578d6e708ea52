import { createHash, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { ID_TOKEN_ALGORITHMS } from '../../shared/wire/oidc-schemas.ts';
import { draftOf } from '../access/draft.ts';
import { type Caller, SYSTEM } from '../access/scopes.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import { decrypt, encrypt } from '../vault/keys.ts';
import {
  KEY_DELAY_MILLIS,
  KEY_DELAY_MILLIS_MAX,
  type SigningKeyRotation,
  type SigningKeyService,
  type SigningKeyState,
} from './port.ts';
import { type IdTokenAlgorithm, SIGNING_KEYS_KEY, type SigningKeyRecord } from './record.ts';

export interface SigningKeyParts {
  readonly store: Pick<Store, 'transact'>;
  /** 32 bytes, derived from the root key for this alone: seals the private keys. */
  readonly sealingKey: Uint8Array;
  readonly rng: Rng;
}

/** A private key in the form that the provider takes. */
export interface SigningJwk extends JsonWebKey {
  readonly kid: string;
  readonly alg: IdTokenAlgorithm;
  readonly use: 'sig';
}

/** Private keys for the provider, those that sign first, and how long they are the right ones. */
export interface SigningKeySet {
  readonly keys: readonly SigningJwk[];
  /** At this moment others are used, or one is published no more. */
  readonly until: number;
}

export interface SigningKeys extends SigningKeyService {
  /** Made when there are none yet. */
  current(now: UnixMillis): Promise<SigningKeySet>;
  /** Counts rotations of this process: a set taken before one is no longer right. */
  generation(): number;
}

/**
 * So long an old key is published after its last use: ID tokens are good for minutes, and are shown
 * again at sign-out.
 */
const KEPT_MILLIS = 7 * 86_400_000;
const RSA_BITS = 2048;
const KEY_ID_CHARACTERS = 22;

const generate = promisify(generateKeyPair);

/** RS256 is what every client has to understand (OpenID Connect Core section 15.1). */
const MAKERS: Readonly<Record<IdTokenAlgorithm, () => Promise<{ privateKey: KeyObject }>>> = {
  RS256: () => generate('rsa', { modulusLength: RSA_BITS }),
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
};

interface Made {
  readonly keyId: string;
  readonly algorithm: IdTokenAlgorithm;
  readonly sealed: string;
}

export function createSigningKeys(parts: SigningKeyParts): SigningKeys {
  const { store } = parts;
  let generation = 0;
  const stored = () =>
    store.transact([SIGNING_KEYS_KEY], ([record]) => replyOnly(record?.keys ?? []));
  const keysAt = async (now: UnixMillis) => {
    const keys = await stored();
    return keys.length > 0 ? keys : makeFirst(parts, now);
  };
  return {
    generation: () => generation,

    async current(now) {
      const published = (await keysAt(now)).filter((key) => isPublished(key, now));
      const signing = new Set(signingAt(published, now));
      const ordered = [...signing, ...published.filter((key) => !signing.has(key))];
      return {
        keys: ordered.map((key) => opened(key, parts.sealingKey)),
        until: Math.min(
          ...published.flatMap(({ usedFrom, publishedUntil = Number.POSITIVE_INFINITY }) =>
            usedFrom > now ? [usedFrom, publishedUntil] : [publishedUntil],
          ),
        ),
      };
    },

    list: async (now) => statesOf(await keysAt(now), now),

    async rotate(rotation, caller) {
      await keysAt(caller.now);
      const keys = await rotate(parts, rotation, caller);
      generation += 1;
      return statesOf(keys, caller.now);
    },
  };
}

/** Whoever comes first makes them; another that was as early takes those. */
async function makeFirst(
  parts: SigningKeyParts,
  now: UnixMillis,
): Promise<readonly SigningKeyRecord[]> {
  const made = await makePair(parts);
  return parts.store.transact([SIGNING_KEYS_KEY], ([record]) => {
    if (record !== undefined) return replyOnly(record.keys);
    const keys = made.map((key) => ({ ...key, createdAt: now, usedFrom: now }));
    const details = { keys: idsOf(made) };
    const draft = draftOf({ principal: SYSTEM, now }, 'makeOidcKeys', { details });
    return {
      writes: [put(SIGNING_KEYS_KEY, { version: 1, keys })],
      auditDrafts: [draft],
      reply: keys,
    };
  });
}

async function rotate(
  parts: SigningKeyParts,
  { delayMillis = KEY_DELAY_MILLIS, dropsOld = false, reason }: SigningKeyRotation,
  caller: Caller,
): Promise<readonly SigningKeyRecord[]> {
  const { now } = caller;
  if (!(delayMillis <= KEY_DELAY_MILLIS_MAX)) {
    throw invalidInput('/delay', 'tooLarge', 'The delay is at most 30 days.');
  }
  const made = await makePair(parts);
  const usedFrom = (dropsOld ? now : now + delayMillis) as UnixMillis;
  return parts.store.transact([SIGNING_KEYS_KEY], ([record]) => {
    const before = dropsOld ? [] : (record?.keys ?? []).filter((key) => isPublished(key, now));
    if (before.some((key) => key.usedFrom > now)) throw waiting();
    const publishedUntil = (usedFrom + KEPT_MILLIS) as UnixMillis;
    const keys = [
      ...before.map((key) => ({ publishedUntil, ...key })),
      ...made.map((key) => ({ ...key, createdAt: now, usedFrom })),
    ];
    const details = {
      keys: idsOf(made),
      delaySeconds: Math.round((usedFrom - now) / 1000),
      dropsOld,
      ...(reason === undefined ? {} : { reason }),
    };
    return {
      writes: [put(SIGNING_KEYS_KEY, { version: 1, keys })],
      auditDrafts: [draftOf(caller, 'rotateOidcKeys', { details })],
      reply: keys,
    };
  });
}

const waiting = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'The keys of the last rotation are not in use yet.', {
    nextStep:
      'See: fobd oidc key list. If a key is known to others: fobd oidc key rotate --drop-old',
  });

const makePair = ({ sealingKey, rng }: SigningKeyParts): Promise<readonly Made[]> =>
  Promise.all(
    ID_TOKEN_ALGORITHMS.map(async (algorithm) => {
      const { privateKey } = await MAKERS[algorithm]();
      const jwk = privateKey.export({ format: 'jwk' });
      const keyId = thumbprint(jwk);
      const bytes = Buffer.from(JSON.stringify(jwk));
      const sealed = encrypt(sealingKey, bytes, contextOf(keyId), rng);
      bytes.fill(0);
      return { keyId, algorithm, sealed };
    }),
  );

const idsOf = (made: readonly Made[]): string => made.map(({ keyId }) => keyId).join(' ');

const contextOf = (keyId: string): string => `fobd/oidc/signing/v1/${keyId}`;

/** Of the public part, after RFC 7638: the same key has the same name everywhere. */
function thumbprint({ kty, n, e, crv, x, y }: JsonWebKey): string {
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  const digest = createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  return digest.slice(0, KEY_ID_CHARACTERS);
}

/** @throws FobtwinError `wrongMasterKey` */
function opened({ keyId, algorithm, sealed }: SigningKeyRecord, key: Uint8Array): SigningJwk {
  const bytes = decrypt(key, sealed, contextOf(keyId));
  if (bytes === undefined) {
    throw new FobtwinError('wrongMasterKey', 'The master key does not open this data directory.', {
      detail: `the signing key ${keyId} does not open`,
    });
  }
  const jwk = JSON.parse(Buffer.from(bytes).toString()) as JsonWebKey;
  bytes.fill(0);
  return { ...jwk, kid: keyId, alg: algorithm, use: 'sig' };
}

const isPublished = ({ publishedUntil }: SigningKeyRecord, now: number): boolean =>
  publishedUntil === undefined || now < publishedUntil;

/** Of each algorithm the newest whose time has come. */
function signingAt(keys: readonly SigningKeyRecord[], now: number): readonly SigningKeyRecord[] {
  const newest = new Map<IdTokenAlgorithm, SigningKeyRecord>();
  for (const key of keys) {
    const other = newest.get(key.algorithm);
    const isDue = key.usedFrom <= now && isPublished(key, now);
    if (isDue && (other === undefined || key.usedFrom >= other.usedFrom)) {
      newest.set(key.algorithm, key);
    }
  }
  return [...newest.values()];
}

function statesOf(keys: readonly SigningKeyRecord[], now: UnixMillis): readonly SigningKeyState[] {
  const signing = new Set(signingAt(keys, now));
  return keys
    .filter((key) => isPublished(key, now))
    .map((key) => {
      const { sealed: _, ...rest } = key;
      if (signing.has(key)) return { ...rest, use: 'signs' as const };
      return { ...rest, use: key.usedFrom > now ? ('next' as const) : ('published' as const) };
    });
}
