import { parseCountry } from '../../shared/countries.ts';
import { type PhoneId, parsePhoneId } from '../../shared/types.ts';
import { isRight } from '../http/limits-attempt.ts';
import type { SendCommand } from '../phones/port.ts';
import { PHONE_KINDS } from '../phones/record.ts';
import { PHONES_PATH } from './account-links.ts';
import { codeIn, type Fields } from './forms.ts';
import { personAt, signInFirst } from './own.ts';
import { doneNote } from './page.ts';
import { phonesPage } from './phone-pages.ts';
import { type Refusal, refusalOf, replyWith, type Tried, tryTo } from './refusal.ts';
import { formTokenOf, type PageRoute, type Reply, type Seat, type Visit } from './visit.ts';

/** The person's own numbers. Who may change them when is for the phones' service to say. */
export const PHONES: PageRoute = { get: showPhones, post: change };

async function showPhones(visit: Visit): Promise<Reply> {
  const { seat, query } = visit;
  if (seat === undefined) return signInFirst(PHONES_PATH);
  return show(visit, seat, { waiting: query.get('phone'), done: query.get('done') });
}

interface Showing {
  /** An id, where a code of it is waited for. */
  readonly waiting?: string | null | undefined;
  readonly done?: string | null;
  readonly refusal?: Refusal;
  readonly typed?: Fields;
}

async function show(
  visit: Visit,
  seat: Seat,
  { waiting, done, refusal, typed }: Showing,
): Promise<Reply> {
  const { phones: service } = visit.parts;
  const phones = await service.list(seat.account.id);
  const page = phonesPage({
    person: seat,
    formToken: formTokenOf(visit),
    phones,
    mayChange: await service.mayChange(seat.account.id, personAt(visit, seat)),
    uncounted: await service.uncounted(seat.account.id, visit.now),
    waiting: phones.find(({ id }) => id === waiting),
    note: refusal ?? doneNote(DONE, done),
    typed,
  });
  return replyWith(page, refusal);
}

const DONE: ReadonlyMap<string, string> = new Map([
  ['confirmed', 'The number is confirmed: you can sign in with codes that are sent to it.'],
  ['removed', 'The number is removed.'],
]);

const waitingFor = (phone: PhoneId): Reply => ({ redirect: `${PHONES_PATH}?phone=${phone}` });

async function change(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(PHONES_PATH);
  const step = fields.get('step');
  if (step === 'add') return add(visit, seat, fields);
  const phone = parsePhoneId(fields.get('phone') ?? '');
  if (phone === undefined) return show(visit, seat, { refusal: NO_PHONE });
  if (step === 'send') return send(visit, seat, { phone });
  if (step === 'again') return send(visit, seat, { phone, purpose: 'verification' });
  if (step === 'verify') return verify(visit, seat, { phone, fields });
  if (step === 'remove') return remove(visit, seat, phone);
  return show(visit, seat, { refusal: refusalOf('Choose what is to be done.') });
}

const NO_PHONE = refusalOf('Choose one of your phones.');

async function add(visit: Visit, seat: Seat, fields: Fields): Promise<Reply> {
  const country = parseCountry(fields.get('country') ?? '');
  const kind = PHONE_KINDS.find((each) => each === fields.get('kind'));
  const number = fields.get('number') ?? '';
  const refuse = (refusal: Refusal) => show(visit, seat, { refusal, typed: fields });
  if (kind === undefined) return refuse(refusalOf('Choose Text Capable or Voice Only.'));
  if (country === undefined) return refuse(refusalOf('Choose the country of the number.'));
  const { parts, context } = visit;
  const source = parts.sourceOf(context.req).countedAs;
  const account = seat.account.id;
  const added = await tryTo(() =>
    parts.phones.add({ account, number, country, kind, source }, personAt(visit, seat)),
  );
  return 'refusal' in added ? refuse(added.refusal) : waitingFor(added.done.phone.id);
}

async function send(
  visit: Visit,
  seat: Seat,
  { phone, purpose }: Pick<SendCommand, 'phone' | 'purpose'>,
): Promise<Reply> {
  const { parts, context } = visit;
  const source = parts.sourceOf(context.req).countedAs;
  const account = seat.account.id;
  const sent = await tryTo(() =>
    parts.phones.send({ account, phone, purpose, source }, personAt(visit, seat)),
  );
  if ('done' in sent) return waitingFor(phone);
  // Whoever was sent one a moment ago may enter it all the same.
  const waiting = sent.refusal.retryAfterSeconds === undefined ? undefined : phone;
  return show(visit, seat, { refusal: sent.refusal, waiting });
}

async function verify(
  visit: Visit,
  seat: Seat,
  { phone, fields }: { readonly phone: PhoneId; readonly fields: Fields },
): Promise<Reply> {
  const tried = await tryCode(visit, seat, { phone, text: fields.get('code') });
  if ('done' in tried) return { redirect: `${PHONES_PATH}?done=confirmed` };
  return show(visit, seat, { refusal: tried.refusal, waiting: phone, typed: fields });
}

async function tryCode(
  visit: Visit,
  seat: Seat,
  { phone, text }: { readonly phone: PhoneId; readonly text: string | undefined },
): Promise<Tried<true>> {
  const code = codeIn(text);
  if (code === undefined) {
    return { refusal: refusalOf('A code is six to eight digits, as it was sent.') };
  }
  const account = seat.account.id;
  const { phones, limits } = visit.parts;
  const answer = await tryTo(async () => {
    const settle = limits?.attempt({ account, code });
    const { outcome } = await phones.verify({ account, phone, code }, personAt(visit, seat));
    settle?.(isRight(outcome));
    return outcome;
  });
  if ('refusal' in answer) return answer;
  if (answer.done === 'accepted') return { done: true };
  return { refusal: refusalOf('This is not the code that was sent. Enter it as you received it.') };
}

async function remove(visit: Visit, seat: Seat, phone: PhoneId): Promise<Reply> {
  const account = seat.account.id;
  const removed = await tryTo(() =>
    visit.parts.phones.remove({ account, phone }, personAt(visit, seat)),
  );
  if ('refusal' in removed) return show(visit, seat, { refusal: removed.refusal });
  return { redirect: `${PHONES_PATH}?done=removed` };
}
