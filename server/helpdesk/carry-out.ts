import type { Serial, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import type { NoticeWriter } from '../notices/port.ts';
import type { NoticeRecord } from '../notices/record.ts';
import { pagesOf } from '../store/pages.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import {
  type Claim,
  groundsDetails,
  groundsKeys,
  groundsWrites,
  type Spent,
  spend,
  unspent,
} from './grounds.ts';
import { doneMailKeys, doneMails } from './mails.ts';
import type { HelpdeskOptions } from './options.ts';
import {
  CALLER_CHECKS,
  type CallerCheckRecord,
  callerCheckKey,
  type HelpdeskAction,
} from './record.ts';

/**
 * An action that another room carries out: the check is spent first, with the audit entry that
 * says on what grounds, so that of many at once one goes on; then it is done; then the account is
 * told. Where it is refused, the check and the approval are as before. What a crash has left
 * between the last two, `tellUntold` finds.
 */

export interface CarryingOut {
  readonly store: Store;
  readonly notices: NoticeWriter;
  readonly options: HelpdeskOptions;
}

/** The actions in the audit log. */
export const ENTRIES: Readonly<Record<HelpdeskAction, string>> = {
  temporaryCode: 'giveTemporaryCode',
  replacement: 'helpdeskReplacement',
  unlock: 'helpdeskUnlock',
};

export async function carryOut<T>(
  claim: Claim,
  about: { readonly serial?: Serial; readonly details?: Readonly<Record<string, string>> },
  caller: Caller,
  { store, notices, options }: CarryingOut,
  act: (spent: Spent) => Promise<T>,
): Promise<T> {
  const spent = await store.transact(groundsKeys(claim), ([check, approval]) => {
    const found = spend(claim, { check, approval }, caller, options);
    const { reason, intent } = claim;
    const toTell = { reason, at: caller.now };
    const claimed: Spent = { ...found, check: { ...found.check, toTell } };
    const draft = draftOf(caller, ENTRIES[intent.action], {
      ...(about.serial === undefined ? {} : { serial: about.serial }),
      account: claimed.check.account,
      details: { ...groundsDetails(reason, claimed), ...about.details },
    });
    return { writes: groundsWrites(claimed), auditDrafts: [draft], reply: claimed };
  });
  let done: T;
  try {
    done = await act(spent);
  } catch (error) {
    await giveBack(spent, claim, caller, store);
    throw error;
  }
  await tell(spent.check, { store, notices });
  return done;
}

/** Nothing was done: another action may rest on the same. */
function giveBack(spent: Spent, claim: Claim, caller: Caller, store: Store): Promise<void> {
  const draft = draftOf(caller, 'helpdeskRefused', {
    account: spent.check.account,
    details: { check: spent.check.id, action: claim.intent.action },
  });
  return store.transact(groundsKeys(claim), () => ({
    writes: groundsWrites(unspent(spent)),
    auditDrafts: [draft],
    reply: undefined,
  }));
}

type Telling = Pick<CarryingOut, 'store' | 'notices'>;

function tell({ id, account }: CallerCheckRecord, { store, notices }: Telling): Promise<void> {
  const keys = [callerCheckKey(id), accountKey(account), ...doneMailKeys(id)] as const;
  return store.transact(keys, ([check, record, ...present]) => {
    if (check?.toTell === undefined || check.usedFor === undefined) return replyOnly(undefined);
    const { toTell, usedFor: action, ...rest } = check;
    const done = { check: id, account, action, ...toTell };
    const written = present as (NoticeRecord | undefined)[];
    const addressee = record as AccountRecord | undefined;
    return {
      ...replyOnly(undefined),
      writes: [
        put(callerCheckKey(id), { ...rest, usedFor: action }),
        ...doneMails(done, addressee, written, notices),
      ],
    };
  });
}

/** No action takes so long. */
const UNTOLD_MILLIS = 60_000;

/** Tells of what was begun and never told, since fobd stopped in between. */
export async function tellUntold(now: UnixMillis, telling: Telling): Promise<void> {
  for await (const page of pagesOf(telling.store, CALLER_CHECKS)) {
    for (const check of page) {
      if (check.toTell === undefined || now - check.toTell.at < UNTOLD_MILLIS) continue;
      await tell(check, telling);
    }
  }
}
