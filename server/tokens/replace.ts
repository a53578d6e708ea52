import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Serial, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import {
  type AccountFailuresRecord,
  type AccountRecord,
  accountFailuresKey,
  accountKey,
  isDisabled,
  NO_ACCOUNT,
  NO_ACCOUNT_FAILURES,
} from '../accounts/record.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type CredentialRecord, credentialKey } from '../credentials/record.ts';
import { replacedWith } from '../credentials/stages.ts';
import { type Decision, put, replyOnly, type Store, type Write } from '../store/port.ts';
import { registerDecided, registerRefused } from '../verification/register.ts';
import {
  addFailedRegistration,
  registrationRetryAfterSeconds,
} from '../verification/registration-limit.ts';
import type { Verdict } from '../verification/types.ts';
import { withoutToken } from './change-life.ts';
import { changedLife } from './life.ts';
import { type PairSearched, pairSearch } from './pair-answer.ts';
import type { ReplaceAnswer, ReplaceCommand, TokenDetail } from './port.ts';
import { factorKey, tokenKey } from './record.ts';
import { registeredTo } from './registration.ts';
import { misfitError, misfitOf } from './registration-credential.ts';
import { done, holdsFor, type Step, settle, wantedOf } from './settle.ts';
import {
  acceptedDetails,
  accountDisabled,
  type Deciding,
  detailOf,
  endOf,
  tokenWrites,
  unseeded,
} from './subject.ts';

/**
 * A new token in an old one's place (lost, broken, worn out): the person proves by two codes that
 * he has the new one, and one decision revokes the old and registers the new to its account. A pair
 * that fails leaves the old token as it is and counts as a failed registration does, on the new
 * serial and on the account. Only administrators ask, so they are told plainly what stands in the
 * way.
 */

interface Question {
  readonly command: ReplaceCommand;
  readonly caller: Caller;
  readonly deciding: Deciding;
  readonly store: Pick<Store, 'transact'>;
}

/** The records as the decision finds them. */
interface Situation {
  readonly before: TokenDetail;
  readonly next: TokenDetail;
  readonly account: AccountRecord;
  readonly failures: AccountFailuresRecord;
  readonly searched: PairSearched | undefined;
  /** What the old token is the authenticator of, as the new one's. */
  readonly moved: CredentialRecord | undefined;
}

/**
 * @throws FobtwinError `notFound`, `revoked`, `alreadyRegistered`, `notAllowedNow`, `invalidInput`,
 * `wrongProduct`, `proofingRequired`
 */
export async function replaceToken(
  command: ReplaceCommand,
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<ReplaceAnswer> {
  const { serial, newSerial } = command;
  if (serial === newSerial) {
    throw invalidInput('/serial', 'notAllowed', 'A token cannot replace itself.', {
      nextStep: 'Give the serial of the new token.',
    });
  }
  const question: Question = { command, caller, deciding, store };
  const search = pairSearch({ ...command, now: caller.now });
  return await deciding.searches.alone(`serial:${newSerial}`, () =>
    settle((searched) => decideFor(searched, question), search, deciding),
  );
}

function decideFor(
  searched: PairSearched | undefined,
  question: Question,
): Promise<Step<ReplaceAnswer>> {
  const { command, store } = question;
  const { serial, newSerial } = command;
  const keys = [
    tokenKey(serial),
    factorKey(serial),
    tokenKey(newSerial),
    factorKey(newSerial),
  ] as const;
  const { now } = question.caller;
  return store.transact(keys, ([token, factor, newToken, newFactor], also) => {
    const before = registered(serial, detailOf(token, factor), now);
    const next = stocked(newSerial, detailOf(newToken, newFactor), now);
    const { account: id = NO_ACCOUNT, entitlement } = before.token;
    const account = also(accountKey(id));
    if (account === undefined) throw ownerless();
    if (isDisabled(account)) throw accountDisabled();
    const under = entitlement && also(credentialKey(entitlement.credential));
    const credential = under?.serial === serial ? under : undefined;
    if (entitlement !== undefined && credential === undefined) throw leftBehind(serial);
    const misfit = misfitOf(next.token, account.id, credential);
    if (misfit !== undefined) throw misfitError(misfit);
    const moved = credential && replacedWith(credential, { at: now, serial: newSerial });
    const failures = also(accountFailuresKey(account.id)) ?? NO_ACCOUNT_FAILURES;
    return decide({ before, next, account, failures, searched, moved }, question);
  });
}

const ownerless = (): FobtwinError =>
  new FobtwinError('internal', 'An internal error occurred.', {
    detail: 'a registered token has no account',
  });

/** Or the new token would rest on no subscription, and never expire. */
const leftBehind = (serial: Serial): FobtwinError =>
  new FobtwinError('notAllowedNow', `Token ${serial} is no longer its credential's token.`, {
    nextStep: 'Revoke it, and register the new one under its own credential.',
  });

function registered(serial: Serial, known: TokenDetail | undefined, now: UnixMillis): TokenDetail {
  const end = endOf(serial, known, now);
  if (end !== undefined || known === undefined) throw end;
  if (known.token.life === 'registered') return known;
  throw new FobtwinError('notAllowedNow', `Token ${serial} is stocked: it replaces nothing yet.`, {
    nextStep: 'Register the new token to the account: fobd token register SERIAL --account ID.',
  });
}

function stocked(serial: Serial, known: TokenDetail | undefined, now: UnixMillis): TokenDetail {
  const end = endOf(serial, known, now);
  if (end !== undefined || known === undefined) throw end;
  if (known.token.life === 'stocked') return known;
  throw new FobtwinError('alreadyRegistered', `Token ${serial} is registered already.`, {
    nextStep: 'Take a new token from the stock.',
  });
}

function decide(situation: Situation, question: Question): Decision<Step<ReplaceAnswer>> {
  const { next, failures, searched } = situation;
  const { caller, deciding } = question;
  const { env, vault } = deciding;
  const { now } = caller;
  const wait = registrationRetryAfterSeconds(failures.failedRegistrations, now, env.policy);
  if (wait !== undefined) {
    const answer = { outcome: 'throttled', retryAfterSeconds: wait, detail: next } as const;
    return done(answered(answer, [], situation, question));
  }
  // A held token is refused by its hold before it is looked at as one of the stock.
  const subject = unseeded(next);
  const refused = registerRefused(subject, env);
  if (refused === undefined && !holdsFor(searched, subject, now, env)) {
    return replyOnly({ search: wantedOf(next, now, vault) });
  }
  const verdict = refused ?? registerDecided(subject, searched?.found, now, env);
  return done(
    verdict.outcome === 'accepted'
      ? replaced(verdict, situation, question)
      : notReplaced(verdict, situation, question),
  );
}

function replaced(
  verdict: Verdict,
  situation: Situation,
  question: Question,
): Decision<ReplaceAnswer> {
  const { before, next, account, moved } = situation;
  const { now, principal } = question.caller;
  const { entitlement } = before.token;
  const bound = registeredTo(account.id, next.token, now);
  const old = changedLife(before, 'revoke', { now, scopes: principal.scopes });
  const after: TokenDetail = {
    token: moved && entitlement ? { ...bound, entitlement } : bound,
    factor: verdict.record,
  };
  const staying = withoutToken(account, before.token.serial);
  const serials = [...staying.serials, next.token.serial];
  const writes = [
    ...tokenWrites(before, old),
    ...tokenWrites(next, after),
    put(accountKey(account.id), { ...account, serials }),
    ...(moved ? [put(credentialKey(moved.id), moved)] : []),
  ];
  return answered({ outcome: 'accepted', detail: after }, writes, situation, question);
}

function notReplaced(
  { outcome, record }: Verdict,
  situation: Situation,
  question: Question,
): Decision<ReplaceAnswer> {
  const { next, account, failures } = situation;
  const { caller, deciding } = question;
  const after: TokenDetail = { ...next, factor: record };
  const writes = tokenWrites(next, after);
  if (outcome === 'wrongCode') {
    const { policy } = deciding.env;
    const list = addFailedRegistration(failures.failedRegistrations, caller.now, policy);
    const counted = { ...failures, failedRegistrations: list };
    writes.push(put(accountFailuresKey(account.id), counted));
  }
  return answered({ outcome, detail: after }, writes, situation, question);
}

/** Both tokens' histories tell of it, each with the other's serial. */
function answered(
  reply: ReplaceAnswer,
  writes: readonly Write[],
  { account }: Situation,
  { command, caller }: Question,
): Decision<ReplaceAnswer> {
  const { serial, newSerial, reason } = command;
  const { outcome, detail } = reply;
  const draft = (of: Serial, other: Readonly<Record<string, string | number>>): AuditDraft => {
    const details = reason === undefined ? other : { ...other, reason };
    return draftOf(caller, 'replace', { outcome, serial: of, account: account.id, details });
  };
  const accepted = outcome === 'accepted' ? acceptedDetails(detail.factor) : {};
  const auditDrafts = [
    draft(serial, { with: newSerial }),
    draft(newSerial, { replaces: serial, ...accepted }),
  ];
  return { writes, auditDrafts, reply };
}
