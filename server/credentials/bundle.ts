import { FobtwinError } from '../../shared/errors.ts';
import {
  CREDENTIAL_TYPES,
  type CredentialType,
  type Serial,
  type SubscriptionId,
} from '../../shared/types.ts';
import { type AccountRecord, accountKey, NO_ACCOUNT } from '../accounts/record.ts';
import { type Decision, type Key, put, replyOnly, type Store, type Write } from '../store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import type { TokenDetail } from '../tokens/port.ts';
import { factorKey, type TokenRecord, tokenKey } from '../tokens/record.ts';
import { detailsOf, tokenWrites } from '../tokens/subject.ts';
import type { FactorRecord } from '../verification/types.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
  type Entitlement,
  isProofed,
} from './record.ts';

/**
 * A subscription with all that hangs on it: its credentials, their tokens, whose they are. What
 * changes one of them is decided over all of them, so that a token's record never says anything
 * else than its subscription does.
 */
export interface Bundle {
  readonly subscription: SubscriptionRecord;
  /** None until the licence key is redeemed; in the order of `CREDENTIAL_TYPES`. */
  readonly credentials: readonly CredentialRecord[];
  /** Of the credentials' serials. */
  readonly tokens: readonly TokenDetail[];
  readonly account: AccountRecord | undefined;
}

/** Records read beside the bundle; a decision may write them too. */
type Extras = readonly Key<unknown>[];
type ExtraRecords<E extends Extras> = {
  readonly [I in keyof E]: E[I] extends Key<infer T> ? T | undefined : never;
};

/** How often a bundle may change between reading it and deciding. */
const ROUNDS_MAX = 8;

/**
 * Decides over the bundle of one subscription and the records of `extras`. Its credentials' tokens
 * are known only from the credentials, so those are read first; the decision reads all of them, and
 * begins again where a token has come or gone meanwhile.
 *
 * @param decide gets undefined where there is no such subscription; what it changes of the bundle
 * it writes by `bundleWrites`
 * @throws FobtwinError `unavailable` when it never stood still
 */
export async function inBundle<const E extends Extras, R>(
  id: SubscriptionId,
  extras: E,
  store: Pick<Store, 'transact'>,
  decide: (bundle: Bundle | undefined, extra: ExtraRecords<E>) => Decision<R>,
): Promise<R> {
  const credentials = CREDENTIAL_TYPES.map((type) => credentialKey(credentialIdOf(id, type)));
  const fixed: readonly Key<unknown>[] = [subscriptionKey(id), ...credentials];
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const known = await store.transact(fixed, (records) => replyOnly(headOf(records)));
    const serials = serialsOf(known);
    const account = accountKey(known.subscription?.account ?? NO_ACCOUNT);
    const tokens = [...serials.map(tokenKey), ...serials.map(factorKey)];
    const keys: readonly Key<unknown>[] = [...fixed, account, ...tokens, ...extras];
    const step = await store.transact(keys, (records): Decision<{ done: R } | undefined> => {
      const head = headOf(records);
      if (!isSame(head, known)) return replyOnly(undefined);
      const rest = records.slice(fixed.length);
      const extra = rest.slice(1 + tokens.length) as unknown as ExtraRecords<E>;
      const { writes, auditDrafts, reply } = decide(bundleOf(head, rest, tokens.length), extra);
      return { writes, auditDrafts, reply: { done: reply } };
    });
    if (step !== undefined) return step.done;
  }
  throw new FobtwinError('unavailable', 'This subscription is changing just now.', {
    nextStep: 'Try again.',
  });
}

/** What the others are known from. */
interface Head {
  readonly subscription: SubscriptionRecord | undefined;
  readonly credentials: readonly CredentialRecord[];
}

function headOf([subscription, ...records]: readonly unknown[]): Head {
  const credentials = records.slice(0, CREDENTIAL_TYPES.length);
  return {
    subscription: subscription as SubscriptionRecord | undefined,
    credentials: credentials.filter((record) => record !== undefined) as CredentialRecord[],
  };
}

const serialsOf = ({ credentials }: Head): readonly Serial[] =>
  credentials.flatMap(({ serial }) => serial ?? []);

const isSame = (a: Head, b: Head): boolean =>
  a.subscription?.account === b.subscription?.account &&
  serialsOf(a).join() === serialsOf(b).join();

function bundleOf(
  { subscription, credentials }: Head,
  [account, ...rest]: readonly unknown[],
  tokens: number,
): Bundle | undefined {
  if (subscription === undefined) return undefined;
  return {
    subscription,
    credentials,
    account: account as AccountRecord | undefined,
    tokens: detailsOf(rest.slice(0, tokens) as (TokenRecord | FactorRecord | undefined)[]),
  };
}

export const credentialOf = (
  { credentials }: Pick<Bundle, 'credentials'>,
  type: CredentialType,
): CredentialRecord | undefined => credentials.find((credential) => credential.type === type);

/** The bundle with `change` made to each of its credentials. */
export const withEach = (
  bundle: Bundle,
  change: (credential: CredentialRecord) => CredentialRecord,
): Bundle => ({ ...bundle, credentials: bundle.credentials.map(change) });

/** What a credential's token is to know of it. */
export const entitlementOf = (
  { expiresAt }: Pick<SubscriptionRecord, 'expiresAt'>,
  credential: CredentialRecord,
): Entitlement => ({
  credential: credential.id,
  until: expiresAt,
  proofed: isProofed(credential),
});

/**
 * The writes that lead from `before` to `after`. Tokens take over what their credentials say by
 * then; an account's list of tokens follows from what became of them.
 */
export function bundleWrites(before: Bundle, after: Bundle): Write[] {
  const { subscription, credentials } = after;
  const writes: Write[] = [];
  if (subscription !== before.subscription) {
    writes.push(put(subscriptionKey(subscription.id), subscription));
  }
  for (const credential of credentials) {
    if (before.credentials.includes(credential)) continue;
    writes.push(put(credentialKey(credential.id), credential));
  }
  for (const old of before.tokens) {
    const { serial } = old.token;
    const now = after.tokens.find(({ token }) => token.serial === serial) ?? old;
    const credential = credentials.find((each) => each.serial === serial);
    writes.push(...tokenWrites(old, entitled(now, credential, subscription)));
  }
  if (after.account !== undefined && after.account !== before.account) {
    writes.push(put(accountKey(after.account.id), after.account));
  }
  return writes;
}

function entitled(
  detail: TokenDetail,
  credential: CredentialRecord | undefined,
  subscription: SubscriptionRecord,
): TokenDetail {
  if (credential === undefined || detail.token.life === 'revoked') return detail;
  const entitlement = entitlementOf(subscription, credential);
  const present = detail.token.entitlement;
  const isSaid =
    present?.credential === entitlement.credential &&
    present.until === entitlement.until &&
    present.proofed === entitlement.proofed;
  return isSaid ? detail : { ...detail, token: { ...detail.token, entitlement } };
}
