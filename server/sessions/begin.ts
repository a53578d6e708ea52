import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { PasswordRecord } from '../accounts/password-record.ts';
import { type AccountRecord, isDisabled } from '../accounts/record.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { codeTypeOf } from '../tokens/issued.ts';
import { endByTime, ended, type Judged, judge, written } from './judge.ts';
import type { Looking } from './look.ts';
import { lookAtAll } from './look-at-all.ts';
import { SESSIONS_MAX, type Session, type SessionProof } from './port.ts';
import {
  hashSessionToken,
  type SessionRecord,
  type StrengthProof,
  sessionKey,
  sessionOf,
  whatOf,
} from './record.ts';

/** 256 bits: nobody guesses one, whatever the number of sessions. */
const TOKEN_BYTES = 32;
const ID_BYTES = 8;

/** Begins a session; the account's oldest end where there would be too many. */
export async function beginSession(
  proof: SessionProof,
  caller: Caller,
  { rng, ...looking }: Looking & { readonly rng: Rng },
): Promise<{ token: string; session: Session }> {
  const token = Buffer.from(rng.bytes(TOKEN_BYTES)).toString('base64url');
  const id = Buffer.from(rng.bytes(ID_BYTES)).toString('hex');
  const tokenHash = hashSessionToken(token);
  const { account } = proof;
  const record = await lookAtAll(
    account,
    looking.store,
    ({ account: owner, password, sessions, also }) => {
      refuseWithout(owner);
      const passwordSetAt = stillSetAt(password, proof);
      const begun = newRecord({ ...proof, passwordSetAt }, { tokenHash, id }, caller, looking);
      const standing = sessions.map((each) =>
        judge(each, { account: owner, password, also }, caller.now, looking.lifetimes),
      );
      return {
        judged: [...withRoom(standing, caller), withDraft(begun, caller)],
        reply: begun,
      };
    },
    [sessionKey(tokenHash)],
  );
  return { token, session: sessionOf(record) };
}

function newRecord(
  { account, strength, serial, issued, proofed, passwordSetAt }: SessionProof,
  { tokenHash, id }: { readonly tokenHash: string; readonly id: string },
  { now }: Caller,
  { lifetimes }: Looking,
): SessionRecord {
  const isAlone = serial === undefined && issued === undefined;
  if ((strength === 'password') !== isAlone) {
    const rest = isAlone ? 'the password alone' : `the code of ${serial ?? issued?.by ?? ''}`;
    throw new FobtwinError('internal', 'An internal error occurred.', {
      detail: `a session of strength ${strength} would rest on ${rest}`,
    });
  }
  return {
    version: 1,
    tokenHash,
    id,
    account,
    createdAt: now,
    authenticatedAt: now,
    ...(passwordSetAt === undefined ? {} : { passwordSetAt }),
    ...(isAlone ? {} : { proof: { strength, ...whatOf({ serial, issued, proofed }), at: now } }),
    lastSeenAt: now,
    expiresAt: (now + lifetimes.lifeMillis) as SessionRecord['expiresAt'],
  };
}

function refuseWithout(account: AccountRecord | undefined): void {
  if (account === undefined) throw new FobtwinError('notFound', 'There is no account of this id.');
  if (!isDisabled(account)) return;
  throw new FobtwinError('notAllowedNow', 'This account is disabled.', {
    nextStep: 'Ask whoever looks after accounts to enable it.',
  });
}

/** When the password that was given was set; it may have been changed since it was compared. */
function stillSetAt(
  present: PasswordRecord | undefined,
  { passwordSetAt: given = present?.setAt }: SessionProof,
): SessionRecord['passwordSetAt'] {
  if (given === present?.setAt) return given;
  throw new FobtwinError('notAllowedNow', 'The password was changed just now.', {
    nextStep: 'Sign in with the new one.',
  });
}

/** As they stand, the oldest of them ended where one more would be too many. */
function withRoom(standing: readonly Judged[], { now }: Caller): readonly Judged[] {
  const live = standing.filter(({ record }) => record !== undefined).length;
  let surplus = live + 1 - SESSIONS_MAX;
  return standing.map((judged) => {
    if (judged.record === undefined || surplus <= 0) return judged;
    surplus -= 1;
    return ended(judged.record, 'tooMany', { now });
  });
}

function withDraft(record: SessionRecord, caller: Caller): Judged {
  const { account, id, proof } = record;
  const draft = draftOf(caller, 'beginSession', {
    account,
    serial: proof?.serial,
    details: { session: id, strength: proof?.strength ?? 'password', ...issuedDetails(proof) },
  });
  return { ...written(record), auditDrafts: [draft] };
}

/** What the log tells of a proof that was no token's. */
export const issuedDetails = (
  proof: Pick<StrengthProof, 'issued'> | undefined,
): NonNullable<AuditDraft['details']> => {
  const issued = proof?.issued;
  if (issued === undefined) return {};
  const credentialType = codeTypeOf(issued);
  return issued.phone === undefined ? { credentialType } : { credentialType, phone: issued.phone };
};

/** Ends all sessions of an account, and says how many of them still were. */
export const endSessions = (
  account: AccountId,
  caller: Caller,
  { store, lifetimes }: Looking,
): Promise<{ readonly ended: number }> =>
  lookAtAll(account, store, ({ sessions }) => {
    let count = 0;
    const ends = sessions.map((record) => {
      const byTime = endByTime(record, caller.now, lifetimes);
      if (byTime !== undefined) return ended(record, byTime, { now: caller.now });
      count += 1;
      return ended(record, 'endSessions', caller);
    });
    const draft = draftOf(caller, 'endSessions', { account, details: { ended: count } });
    const own: Judged = { record: undefined, writes: [], auditDrafts: [draft] };
    return { judged: [...ends, own], reply: { ended: count } };
  });
