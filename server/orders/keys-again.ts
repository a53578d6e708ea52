import { FobtwinError } from '../../shared/errors.ts';
import type { OrderNumber, SubscriptionId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import { type NoticeRecord, noticeKey } from '../notices/record.ts';
import { type Decision, type Key, put, remove, replyOnly } from '../store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../subscriptions/record.ts';
import { statusAt } from '../subscriptions/terms.ts';
import { PRODUCTS } from './catalogue.ts';
import { existing, notNow, orderUnpaid, readOrder } from './changes.ts';
import { type FulfilmentParts, unitsOf } from './fulfil.ts';
import { makeNewKey, type NewKey, newKeyWrites } from './issued-key.ts';
import { LICENCE_KEYS, type LicenceKeyRecord, licenceKeyAt } from './licence-key.ts';
import { licenceKeyId } from './mails.ts';
import type { OrderService } from './port.ts';
import { KEY_SENDINGS_MAX, type OrderLine, type OrderRecord, orderKey } from './record.ts';

/**
 * Licence keys sent again. Of a key only a hash is kept, so another takes its place, and the one
 * before is void from the decision on that writes the new one.
 */

type Parts = Omit<FulfilmentParts, 'subscriptions'>;
type Which = Parameters<OrderService['sendKeysAgain']>[1];

/** One unit of the order, with the key that it is to have. */
interface Unit extends NewKey {
  readonly id: SubscriptionId;
  readonly line: OrderLine;
  /** Keys that it has; one, unless a sending stands beside this one. */
  readonly old: readonly Key<LicenceKeyRecord>[];
}

interface Sent {
  readonly order: OrderRecord;
  readonly sent: number;
}

/**
 * How often the same order's keys may be sent by others meanwhile: which keys a unit has is in an
 * index, and no decision reads one.
 */
const ROUNDS_MAX = 8;
/** Of one unit; it has one, and two while another sending is under way. */
const OLD_KEYS_MAX = 10;

export async function sendKeysAgain(
  id: OrderNumber,
  { purchaser, subscription, sendings }: Which,
  caller: Caller,
  parts: Parts,
): Promise<Sent> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const order = await readOrder(id, { purchaser }, parts.store);
    if (sendings !== undefined && sendings !== (order.keySendings ?? 0)) return { order, sent: 0 };
    const refusal = refusalOf(order);
    if (refusal !== undefined) throw refusal;
    const units = await unitsToSend(order, subscription, parts);
    const sent = await send(order, units, caller, parts);
    if (sent !== undefined) return sent;
  }
  throw new FobtwinError('unavailable', 'The keys of this order are being sent just now.', {
    nextStep: 'Look for the mail, and try again.',
  });
}

function refusalOf({ state, keySendings = 0 }: OrderRecord): FobtwinError | undefined {
  if (state === 'placed') return orderUnpaid();
  if (state === 'cancelled') return notNow(state, 'has no license keys');
  if (keySendings < KEY_SENDINGS_MAX) return undefined;
  const reason = `The keys of this order were sent again ${KEY_SENDINGS_MAX} times.`;
  return new FobtwinError('attemptsSpent', reason, { nextStep: 'Speak with billing.' });
}

/** Whether there may be keys to send; whether any waits to be used is known when they are sent. */
export const hasKeysToSend = (order: OrderRecord): boolean =>
  refusalOf(order) === undefined && linesWithKeys(order).length > 0;

/** With their places among all. */
const linesWithKeys = ({ lines, linesDone }: OrderRecord) =>
  [...lines.slice(0, linesDone).entries()].filter(
    ([, { product }]) => PRODUCTS[product].kind === 'credential',
  );

async function unitsToSend(
  order: OrderRecord,
  wanted: SubscriptionId | undefined,
  parts: Parts,
): Promise<readonly Unit[]> {
  const units: Unit[] = [];
  for (const [place, line] of linesWithKeys(order)) {
    for (const unit of unitsOf(order.id, place, line)) {
      if (wanted === undefined || wanted === unit) units.push(await unitOf(unit, line, parts));
    }
  }
  return units;
}

async function unitOf(
  id: SubscriptionId,
  line: OrderLine,
  { store, ...making }: Parts,
): Promise<Unit> {
  const range = { index: 'subscription', value: id, limit: OLD_KEYS_MAX };
  const { items } = await store.scan(LICENCE_KEYS, range);
  return { id, line, ...makeNewKey(making), old: items.map((record) => licenceKeyAt(record.id)) };
}

/** Undefined where the order's keys were sent again since the order was read. */
function send(
  { id, purchaser, keySendings }: OrderRecord,
  units: readonly Unit[],
  caller: Caller,
  { store, notices }: Parts,
): Promise<Sent | undefined> {
  const sending = (keySendings ?? 0) + 1;
  const mails = units.map((unit) => noticeKey(licenceKeyId(unit.id, sending)));
  const keys: readonly Key<unknown>[] = [
    orderKey(id),
    accountKey(purchaser),
    ...units.map((unit) => subscriptionKey(unit.id)),
    ...mails,
    ...units.flatMap(({ keyAt, old }) => [keyAt, ...old]),
  ];
  return store.transact(keys, ([found, account, ...rest]): Decision<Sent | undefined> => {
    const order = existing(found as OrderRecord | undefined);
    if (order.keySendings !== keySendings) return replyOnly(undefined);
    const subscriptions = rest.slice(0, units.length) as (SubscriptionRecord | undefined)[];
    const written = rest.slice(units.length, 2 * units.length) as (NoticeRecord | undefined)[];
    const sent = units.flatMap((unit, place) => {
      const subscription = subscriptions[place];
      if (subscription === undefined || !isUnused(subscription, caller)) return [];
      const issued = {
        ...unit,
        ...{ order, subscription, sending, at: caller.now },
        purchaser: account as AccountRecord | undefined,
      };
      return [
        [...unit.old.map((old) => remove(old)), ...newKeyWrites(issued, notices, written[place])],
      ];
    });
    if (sent.length === 0) throw nothingToSend();
    const after: OrderRecord = { ...order, keySendings: sending };
    const details = { order: id, keys: sent.length };
    return {
      writes: [put(orderKey(id), after), ...sent.flat()],
      auditDrafts: [draftOf(caller, 'sendLicenceKeys', { account: purchaser, details })],
      reply: { order: after, sent: sent.length },
    };
  });
}

const isUnused = (subscription: SubscriptionRecord, { now }: Caller): boolean =>
  subscription.account === undefined && statusAt(subscription, now) !== 'revoked';

const nothingToSend = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'No license key of this order waits to be used.', {
    nextStep: 'Look at the subscriptions of the order: who has one has used its key.',
  });
