import Koa from 'koa';
import { type ErrorCode, FobtwinError } from '../../shared/errors.ts';
import { PROBLEMS } from '../http/problem.ts';
import { isBrokenOff } from '../http/request-body.ts';
import { ACCOUNT, MANAGE_OTP } from './account.ts';
import { CHECKOUT } from './account-checkout.ts';
import { GET, REVOKE } from './account-credentials.ts';
import {
  CANCEL_PATH,
  CART_PATH,
  CHECKOUT_PATH,
  FOUND_PATH,
  GET_PATH,
  LOST_PATH,
  ORDER_PATH,
  ORDERS_PATH,
  OTP_PATH,
  PHONES_PATH,
  RENEW_PATH,
  RENEWALS_PATH,
  REVOKE_PATH,
  SET_UP_PATH,
  STORE_PATH,
  UPGRADE_PATH,
} from './account-links.ts';
import { FOUND, LOST } from './account-lost.ts';
import { CANCEL, ORDER, ORDERS } from './account-orders.ts';
import { PHONES } from './account-phones.ts';
import { RENEW, RENEWALS, UPGRADE } from './account-renewals.ts';
import { SET_UP } from './account-set-up.ts';
import { CART, STORE } from './account-store.ts';
import { type Fields, readForm } from './forms.ts';
import { FORWARD_AUTH_PATH } from './forward-auth.ts';
import { PAGE_HEADERS, renderPage } from './page.ts';
import { SIGN_IN_PATH } from './port.ts';
import { isToldOf, linesOf } from './refusal.ts';
import { SIGN_IN } from './sign-in.ts';
import { messagePage, STALE_TEXT } from './sign-in-pages.ts';
import { SIGN_OUT } from './sign-out.ts';
import { openVisit, type PageRoute, type PortalParts, type Reply, type Visit } from './visit.ts';
import { ACCOUNT_PATH } from './wish.ts';

const HOME: PageRoute = { get: async () => ({ redirect: ACCOUNT_PATH }) };

/** Every page there is. */
const ROUTES: ReadonlyMap<string, PageRoute> = new Map([
  ['/', HOME],
  [SIGN_IN_PATH, SIGN_IN],
  ['/sign-out', SIGN_OUT],
  [ACCOUNT_PATH, ACCOUNT],
  [OTP_PATH, MANAGE_OTP],
  [GET_PATH, GET],
  [SET_UP_PATH, SET_UP],
  [RENEW_PATH, RENEW],
  [RENEWALS_PATH, RENEWALS],
  [UPGRADE_PATH, UPGRADE],
  [LOST_PATH, LOST],
  [FOUND_PATH, FOUND],
  [REVOKE_PATH, REVOKE],
  [PHONES_PATH, PHONES],
  [STORE_PATH, STORE],
  [CART_PATH, CART],
  [CHECKOUT_PATH, CHECKOUT],
  [ORDERS_PATH, ORDERS],
  [ORDER_PATH, ORDER],
  [CANCEL_PATH, CANCEL],
]);

/** The pages and the answer to proxies; what is neither goes on to whoever comes next. */
export function createPortalApp(parts: PortalParts): Koa {
  const app = new Koa();
  app.use(async (context, next) => {
    if (context.path === FORWARD_AUTH_PATH && isReading(context)) {
      if (await parts.forwardAuth?.answer(context)) return;
    }
    const route = ROUTES.get(context.path);
    if (route === undefined) return next();
    context.set(PAGE_HEADERS);
    try {
      send(context, await answer(route, parts, context));
    } catch (error) {
      sendError(context, error, parts);
    }
  });
  return app;
}

const isReading = ({ method }: Koa.Context): boolean => method === 'GET' || method === 'HEAD';

async function answer(
  { get, post, stale }: PageRoute,
  parts: PortalParts,
  context: Koa.Context,
): Promise<Reply> {
  if (isReading(context)) return get(await openVisit(parts, context));
  if (context.method !== 'POST' || post === undefined) {
    context.set('Allow', post === undefined ? 'GET, HEAD' : 'GET, HEAD, POST');
    throw new FobtwinError('methodNotAllowed', 'This page does not take this method.');
  }
  const fields = await readForm(context);
  const visit = await openVisit(parts, context);
  return takeForm(visit, fields, { post, stale });
}

type Taking = Required<Pick<PageRoute, 'post'>> & {
  readonly stale: PageRoute['stale'] | undefined;
};

/** Out of date is what somebody opened before signing in or out in another tab. */
async function takeForm(
  visit: Visit,
  fields: Fields,
  { post, stale = () => STALE }: Taking,
): Promise<Reply> {
  const { parts, context, seat } = visit;
  switch (parts.forms.judge(context, fields, seat?.token)) {
    case 'sound':
      return post(visit, fields);
    case 'stale':
      return stale(visit, fields);
    case 'foreign':
      throw new FobtwinError('forbidden', 'This form was sent by a page of another site.', {
        nextStep: 'Nothing was done. Go to the page that you want, and fill in its form there.',
      });
  }
}

const STALE: Reply = {
  page: messagePage('This form is out of date', [STALE_TEXT]),
  status: 403,
};

function send(context: Koa.Context, reply: Reply): void {
  if ('redirect' in reply) {
    context.redirect(reply.redirect);
    context.status = 303;
    context.body = '';
    return;
  }
  context.status = reply.status ?? 200;
  if (reply.headers !== undefined) context.set(reply.headers);
  context.body = renderPage(reply.page);
}

/** What a page is called that tells of an error; the status is that of /v1. */
const TITLES: Partial<Record<ErrorCode, string>> = {
  notFound: 'Not found',
  forbidden: 'Not allowed',
  methodNotAllowed: 'Not possible',
  unauthenticated: 'Sign in first',
  unavailable: 'Not available now',
  tooManyRequests: 'Too many requests',
};

function sendError(context: Koa.Context, error: unknown, { log }: PortalParts): void {
  // Whoever has hung up gets no page.
  if (isBrokenOff(error)) throw error;
  if (!(error instanceof FobtwinError) || !isToldOf(error)) {
    log.error({ err: error }, 'a page failed');
    context.status = 500;
    context.body = renderPage(messagePage('Something failed', ['Try again in a moment.']));
    return;
  }
  const { code, retryAfterSeconds } = error;
  context.status = PROBLEMS[code].status;
  if (retryAfterSeconds !== undefined) context.set('Retry-After', String(retryAfterSeconds));
  context.body = renderPage(messagePage(TITLES[code] ?? 'That cannot be done', linesOf(error)));
}
