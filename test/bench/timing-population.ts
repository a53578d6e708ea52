import { createHash } from 'node:crypto';
import { createHashing } from '../../server/accounts/hashing.ts';
import { foldedId, nameKey, nameWrite } from '../../server/accounts/names.ts';
import { passwordKey } from '../../server/accounts/password-record.ts';
import { accountKey } from '../../server/accounts/record.ts';
import { credentialIdOf, credentialKey } from '../../server/credentials/record.ts';
import { readDataDirectory } from '../../server/data-directory/data-directory.ts';
import { KINDS } from '../../server/kinds.ts';
import {
  type LicenceKey,
  licenceKeyKey,
  licenceKeysKey,
  makeLicenceKey,
} from '../../server/orders/licence-key.ts';
import { openLevelStore } from '../../server/store/level.ts';
import { put, type Store, type Write } from '../../server/store/port.ts';
import { subscriptionKey } from '../../server/subscriptions/record.ts';
import { yearAfter } from '../../server/subscriptions/terms.ts';
import { tokenKey } from '../../server/tokens/record.ts';
import { deriveKey } from '../../server/vault/keys.ts';
import {
  type AccountId,
  type OrderNumber,
  parseAccountId,
  type SubscriptionId,
  type UnixMillis,
} from '../../shared/types.ts';
import { addApplication, stock } from './populate.ts';
import { benchSerial } from './population.ts';

/** Who and what there is while times are taken, written straight into the store. */

export const ASKING = 'asking.person';
export const PASSWORD = 'correct horse battery staple';

export interface Population {
  /** Registered tokens, each with an account of its own that has a password. */
  readonly tokens: number;
  /** The first so many accounts have redeemed a licence key. */
  readonly redeemed: number;
}

export interface Keys {
  readonly verifying: string;
  readonly signingIn: string;
  /** Of an application that may ask for nothing of all this. */
  readonly scopeless: string;
}

export const benchAccount = (index: number): AccountId => {
  const id = parseAccountId(index < 0 ? ASKING : `bench-${index}`);
  if (id === undefined) throw new Error('a fit account');
  return id;
};

export const benchSubscription = (index: number): SubscriptionId =>
  `SO-${10_001 + index}-1-1` as SubscriptionId;

/** The same in every run. */
export const benchLicenceKey = (index: number): LicenceKey =>
  makeLicenceKey({
    bytes: (length) => createHash('sha256').update(`key ${index}`).digest().subarray(0, length),
    uniform: () => 0.5,
  });

export async function populateForTiming(data: string, population: Population): Promise<Keys> {
  await stock(data, population.tokens);
  await writeRecords(data, population);
  return {
    verifying: await addApplication(data, 'verify'),
    signingIn: await addApplication(data, 'sessions'),
    scopeless: await addApplication(data, 'metrics:read'),
  };
}

async function writeRecords(data: string, { tokens, redeemed }: Population): Promise<void> {
  const { storePlace, storeId, rootKey } = await readDataDirectory(data);
  const auditKey = deriveKey(rootKey, 'audit');
  const store = await openLevelStore(storePlace, { kinds: KINDS, writer: storeId, auditKey });
  const rng = { bytes: (length: number) => new Uint8Array(length), uniform: () => 0.5 };
  const hash = await createHashing({ key: deriveKey(rootKey, 'passwords'), rng }).hash(PASSWORD);
  const at = Date.now() as UnixMillis;
  const commits: Promise<void>[] = [];
  for (let index = -1; index < tokens; index += 1) {
    const id = benchAccount(index);
    const writes = accountWrites(id, hash, at);
    if (index >= 0) commits.push(register(index, writes, at, store));
    else commits.push(commit(writes, store));
    if (index >= 0 && index < redeemed) {
      commits.push(commit(redemptionWrites(index, licenceKeysKey(rootKey), at), store));
    }
    if (commits.length > 1000) await Promise.all(commits.splice(0));
  }
  await Promise.all(commits);
  await store.close();
}

const commit = (writes: readonly Write[], store: Store): Promise<void> =>
  store.transact(
    writes.map(({ key }) => key),
    () => ({ writes, auditDrafts: [], reply: undefined }),
  );

const accountWrites = (id: AccountId, hash: string, at: UnixMillis): readonly Write[] => [
  nameWrite(nameKey(foldedId(id)), id),
  put(passwordKey(id), { version: 1, hash, setAt: at }),
  put(accountKey(id), { version: 1, id, createdAt: at, serials: [] }),
];

/** Its token, as two codes would have bound it. */
const register = (
  index: number,
  writes: readonly Write[],
  at: UnixMillis,
  store: Store,
): Promise<void> => {
  const account = benchAccount(index);
  const keys = [tokenKey(benchSerial(index)), ...writes.map(({ key }) => key)] as const;
  return store.transact(keys, ([token]) => {
    if (token === undefined) throw new Error('not imported');
    const { serial } = token;
    const registered = { ...token, life: 'registered', account, registeredAt: at } as const;
    const record = { version: 1, id: account, createdAt: at, serials: [serial] } as const;
    return {
      writes: [...writes, put(accountKey(account), record), put(tokenKey(serial), registered)],
      auditDrafts: [],
      reply: undefined,
    };
  });
};

function redemptionWrites(index: number, hashKey: Uint8Array, at: UnixMillis): readonly Write[] {
  const account = benchAccount(index);
  const subscription = benchSubscription(index);
  const credential = credentialIdOf(subscription, 'phoneOtp');
  const key = licenceKeyKey(benchLicenceKey(index), hashKey);
  const redeemed = { redeemedBy: account, redeemedAt: at };
  return [
    put(key, { version: 1, id: key.id, subscription, issuedAt: at, ...redeemed }),
    put(subscriptionKey(subscription), {
      ...{ version: 1, id: subscription, product: 'phone', types: ['phoneOtp'], proofing: false },
      ...{ order: `SO-${10_001 + index}` as OrderNumber, purchaser: account, purchasedAt: at },
      ...{ expiresAt: yearAfter(at), account, redeemedAt: at, stepsTaken: 0, renewals: [] },
    }),
    put(credentialKey(credential), {
      ...{ version: 1, id: credential, subscription, type: 'phoneOtp', account },
      ...{ stage: 'activation', createdAt: at },
    }),
  ];
}
