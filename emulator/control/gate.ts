import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Who may speak to the control interface: a program or page that knows the access token, under a
 * name that is ours. Another origin's page gets nothing: its requests carry its own Origin, and a
 * name of its own that it points here (DNS rebinding) is not one of ours.
 */
export interface Gate {
  /** Is the request addressed to us, and not sent by another origin's page? */
  isOurs(request: Addressed): boolean;
  /** The path without the access token, or undefined when it was not given. */
  opened(request: Addressed): string | undefined;
}

export interface Addressed {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface GateOptions {
  readonly accessToken: string;
  /** What it is bound to. */
  readonly host: string;
  readonly port: number;
}

/** Shorter ones could be guessed. Letters, digits, hyphen and underscore only: it is in a path. */
export const ACCESS_TOKEN = /^[A-Za-z0-9_-]{22,128}$/;

export function createGate({ accessToken, host, port }: GateOptions): Gate {
  const isOurHost = isLoopback(host) ? loopbackHost(port) : widerHost(host);
  return {
    isOurs({ method, headers }) {
      const name = headers.host?.toLowerCase();
      if (name === undefined || !isOurHost(name)) return false;
      const { origin } = headers;
      if (origin !== undefined && origin.toLowerCase() !== `http://${name}`) return false;
      const site = headers['sec-fetch-site'];
      if (site === undefined || site === 'same-origin' || site === 'none') return true;
      // A link to the page, followed from elsewhere: only who knows the address has it.
      const isVisit = headers['sec-fetch-dest'] === 'document' && method === 'GET';
      return isVisit && headers['sec-fetch-mode'] === 'navigate';
    },
    opened({ url = '', headers }) {
      const [, first, rest] = /^\/([^/?]*)(\/.*)$/.exec(url) ?? [];
      if (first !== undefined && rest !== undefined && isSame(first, accessToken)) return rest;
      const [, bearer] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
      return bearer !== undefined && isSame(bearer, accessToken) ? url : undefined;
    },
  };
}

/** `127.0.0.1`, all of 127/8, `::1` and `localhost`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function loopbackHost(port: number): (name: string) => boolean {
  return (name) => {
    const { host, port: named } = splitHost(name);
    return isLoopback(host) && named === port;
  };
}

/**
 * Beyond loopback, in a service container say, it is called by an address or by a name without a
 * dot, which no stranger can own in the DNS; the port may be mapped.
 */
function widerHost(bound: string): (name: string) => boolean {
  return (name) => {
    const { host } = splitHost(name);
    const isAddress = /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':');
    return isAddress || !host.includes('.') || host === bound.toLowerCase();
  };
}

const HTTP_PORT = 80;

function splitHost(name: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(name) ?? [];
  return {
    // What is no host at all is no address of ours either: it keeps a dot.
    host: bracketed ?? plain ?? '.',
    port: port === undefined ? HTTP_PORT : Number(port),
  };
}

/** In time that does not tell how much of it was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
