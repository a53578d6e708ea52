import { USER_NAME_CHARACTERS_MAX } from '../passwords-port.ts';
import type { DirectoryOptions } from './options.ts';

/** How whoever typed a name is looked for: the filter with its placeholder, and what fills it. */
export interface Sought {
  readonly filter: string;
  readonly value: string;
}

type NameOptions = Pick<
  DirectoryOptions,
  'domain' | 'principalSuffixes' | 'userFilter' | 'principalFilter'
>;

/**
 * `DOMAIN\user`, `user@suffix` or `user`, as typed. Of other domains and suffixes nobody is
 * looked for: the same `user` there is somebody else.
 */
export function soughtBy(typed: string, options: NameOptions): Sought | undefined {
  const text = typed.trim();
  if (text === '' || text.length > USER_NAME_CHARACTERS_MAX) return undefined;
  if (text.includes('\\')) return byDomain(text, options);
  if (text.includes('@')) return byPrincipal(text, options);
  return { filter: options.userFilter, value: text };
}

function byDomain(text: string, { domain, userFilter }: NameOptions): Sought | undefined {
  const [before = '', user = '', ...more] = text.split('\\');
  const isHere = domain !== undefined && before.toLowerCase() === domain.toLowerCase();
  if (!isHere || user === '' || user.includes('@') || more.length > 0) return undefined;
  return { filter: userFilter, value: user };
}

function byPrincipal(text: string, options: NameOptions): Sought | undefined {
  const { principalSuffixes, principalFilter, userFilter } = options;
  const at = text.lastIndexOf('@');
  const user = text.slice(0, at);
  const suffix = text.slice(at + 1).toLowerCase();
  const isListed = principalSuffixes.some((listed) => listed.toLowerCase() === suffix);
  if (user === '' || (principalSuffixes.length > 0 && !isListed)) return undefined;
  if (principalFilter !== undefined) return { filter: principalFilter, value: text };
  return { filter: userFilter, value: isListed ? user : text };
}
