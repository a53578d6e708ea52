import { formatTime } from '../../../shared/time.ts';
import { type Code, isAtLeast } from '../../../shared/types.ts';
import type { ReplyOf } from '../../../shared/wire/operations.ts';
import type { AddressRange } from '../../access/address.ts';
import type { Caller } from '../../access/scopes.ts';
import { isProved } from '../../phones/changing.ts';
import { maskNumber } from '../../phones/number.ts';
import type { CapturedTexts } from '../../phones/open.ts';
import type { PhoneService, SentCode } from '../../phones/port.ts';
import type { Phone } from '../../phones/record.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { createSources, type Source } from '../source.ts';
import type { Call, Handlers } from './handler.ts';
import { parsedSource } from './sessions.ts';

type Ids =
  | 'listPhones'
  | 'addPhone'
  | 'verifyPhone'
  | 'sendPhoneCode'
  | 'removePhone'
  | 'listTexts';

interface Rooms {
  readonly phones: PhoneService;
  readonly texts: CapturedTexts;
  readonly trustedProxies?: readonly AddressRange[] | undefined;
}

export function phoneHandlers({ phones, texts, trustedProxies = [] }: Rooms): Handlers<Ids> {
  const sourceOf = createSources(trustedProxies);
  return {
    async listPhones({ params: { id } }) {
      return viewAll(await phones.list(id));
    },
    async addPhone(call) {
      const { id } = call.params;
      const { source: _, ...typed } = call.body;
      const source = sourceIn(call, sourceOf);
      const { phone, sent } = await phones.add({ account: id, ...typed, source }, call.caller);
      const rest = recommended(await phones.list(id));
      return {
        phone: viewPhone(phone, { isMasked: !seesNumbers(call.caller) }),
        sent: viewSent(sent),
        ...rest,
      };
    },
    async verifyPhone({ params: { id, phone }, body, caller }) {
      // The schema has let only six to eight digits through.
      const code = body.code as Code;
      const answer = await phones.verify({ account: id, phone, code }, caller);
      if (answer.phone === undefined) return { outcome: answer.outcome };
      const rest = recommended(await phones.list(id));
      const phoneView = viewPhone(answer.phone, { isMasked: !seesNumbers(caller) });
      return { outcome: answer.outcome, phone: phoneView, ...rest };
    },
    async sendPhoneCode(call) {
      const { id, phone } = call.params;
      const source = sourceIn(call, sourceOf);
      return { sent: viewSent(await phones.send({ account: id, phone, source }, call.caller)) };
    },
    async removePhone({ params: { id, phone }, caller }) {
      return viewAll(await phones.remove({ account: id, phone }, caller));
    },
    async listTexts({ query: { cursor, limit } }) {
      const { items, next } = await texts.list({ after: parseCursor(cursor), limit });
      return {
        items: items.map(({ at, message: { id, number, country, kind, text } }) => ({
          at: formatTime(at),
          id,
          to: number,
          country,
          kind,
          text,
        })),
        nextCursor: formatCursor(next),
      };
    },
  };
}

/** A person's own address, or an application's word on where its user is. */
function sourceIn(
  { body: { source }, caller, request }: Call<'addPhone' | 'sendPhoneCode'>,
  sourceOf: (request: Call<'sendPhoneCode'>['request']) => Source,
): string | undefined {
  if (caller.principal.account !== undefined) return sourceOf(request).countedAs;
  return source === undefined ? undefined : parsedSource(source);
}

/** The whole number is for those who may change it. */
function seesNumbers({ principal }: Caller): boolean {
  const isStrong = isAtLeast(principal.strength ?? 'password', 'phoneOtp');
  return principal.scopes.has('phones:admin') || isStrong;
}

function viewPhone(
  { id, number, country, kind, addedAt, verifiedAt }: Phone,
  { isMasked }: { readonly isMasked: boolean },
): ReplyOf<'listPhones'>['phones'][number] {
  return {
    id,
    number: isMasked ? maskNumber(number) : number,
    country,
    kind,
    addedAt: formatTime(addedAt),
    verifiedAt: verifiedAt && formatTime(verifiedAt),
  };
}

const viewAll = (phones: readonly Phone[]): ReplyOf<'listPhones'> => ({
  phones: phones.map((phone) => viewPhone(phone, { isMasked: true })),
  ...recommended(phones),
});

const RECOMMENDED = 2;

/** Seed 003: at least two numbers, so that the other one is left where one is lost. */
const recommended = (phones: readonly Phone[]): Pick<ReplyOf<'listPhones'>, 'recommendation'> => {
  const count = phones.filter(isProved).length;
  return count > 0 && count < RECOMMENDED ? { recommendation: 'addSecond' } : {};
};

const viewSent = ({ phone, purpose, expiresAt, resendAt }: SentCode) => ({
  phone,
  purpose,
  expiresAt: formatTime(expiresAt),
  resendAt: formatTime(resendAt),
});
