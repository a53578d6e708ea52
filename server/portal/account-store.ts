import { cartRequest } from '../../shared/wire/orders-schemas.ts';
import { refuseUnreviewed } from '../orders/lines.ts';
import type { OrderLine } from '../orders/record.ts';
import { ADDED_PATH, CART_PATH, STORE_PATH } from './account-links.ts';
import { cartPage } from './cart-page.ts';
import { inForm, type PlaceOfField, readInput, textIn } from './form-input.ts';
import type { Fields } from './forms.ts';
import { personAt, signInFirst } from './own.ts';
import { linesInCart, refuseGone, tryToAdd } from './own-cart.ts';
import { doneNote } from './page.ts';
import { type Refusal, refusalOf, replyWith, tryTo } from './refusal.ts';
import { storePage } from './store-pages.ts';
import { formTokenOf, type PageRoute, type Reply, type Visit } from './visit.ts';
import { offeredFor, partnersOf, wantedIn } from './wanted.ts';

/** Choosing what to buy: the store, and the cart that it is put into. */
export const STORE: PageRoute = { get: (visit) => showStore(visit), post: addToCart };
export const CART: PageRoute = { get: (visit) => showCart(visit), post: changeCart };

interface Refusing {
  readonly refusal: Refusal;
  readonly typed: Fields;
}

const NOTHING_TYPED: Fields = new Map();

async function showStore(visit: Visit, refusing?: Refusing): Promise<Reply> {
  const { seat, parts, query } = visit;
  if (seat === undefined) return signInFirst(STORE_PATH);
  const partners = await partnersOf(parts.applications);
  const wanted = wantedIn(query, partners);
  const page = storePage({
    ...{ person: seat, formToken: formTokenOf(visit), wanted, partners },
    offered: offeredFor(wanted),
    inCart: (await linesInCart(visit, seat)).length,
    refusal: refusing?.refusal,
    typed: refusing?.typed ?? NOTHING_TYPED,
  });
  return replyWith(page, refusing?.refusal);
}

const STORE_FIELDS: ReadonlyMap<string, PlaceOfField> = new Map([
  ['product', { name: 'product', label: 'Product', refusal: 'Choose a product.' }],
  ['quantity', { name: 'quantity', label: 'The quantity' }],
  ['recipient', { name: 'recipient', label: "The recipient's e-mail address" }],
]);

/** `/lines/0/quantity` and the like, whichever line it became in the cart. */
const placeInStore = (pointer: string) => STORE_FIELDS.get(pointer.split('/').at(-1) ?? '');

async function addToCart(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(STORE_PATH);
  const line = {
    product: textIn(fields, 'product'),
    quantity: wholeNumber(fields),
    recipient: textIn(fields, 'recipient'),
    ...(fields.get('additional') === 'yes' ? { additional: true } : {}),
  };
  const read = readInput(cartRequest, { lines: [line] }, placeInStore);
  if ('refusal' in read) return showStore(visit, { ...read, typed: fields });
  const added = await tryToAdd(visit, seat, read.input.lines);
  if ('done' in added) return { redirect: ADDED_PATH };
  return showStore(visit, { refusal: inForm(added.refusal, placeInStore), typed: fields });
}

/** NaN is refused as no number. */
function wholeNumber(fields: Fields): number {
  const text = textIn(fields, 'quantity');
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

interface CartShowing {
  readonly refusal?: Refusal;
  /** Of the line that was refused. */
  readonly place?: number | undefined;
  readonly typed?: string | undefined;
}

const DONE: ReadonlyMap<string, string> = new Map([
  ['added', 'Added to your cart.'],
  ['changed', 'The cart is changed.'],
]);

async function showCart(visit: Visit, { refusal, ...showing }: CartShowing = {}): Promise<Reply> {
  const { seat, query } = visit;
  if (seat === undefined) return signInFirst(CART_PATH);
  const lines = await linesInCart(visit, seat);
  const done = query.get('done');
  const isOutOfDate = done === 'added' && lines.length === 0;
  const page = cartPage({
    ...showing,
    ...{ person: seat, formToken: formTokenOf(visit), lines },
    note: refusal ?? (isOutOfDate ? undefined : doneNote(DONE, done)),
  });
  return replyWith(page, refusal);
}

async function changeCart(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(CART_PATH);
  const lines = await linesInCart(visit, seat);
  const reviewed = fields.get('reviewed') ?? '';
  // A line is named by its place, which is right only in the cart that was shown.
  const changed = await tryTo(async () => refuseUnreviewed(lines, reviewed));
  if ('refusal' in changed) return showCart(visit, changed);
  const place = lines.findIndex((_, index) => String(index) === fields.get('line'));
  const after = changedLines(lines, place, fields);
  if (after === undefined) {
    return showCart(visit, { refusal: refusalOf('Choose what is to be done.') });
  }
  const put = await tryTo(() =>
    parts.orders
      .putCart(seat.account.id, after, personAt(visit, seat), { reviewed })
      .catch(refuseGone),
  );
  if ('done' in put) return { redirect: `${CART_PATH}?done=changed` };
  const { refusal } = put;
  const isOfQuantity = refusal.errors?.some(({ field }) => field === `/lines/${place}/quantity`);
  return showCart(visit, {
    refusal,
    ...(isOfQuantity ? { place, typed: fields.get('quantity') } : {}),
  });
}

/** Undefined where the form says nothing of these. */
function changedLines(
  lines: readonly OrderLine[],
  place: number,
  fields: Fields,
): readonly OrderLine[] | undefined {
  const step = fields.get('step');
  if (step === 'empty') return [];
  const line = lines[place];
  if (line === undefined) return undefined;
  if (step === 'remove') return lines.toSpliced(place, 1);
  if (step !== 'change') return undefined;
  return lines.with(place, { ...line, quantity: wholeNumber(fields) });
}
