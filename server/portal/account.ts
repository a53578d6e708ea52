import { FobtwinError } from '../../shared/errors.ts';
import { type Code, parseSerial, type Serial } from '../../shared/types.ts';
import { OUTCOME_TEXTS } from '../../shared/wire/texts.ts';
import { ACCOUNT_TOKENS_MAX } from '../accounts/record.ts';
import type { TwoCodesAnswer } from '../tokens/port.ts';
import { OTP_PATH } from './account-links.ts';
import { accountPage } from './account-pages.ts';
import { codeIn, type Fields } from './forms.ts';
import { otpPage } from './otp-pages.ts';
import { signInFirst } from './own.ts';
import { doneNote } from './page.ts';
import type { Refusal } from './refusal.ts';
import {
  callerAt,
  formTokenOf,
  type PageRoute,
  type Reply,
  type Seat,
  type Visit,
} from './visit.ts';
import { ACCOUNT_PATH } from './wish.ts';

export const ACCOUNT: PageRoute = { get: showAccount };
export const MANAGE_OTP: PageRoute = { get: showTokens, post: resync };

async function showAccount(visit: Visit): Promise<Reply> {
  const { parts, seat, now } = visit;
  if (seat === undefined) return signInFirst(ACCOUNT_PATH);
  const sessions = await parts.sessions.list(seat.account.id, now);
  return { page: accountPage({ person: seat, formToken: formTokenOf(visit) }, sessions) };
}

async function showTokens(visit: Visit): Promise<Reply> {
  if (visit.seat === undefined) return signInFirst(OTP_PATH);
  const done = doneNote(DONE, visit.query.get('done'));
  return { page: otpPage({ ...(await viewOf(visit, visit.seat)), done }) };
}

async function viewOf(visit: Visit, seat: Seat) {
  const account = seat.account.id;
  const { tokens, credentials, phones } = visit.parts;
  const [page, details, numbers] = await Promise.all([
    tokens.list({ account, life: 'registered', limit: ACCOUNT_TOKENS_MAX }),
    credentials.list(account),
    phones.list(account),
  ]);
  return {
    person: seat,
    formToken: formTokenOf(visit),
    now: visit.now,
    tokens: page.items,
    credentials: details,
    phones: numbers,
  };
}

/** The person unlocks the own token by two codes; counted and budgeted by the tokens' service. */
async function resync(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const serial = parseSerial(fields.get('serial') ?? '');
  if (serial === undefined || !seat.account.serials.includes(serial)) {
    throw new FobtwinError('notFound', 'Your account has no such token.');
  }
  const refusal = await tryPair(visit, serial, [fields.get('code1'), fields.get('code2')]);
  if (refusal === undefined) return { redirect: `${OTP_PATH}?done=resync` };
  const view = await viewOf(visit, seat);
  const page = otpPage({ ...view, refusal: { serial, note: refusal } });
  return { page, status: refusal.status };
}

async function tryPair(
  { parts, now }: Visit,
  serial: Serial,
  texts: readonly (string | undefined)[],
): Promise<Refusal | undefined> {
  const [code1, code2] = texts.map(codeIn);
  if (code1 === undefined || code2 === undefined) return NO_CODES;
  try {
    const settle = parts.limits?.attempt({ serial, code: `${code1} ${code2}` });
    const answer = await parts.tokens.resync({ serial, code1, code2 }, callerAt(now));
    settle?.(answer.outcome === 'accepted');
    return answer.outcome === 'accepted' ? undefined : refusalOf(answer);
  } catch (error) {
    return refusalByError(error, [code1, code2]);
  }
}

const DONE: ReadonlyMap<string, string> = new Map([
  ['resync', 'The token is resynchronized. Its next code is accepted again.'],
  ['revoked', 'The credential is revoked.'],
  ['lost', 'The token is reported lost: its codes are refused from now on.'],
  [
    'found',
    'The token is reported found: unless its state below says otherwise, its codes are accepted.',
  ],
]);
const NO_CODES: Refusal = {
  status: 422,
  lines: ['Enter two codes of six to eight digits each, as the token shows them.'],
};
const EQUAL: Refusal = {
  status: 422,
  lines: [
    'The two numbers are the same. Wait 30 seconds after the first, press the button again and ' +
      'enter the new number.',
  ],
};

/** The same words whichever of the two was wrong, and however far they were off. */
function refusalOf({ outcome }: TwoCodesAnswer): Refusal {
  if (outcome === 'wrongCode') {
    return {
      status: 422,
      lines: [
        'The two numbers do not fit: one is wrong, they did not follow each other, or the token ' +
          'is too far off.',
        'Try again with two new numbers. If they are refused again and again, contact customer ' +
          'support.',
      ],
    };
  }
  if (outcome === 'locked') {
    return { status: 422, lines: ['The tries are spent. Contact customer support to unlock it.'] };
  }
  return { status: 422, lines: [OUTCOME_TEXTS[outcome]] };
}

function refusalByError(error: unknown, [code1, code2]: readonly [Code, Code]): Refusal {
  if (!(error instanceof FobtwinError)) throw error;
  if (error.code === 'invalidInput' && code1 === code2) return EQUAL;
  if (error.code !== 'tooManyRequests') throw error;
  return { status: 429, lines: [error.message, error.nextStep ?? 'Wait a minute.'] };
}
