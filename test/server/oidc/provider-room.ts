import { randomBytes } from 'node:crypto';
import Koa from 'koa';
import mount from 'koa-mount';
import * as openid from 'openid-client';
import { LOCAL_OWNER } from '../../../server/access/scopes.ts';
import { oidcCookieKeys, openOidc, openOidcAdministration } from '../../../server/oidc/open.ts';
import type { NewOidcClient } from '../../../server/oidc/port.ts';
import { type BrowserSessions, SESSION_COOKIE } from '../../../server/portal/port.ts';
import type { SessionProof, SessionService } from '../../../server/sessions/port.ts';
import { createSessionService } from '../../../server/sessions/service.ts';
import type { AccountId, Serial, UnixMillis } from '../../../shared/types.ts';
import { serve } from '../http/served.ts';
import { Browser } from './browser.ts';

/** The provider in a served fobd, with a sign-in page that asks nothing: a test says who comes. */

export const CALLBACK = 'http://127.0.0.1:4999/callback';
export const SIGNED_OUT = 'http://127.0.0.1:4999/signed-out';

/** What somebody does who is sent to sign in. */
export type Visitor =
  | { readonly proves: SessionProof }
  /** Comes back without having signed in, or with the session that there is. */
  | { readonly returns: true }
  /** Uses "Skip OTP". */
  | { readonly skips: true };

export const JENNIFER = 'jennifer' as AccountId;
export const SERIAL = 'FT00000001' as Serial;
export const withPassword: Visitor = { proves: { account: JENNIFER, strength: 'password' } };
export const withToken = {
  proves: { account: JENNIFER, strength: 'hardwareToken', serial: SERIAL },
} as const satisfies Visitor;

export type Room = Awaited<ReturnType<typeof openRoom>>;

const ROOT_KEY = new Uint8Array(32).fill(9);

export async function openRoom() {
  const late = createLateApp();
  const cookieKeys = oidcCookieKeys(ROOT_KEY);
  const served = await serve({ replace: { mounts: [{ path: '/', app: late.app }], cookieKeys } });
  const { store, clock: at } = served;
  let ahead = 0;
  const clock = { now: () => at.at };
  const systemClock = { now: () => (Date.now() + ahead) as UnixMillis };
  const caller = () => ({ principal: LOCAL_OWNER, now: at.at });
  const sessions = createSessionService({ store, rng, tokens: neverAsked });
  const administration = openOidcAdministration({ store, rng, rootKey: ROOT_KEY });
  const logged: { details: object; message: string }[] = [];
  const log = {
    warn: (details: object, message: string) => logged.push({ details, message }),
    error: (details: object, message: string) => logged.push({ details, message }),
  };
  const browser = browserSessions(sessions, caller);
  const oidc = openOidc({
    ...{ store, administration, sessions, browser, cookieKeys, clock, systemClock, rng, log },
    elapsedMillis: () => performance.now(),
    publicUrl: new URL(served.url),
    trustedProxies: [],
  });
  const desk = createDesk(sessions, caller);
  const oidcMount = mount(oidc.path, oidc.app);
  late.become((context, next) =>
    context.path === '/sign-in' ? desk.signIn(context) : oidcMount(context, next),
  );
  return {
    served,
    sessions,
    administration,
    logged,
    caller,
    asked: desk.asked,
    comes: desk.comes,
    issuer: `${served.url}/oidc`,
    computerNow: () => systemClock.now(),
    /** The computer's clock, by which artifacts expire; the library reads it by itself. */
    computerAdvance(seconds: number) {
      ahead += seconds * 1000;
    },
    advance(seconds: number) {
      at.at = (at.at + seconds * 1000) as UnixMillis;
    },
    browser: () => new Browser(),
    addClient: (given: Partial<NewOidcClient> = {}) =>
      administration.clients.add({ ...TIMESHEETS, ...given }, caller()),
    /** `openid-client` for a client of ours, by discovery. */
    discover({ id, secret }: { id: string; secret: string | undefined }) {
      const proof = secret === undefined ? openid.None() : openid.ClientSecretBasic(secret);
      const options = { execute: [openid.allowInsecureRequests] };
      return openid.discovery(new URL(`${served.url}/oidc`), id, undefined, proof, options);
    },
    close: () => served.close(),
  };
}

const TIMESHEETS: NewOidcClient = {
  name: 'Timesheets',
  redirectUris: [CALLBACK],
  postLogoutRedirectUris: [SIGNED_OUT],
};

const rng = { bytes: (length: number) => randomBytes(length), uniform: Math.random };

type CallerNow = () => { principal: typeof LOCAL_OWNER; now: UnixMillis };

/** What is mounted is known once the address is that it is served at. */
function createLateApp() {
  const app = new Koa();
  let inner: Koa.Middleware = (_context, next) => next();
  app.use((context, next) => inner(context, next));
  return {
    app,
    become(middleware: Koa.Middleware) {
      inner = middleware;
    },
  };
}

function browserSessions(sessions: SessionService, caller: CallerNow): BrowserSessions {
  const tokenIn = (cookie = '') =>
    new RegExp(`(?:^|; )${SESSION_COOKIE}=([^;]+)`).exec(cookie)?.[1];
  return {
    async find({ headers }) {
      const token = tokenIn(headers.cookie);
      return token === undefined ? undefined : sessions.find(token, caller().now);
    },
    async end({ headers }) {
      const token = tokenIn(headers.cookie);
      if (token !== undefined) await sessions.end(token, caller());
    },
  };
}

/** The sign-in page, which notes what it was asked for, newest last. */
function createDesk(sessions: SessionService, caller: CallerNow) {
  const asked: URLSearchParams[] = [];
  let visitor: Visitor = withPassword;
  return {
    asked,
    comes(next: Visitor) {
      visitor = next;
    },
    async signIn(context: Koa.Context) {
      const { origin, searchParams: wish } = new URL(context.href);
      asked.push(wish);
      const back = new URL(wish.get('return') ?? '', origin);
      if ('skips' in visitor) back.searchParams.set('signIn', 'skipped');
      if ('proves' in visitor) {
        const { token } = await sessions.begin(visitor.proves, caller());
        context.append('Set-Cookie', `${SESSION_COOKIE}=${token}; Path=/; HttpOnly`);
      }
      context.redirect(back.href);
    },
  };
}

/** Sessions begin here with what a test says was proved: no code is tried. */
const neverAsked = {
  verify: () => Promise.reject(new Error('no code is tried here')),
};
