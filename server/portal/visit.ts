import type Koa from 'koa';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Caller, Principal } from '../access/scopes.ts';
import type { PasswordService } from '../accounts/passwords-port.ts';
import type { AccountService } from '../accounts/port.ts';
import type { ApplicationService } from '../applications/port.ts';
import type { CredentialService } from '../credentials/port.ts';
import type { HttpLog } from '../http/dependencies.ts';
import type { Limits } from '../http/limits.ts';
import type { Source } from '../http/source.ts';
import type { MobileIdService } from '../mobile-ids/port.ts';
import type { OrderService } from '../orders/port.ts';
import type { PhoneService } from '../phones/port.ts';
import type { ProofingService } from '../proofing/port.ts';
import type { Session, SessionService } from '../sessions/port.ts';
import type { SubscriptionService } from '../subscriptions/port.ts';
import type { TokenService } from '../tokens/port.ts';
import type { Cookies } from './cookies.ts';
import type { Fields, Forms } from './forms.ts';
import type { ForwardAuth } from './forward-auth.ts';
import type { Page, Person } from './page.ts';
import type { Wish } from './wish.ts';

/** What the pages are made from. */
export interface PortalParts {
  readonly publicUrl: URL;
  readonly tokens: Pick<TokenService, 'resync' | 'list' | 'changeLife'>;
  readonly accounts: Pick<AccountService, 'get'>;
  readonly passwords: Pick<PasswordService, 'check'>;
  readonly sessions: SessionService;
  readonly phones: PhoneService;
  readonly credentials: Pick<
    CredentialService,
    'list' | 'get' | 'redeem' | 'activate' | 'recognise' | 'registerToken' | 'revoke'
  >;
  readonly proofing: Pick<
    ProofingService,
    'get' | 'offered' | 'confirmProfile' | 'beginQuestions' | 'answerQuestions' | 'requestVideo'
  >;
  readonly mobileIds: MobileIdService;
  readonly orders: Pick<
    OrderService,
    | 'cart'
    | 'putCart'
    | 'addToCart'
    | 'orderedFor'
    | 'place'
    | 'get'
    | 'paymentLinkOf'
    | 'latest'
    | 'cancel'
    | 'sendKeysAgain'
  >;
  readonly applications: Pick<ApplicationService, 'list'>;
  readonly subscriptions: Pick<SubscriptionService, 'renewals' | 'detailsOf'>;
  /** Absent in a lab. */
  readonly limits: Pick<Limits, 'attempt'> | undefined;
  readonly sourceOf: (request: Koa.Context['req']) => Source;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly cookies: Cookies;
  readonly forms: Forms;
  readonly forwardAuth: ForwardAuth | undefined;
  readonly log: HttpLog;
}

/** One request of a browser for a page. */
export interface Visit {
  readonly parts: PortalParts;
  readonly context: Koa.Context;
  /** The time that everything about it is decided at. */
  readonly now: UnixMillis;
  readonly query: URLSearchParams;
  /** The session that it came with, if it is one. */
  readonly seat: Seat | undefined;
}

export interface Seat extends Person {
  readonly token: string;
}

export type Reply =
  | { readonly page: Page; readonly status?: number; readonly headers?: Record<string, string> }
  /** An address of this server, or one that was checked. */
  | { readonly redirect: string };

/** A handler of forms gets those only that this server's own pages have sent. */
export interface PageRoute {
  readonly get: (visit: Visit) => Promise<Reply>;
  readonly post?: (visit: Visit, fields: Fields) => Promise<Reply>;
  /** A form of our own came that is out of date. Default: a page that says so. */
  readonly stale?: (visit: Visit, fields: Fields) => Reply | Promise<Reply>;
}

/**
 * Whoever is asked for a code has given the password: every outcome is told, as the person sees the
 * token's state in "Manage OTP" anyway.
 */
const PORTAL: Principal = {
  actor: 'portal',
  scopes: new Set(['verify', 'verify:nextCode', 'verify:detail', 'tokens:resync', 'sessions']),
};

export const callerAt = (
  now: UnixMillis,
  { strength = 'password', proofed = false }: Partial<Pick<Wish, 'strength' | 'proofed'>> = {},
): Caller => ({
  principal: {
    ...PORTAL,
    ...(strength === 'password' ? {} : { requiredStrength: strength }),
    ...(proofed ? { requiresProofing: true } : {}),
  },
  now,
});

const TOKEN = /^[\w-]{43}$/;

/** The session's token as the browser gave it, where it can be one. */
export function sessionToken(
  { cookies }: Pick<PortalParts, 'cookies'>,
  request: Koa.Context['req'],
): string | undefined {
  const token = cookies.session.read(request);
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

export async function openVisit(parts: PortalParts, context: Koa.Context): Promise<Visit> {
  const now = parts.clock.now();
  const token = sessionToken(parts, context.req);
  const session = token === undefined ? undefined : await parts.sessions.find(token, now);
  const isSeated = token !== undefined && session !== undefined;
  const seat = isSeated ? await seatOf(parts, token, session) : undefined;
  return { parts, context, now, query: new URLSearchParams(context.querystring), seat };
}

export async function seatOf(
  { accounts }: Pick<PortalParts, 'accounts'>,
  token: string,
  session: Session,
): Promise<Seat> {
  return { token, session, account: await accounts.get(session.account) };
}

/** Puts the cookies of a session into the browser: its own, and the one that proxies see. */
export function seatBrowser({ parts, context }: Visit, { token }: Pick<Seat, 'token'>): void {
  const { cookies, forwardAuth } = parts;
  cookies.session.write(context, token);
  if (forwardAuth !== undefined) cookies.forward?.write(context, forwardAuth.tokenFor(token));
}

export function unseatBrowser({ parts: { cookies }, context }: Visit): void {
  cookies.session.clear(context);
  cookies.forward?.clear(context);
}

export const formTokenOf = ({ parts: { forms }, context, seat }: Visit): string =>
  forms.token(context, seat?.token);
