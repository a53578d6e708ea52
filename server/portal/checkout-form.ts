import type { FieldError } from '../../shared/errors.ts';
import { orderRequest } from '../../shared/wire/orders-schemas.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { NewOrder } from '../orders/port.ts';
import type { Address, OrderRecord } from '../orders/record.ts';
import { type PlaceOfField, readInput, textIn } from './form-input.ts';
import type { Fields } from './forms.ts';
import type { Refusal } from './refusal.ts';

/** The checkout's form: what stands in it before anything is typed, and what it comes to. */

export type AddressUse = 'billing' | 'shipping';

type Entries = readonly (readonly [name: string, value: string])[];

/** From the last order, where there is one; else from what is known of the person. */
export function prefilled(account: AccountRecord, last: OrderRecord | undefined): Fields {
  const { id, legalName, name = legalName ?? id, organisation, country } = account;
  const own = { name, lines: [], city: '', country, organisation };
  const { billing, shipping = billing } = last ?? {};
  const entries: Entries = [
    ...entriesOf('billing', billing ?? own),
    ...(shipping === undefined || isSame(shipping, billing)
      ? [['shipTo', 'billing'] as const]
      : [['shipTo', 'other'] as const, ...entriesOf('shipping', shipping)]),
    ...(last === undefined ? [] : [['method', last.payment.method] as const]),
  ];
  return new Map(entries);
}

const isSame = (one: Address, other: Address | undefined): boolean =>
  JSON.stringify(entriesOf('billing', one)) ===
  JSON.stringify(other && entriesOf('billing', other));

type Known = Omit<Address, 'country' | 'organisation'> & {
  readonly organisation?: string | undefined;
  readonly country: string | undefined;
};

const entriesOf = (of: AddressUse, address: Known): Entries => {
  const { name, organisation, lines, city, region, postcode, country } = address;
  const all = { name, organisation, lines: lines.join('\n'), city, region, postcode, country };
  return Object.entries(all).map(([field, value]) => [`${of}-${field}`, value ?? ''] as const);
};

/** @param isShipped whether something of the cart is sent by post */
export function readCheckout(
  fields: Fields,
  isShipped: boolean,
): { readonly input: NewOrder } | { readonly refusal: Refusal } {
  const method = textIn(fields, 'method');
  const billing = addressIn(fields, 'billing');
  const shipping = fields.get('shipTo') === 'other' ? addressIn(fields, 'shipping') : billing;
  const disclaimer = fields.get('disclaimer') === 'yes';
  const value = {
    billing,
    ...(isShipped ? { shipping } : {}),
    payment: {
      method,
      ...(method === 'invoice' ? { purchaseOrder: textIn(fields, 'purchaseOrder') } : {}),
    },
    disclaimer,
  };
  const unconfirmed: FieldError[] = disclaimer ? [] : [{ field: '/disclaimer', code: 'required' }];
  // An address that is used twice is refused once.
  const read = readInput(orderRequest, value, placeOf(shipping === billing), unconfirmed);
  return 'refusal' in read ? read : { input: { ...read.input, disclaimer } };
}

function addressIn(fields: Fields, of: AddressUse) {
  const text = (field: string) => textIn(fields, `${of}-${field}`);
  return {
    name: text('name'),
    organisation: text('organisation'),
    lines: (text('lines') ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    city: text('city'),
    region: text('region'),
    postcode: text('postcode'),
    country: text('country'),
  };
}

export const ADDRESS_LABELS = {
  name: 'Name',
  organisation: 'Company',
  lines: 'Street and house',
  city: 'City',
  region: 'State or province',
  postcode: 'Postcode',
  country: 'Country',
} as const;
export type AddressField = keyof typeof ADDRESS_LABELS;

const isAddressField = (name: string): name is AddressField => Object.hasOwn(ADDRESS_LABELS, name);

const OTHER_PLACES: ReadonlyMap<string, PlaceOfField> = new Map([
  [
    '/payment/method',
    { name: 'method', label: 'Payment method', refusal: 'Choose a payment method.' },
  ],
  ['/payment/purchaseOrder', { name: 'purchaseOrder', label: "The purchase order's number" }],
  [
    '/disclaimer',
    { name: 'disclaimer', label: 'Disclaimer', refusal: 'Review the disclaimer, and confirm it.' },
  ],
]);

const placeOf =
  (shipsToBilling: boolean) =>
  (pointer: string): PlaceOfField | undefined => {
    const [, part, field = ''] = pointer.split('/');
    if ((part === 'billing' || part === 'shipping') && isAddressField(field)) {
      const of = shipsToBilling ? 'billing' : part;
      const label = `${ADDRESS_LABELS[field]} of the ${of} address`;
      const place = { name: `${of}-${field}`, label };
      return field === 'country'
        ? { ...place, refusal: `Choose the country of the ${of} address.` }
        : place;
    }
    return OTHER_PLACES.get(pointer);
  };
