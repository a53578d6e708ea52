import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, CredentialType, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { NoticeWriter } from '../notices/port.ts';
import { licenceKeysKey } from '../orders/licence-key.ts';
import { pagesOf } from '../store/pages.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import { subscriptionKey } from '../subscriptions/record.ts';
import { statusAt } from '../subscriptions/terms.ts';
import type { TokenService } from '../tokens/port.ts';
import { deriveKey } from '../vault/keys.ts';
import { activate } from './activation.ts';
import { ACTIVATION_CODE_PURPOSE } from './activation-code.ts';
import { bundleWrites, inBundle } from './bundle.ts';
import { recognise } from './known-person.ts';
import { inForce, ownCredential, readOwn } from './own.ts';
import type { CredentialDetail, CredentialService, RevokeCredentialCommand } from './port.ts';
import { CREDENTIALS, type CredentialRecord, isProofed, subscriptionIdOf } from './record.ts';
import { redeem } from './redemption.ts';
import { grantReplacement } from './replacement.ts';
import { revocationOf } from './revocation.ts';
import { stageAfter } from './stages.ts';
import { registerToken } from './token-registration.ts';

export interface CredentialParts {
  readonly store: Store;
  readonly tokens: Pick<TokenService, 'register'>;
  readonly notices: NoticeWriter;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
}

export function createCredentialService(parts: CredentialParts): CredentialService {
  const { store, tokens, notices, rootKey } = parts;
  const hashKey = licenceKeysKey(rootKey);
  const activationKey = deriveKey(rootKey, ACTIVATION_CODE_PURPOSE);
  return {
    redeem: (account, key, caller) => redeem(account, key, caller, { store, hashKey }),
    list: (account) => listOf(account, store),
    get: (account, id) => readOwn(account, id, store),
    activate: (account, id, code, caller) =>
      activate(account, id, code, caller, { store, notices, activationKey }),
    registerToken: (command, caller) => registerToken(command, caller, { store, tokens }),
    grantReplacement: (command, caller) => grantReplacement(command, caller, store),
    recognise: (account, id, caller) => recognise(account, id, caller, store),
    revoke: (command, caller) => revoke(command, caller, store),
    async entitlement(account, type, now) {
      const entitling = (await listOf(account, store)).filter((each) => entitles(each, type, now));
      return entitling.sort(betterFirst)[0];
    },
  };
}

const PAGE = 500;
/** A page's worth is more than anybody buys; whoever has more sees the first so many. */
const CREDENTIALS_MAX = 4 * PAGE;

async function listOf(account: AccountId, store: Store): Promise<CredentialDetail[]> {
  const credentials: CredentialRecord[] = [];
  const range = { index: 'account', value: account, limit: PAGE };
  for await (const page of pagesOf(store, CREDENTIALS, range)) {
    credentials.push(...page);
    if (credentials.length >= CREDENTIALS_MAX) break;
  }
  const ids = [...new Set(credentials.map(({ subscription }) => subscription))];
  const subscriptions = await store.transact(ids.map(subscriptionKey), (found) => replyOnly(found));
  const byId = new Map(ids.map((id, place) => [id, subscriptions[place]]));
  return credentials
    .flatMap((credential) => {
      const subscription = byId.get(credential.subscription);
      return subscription === undefined ? [] : { credential, subscription };
    })
    .sort((a, b) => a.credential.createdAt - b.credential.createdAt);
}

/** Seed 002's bonus: a hardware token's owner has phones too, also while he waits for another. */
function entitles(
  { credential, subscription }: CredentialDetail,
  type: CredentialType,
  now: UnixMillis,
): boolean {
  if (statusAt(subscription, now) !== 'active') return false;
  if (credential.type === type) return credential.stage === 'active';
  const hasHadToken = credential.stage !== 'revoked' && credential.registeredAt !== undefined;
  return type === 'phoneOtp' && credential.type === 'hardwareToken' && hasHadToken;
}

const betterFirst = (a: CredentialDetail, b: CredentialDetail): number =>
  Number(isProofed(b.credential)) - Number(isProofed(a.credential)) ||
  b.subscription.expiresAt - a.subscription.expiresAt;

function revoke(
  { account, credential: id, confirmed }: RevokeCredentialCommand,
  caller: Caller,
  store: Store,
): Promise<CredentialDetail> {
  return inBundle(subscriptionIdOf(id), [], store, (found): Decision<CredentialDetail> => {
    const { bundle, credential } = ownCredential(found, account, id);
    stageAfter(credential, 'revoke');
    inForce(bundle.subscription, caller.now);
    if (!confirmed) {
      throw new FobtwinError('confirmationRequired', 'Revoking is final: it must be confirmed.', {
        nextStep: 'Say that it is meant, and try again.',
      });
    }
    const { after, auditDrafts } = revocationOf(bundle, credential, caller);
    const revoked = after.credentials.find((each) => each.id === id) ?? credential;
    return {
      writes: bundleWrites(bundle, after),
      auditDrafts,
      reply: { credential: revoked, subscription: after.subscription },
    };
  });
}
