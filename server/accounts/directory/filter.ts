import { Filter, FilterParser } from 'ldapts';

/** Where the name goes in a filter of the options. */
export const USER_PLACEHOLDER = '{user}';

/**
 * A filter with the name in it, as a value and never as syntax (RFC 4515 section 3), and of the
 * group's filter what must be so as well.
 */
export function filterFor(
  { filter, value }: { readonly filter: string; readonly value: string },
  groupFilter: string | undefined,
): string {
  const named = filter.replaceAll(USER_PLACEHOLDER, () => Filter.escape(value));
  return groupFilter === undefined ? named : `(&${named}${groupFilter})`;
}

/** A filter in parentheses that can be read, with a name in whole values and nowhere else. */
export const isUserFilter = (text: string): boolean =>
  text.includes(USER_PLACEHOLDER) &&
  !text.replace(VALUE_WITH_USER, '=').includes(USER_PLACEHOLDER) &&
  isFilter(text);

/** No asterisk beside the name: a part of somebody's name is not his name. */
const VALUE_WITH_USER = /=[^()=*]*\{user\}[^()*]*(?=\))/g;

/** A filter in parentheses that can be read, without a name in it. */
export const isGroupFilter = (text: string): boolean =>
  !text.includes(USER_PLACEHOLDER) && isFilter(text);

function isFilter(text: string): boolean {
  const opening = text.split('(').length;
  // The library would close for itself what is left open at the end.
  if (!text.startsWith('(') || !text.endsWith(')') || text.split(')').length !== opening) {
    return false;
  }
  try {
    FilterParser.parseString(text.replaceAll(USER_PLACEHOLDER, 'user'));
    return true;
  } catch {
    return false;
  }
}
