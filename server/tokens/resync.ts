import type { Caller } from '../access/scopes.ts';
import type { Decision, Key, Store } from '../store/port.ts';
import { resyncDecided, resyncRefused } from '../verification/resync.ts';
import type { FactorRecord, Unseeded, Verdict } from '../verification/types.ts';
import { aboutVerdict } from './answer.ts';
import {
  maySeeTokens,
  type PairReply,
  type PairSearched,
  pairDecision,
  pairSearch,
  refusedPair,
} from './pair-answer.ts';
import type { ResyncCommand, TokenDetail } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import { done, holdsFor, lacking, type Step, settle, wantedOf, wantedOfStandIn } from './settle.ts';
import {
  countsOf,
  currentShadow,
  type Shaded,
  type ShadowRecord,
  shadowKey,
  shadowWrites,
  unseededStandIn,
  withCounts,
} from './shadows.ts';
import {
  aboutOf,
  afterVerdict,
  countsOnItself,
  type Deciding,
  detailOf,
  endOf,
  refusalOf,
  tokenWrites,
  unseeded,
} from './subject.ts';

type Keys = readonly [Key<TokenRecord>, Key<FactorRecord>, Key<ShadowRecord>];

/** One request, and what every decision about it needs. */
interface Question {
  readonly command: ResyncCommand;
  readonly caller: Caller;
  readonly deciding: Deciding;
  readonly keys: Keys;
}

/** Finding a token's counter or drift again: one pair of a serial at a time. */
export function resyncToken(
  command: ResyncCommand,
  caller: Caller,
  store: Pick<Store, 'transact'>,
  deciding: Deciding,
): Promise<PairReply> {
  const { serial } = command;
  const shaded: Shaded = { of: 'serial', name: serial };
  const shadow = shadowKey(shaded, deciding.shadowPrefix);
  const keys: Keys = [tokenKey(serial), factorKey(serial), shadow];
  const question: Question = { command, caller, deciding, keys };
  const decideNow = (searched: PairSearched | undefined): Promise<Step<PairReply>> =>
    store.transact(keys, ([token, factor, stored]) => {
      const known = detailOf(token, factor);
      return known !== undefined && countsOnItself(known.token, caller.now)
        ? onToken(known, searched, question)
        : onShadow(known, stored, searched, question);
    });
  const search = pairSearch({ ...command, now: caller.now });
  return deciding.searches.alone(`serial:${serial}`, () => settle(decideNow, search, deciding));
}

/** `undefined` where the pair must be looked for. */
function judge(
  subject: Unseeded,
  searched: PairSearched | undefined,
  { caller: { now }, deciding: { env } }: Question,
): Verdict | undefined {
  const refused = resyncRefused(subject, env);
  if (refused !== undefined || !holdsFor(searched, subject, now, env)) return refused;
  return resyncDecided(subject, searched.found, now, env);
}

function onToken(
  known: TokenDetail,
  searched: PairSearched | undefined,
  question: Question,
): Decision<Step<PairReply>> {
  const { caller, deciding } = question;
  const subject = unseeded(known);
  const verdict = judge(subject, searched, question);
  if (verdict === undefined) {
    return lacking(wantedOf(known, caller.now, deciding.vault));
  }
  const after = afterVerdict(known, verdict);
  const finding = { outcome: verdict.outcome, after };
  const about = aboutVerdict(known, verdict);
  return done(pairDecision('resync', finding, about, tokenWrites(known, after), caller));
}

function onShadow(
  known: TokenDetail | undefined,
  stored: ShadowRecord | undefined,
  searched: PairSearched | undefined,
  question: Question,
): Decision<Step<PairReply>> {
  const { command, caller, deciding, keys } = question;
  const about = aboutOf(command.serial, known);
  const error = maySeeTokens(caller) ? endOf(command.serial, known, caller.now) : undefined;
  if (error !== undefined) return done(refusedPair('resync', error, about, caller));
  const before = currentShadow(stored, caller.now);
  const subject = unseededStandIn(known, before);
  const cover = judge(subject, searched, question);
  if (cover === undefined) {
    return lacking(wantedOfStandIn(subject, caller.now, deciding.vault));
  }
  const finding = { outcome: refusalOf(known, caller.now), cover, after: known };
  const after = withCounts(before, countsOf(cover), caller.now);
  const writes = shadowWrites(keys[2], before, after);
  return done(pairDecision('resync', finding, about, writes, caller));
}
