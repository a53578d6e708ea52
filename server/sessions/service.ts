import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { type AccountId, isAtLeast, parseCode } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { Store } from '../store/port.ts';
import { type Demanding, demandsOf, suffices } from '../tokens/answer.ts';
import type { TokenService } from '../tokens/port.ts';
import { beginSession, endSessions, issuedDetails } from './begin.ts';
import { ended, judge, seen, written } from './judge.ts';
import { changed, type Looking, look } from './look.ts';
import { lookAtAll } from './look-at-all.ts';
import { createSessionOptions, type SessionOptions } from './options.ts';
import type { ElevateAnswer, Session, SessionService } from './port.ts';
import {
  hashSessionToken,
  type SessionRecord,
  type StrengthProof,
  sessionOf,
  whatOf,
} from './record.ts';
import { sweepSessions } from './sweep.ts';
import { createTurns } from './turns.ts';

export interface SessionServiceOptions extends SessionOptions {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  /** Asked whether a code is good. */
  readonly tokens: Pick<TokenService, 'verify'>;
  /** From a cryptographic source: sessions' tokens are made of it. */
  readonly rng: Rng;
}

/** @throws FobtwinError `usage` for a lifetime out of its bounds */
export function createSessionService({
  store,
  tokens,
  rng,
  ...given
}: SessionServiceOptions): SessionService {
  const looking: Looking = { store, lifetimes: createSessionOptions(given) };
  const turns = createTurns<AccountId>();
  return {
    // One after another: two at once would both find room for the last one.
    begin: (proof, caller) =>
      turns.take(proof.account, () => beginSession(proof, caller, { ...looking, rng })),

    async find(token, now) {
      const record = await look(hashSessionToken(token), now, looking, (found) =>
        changed(found, seen(found, now)),
      );
      return record && sessionOf(record);
    },

    elevate: (token, code, caller) => elevate(token, code, caller, { looking, tokens }),

    async renew(token, caller) {
      const { now } = caller;
      const record = await look(hashSessionToken(token), now, looking, (found) => {
        const { account, id } = found;
        const draft = draftOf(caller, 'renewSession', { account, details: { session: id } });
        const renewed = { ...found, authenticatedAt: now, lastSeenAt: now };
        return { ...written(renewed), auditDrafts: [draft] };
      });
      if (record === undefined) throw isOver();
      return sessionOf(record);
    },

    async end(token, caller) {
      await look(hashSessionToken(token), caller.now, looking, (found) =>
        ended(found, 'signedOut', caller),
      );
    },

    endAll: (account, caller) => endSessions(account, caller, looking),

    list: (account, now) =>
      lookAtAll(account, store, ({ account: owner, password, sessions, also }) => {
        const judged = sessions.map((record) =>
          judge(record, { account: owner, password, also }, now, looking.lifetimes),
        );
        const live = judged.flatMap(({ record }) => record ?? []);
        return { judged, reply: live.map(sessionOf).toReversed() };
      }),

    sweep: (now) => sweepSessions(now, looking),
  };
}

const isOver = (): FobtwinError =>
  new FobtwinError('unauthenticated', 'This session is over.', { nextStep: 'Sign in again.' });

/**
 * The code is tried without the caller's own demand: what counts is what the session has reached in
 * the end, by this code or by one before.
 */
async function elevate(
  token: string,
  text: string,
  caller: Caller,
  { looking, tokens }: Pick<SessionServiceOptions, 'tokens'> & { readonly looking: Looking },
): Promise<ElevateAnswer> {
  const code = parseCode(text);
  if (code === undefined) {
    throw invalidInput('/code', 'badFormat', 'A code is six to eight digits.', {
      nextStep: 'Enter the number that the token shows.',
    });
  }
  const { now } = caller;
  const tokenHash = hashSessionToken(token);
  const before = await look(tokenHash, now, looking, (found) => changed(found, seen(found, now)));
  if (before === undefined) throw isOver();
  const { requiredStrength: _, requiresProofing: __, ...principal } = caller.principal;
  const { account } = before;
  const answer = await tokens.verify({ account, code }, { ...caller, principal });
  const { outcome, retryAfterSeconds, serial, issued, strength, proofed } = answer;
  if (outcome !== 'accepted') {
    return retryAfterSeconds === undefined ? { outcome } : { outcome, retryAfterSeconds };
  }
  if ((serial === undefined && issued === undefined) || strength === undefined) {
    throw new FobtwinError('internal', 'An internal error occurred.', {
      detail: 'a code was accepted without saying what it proves',
    });
  }
  const proof: StrengthProof = { strength, ...whatOf({ serial, issued, proofed }), at: now };
  const record = await look(tokenHash, now, looking, (found) => raised(found, proof, caller));
  if (record === undefined) throw isOver();
  return answerOf(sessionOf(record), caller.principal);
}

/**
 * The same strength proved anew counts from now on; a weaker one changes nothing, and no more does
 * an unproofed credential where a proofed one has proved as much.
 */
function raised(found: SessionRecord, proof: StrengthProof, caller: Caller) {
  const { account, id } = found;
  const record = isGain(proof, found.proof) ? { ...found, proof } : found;
  const reached = record.proof?.strength ?? 'password';
  const missing = missingOf(sessionOf(record), caller.principal);
  const draft = draftOf(caller, 'elevate', {
    outcome: missing === undefined ? 'accepted' : 'strengthTooLow',
    account,
    serial: proof.serial,
    details: { session: id, strength: reached, ...issuedDetails(proof), ...missing },
  });
  return { ...changed(found, record), auditDrafts: [draft] };
}

function isGain(proof: StrengthProof, present: StrengthProof | undefined): boolean {
  if (!isAtLeast(proof.strength, present?.strength ?? 'password')) return false;
  const isStronger = proof.strength !== present?.strength;
  return isStronger || proof.proofed === true || present.proofed !== true;
}

/** What a session lacks of what the caller demands; undefined where it lacks nothing. */
const missingOf = (session: Session, principal: Demanding) =>
  suffices(session, principal) ? undefined : demandsOf(principal);

function answerOf(session: Session, principal: Demanding): ElevateAnswer {
  const missing = missingOf(session, principal);
  return missing === undefined
    ? { outcome: 'accepted', session }
    : { outcome: 'strengthTooLow', session, ...missing };
}
