/** Where a browser may be sent after it has signed in: nowhere that somebody else chose. */

const CHARACTERS_MAX = 2048;
/** Browsers drop some of these and read others as a slash: no address of ours has any. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT = /[\u0000-\u0020\u007f\\]/;

export interface ReturnRules {
  readonly publicUrl: URL;
  /** Of hosts behind forward authentication, such as `https://wiki.example.com`. */
  readonly origins: ReadonlySet<string>;
}

/**
 * The address, as a browser reads it: a path of this server, or a whole address at one of the
 * `origins`. `undefined` for every other.
 */
export function checkReturn(text: string, { publicUrl, origins }: ReturnRules): string | undefined {
  if (text.length > CHARACTERS_MAX || UNFIT.test(text)) return undefined;
  if (text.startsWith('/')) return ownPath(text, publicUrl);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  return origins.has(url.origin) ? url.href : undefined;
}

/** Dots are resolved first: `/.//elsewhere.example` would become `//elsewhere.example`. */
function ownPath(text: string, publicUrl: URL): string | undefined {
  const url = URL.canParse(text, publicUrl.href) ? new URL(text, publicUrl) : undefined;
  if (url === undefined || url.origin !== publicUrl.origin) return undefined;
  const isForeign = url.pathname.startsWith('//');
  return isForeign ? undefined : url.pathname + url.search + url.hash;
}

/** The same address with one parameter more. */
export function withParameter(address: string, name: string, value: string): string {
  const base = 'http://own.invalid';
  const url = new URL(address, base);
  url.searchParams.set(name, value);
  return url.origin === base ? url.pathname + url.search + url.hash : url.href;
}
