import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { hashApiKeySecret, sameHash } from '../access/api-key.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { put, remove, replyOnly, type Store } from '../store/port.ts';
import {
  type NewOidcClient,
  OIDC_CLIENTS_MAX,
  type OidcClientChange,
  type OidcClientService,
  SECRET_OVERLAP_MILLIS,
  SECRET_OVERLAP_MILLIS_MAX,
} from './port.ts';
import { type ClientSecret, OIDC_CLIENTS, type OidcClientRecord, oidcClientKey } from './record.ts';
import {
  checkRedirectAddresses,
  isLoopbackOverTls,
  isNative,
  isPrivate,
} from './redirect-address.ts';

export interface OidcClientParts {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  /** From a cryptographic source: ids and secrets are made of it. */
  readonly rng: Rng;
}

const ID_BYTES = 8;
const SECRET_BYTES = 32;
/** One in use, and one whose overlap ends. */
const SECRETS_MAX = 2;
const PAGE = 500;

export function createOidcClientService({ store, rng }: OidcClientParts): OidcClientService {
  const drawSecret = () => Buffer.from(rng.bytes(SECRET_BYTES)).toString('base64url');
  let adding: Promise<unknown> = Promise.resolve();
  return {
    add(given, caller) {
      // One after another: two at once would both find room for the last one.
      const added = adding.then(() => addClient(store, given, { rng, drawSecret }, caller));
      adding = added.catch(() => undefined);
      return added;
    },

    async get(id) {
      const record = await store.transact([oidcClientKey(id)], ([found]) => replyOnly(found));
      if (record === undefined) throw noClient();
      return record;
    },

    list: ({ after, limit }) =>
      store.scan(OIDC_CLIENTS, after === undefined ? { limit } : { after, limit }),

    change: (id, change, caller) =>
      changeClient(store, id, caller, (record) => {
        const changed = changedBy(record, change);
        checkClient(changed);
        const details = { fields: Object.keys(definedOf(change)).sort().join(' ') };
        return { record: changed, action: 'changeOidcClient', details };
      }),

    async rotateSecret(id, { overlapMillis = SECRET_OVERLAP_MILLIS }, caller) {
      if (!(overlapMillis <= SECRET_OVERLAP_MILLIS_MAX)) {
        throw invalidInput('/overlap', 'tooLarge', 'An overlap is at most 90 days.');
      }
      const secret = drawSecret();
      const client = await changeClient(store, id, caller, (record) => {
        const secrets = withSecret(record, secret, (caller.now + overlapMillis) as UnixMillis);
        const details = { client: id, overlapSeconds: Math.round(overlapMillis / 1000) };
        return { record: { ...record, secrets }, action: 'rotateOidcClientSecret', details };
      });
      return { client, secret };
    },

    remove(id, caller) {
      const key = oidcClientKey(id);
      return store.transact([key], ([record]) => {
        if (record === undefined) throw noClient();
        const draft = draftOf(caller, 'removeOidcClient', detailsOf(record));
        return { writes: [remove(key)], auditDrafts: [draft], reply: record };
      });
    },
  };
}

interface Drawing {
  readonly rng: Rng;
  readonly drawSecret: () => string;
}

async function addClient(
  store: OidcClientParts['store'],
  given: NewOidcClient,
  { rng, drawSecret }: Drawing,
  caller: Caller,
): Promise<{ readonly client: OidcClientRecord; readonly secret?: string }> {
  const secret = given.isPublic ? undefined : drawSecret();
  const { requiredStrength, requiresProofing, idTokenAlgorithm } = given;
  const client: OidcClientRecord = {
    version: 1,
    id: Buffer.from(rng.bytes(ID_BYTES)).toString('hex'),
    name: given.name,
    secrets: secret === undefined ? [] : [{ hash: hashOf(secret) }],
    redirectUris: given.redirectUris,
    postLogoutRedirectUris: given.postLogoutRedirectUris ?? [],
    ...(requiredStrength === undefined ? {} : { requiredStrength }),
    ...(requiresProofing === true ? { requiresProofing } : {}),
    ...(idTokenAlgorithm === undefined ? {} : { idTokenAlgorithm }),
    createdAt: caller.now,
  };
  checkClient(client);
  await checkRoom(store);
  const key = oidcClientKey(client.id);
  await store.transact([key], ([present]) => {
    if (present !== undefined) {
      throw new FobtwinError('exists', 'A client has this id already.', {
        nextStep: 'Try again: ids are drawn at random.',
      });
    }
    const draft = draftOf(caller, 'addOidcClient', detailsOf(client));
    return { writes: [put(key, client)], auditDrafts: [draft], reply: undefined };
  });
  return secret === undefined ? { client } : { client, secret };
}

/** @throws FobtwinError `invalidInput` */
function checkClient({ redirectUris, postLogoutRedirectUris, secrets }: OidcClientRecord): void {
  if (redirectUris.length === 0) {
    throw invalidInput('/redirectUris', 'required', 'A client needs an address to return to.');
  }
  checkRedirectAddresses('redirectUris', redirectUris);
  checkRedirectAddresses('postLogoutRedirectUris', postLogoutRedirectUris);
  const at = redirectUris.findIndex(isPrivate);
  if (secrets.length > 0 && at >= 0) {
    const field = `/redirectUris/${at}`;
    throw invalidInput(field, 'notAllowed', 'Only a public client has a private scheme.', {
      nextStep: "A program on a person's machine can keep no secret: add it as a public client.",
    });
  }
  const tlsAt = redirectUris.findIndex(isLoopbackOverTls);
  if (secrets.length === 0 && isNative(redirectUris) && tlsAt >= 0) {
    const field = `/redirectUris/${tlsAt}`;
    throw invalidInput(field, 'notAllowed', 'A program on this machine is reached by plain http.', {
      nextStep: 'Give http://127.0.0.1/callback, or https addresses alone.',
    });
  }
}

async function checkRoom(store: OidcClientParts['store']): Promise<void> {
  let after: string | undefined;
  let count = 0;
  do {
    const range = after === undefined ? { limit: PAGE } : { after, limit: PAGE };
    const page = await store.scan(OIDC_CLIENTS, range);
    count += page.items.length;
    after = page.next ?? undefined;
  } while (after !== undefined && count < OIDC_CLIENTS_MAX);
  if (count < OIDC_CLIENTS_MAX) return;
  throw new FobtwinError('notAllowedNow', `There are ${OIDC_CLIENTS_MAX} clients.`, {
    nextStep: 'Remove those that are no longer used.',
  });
}

function changedBy(record: OidcClientRecord, change: OidcClientChange): OidcClientRecord {
  const { requiredStrength: strength, requiresProofing: proofing, ...others } = definedOf(change);
  const { requiredStrength, requiresProofing = false, ...rest } = record;
  const demanded = strength === undefined ? requiredStrength : (strength ?? undefined);
  return {
    ...rest,
    ...others,
    ...(demanded === undefined ? {} : { requiredStrength: demanded }),
    ...((proofing ?? requiresProofing) ? { requiresProofing: true as const } : {}),
  };
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

const definedOf = <T extends object>(given: T): Defined<T> =>
  Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Defined<T>;

/** @throws FobtwinError `notAllowedNow` for a public client */
function withSecret(
  { secrets }: OidcClientRecord,
  secret: string,
  overlapEnd: UnixMillis,
): readonly ClientSecret[] {
  const newest = secrets.at(-1);
  if (newest === undefined) {
    throw new FobtwinError('notAllowedNow', 'A public client has no secret.', {
      nextStep: 'Add it anew without --public if it can keep one.',
    });
  }
  const cutShort = { ...newest, until: overlapEnd };
  return [cutShort, { hash: hashOf(secret) }].slice(-SECRETS_MAX);
}

interface Change {
  readonly record: OidcClientRecord;
  readonly action: string;
  readonly details: AuditDraft['details'];
}

/** @throws FobtwinError `notFound` */
function changeClient(
  store: OidcClientParts['store'],
  id: string,
  caller: Caller,
  decide: (record: OidcClientRecord) => Change,
): Promise<OidcClientRecord> {
  const key = oidcClientKey(id);
  return store.transact([key], ([found]) => {
    if (found === undefined) throw noClient();
    const { record, action, details } = decide(found);
    const draft = draftOf(caller, action, { details: { client: id, ...details } });
    return { writes: [put(key, record)], auditDrafts: [draft], reply: record };
  });
}

const detailsOf = (client: OidcClientRecord): Pick<AuditDraft, 'details'> => ({
  details: {
    client: client.id,
    name: client.name,
    kind: client.secrets.length === 0 ? 'public' : 'confidential',
    redirectUris: client.redirectUris.join(' '),
    requiredStrength: client.requiredStrength ?? 'password',
    ...(client.requiresProofing === true ? { requiresProofing: true } : {}),
  },
});

const noClient = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no client of this id.', {
    nextStep: 'See: fobd oidc client list',
  });

const hashOf = (secret: string): string => hashApiKeySecret(secret).toString('hex');

/** What a missing secret is compared with: no text hashes to it. */
const NO_HASH = Buffer.alloc(32);

/** Whether `text` is one of the secrets at `now`; the same work whichever it is, if any. */
export function isSecretOf(secrets: readonly ClientSecret[], text: string, now: number): boolean {
  const given = hashApiKeySecret(text);
  let fits = false;
  for (let place = 0; place < SECRETS_MAX; place += 1) {
    const secret = secrets[place];
    const kept = secret === undefined ? NO_HASH : Buffer.from(secret.hash, 'hex');
    const isCurrent = secret?.until === undefined || now < secret.until;
    if (sameHash(given, kept) && isCurrent) fits = true;
  }
  return fits;
}
