import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import { SESSION_COOKIE } from './port.ts';

/**
 * Cookies end with the browser. Where the public address has TLS they are `Secure` and, but for the
 * one that is shared with other hosts, carry the prefix that no other host can set (RFC 6265bis
 * section 4.1.3.2).
 */
export interface Cookies {
  /** The session's token. */
  readonly session: Cookie;
  /** What a form is bound to before there is a session. */
  readonly form: Cookie;
  /** For forward authentication: seen by every host below its domain. */
  readonly forward: Cookie | undefined;
}

export interface Cookie {
  read(request: IncomingMessage): string | undefined;
  write(context: Koa.Context, value: string): void;
  clear(context: Koa.Context): void;
}

/** What is looked at of a header that Node itself bounds to 16 KiB. */
const COOKIES_MAX = 200;

export function createCookies(publicUrl: URL, forwardDomain: string | undefined): Cookies {
  const isSecure = publicUrl.protocol === 'https:';
  const own = (name: string) =>
    createCookie(isSecure ? `__Host-${name}` : name, isSecure ? '; Secure' : '');
  const shared = (domain: string) =>
    createCookie(FORWARD_COOKIE, `; Domain=${domain}${isSecure ? '; Secure' : ''}`);
  return {
    session: own(SESSION_COOKIE),
    form: own('fobd-form'),
    forward: forwardDomain === undefined ? undefined : shared(forwardDomain),
  };
}

/** Proxies take it out of what they pass on, and so have to know its name. */
const FORWARD_COOKIE = 'fobd-forward';

/** Lax: a link or a redirect from elsewhere finds the session, a form from elsewhere does not. */
const createCookie = (name: string, attributes: string): Cookie => ({
  read: (request) => readCookie(request, name),
  write: (context, value) =>
    context.append('Set-Cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${attributes}`),
  clear: (context) =>
    context.append(
      'Set-Cookie',
      `${name}=; Path=/; HttpOnly; SameSite=Lax${attributes}; Max-Age=0`,
    ),
});

/** Values of ours are base64url: others are read as they stand, and fit nothing. */
function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';', COOKIES_MAX);
  const start = `${name}=`;
  return pairs
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(start))
    ?.slice(start.length);
}
