import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import type { Rng } from '../../shared/rng.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import { isAllowed } from '../access/address.ts';
import type { Session, SessionService } from '../sessions/port.ts';
import { decrypt, encrypt } from '../vault/keys.ts';
import type { Cookie } from './cookies.ts';
import type { ForwardAuthOptions, HostRule, ProxyKind } from './forward-auth-options.ts';
import { signInAddress } from './port.ts';
import { checkReturn } from './return-address.ts';
import { nextStep } from './wish.ts';

/**
 * Forward authentication: a proxy asks, before it passes a request on, who the browser is and
 * whether that is enough for the host.
 */
export interface ForwardAuth {
  /** Where a browser may be sent back to. */
  readonly origins: ReadonlySet<string>;
  /** What the host of this address demands; undefined where it is none of them. */
  requirementAt(address: string): HostRule | undefined;
  /**
   * What the cookie that the hosts see holds: the session's token, sealed. It tells the hosts
   * nothing and opens no page of ours, and it ends with the session.
   */
  tokenFor(sessionToken: string): string;
  /** Answers a proxy; false, and nothing is answered, when the asker is none of them. */
  answer(context: Koa.Context): Promise<boolean>;
}

export const FORWARD_AUTH_PATH = '/forward-auth';

export interface ForwardAuthParts {
  readonly options: ForwardAuthOptions;
  readonly publicUrl: URL;
  readonly cookie: Cookie;
  readonly sessions: Pick<SessionService, 'find'>;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly rng: Rng;
  readonly now: () => UnixMillis;
}

const CONTEXT = 'fobd/forward/v1';
/** base64url of nonce, a token's 43 characters and a tag. */
const SEALED = /^[\w-]{95}$/;

export function createForwardAuth(parts: ForwardAuthParts): ForwardAuth {
  const { options, key, rng, cookie, sessions, now } = parts;
  const requirementAt = (address: string): HostRule | undefined =>
    URL.canParse(address) ? options.hosts.get(new URL(address).origin) : undefined;
  const find = async (request: IncomingMessage, at: UnixMillis): Promise<Session | undefined> => {
    const value = cookie.read(request);
    if (value === undefined || !SEALED.test(value)) return undefined;
    const token = decrypt(key, value, CONTEXT);
    return token && (await sessions.find(Buffer.from(token).toString(), at));
  };
  return {
    origins: new Set(options.hosts.keys()),
    requirementAt,
    tokenFor: (sessionToken) => encrypt(key, Buffer.from(sessionToken), CONTEXT, rng),
    async answer(context) {
      const peer = context.req.socket.remoteAddress;
      const proxy = options.proxies.find(({ address }) => isAllowed(peer, [address]));
      if (proxy === undefined) return false;
      const asked = readAsked(context.req, proxy.kind);
      const rule = asked === undefined ? undefined : requirementAt(asked.address);
      if (asked === undefined || rule === undefined) {
        refuseUnknown(context, proxy.kind);
        return true;
      }
      const at = now();
      const session = await find(context.req, at);
      render(context, parts, { asked, rule, session, at });
      return true;
    },
  };
}

interface Asked {
  readonly address: string;
  readonly kind: ProxyKind;
  /** The browser goes to a page, and would follow a redirect. */
  readonly isNavigation: boolean;
}

/**
 * The request that the proxy asks about, by the headers that this kind of proxy itself sets. A
 * browser's own headers of the other kind are not looked at: they could name a milder host.
 */
function readAsked(request: IncomingMessage, kind: ProxyKind): Asked | undefined {
  const header = (name: string): string => {
    // What came twice is not the proxy's alone.
    const [value = '', ...more] = request.headersDistinct[name] ?? [];
    return more.length === 0 ? value : '';
  };
  const isNginx = kind === 'nginx';
  const origin = `${header('x-forwarded-proto')}://${header('x-forwarded-host')}`;
  const address = isNginx ? header('x-original-url') : withPath(origin, header('x-forwarded-uri'));
  const method = header(isNginx ? 'x-original-method' : 'x-forwarded-method') || 'GET';
  if (!URL.canParse(address) || new URL(address).username !== '') return undefined;
  const mode = header('sec-fetch-mode') || 'navigate';
  return {
    address,
    kind,
    isNavigation: (method === 'GET' || method === 'HEAD') && mode === 'navigate',
  };
}

/** Nothing in the host's place may end it sooner, or be a user's name. */
function withPath(origin: string, path: string): string {
  const isOrigin = URL.canParse(origin) && /^https?:\/\/[\w.:[\]-]+$/.test(origin);
  return isOrigin && path.startsWith('/') ? origin + path : '';
}

interface Judged {
  readonly asked: Asked;
  readonly rule: HostRule;
  readonly session: Session | undefined;
  readonly at: UnixMillis;
}

function render(context: Koa.Context, parts: ForwardAuthParts, judged: Judged): void {
  const { asked, rule, session, at } = judged;
  const { requiredStrength: strength, requiresProofing: proofed = false, maxAgeSeconds } = rule;
  const authenticatedAfter =
    maxAgeSeconds === undefined ? undefined : parseUnixMillis(at - maxAgeSeconds * 1000);
  const step = nextStep({ strength, proofed, authenticatedAfter, offersCode: false }, session);
  if (session !== undefined && step === 'done') {
    allow(context, session);
    return;
  }
  const wish = { returnTo: returnAddress(asked, parts), strength, authenticatedAfter };
  const location = parts.publicUrl.origin + signInAddress(wish);
  refuse(context, { asked, location, isWeak: step === 'code', rule });
}

function allow(context: Koa.Context, session: Session): void {
  context.status = 200;
  context.set({
    'Remote-User': session.account,
    'Fobd-Account': session.account,
    'Fobd-Strength': session.strength,
    'Fobd-Authenticated-At': new Date(session.authenticatedAt).toISOString(),
  });
  context.body = '';
}

/** Too long to be brought back to as it is: then to the host's first page. */
function returnAddress({ address }: Asked, { publicUrl, options }: ForwardAuthParts): string {
  const origins = new Set(options.hosts.keys());
  return checkReturn(address, { publicUrl, origins }) ?? `${new URL(address).origin}/`;
}

interface Refusal {
  readonly asked: Asked;
  readonly location: string;
  readonly isWeak: boolean;
  readonly rule: HostRule;
}

/**
 * nginx makes a redirect of its own from the status and the address; the others hand the browser
 * what they are answered.
 */
function refuse(context: Koa.Context, { asked, location, isWeak, rule }: Refusal): void {
  const { kind, isNavigation } = asked;
  context.status = kind !== 'nginx' && isNavigation ? 302 : isWeak ? 403 : 401;
  context.set('Location', location);
  context.type = 'text/plain';
  const wanted = rule.requiresProofing === true ? ' of a proofed credential' : '';
  context.body = isWeak
    ? `This needs credential strength ${rule.requiredStrength}${wanted}.\n`
    : 'Sign in first.\n';
}

/** A mistake in the configuration, or a browser that names hosts: nobody is sent anywhere. */
function refuseUnknown(context: Koa.Context, kind: ProxyKind): void {
  const wanted = kind === 'nginx' ? 'X-Original-URL' : 'X-Forwarded-Proto, -Host and -Uri';
  context.status = 400;
  context.type = 'text/plain';
  context.body = `${wanted} name no host that is set up for forward authentication.\n`;
}
