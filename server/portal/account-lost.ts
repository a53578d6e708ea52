import { FobtwinError } from '../../shared/errors.ts';
import { parseSerial } from '../../shared/types.ts';
import { ACCOUNT_TOKENS_MAX } from '../accounts/record.ts';
import type { TokenDetail } from '../tokens/port.ts';
import { OTP_PATH } from './account-links.ts';
import { foundPage, lostPage } from './lost-pages.ts';
import { personAt, signInFirst } from './own.ts';
import { type Refusal, replyWith, tryTo } from './refusal.ts';
import { formTokenOf, type PageRoute, type Reply, type Seat, type Visit } from './visit.ts';

/** A person reports the own token lost, and found again. Who may is for its service to say. */
export const LOST: PageRoute = {
  get: (visit) => show(visit, 'lost'),
  post: (visit) => say(visit, 'lost'),
};
export const FOUND: PageRoute = {
  get: (visit) => show(visit, 'found'),
  post: (visit) => say(visit, 'found'),
};

type Word = 'lost' | 'found';
const PAGES = { lost: lostPage, found: foundPage } as const;

async function show(visit: Visit, word: Word, refusal?: Refusal): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const detail = await ownToken(visit, seat);
  // So it stands already, as after a form that was sent twice.
  if (detail.token.holds.includes('lost') === (word === 'lost')) return { redirect: OTP_PATH };
  const page = PAGES[word]({ person: seat, formToken: formTokenOf(visit), detail, refusal });
  return replyWith(page, refusal);
}

/** @throws FobtwinError `notFound`, also for a token of somebody else */
async function ownToken({ parts, query }: Visit, { account }: Seat): Promise<TokenDetail> {
  const serial = parseSerial(query.get('serial') ?? '');
  const { items } = await parts.tokens.list({
    account: account.id,
    life: 'registered',
    limit: ACCOUNT_TOKENS_MAX,
  });
  const own = items.find(({ token }) => token.serial === serial);
  if (own !== undefined) return own;
  throw new FobtwinError('notFound', 'Your account has no such token.');
}

async function say(visit: Visit, verb: Word): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(OTP_PATH);
  const { serial } = (await ownToken(visit, seat)).token;
  const command = { account: seat.account.id, serial, verb };
  const said = await tryTo(() => parts.tokens.changeLife(command, personAt(visit, seat)));
  if ('refusal' in said) return show(visit, verb, said.refusal);
  return { redirect: `${OTP_PATH}?done=${verb}` };
}
