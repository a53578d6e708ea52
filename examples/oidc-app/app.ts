import { once } from 'node:events';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import * as openid from 'openid-client';
import { homePage, hoursPage, payrollPage, refusalPage } from './pages.ts';
import { createSessions, type Session } from './sessions.ts';

/** Timesheets: hours for whoever has signed in, payroll for a code of a hardware token. */

const HARDWARE_TOKEN = 'urn:fobtwin:acr:hardwareToken';

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: see README.md`);
  return value;
};
const address = new URL(setting('ADDRESS'));
const issuer = new URL(setting('OIDC_ISSUER'));
const callback = new URL('/callback', address).href;

const provider = await openid.discovery(
  issuer,
  setting('OIDC_CLIENT_ID'),
  undefined,
  openid.ClientSecretBasic(setting('OIDC_CLIENT_SECRET')),
  {
    execute: [
      openid.enableNonRepudiationChecks,
      // Without TLS a provider is trusted on this machine alone: fobd allows nothing else either.
      ...(issuer.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
    ],
  },
);

const sessions = createSessions({ isSecure: address.protocol === 'https:' });

/**
 * Sends the browser to fobd. Somebody who is signed in there comes back without a question, unless
 * `acr` is more than what was proved: then fobd asks for what is missing (RFC 9470).
 */
async function sendToSignIn(context: Context, returnTo: string, acr?: string): Promise<void> {
  const verifier = openid.randomPKCECodeVerifier();
  const begun = { verifier, state: openid.randomState(), nonce: openid.randomNonce() };
  const session = sessions.find(context) ?? sessions.begin(context);
  session.begun = { ...begun, returnTo, acr };
  const url = openid.buildAuthorizationUrl(provider, {
    redirect_uri: callback,
    // A refresh token comes with these two; without them the sign-in lasts as long as fobd's.
    scope: 'openid profile offline_access',
    prompt: 'consent',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: begun.state,
    nonce: begun.nonce,
    ...(acr === undefined ? {} : { acr_values: acr }),
  });
  context.redirect(url.href);
}

/** The browser comes back: with a code, or with the reason why there is none. */
async function finishSignIn(context: Context): Promise<void> {
  const session = sessions.find(context);
  if (session?.begun === undefined) {
    return refuse(context, 'This sign-in is over, or was begun in another browser.', '/');
  }
  const { begun } = session;
  delete session.begun;
  let tokens: Awaited<ReturnType<typeof openid.authorizationCodeGrant>>;
  try {
    tokens = await openid.authorizationCodeGrant(provider, new URL(context.url, address), {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
  } catch (error) {
    if (!(error instanceof openid.AuthorizationResponseError)) throw error;
    return refuse(context, REASONS[error.error] ?? `fobd said: ${error.error}.`, begun.returnTo);
  }
  const claims = tokens.claims();
  // A provider may come back with less than it was asked for: whoever asked has to look.
  if (claims === undefined || (begun.acr !== undefined && claims.acr !== begun.acr)) {
    return refuse(context, TOO_WEAK, begun.returnTo);
  }
  // `profile` stands there, not in the ID token.
  const { name } = await openid.fetchUserInfo(provider, tokens.access_token, claims.sub);
  // A new one: a cookie that was planted in this browser opens nothing.
  sessions.begin(context).person = {
    claims,
    name: name ?? claims.sub,
    idToken: tokens.id_token ?? '',
    refreshToken: tokens.refresh_token,
  };
  context.redirect(begun.returnTo);
}

const TOO_WEAK = 'This page opens only after a code of a hardware token, and none was given.';
const REASONS: Readonly<Record<string, string>> = {
  unmet_authentication_requirements: TOO_WEAK,
  access_denied: 'Nobody signed in.',
  login_required: 'Nobody signed in.',
};

function refuse(context: Context, reason: string, again: string): void {
  context.status = 403;
  context.body = refusalPage(reason, again, sessions.find(context)?.person);
}

/** Asks whether everything still stands that the sign-in rests on. */
async function refresh(context: Context): Promise<void> {
  const session = sessions.find(context);
  const person = session?.person;
  if (session === undefined || person?.refreshToken === undefined) return context.redirect('/');
  try {
    const tokens = await openid.refreshTokenGrant(provider, person.refreshToken);
    session.person = {
      ...person,
      claims: tokens.claims() ?? person.claims,
      idToken: tokens.id_token ?? person.idToken,
      // Each is good once: the next one comes with the answer.
      refreshToken: tokens.refresh_token,
    };
  } catch (error) {
    const isOver = error instanceof openid.ResponseBodyError && error.error === 'invalid_grant';
    if (!isOver) throw error;
    // The account was disabled, say, or the token lost.
    delete session.person;
    return refuse(context, 'Your sign-in has ended.', '/');
  }
  context.redirect('/');
}

/** Ends the session here, what was given for it, and then the one at fobd. */
async function signOut(context: Context): Promise<void> {
  const person = sessions.find(context)?.person;
  sessions.end(context);
  if (person === undefined) return context.redirect('/');
  if (person.refreshToken !== undefined) {
    await openid.tokenRevocation(provider, person.refreshToken);
  }
  const url = openid.buildEndSessionUrl(provider, {
    id_token_hint: person.idToken,
    post_logout_redirect_uri: new URL('/', address).href,
  });
  context.redirect(url.href);
}

/** A page for whoever has signed in: with at least `acr`, where one is given. */
const page =
  (show: (person: NonNullable<Session['person']>) => string, acr?: string) =>
  async (context: Context): Promise<void> => {
    const person = sessions.find(context)?.person;
    const isEnough = acr === undefined || person?.claims.acr === acr;
    if (person === undefined || !isEnough) return sendToSignIn(context, context.path, acr);
    context.body = show(person);
  };

const router = new Router()
  .get('/', (context) => {
    context.body = homePage(sessions.find(context)?.person);
  })
  .get('/sign-in', (context) => sendToSignIn(context, '/'))
  .get('/callback', finishSignIn)
  .get('/hours', page(hoursPage))
  .get('/payroll', page(payrollPage, HARDWARE_TOKEN))
  // Other sites cannot send these two in somebody's name: the cookie is `SameSite=Lax`.
  .post('/refresh', refresh)
  .post('/sign-out', signOut);

const server = new Koa()
  .use(async (context, next) => {
    context.set('Cache-Control', 'no-store');
    context.set('X-Content-Type-Options', 'nosniff');
    await next();
  })
  .use(router.routes())
  .listen(Number(address.port || 80), address.hostname);
await once(server, 'listening');
console.log(`Timesheets: ${address.href}`);
