import { CREDENTIAL_TYPES, type CredentialType, type SubscriptionId } from '../../shared/types.ts';
import { type AccountRecord, accountKey, NO_ACCOUNT } from '../accounts/record.ts';
import { type Also, type Decision, type Key, put, type Store, type Write } from '../store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import type { TokenDetail } from '../tokens/port.ts';
import { factorKey, tokenKey } from '../tokens/record.ts';
import { detailOf, tokenWrites } from '../tokens/subject.ts';
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

/**
 * Decides over the bundle of one subscription and the records of `extras`; what only the
 * credentials tell of, their tokens, is read in the same decision.
 *
 * @param decide gets undefined where there is no such subscription; what it changes of the bundle
 * it writes by `bundleWrites`
 */
export function inBundle<const E extends Extras, R>(
  id: SubscriptionId,
  extras: E,
  store: Pick<Store, 'transact'>,
  decide: (bundle: Bundle | undefined, extra: ExtraRecords<E>, also: Also) => Decision<R>,
): Promise<R> {
  const credentials = CREDENTIAL_TYPES.map((type) => credentialKey(credentialIdOf(id, type)));
  const fixed: readonly Key<unknown>[] = [subscriptionKey(id), ...credentials];
  return store.transact([...fixed, ...extras], (records, also): Decision<R> => {
    const head = headOf(records.slice(0, fixed.length));
    const extra = records.slice(fixed.length) as unknown as ExtraRecords<E>;
    return decide(bundleOf(head, also), extra, also);
  });
}

/** What the others are known from. */
interface Head {
  readonly subscription: SubscriptionRecord | undefined;
  readonly credentials: readonly CredentialRecord[];
}

function headOf([subscription, ...credentials]: readonly unknown[]): Head {
  return {
    subscription: subscription as SubscriptionRecord | undefined,
    credentials: credentials.filter((record) => record !== undefined) as CredentialRecord[],
  };
}

function bundleOf({ subscription, credentials }: Head, also: Also): Bundle | undefined {
  // Read also where there is none: what is not there costs what is another's does.
  const account = also(accountKey(subscription?.account ?? NO_ACCOUNT));
  if (subscription === undefined) return undefined;
  let tokens: readonly TokenDetail[] | undefined;
  return {
    subscription,
    credentials,
    account,
    /** Read when a decision asks for them; one that finds that they are another's does not. */
    get tokens() {
      tokens ??= tokensOf(credentials, also);
      return tokens;
    },
  };
}

function tokensOf(credentials: readonly CredentialRecord[], also: Also): readonly TokenDetail[] {
  const tokens = credentials.map(({ serial }) =>
    serial === undefined ? undefined : detailOf(also(tokenKey(serial)), also(factorKey(serial))),
  );
  return tokens.filter((token) => token !== undefined);
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
