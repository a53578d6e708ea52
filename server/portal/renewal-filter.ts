import { PRODUCT_IDS } from '../../shared/products.ts';
import { parseTime } from '../../shared/time.ts';
import { CREDENTIAL_TYPES, parseAccountId } from '../../shared/types.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import type { RenewalQuery } from '../subscriptions/port.ts';

/** Which renewals somebody wants to see: an address's parameters, read and checked. */

/** As it stands in the form. */
export interface RenewalFilter extends Pick<RenewalQuery, 'of' | 'type' | 'product'> {
  readonly user: string;
  /** A day: `2027-06-30`. */
  readonly before: string;
}

export interface ReadFilter {
  readonly filter: RenewalFilter;
  readonly query: Pick<RenewalQuery, 'of' | 'type' | 'product' | 'user' | 'before'>;
  /** A field that cannot be read, and what to do about it. */
  readonly refused?: RefusedField | undefined;
}

export interface RefusedField {
  readonly field: 'user' | 'before';
  readonly line: string;
}

/** What subscriptions are of. */
export const RENEWABLE_PRODUCTS = PRODUCT_IDS.filter((id) => PRODUCTS[id].kind === 'credential');

export const WHOSE = ['organisation', 'others', 'own'] as const satisfies RenewalQuery['of'][];

/** What is no choice of the form is as if it were not there. */
export function readFilter(
  parameters: URLSearchParams,
  { administers }: { readonly administers: boolean },
): ReadFilter {
  const chosen = <T extends string>(name: string, choices: readonly T[]): T | undefined =>
    choices.find((each) => each === parameters.get(name));
  const typed = (name: string): string => (parameters.get(name) ?? '').trim();
  const choices = {
    of: chosen('of', WHOSE) ?? (administers ? 'organisation' : 'own'),
    type: chosen('type', CREDENTIAL_TYPES),
    product: chosen('product', RENEWABLE_PRODUCTS),
  };
  const filter: RenewalFilter = { ...choices, user: typed('user'), before: typed('before') };
  const query = {
    ...choices,
    user: parseAccountId(filter.user),
    before: parseTime(`${filter.before}T00:00:00Z`),
  };
  return { filter, query, refused: refusedOf(filter, query) };
}

function refusedOf(
  { user, before }: RenewalFilter,
  read: ReadFilter['query'],
): RefusedField | undefined {
  if (user !== '' && read.user === undefined) {
    return { field: 'user', line: 'Enter the user ID of one person.' };
  }
  if (before !== '' && read.before === undefined) {
    return { field: 'before', line: 'Enter a day of the calendar: 2027-06-30.' };
  }
  return undefined;
}
