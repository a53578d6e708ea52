import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, CredentialId, Serial, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey } from '../accounts/record.ts';
import { inBundle } from '../credentials/bundle.ts';
import { recognise } from '../credentials/known-person.ts';
import { type Entitlement, subscriptionIdOf } from '../credentials/record.ts';
import { type Also, type Decision, put, type Store, type Write } from '../store/port.ts';
import type { TokenDetail } from '../tokens/port.ts';
import { factorKey, type TokenRecord, tokenKey } from '../tokens/record.ts';
import type { Vault } from '../vault/port.ts';
import { type Making, makeMobileId } from './make.ts';
import { checkCredential, checkStaff } from './offered.ts';
import type { NewMobileId } from './port.ts';
import { type MobileIdSetupRecord, SETUP_MILLIS, setupKey } from './record.ts';

export interface Creating extends Making {
  readonly store: Pick<Store, 'transact'>;
  readonly vault: Pick<Vault, 'seal' | 'keepKeys'>;
}

export interface CreateCommand {
  readonly account: AccountId;
  readonly credential?: CredentialId | undefined;
}

/**
 * Makes a Mobile ID. Whatever the account was shown before and never confirmed ends with the same
 * decision: its setup's record tells which token that is.
 */
export async function createMobileId(
  command: CreateCommand,
  caller: Caller,
  creating: Creating,
): Promise<NewMobileId> {
  const { account, credential } = command;
  if (credential !== undefined) await recognise(account, credential, caller, creating.store);
  const release = creating.vault.keepKeys();
  try {
    const { detail, shown } = makeMobileId(account, caller.now, creating);
    await create(detail, command, caller, creating.store);
    return shown;
  } finally {
    release();
  }
}

function create(
  detail: TokenDetail,
  { account, credential }: CreateCommand,
  caller: Caller,
  store: Creating['store'],
): Promise<void> {
  const { serial } = detail.token;
  const keys = [setupKey(account), tokenKey(serial), factorKey(serial)] as const;
  type Records = readonly [MobileIdSetupRecord | undefined, TokenRecord | undefined, ...unknown[]];
  const decide = (
    entitlement: Entitlement | undefined,
    [setup, taken]: Records,
    also: Also,
  ): Decision<void> => {
    if (taken !== undefined) throw serialTaken();
    const old = setup && also(tokenKey(setup.serial));
    return creation(detail, { account, entitlement, old }, caller);
  };
  if (credential === undefined) {
    return store.transact([accountKey(account), ...keys], ([owner, ...records], also) => {
      checkStaff(owner, caller);
      return decide(undefined, records, also);
    });
  }
  return inBundle(subscriptionIdOf(credential), keys, store, (bundle, records, also) =>
    decide(checkCredential(bundle, { account, credential }, caller), records, also),
  );
}

/** Serials are drawn: it does not happen, and no token is written over if it does. */
const serialTaken = (): FobtwinError =>
  new FobtwinError('unavailable', 'The serial number that was drawn is taken.', {
    nextStep: 'Try again.',
  });

interface Made {
  readonly account: AccountId;
  /** It is registered under its credential, and under no other. */
  readonly entitlement: Entitlement | undefined;
  /** The token that was shown before. */
  readonly old: TokenRecord | undefined;
}

function creation(
  detail: TokenDetail,
  { account, entitlement, old }: Made,
  caller: Caller,
): Decision<void> {
  const { factor } = detail;
  const token = entitlement === undefined ? detail.token : { ...detail.token, entitlement };
  const { serial } = token;
  const credential = entitlement?.credential;
  const setup: MobileIdSetupRecord = {
    version: 1,
    account,
    serial,
    ...(credential === undefined ? {} : { credential }),
    createdAt: caller.now,
    expiresAt: (caller.now + SETUP_MILLIS) as UnixMillis,
  };
  const writes: Write[] = [
    put(setupKey(account), setup),
    put(tokenKey(serial), token),
    put(factorKey(serial), factor),
  ];
  const details = credential === undefined ? undefined : { credential };
  const auditDrafts = [draftOf(caller, 'createMobileId', { serial, account, details })];
  if (old?.life === 'stocked') {
    writes.push(put(tokenKey(old.serial), ended(old, caller.now)));
    auditDrafts.push(endDraft(old.serial, { account, because: 'madeAnew' }, caller));
  }
  return { writes, auditDrafts, reply: undefined };
}

/** One that was never confirmed: whoever took a picture of it has nothing. */
export const ended = (token: TokenRecord, now: UnixMillis): TokenRecord => ({
  ...token,
  life: 'revoked',
  revokedAt: now,
});

export type EndOfSetup = 'madeAnew' | 'expired' | 'restored';

export const endDraft = (
  serial: Serial,
  { account, because }: { readonly account: AccountId; readonly because: EndOfSetup },
  caller: Caller,
) => draftOf(caller, 'endMobileIdSetup', { serial, account, details: { because } });
