import { FobtwinError } from '../../shared/errors.ts';
import type { Otp } from '../../shared/otp.ts';
import type { AccountId, Code, Serial, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey } from '../accounts/record.ts';
import type { AuditEntry, AuditQuery } from '../audit/entry.ts';
import { put, replyOnly, type Store } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { refuseEqualCodes } from '../verification/pair.ts';
import type { Policy } from '../verification/policy.ts';
import { type Fit, findFits } from './explain-search.ts';
import { type Explanation, explainEntry, explainFit, explainToken } from './explain-text.ts';
import type { TokenDetail } from './port.ts';
import { factorKey, tokenKey } from './record.ts';
import { aboutOf, detailOf, endOf, openSeed, unknownSerial } from './subject.ts';

/** Decisions that are explained. */
const DECISIONS = 10;
const PAGE_ENTRIES = 500;
/** A busy token has some thousand entries; strangers cannot make this read for ever. */
const PAGES_MAX = 200;
const DAY_MILLIS = 86_400_000;
/** How far back is looked, one after the other, until there are enough. */
const LOOK_BACK_DAYS = [1, 30, 365] as const;

export interface ExplainedDecision extends Explanation {
  readonly entry: AuditEntry;
}

export interface ExplainedFit extends Explanation {
  readonly fit: Fit;
}

export interface TokenExplanation {
  readonly state: Explanation;
  /** Newest first. */
  readonly decisions: readonly ExplainedDecision[];
  /** Where two codes were given: all that they would fit, the likeliest first. */
  readonly fits?: readonly ExplainedFit[];
  /** How often two codes may still be given. */
  readonly pairsLeft: number;
}

export interface ExplainCommand {
  readonly serial: Serial;
  /** Both or neither. */
  readonly codes?: { readonly code1: Code; readonly code2: Code };
}

export interface ExplainService {
  /**
   * How a token stands, what was decided on it last, and what two codes would fit. The codes are
   * paid for from the budget of failed pairs whatever comes of them, before they are looked at;
   * nothing is accepted and nothing burnt, so that a good pair still serves for a resync.
   *
   * @throws FobtwinError `notFound`; with codes `revoked`, `notAllowedNow` when the budget is spent
   * or another pair is being explained, `invalidInput` for equal codes
   */
  token(command: ExplainCommand, caller: Caller): Promise<TokenExplanation>;
  /** @throws FobtwinError `notFound` */
  account(
    account: AccountId,
    caller: Caller,
  ): Promise<{ readonly decisions: readonly ExplainedDecision[]; readonly serials: Serial[] }>;
}

export interface ExplainServiceOptions {
  readonly store: Pick<Store, 'transact' | 'auditPage'>;
  readonly vault: Pick<Vault, 'open'>;
  readonly otp: Otp;
  readonly policy: Policy;
}

export function createExplainService(options: ExplainServiceOptions): ExplainService {
  const { store, policy } = options;
  // A search takes up to half a second of the processor, in slices: one at a time.
  let isSearching = false;
  return {
    async token({ serial, codes }, caller) {
      if (codes !== undefined) refuseEqualCodes(codes);
      if (codes !== undefined && isSearching) throw busy();
      isSearching ||= codes !== undefined;
      try {
        const detail = await lookAt(serial, codes !== undefined, caller, options);
        const found = await latestDecisions(store, { serial }, caller.now);
        const explained = {
          state: explainToken(detail, caller.now),
          decisions: found.map(explainedEntry),
          pairsLeft: Math.max(0, budgetOf(detail, policy) - detail.factor.failedPairs),
        };
        if (codes === undefined) return explained;
        const fits = await fitsOf(detail, codes, caller.now, options);
        return { ...explained, fits };
      } finally {
        if (codes !== undefined) isSearching = false;
      }
    },
    async account(account, caller) {
      const known = await store.transact([accountKey(account)], ([record]) => replyOnly(record));
      if (known === undefined) {
        throw new FobtwinError('notFound', 'There is no account of this id.', {
          nextStep: 'Check its spelling: fobd account list.',
        });
      }
      const found = await latestDecisions(store, { account }, caller.now);
      return { decisions: found.map(explainedEntry), serials: [...known.serials] };
    },
  };
}

const explainedEntry = (entry: AuditEntry): ExplainedDecision => ({
  entry,
  ...explainEntry(entry),
});

/** A stocked token's pairs are counted to the limit of registrations. */
const budgetOf = ({ token: { life } }: TokenDetail, policy: Policy): number =>
  life === 'stocked' ? policy.registrationFailedPairsPerSerial : policy.resyncFailedPairs;

/** The token; with codes after a pair of its budget has been spent for good. */
async function lookAt(
  serial: Serial,
  spends: boolean,
  caller: Caller,
  { store, policy }: Pick<ExplainServiceOptions, 'store' | 'policy'>,
): Promise<TokenDetail> {
  return store.transact([tokenKey(serial), factorKey(serial)], ([token, factor]) => {
    const known = detailOf(token, factor);
    if (known === undefined) throw unknownSerial(serial);
    if (!spends) return replyOnly(known);
    const ended = endOf(serial, known, caller.now);
    if (ended !== undefined) throw ended;
    if (known.factor.failedPairs >= budgetOf(known, policy)) throw spent();
    const paid = { ...known.factor, failedPairs: known.factor.failedPairs + 1 };
    return {
      writes: [put(factorKey(serial), paid)],
      auditDrafts: [draftOf(caller, 'explain', aboutOf(serial, known))],
      reply: { token: known.token, factor: paid },
    };
  });
}

async function fitsOf(
  detail: TokenDetail,
  { code1, code2 }: NonNullable<ExplainCommand['codes']>,
  now: UnixMillis,
  { vault, otp, policy }: Pick<ExplainServiceOptions, 'vault' | 'otp' | 'policy'>,
): Promise<readonly ExplainedFit[]> {
  const { parameters } = detail.token;
  const { factor } = detail.factor;
  const nextCounter = factor.type === 'event' ? factor.nextCounter : 0;
  const seed = openSeed(detail, vault);
  try {
    const { pairStepsMax } = policy;
    const question = { seed, parameters, nextCounter, code1, code2, now, pairStepsMax };
    const fits = await findFits(question, otp);
    return fits.map((fit) => ({ fit, ...explainFit(fit, detail) }));
  } finally {
    seed.fill(0);
  }
}

/** Newest first. The log is read forwards, so ever longer spans are tried. */
async function latestDecisions(
  store: Pick<Store, 'auditPage'>,
  of: Pick<AuditQuery, 'serial' | 'account'>,
  now: UnixMillis,
): Promise<readonly AuditEntry[]> {
  for (const days of LOOK_BACK_DAYS) {
    const from = Math.max(0, now - days * DAY_MILLIS) as UnixMillis;
    const found = await lastOf(store, { ...of, from });
    if (found.length === DECISIONS) return found;
  }
  return lastOf(store, of);
}

async function lastOf(
  store: Pick<Store, 'auditPage'>,
  of: Omit<AuditQuery, 'after' | 'limit'>,
): Promise<readonly AuditEntry[]> {
  let last: readonly AuditEntry[] = [];
  let after = 0;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items, next } = await store.auditPage({ ...of, after, limit: PAGE_ENTRIES });
    last = [...last, ...items].slice(-DECISIONS);
    if (next === null) break;
    after = next;
  }
  return last.toReversed();
}

const busy = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'Another pair of codes is being explained.', {
    nextStep: 'Try again in a moment.',
  });

const spent = (): FobtwinError =>
  new FobtwinError('notAllowedNow', "This token's budget of pairs is spent.", {
    nextStep: 'Unlock the token, which gives it a new one.',
  });
