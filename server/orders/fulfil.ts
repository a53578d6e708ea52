import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { OrderNumber, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { type Caller, SYSTEM } from '../access/scopes.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import type { NoticeWriter } from '../notices/port.ts';
import { type NoticeRecord, noticeKey } from '../notices/record.ts';
import { type Decision, type Key, put, remove, replyOnly, type Store } from '../store/port.ts';
import { cursorWrites, DUE_CURSOR_KEY, type DueCursorRecord } from '../subscriptions/due-cursor.ts';
import type { SubscriptionService } from '../subscriptions/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import { yearAfter } from '../subscriptions/terms.ts';
import { type CredentialProduct, PRODUCTS } from './catalogue.ts';
import { readOrder } from './changes.ts';
import { makeNewKey, newKeyWrites } from './issued-key.ts';
import { LINES_MAX } from './lines.ts';
import { licenceKeyId, refusedId, refusedMail } from './mails.ts';
import { openedBy } from './place.ts';
import { type OrderLine, type OrderRecord, orderKey } from './record.ts';

/**
 * Carries out what was paid for, line by line. Each line is one decision together with the count of
 * lines that are done: whoever comes next, after a crash or at the same time, goes on behind it.
 */

export interface FulfilmentParts {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly notices: NoticeWriter;
  readonly subscriptions: Pick<SubscriptionService, 'renew' | 'upgrade'>;
  /** Licence keys are made of it: a cryptographic one. */
  readonly rng: Rng;
  /** 32 bytes that are not in the store. */
  readonly licenceKeysKey: Uint8Array;
}

/** @returns the order as it stands then; whatever state it was in */
export async function fulfil(
  id: OrderNumber,
  now: UnixMillis,
  parts: FulfilmentParts,
): Promise<OrderRecord> {
  const caller: Caller = { principal: SYSTEM, now };
  // Each round finds a line done that was not, by itself or by another.
  for (let round = 0; round <= LINES_MAX; round += 1) {
    const order = await readOrder(id, {}, parts.store);
    const line = order.lines[order.linesDone];
    if (order.state !== 'paid' || line === undefined) return order;
    await carryOut(order, line, caller, parts);
  }
  return readOrder(id, {}, parts.store);
}

function carryOut(
  order: OrderRecord,
  line: OrderLine,
  caller: Caller,
  parts: FulfilmentParts,
): Promise<void> {
  const product = PRODUCTS[line.product];
  return product.kind === 'credential'
    ? issue(order, line, product, caller, parts)
    : extend(order, line, product.kind, caller, parts);
}

/** `SO-10001-2-3`: the third unit of the second line. */
export const unitsOf = (
  order: OrderNumber,
  place: number,
  { quantity }: Pick<OrderLine, 'quantity'>,
): readonly SubscriptionId[] =>
  Array.from(
    { length: quantity },
    (_, unit) => `${order}-${place + 1}-${unit + 1}` as SubscriptionId,
  );

/** New subscriptions, each with its licence key and the mail that has it. */
function issue(
  { id, linesDone: place, purchaser }: OrderRecord,
  line: OrderLine,
  product: CredentialProduct,
  caller: Caller,
  { store, notices, ...making }: FulfilmentParts,
): Promise<void> {
  const units = unitsOf(id, place, line).map((unit) => ({ unit, ...makeNewKey(making) }));
  const mails = units.map(({ unit }) => noticeKey(licenceKeyId(unit, 0)));
  const keys: readonly Key<unknown>[] = [
    orderKey(id),
    DUE_CURSOR_KEY,
    accountKey(purchaser),
    ...units.map(({ unit }) => subscriptionKey(unit)),
    ...units.map(({ keyAt }) => keyAt),
    ...mails,
  ];
  return store.transact(keys, ([found, cursor, account, ...rest]) => {
    const order = found as OrderRecord | undefined;
    if (order === undefined || !isNext(order, place)) return replyOnly(undefined);
    const written = rest.slice(2 * units.length) as (NoticeRecord | undefined)[];
    const made = units.map(({ unit, ...newKey }, index) => {
      const subscription = newSubscription(unit, order, line, product);
      const issued = {
        ...newKey,
        ...{ order, line, subscription, sending: 0, at: caller.now },
        purchaser: account as AccountRecord | undefined,
      };
      const writes = [
        put(subscriptionKey(unit), subscription),
        ...newKeyWrites(issued, notices, written[index]),
      ];
      const details = { order: id, subscription: unit, product: line.product };
      const draft = draftOf(caller, 'addSubscription', { account: purchaser, details });
      return { subscription, writes, draft };
    });
    const done = lineDone(order, caller);
    // All of them end on one day. It has passed only where fobd stood still for most of a year.
    const due = made
      .slice(0, 1)
      .flatMap(({ subscription }) =>
        cursorWrites(subscription, cursor as DueCursorRecord | undefined),
      );
    return {
      writes: [...made.flatMap(({ writes }) => writes), ...due, ...done.writes],
      auditDrafts: [...made.map(({ draft }) => draft), ...done.auditDrafts],
      reply: undefined,
    };
  });
}

/** The year runs from the payment, whatever is done with it when. */
function newSubscription(
  id: SubscriptionId,
  { id: order, purchaser, organisation, paidAt }: OrderRecord,
  { product }: OrderLine,
  { types, proofing }: CredentialProduct,
): SubscriptionRecord {
  if (paidAt === undefined) throw new TypeError(`${order} is carried out and not paid`);
  return {
    version: 1,
    id,
    product,
    types,
    proofing,
    order,
    purchaser,
    ...(organisation === undefined ? {} : { organisation }),
    purchasedAt: paidAt,
    expiresAt: yearAfter(paidAt),
    stepsTaken: 0,
    renewals: [],
  };
}

/**
 * A renewal or an upgrade: done first and counted then. Done twice it is done once, since it is
 * known by order and line.
 */
async function extend(
  { id, linesDone: place, paidAt, purchaser }: OrderRecord,
  line: OrderLine,
  kind: 'renewal' | 'proofingUpgrade',
  caller: Caller,
  { store, subscriptions, notices }: FulfilmentParts,
): Promise<void> {
  const { subscription } = line;
  if (subscription === undefined || paidAt === undefined) {
    throw new TypeError(`${id} has a line without what it is for`);
  }
  const paidLine = { subscription, order: id, line: place + 1, paidAt };
  const verb = kind === 'renewal' ? 'renew' : 'upgrade';
  const isRefused = await subscriptions[verb](paidLine, caller).then(() => false, isImpossible);
  const mail = noticeKey(refusedId(id, place + 1));
  const keys = [orderKey(id), accountKey(purchaser), mail, ...openedBy([line])] as const;
  return store.transact(keys, ([order, account, written]): Decision<void> => {
    if (order === undefined || !isNext(order, place)) return replyOnly(undefined);
    const { writes, auditDrafts } = lineDone(order, caller, { isRefused });
    const told = { line: place + 1, at: caller.now };
    const mails = isRefused ? notices.write(refusedMail(order, line, account, told), written) : [];
    return { writes: [...writes, ...mails], auditDrafts, reply: undefined };
  });
}

/** What no second attempt would change: it was revoked between its order and its payment. */
function isImpossible(error: unknown): true {
  if (error instanceof FobtwinError && error.code === 'revoked') return true;
  throw error;
}

const isNext = ({ state, linesDone }: OrderRecord, place: number): boolean =>
  state === 'paid' && linesDone === place;

/** The order with its next line done; with its last one it is fulfilled. */
function lineDone(
  order: OrderRecord,
  caller: Caller,
  { isRefused = false } = {},
): Omit<Decision<void>, 'reply'> {
  const { id, lines, linesRefused = [], purchaser } = order;
  const linesDone = order.linesDone + 1;
  const line = lines[order.linesDone];
  const after: OrderRecord = {
    ...order,
    linesDone,
    state: linesDone === lines.length ? 'fulfilled' : 'paid',
    ...(isRefused ? { linesRefused: [...linesRefused, linesDone] } : {}),
  };
  const details = {
    order: id,
    line: linesDone,
    product: line?.product ?? null,
    subscription: line?.subscription ?? null,
    refused: isRefused,
    state: after.state,
  };
  return {
    writes: [
      put(orderKey(id), after),
      ...openedBy(line === undefined ? [] : [line]).map((key) => remove(key)),
    ],
    auditDrafts: [draftOf(caller, 'carryOutLine', { account: purchaser, details })],
  };
}
