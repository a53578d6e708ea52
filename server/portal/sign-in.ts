import { FobtwinError } from '../../shared/errors.ts';
import { isAtLeast, type Outcome } from '../../shared/types.ts';
import { OUTCOME_TEXTS, STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import {
  PASSWORD_CHARACTERS_MAX,
  type PasswordAnswer,
  USER_NAME_CHARACTERS_MAX,
} from '../accounts/passwords-port.ts';
import { isRight } from '../http/limits-attempt.ts';
import type { ElevateAnswer } from '../sessions/port.ts';
import { codeIn, type Fields } from './forms.ts';
import { type Refusal, replyWith } from './refusal.ts';
import { withParameter } from './return-address.ts';
import { codePage, onwardPage, passwordPage, STALE_TEXT } from './sign-in-pages.ts';
import {
  callerAt,
  formTokenOf,
  type PageRoute,
  type Reply,
  type Seat,
  seatBrowser,
  seatOf,
  type Visit,
} from './visit.ts';
import { ACCOUNT_PATH, nextStep, readWish, type Wish, wishAddress } from './wish.ts';

/**
 * Signing in: the password begins a session of strength `password`, a code raises it. Whoever stops
 * half-way, or chooses "Skip OTP", has what a password alone is worth.
 */
export const SIGN_IN: PageRoute = {
  get: async (visit) => ask(visit),
  post: take,
  // The sign-in that was under way goes on.
  stale: (visit) => ask(visit, REFUSALS.stale),
};

function wishOf({ parts, now, query }: Visit): Wish {
  const { publicUrl, forwardAuth } = parts;
  return readWish(query, {
    publicUrl,
    now,
    origins: forwardAuth?.origins ?? new Set(),
    requiredBy: (returnTo) => forwardAuth?.requirementAt(returnTo),
  });
}

async function ask(visit: Visit, refusal?: Refusal): Promise<Reply> {
  const wish = wishOf(visit);
  switch (nextStep(wish, visit.seat?.session)) {
    case 'password':
      return askPassword(visit, wish, refusal);
    case 'code':
      return visit.seat === undefined
        ? askPassword(visit, wish, refusal)
        : askCode(visit, wish, visit.seat, refusal);
    case 'done':
      if (visit.seat !== undefined) seatBrowser(visit, visit.seat);
      return { redirect: wish.returnTo };
  }
}

async function take(visit: Visit, fields: Fields): Promise<Reply> {
  const wish = wishOf(visit);
  const { seat } = visit;
  const step = fields.get('step');
  if (step === 'password') return takePassword(visit, wish, fields);
  if (seat === undefined) return { redirect: wishAddress(wish, { offersCode: false }) };
  if (step === 'code') return takeCode(visit, { wish, seat, text: fields.get('code') ?? '' });
  if (step === 'send') return takeSend(visit, { wish, seat, id: fields.get('phone') ?? '' });
  if (step === 'skip') return skip(visit, wish, seat);
  throw new FobtwinError('malformedBody', 'The form has no step that is known.');
}

function askPassword(visit: Visit, wish: Wish, refusal?: Refusal): Reply {
  const form = { wish, formToken: formTokenOf(visit), note: refusal };
  return replyWith(passwordPage(form, visit.seat), refusal);
}

async function askCode(visit: Visit, wish: Wish, seat: Seat, refusal?: Refusal): Promise<Reply> {
  const phones = await offeredPhones(visit, wish, seat);
  const page = codePage({
    wish,
    formToken: formTokenOf(visit),
    note: refusal,
    person: seat,
    canSkip: canSkip(visit, wish, seat),
    hasToken: seat.account.serials.length > 0,
    phones,
    sentTo: phones.find(({ id }) => id === wish.phone),
  });
  return replyWith(page, refusal);
}

/** An edge can live with less, or refuse it in its own words; a proxy would only send back here. */
function canSkip({ parts: { forwardAuth } }: Visit, { returnTo }: Wish, { session }: Seat) {
  const rule = forwardAuth?.requirementAt(returnTo);
  const isProofed = rule?.requiresProofing !== true || session.proofed === true;
  return isProofed && isAtLeast(session.strength, rule?.requiredStrength ?? 'password');
}

async function takePassword(visit: Visit, wish: Wish, fields: Fields): Promise<Reply> {
  const { parts, context, now } = visit;
  const user = (fields.get('user') ?? '').trim();
  const password = fields.get('password') ?? '';
  const typed = { ...wish, user: user.slice(0, USER_NAME_CHARACTERS_MAX) };
  if (user === '' || password === '') return askPassword(visit, typed, REFUSALS.incomplete);
  if (user.length > USER_NAME_CHARACTERS_MAX || password.length > PASSWORD_CHARACTERS_MAX) {
    return askPassword(visit, typed, REFUSALS.wrongPassword);
  }
  const source = parts.sourceOf(context.req).countedAs;
  const answer = await unlessRefused(
    parts.passwords.check({ user, password, source }, callerAt(now)),
  );
  if (!('outcome' in answer)) return askPassword(visit, typed, answer);
  if (answer.outcome !== 'accepted') {
    return askPassword(visit, typed, passwordRefusal(answer));
  }
  const seat = await takeSeat(visit, answer);
  seatBrowser(visit, seat);
  const fresh = { ...wish, user: '', phone: undefined };
  const hasCodes =
    seat.account.serials.length > 0 || (await offeredPhones(visit, fresh, seat)).length > 0;
  const offersCode = hasCodes && seat.session.strength === 'password';
  const next = { ...fresh, offersCode };
  return nextStep(next, seat.session) === 'code'
    ? { redirect: wishAddress(next, { offersCode: true }) }
    : onward(wish.returnTo, seat);
}

type AcceptedPassword = Extract<PasswordAnswer, { readonly outcome: 'accepted' }>;

/** The same person's session goes on; every other begins with a token that nobody has seen. */
async function takeSeat(
  visit: Visit,
  { account, passwordSetAt }: Omit<AcceptedPassword, 'outcome'>,
): Promise<Seat> {
  const { parts, now, seat } = visit;
  const { sessions } = parts;
  const caller = callerAt(now);
  if (seat?.account.id === account) {
    return seatOf(parts, seat.token, await sessions.renew(seat.token, caller));
  }
  if (seat !== undefined) await sessions.end(seat.token, caller);
  const { token, session } = await sessions.begin(
    { account, strength: 'password', passwordSetAt },
    caller,
  );
  return seatOf(parts, token, session);
}

interface CodeGiven {
  readonly wish: Wish;
  readonly seat: Seat;
  readonly text: string;
}

async function takeCode(visit: Visit, { wish, seat, text }: CodeGiven): Promise<Reply> {
  const code = codeIn(text);
  if (code === undefined) return askCode(visit, wish, seat, REFUSALS.noCode);
  const { sessions, limits } = visit.parts;
  const counted = async () =>
    limits?.attempt({ account: seat.account.id, code }) ?? (() => undefined);
  const settled = await unlessRefused(counted());
  if (typeof settled !== 'function') return askCode(visit, wish, seat, settled);
  const answer = await sessions.elevate(seat.token, code, callerAt(visit.now, wish));
  // A right code that proves too little is nobody's guess.
  settled(isRight(answer.outcome));
  const reached = { ...seat, session: answer.session ?? seat.session };
  if (answer.outcome !== 'accepted') {
    return askCode(visit, wish, reached, codeRefusal(answer, wish));
  }
  seatBrowser(visit, reached);
  return onward(wish.returnTo, reached);
}

/** "Send", and "Resend Code": the page that follows asks for the code. */
async function takeSend(
  visit: Visit,
  { wish, seat, id }: { readonly wish: Wish; readonly seat: Seat; readonly id: string },
): Promise<Reply> {
  const phones = await offeredPhones(visit, wish, seat);
  const phone = phones.find((each) => each.id === id)?.id;
  if (phone === undefined) return askCode(visit, wish, seat, REFUSALS.noPhone);
  const { parts, context, now } = visit;
  const source = parts.sourceOf(context.req).countedAs;
  const command = { account: seat.account.id, phone, source };
  const sent = await unlessRefused(parts.phones.send(command, callerAt(now)));
  if ('purpose' in sent) {
    return { redirect: wishAddress({ ...wish, phone }, { offersCode: true }) };
  }
  // Whoever was sent one a moment ago may enter it all the same.
  const isWaiting = sent.retryAfterSeconds !== undefined;
  return askCode(visit, isWaiting ? { ...wish, phone: wish.phone ?? phone } : wish, seat, sent);
}

/** Where a code of a phone is enough for what is asked, and for what there is already. */
async function offeredPhones(
  { parts, now }: Visit,
  { strength }: Wish,
  { account, session }: Seat,
) {
  const isEnough = isAtLeast('phoneOtp', strength) && isAtLeast('phoneOtp', session.strength);
  return isEnough ? parts.phones.usable(account.id, now) : [];
}

function skip(visit: Visit, wish: Wish, seat: Seat): Reply {
  if (!canSkip(visit, wish, seat)) return { redirect: ACCOUNT_PATH };
  const isWeaker = !isAtLeast(seat.session.strength, wish.strength);
  seatBrowser(visit, seat);
  return onward(isWeaker ? withParameter(wish.returnTo, 'signIn', 'skipped') : wish.returnTo, seat);
}

/** Browsers let a form lead to this server only, redirects included: a page leads further. */
function onward(returnTo: string, seat: Seat): Reply {
  if (returnTo === ACCOUNT_PATH || returnTo.startsWith(`${ACCOUNT_PATH}/`)) {
    return { redirect: returnTo };
  }
  return { page: onwardPage(returnTo, seat), headers: { Refresh: `0; url=${returnTo}` } };
}

const REFUSALS = {
  stale: { status: 403, lines: [STALE_TEXT] },
  incomplete: { status: 422, lines: ['Enter your user ID and your password.'] },
  wrongPassword: { status: 422, lines: ['The user ID or the password is not right.'] },
  disabled: {
    status: 403,
    lines: ['This account is disabled. Contact whoever looks after accounts.'],
  },
  noPhone: { status: 422, lines: ['Choose one of your phones.'] },
  noCode: { status: 422, lines: ['A code is six to eight digits, as it is shown or was sent.'] },
} as const satisfies Record<string, Refusal>;

const waitText = (seconds: number): string =>
  seconds < 120 ? `Wait ${seconds} seconds.` : `Wait ${Math.ceil(seconds / 60)} minutes.`;

function passwordRefusal(answer: Exclude<PasswordAnswer, AcceptedPassword>): Refusal {
  if (answer.outcome !== 'throttled') return REFUSALS[answer.outcome];
  return tooMany('Too many attempts to sign in.', answer.retryAfterSeconds);
}

const tooMany = (text: string, retryAfterSeconds: number): Refusal => ({
  status: 429,
  lines: [text, waitText(retryAfterSeconds)],
  retryAfterSeconds,
});

/** Of every outcome but `accepted`. */
function codeRefusal(
  { outcome, retryAfterSeconds, requiredStrength, requiredProofing }: ElevateAnswer,
  { strength }: Pick<Wish, 'strength'>,
): Refusal {
  if (outcome === 'throttled') return tooMany(OUTCOME_TEXTS.throttled, retryAfterSeconds ?? 1);
  const lines = [outcomeText(outcome)];
  if (outcome === 'strengthTooLow') {
    const proofed = requiredProofing === true ? ', of a proofed credential' : '';
    lines.push(`It needs a code of: ${STRENGTH_NAMES[requiredStrength ?? strength]}${proofed}.`);
  }
  return { status: 422, lines };
}

/** The catalogue's words tell of "Elevate", which is what the person is just doing. */
const outcomeText = (outcome: Outcome): string =>
  outcome === 'strengthTooLow'
    ? 'The code is right, and its credential is not strong enough for this.'
    : OUTCOME_TEXTS[outcome];

/** Limits and an absent directory are told on the page that the person stands on. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | Refusal> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    const { code, message, nextStep: next, retryAfterSeconds } = error;
    if (code === 'tooManyRequests') return tooMany(message, retryAfterSeconds ?? 60);
    if (code !== 'unavailable') throw error;
    return { status: 503, lines: [message, next ?? 'Try again in a moment.'] };
  }
}
