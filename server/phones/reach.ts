import type { PhoneMessage } from './port.ts';
import type { PhoneKind } from './record.ts';

/** Which phones a gateway reaches. */
export interface Reach {
  readonly kinds: readonly PhoneKind[];
  /** ISO 3166-1 alpha-2; undefined: every country. */
  readonly countries?: readonly string[] | undefined;
}

export const reaches = (
  { kinds, countries }: Reach,
  { kind, country }: Pick<PhoneMessage, 'kind' | 'country'>,
): boolean => kinds.includes(kind) && (countries === undefined || countries.includes(country));
