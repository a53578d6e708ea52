import { isDeepStrictEqual } from 'node:util';
import type { AccountId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type Decision, put, remove, replyOnly, type Store } from '../store/port.ts';
import { readAccount, readFacts } from './facts.ts';
import { readLines, refuseUnreviewed } from './lines.ts';
import { judgeLines } from './offer.ts';
import type { ChosenLine, NewCart } from './port.ts';
import { type CartRecord, cartKey, type OrderLine } from './record.ts';

type Reading = Pick<Store, 'transact' | 'scan'>;

export async function readCart(
  account: AccountId,
  store: Reading,
): Promise<CartRecord | undefined> {
  await readAccount(account, store);
  return store.transact([cartKey(account)], ([cart]) => replyOnly(cart));
}

/** What cannot be ordered now does not get into the cart; at the order it is judged again. */
export async function putCart(
  account: AccountId,
  { lines: chosen, reviewed }: NewCart,
  caller: Caller,
  store: Reading,
): Promise<CartRecord | undefined> {
  const lines = readLines(chosen);
  const held = (await readCart(account, store))?.lines ?? [];
  if (!isTakenOut(lines, held)) {
    judgeLines(lines, await readFacts(account, lines, store), caller.now);
  }
  return store.transact([cartKey(account)], ([present]) => {
    refuseUnreviewed(present?.lines ?? [], reviewed);
    return lines.length === 0 && present === undefined
      ? replyOnly(undefined)
      : filled(account, lines, caller);
  });
}

/** Fewer than before, and nothing else: that is always possible, whatever became of the others. */
const isTakenOut = (lines: readonly OrderLine[], held: readonly OrderLine[]): boolean =>
  lines.length < held.length &&
  lines.every((line) => held.some((each) => isDeepStrictEqual(each, line)));

/** After the lines that the cart has already, whichever those are by now. */
export async function addToCart(
  account: AccountId,
  chosen: readonly ChosenLine[],
  caller: Caller,
  store: Reading,
): Promise<CartRecord | undefined> {
  const added = readLines(chosen);
  judgeLines(added, await readFacts(account, added, store), caller.now);
  return store.transact([cartKey(account)], ([present]) => {
    if (added.length === 0) return replyOnly(present);
    return filled(account, readLines([...(present?.lines ?? []), ...chosen]), caller);
  });
}

function filled(
  account: AccountId,
  lines: readonly OrderLine[],
  caller: Caller,
): Decision<CartRecord | undefined> {
  const key = cartKey(account);
  const cart: CartRecord | undefined =
    lines.length === 0 ? undefined : { version: 1, lines, changedAt: caller.now };
  return {
    writes: [cart === undefined ? remove(key) : put(key, cart)],
    auditDrafts: [draftOf(caller, 'changeCart', { account, details: { lines: lines.length } })],
    reply: cart,
  };
}
