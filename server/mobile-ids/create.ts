import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, CredentialId, Serial, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey } from '../accounts/record.ts';
import { inBundle } from '../credentials/bundle.ts';
import { recognise } from '../credentials/known-person.ts';
import { type Entitlement, subscriptionIdOf } from '../credentials/record.ts';
import { type Decision, put, replyOnly, type Store, type Write } from '../store/port.ts';
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

/** How often another may be made for the account between reading and deciding. */
const ROUNDS_MAX = 8;
/** Read where nothing waits; no token's serial is spelled so. */
const NO_SERIAL = '-' as Serial;

/**
 * Makes a Mobile ID. Whatever the account was shown before and never confirmed ends with the same
 * decision: which token that is stands in the setup's record, so that is read first.
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
    const made = makeMobileId(command.account, caller.now, creating);
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const done = await tryToCreate(made.detail, command, caller, creating.store);
      if (done) return made.shown;
    }
  } finally {
    release();
  }
  throw new FobtwinError('unavailable', 'Mobile IDs are being made for this account just now.', {
    nextStep: 'Try again.',
  });
}

/** Whether it was made: another may have been made since its setup was read. */
async function tryToCreate(
  detail: TokenDetail,
  command: CreateCommand,
  caller: Caller,
  store: Creating['store'],
): Promise<boolean> {
  const { account, credential } = command;
  const { serial } = detail.token;
  const waiting = await store.transact([setupKey(account)], ([setup]) => replyOnly(setup));
  const keys = [
    setupKey(account),
    tokenKey(waiting?.serial ?? NO_SERIAL),
    tokenKey(serial),
    factorKey(serial),
  ] as const;
  type Records = readonly [MobileIdSetupRecord | undefined, TokenRecord | undefined, ...unknown[]];
  const decide = (
    entitlement: Entitlement | undefined,
    [setup, old, taken]: Records,
  ): Decision<boolean> => {
    if (setup?.serial !== waiting?.serial || taken !== undefined) return replyOnly(false);
    return creation(detail, { account, entitlement, old }, caller);
  };
  if (credential === undefined) {
    return await store.transact([accountKey(account), ...keys], ([owner, ...records]) => {
      checkStaff(owner, caller);
      return decide(undefined, records);
    });
  }
  return await inBundle(subscriptionIdOf(credential), keys, store, (bundle, records) =>
    decide(checkCredential(bundle, { account, credential }, caller), records),
  );
}

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
): Decision<boolean> {
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
  return { writes, auditDrafts, reply: true };
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
