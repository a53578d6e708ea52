import { expect } from 'chai';
import * as openid from 'openid-client';
import { timeEntry } from '../http/served.ts';
import {
  type Application,
  applicationOf,
  begin,
  exchange,
  OFFLINE,
  refused,
  signIn,
} from './flow.ts';
import { CALLBACK, openRoom, type Room, SERIAL } from './provider-room.ts';

const CHALLENGE = 'a'.repeat(43);

describe('bad input to the OpenID Connect provider', () => {
  let room: Room;
  let application: Application;

  before(async () => {
    room = await openRoom();
    await room.served.stock(timeEntry(SERIAL));
    await room.served.register(SERIAL, 'jennifer');
    application = await applicationOf(room);
  });
  after(() => room.close());

  /** An authorization with parameters changed, or left out where undefined. */
  async function authorize(changed: Record<string, string | undefined> = {}) {
    const parameters = {
      client_id: application.id,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid',
      state: 'the-state',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...changed,
    };
    const given = Object.entries(parameters).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    return room.browser().get(`${room.issuer}/auth?${new URLSearchParams(given)}`);
  }

  /** In the query, or in the fragment where the response type would have had it there. */
  const told = (reply: Response) => {
    const { search, hash } = new URL(reply.headers.get('location') ?? 'http://none.invalid');
    return new URLSearchParams(search || hash.slice(1)).get('error');
  };

  for (const [what, redirect] of Object.entries({
    'another host': 'http://127.0.0.2:4999/callback',
    'another port': 'http://127.0.0.1:5000/callback',
    'a path below': `${CALLBACK}/more`,
    'a query more': `${CALLBACK}?x=1`,
    'other letters': CALLBACK.toUpperCase(),
    'a user in it': 'http://127.0.0.1:4999@evil.example/callback',
    'a script': 'javascript:alert(1)',
    nothing: '',
  })) {
    it(`sends nobody back to ${what}, and says so on a page of its own`, async () => {
      const reply = await authorize({ redirect_uri: redirect });
      expect(reply.status).equal(400);
      expect(reply.headers.get('location')).equal(null);
      expect(reply.headers.get('content-security-policy')).to.include("default-src 'none'");
      const page = await reply.text();
      expect(page)
        .to.match(/Sign-in is not possible/)
        .and.not.match(/node_modules|at \w+ \(/);
    });
  }

  for (const [what, changed, error] of [
    ['PKCE left out', { code_challenge: undefined, code_challenge_method: undefined }],
    ['PKCE without its method', { code_challenge_method: undefined }],
    ['PKCE plain', { code_challenge_method: 'plain' }],
    ['a challenge too short', { code_challenge: 'short' }],
    ['the implicit flow', { response_type: 'id_token' }],
    ['the hybrid flow', { response_type: 'code id_token' }],
    ['an unknown prompt', { prompt: 'create' }],
    ['prompt none and another', { prompt: 'none login' }],
    ['a max_age below nothing', { max_age: '-1' }],
    ['a max_age that is none', { max_age: 'soon' }],
    ['claims that are no JSON', { claims: '{' }],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    ['a request address', { request_uri: 'https://x.example' }, 'request_uri_not_supported'],
    ['registration', { registration: '{}' }, 'registration_not_supported'],
    ['an id_token_hint of alg none', { id_token_hint: unsigned() }],
  ] as const satisfies readonly (readonly [string, object, string?])[]) {
    it(`refuses ${what}`, async () => {
      const reply = await authorize(changed);
      expect(reply.status, await reply.clone().text()).equal(303);
      const address = reply.headers.get('location') ?? '';
      expect(address.startsWith(CALLBACK), address).equal(true);
      expect(told(reply)).equal(error ?? 'invalid_request');
    });
  }

  for (const mode of ['fragment', 'form_post', 'web_message', 'jwt', '']) {
    it(`sends no code by ${mode === '' ? 'an empty mode' : mode}`, async () => {
      const reply = await authorize({ response_mode: mode });
      expect(reply.status).equal(400);
      expect(await reply.text())
        .to.include('unsupported_response_mode')
        .and.not.include('<script');
    });
  }

  it('refuses an unknown client, and what comes twice', async () => {
    expect((await authorize({ client_id: 'f'.repeat(16) })).status).equal(400);
    const twice = `${room.issuer}/auth?client_id=${application.id}&client_id=${application.id}`;
    expect((await room.browser().get(twice)).status).equal(400);
  });

  it('shows what a stranger wrote as text', async () => {
    const reply = await authorize({ client_id: '<script>alert(1)</script>' });
    expect(await reply.text()).not.to.include('<script>');
  });

  it('refuses a verifier that is wrong or missing, and the code is still good', async () => {
    const begun = await begin(application, room.browser());
    const wrong = { ...begun, verifier: openid.randomPKCECodeVerifier() };
    await refused(exchange(application, wrong), 'invalid_grant');
    const code = new URL(begun.address).searchParams.get('code') ?? '';
    const bare = await tokenRequest({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    });
    expect(bare).to.include({ status: 400, error: 'invalid_grant' });
    expect((await exchange(application, begun)).access_token).to.be.a('string');
  });

  it('refuses a code at another client, and at another address', async () => {
    const begun = await begin(application, room.browser());
    const other = await applicationOf(room);
    await refused(exchange(other, begun), 'invalid_grant');
    const code = new URL(begun.address).searchParams.get('code') ?? '';
    const moved = await tokenRequest({
      grant_type: 'authorization_code',
      code,
      code_verifier: begun.verifier,
      redirect_uri: `${CALLBACK}2`,
    });
    expect(moved).to.include({ status: 400, error: 'invalid_grant' });
  });

  it('refuses a wrong secret, no secret and one that was rotated away', async () => {
    const { id, secret = '' } = application;
    for (const wrong of ['', 'x', `${secret}x`, secret.slice(1), secret.toLowerCase()]) {
      const reply = await tokenRequest({ grant_type: 'refresh_token', refresh_token: 'x' }, wrong);
      expect(reply.status, wrong).to.be.oneOf([400, 401]);
      expect(reply.error).to.be.oneOf(['invalid_client', 'invalid_request']);
    }
    const none = await fetch(`${room.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: id }),
    });
    expect(none.status).equal(401);
    const own = await applicationOf(room);
    const { refresh_token: token = '' } = await signIn(own, room.browser(), OFFLINE);
    const { clients } = room.administration;
    await clients.rotateSecret(own.id, { overlapMillis: 60_000 }, room.caller());
    const { refresh_token: next = '' } = await openid.refreshTokenGrant(own.config, token);
    room.advance(61);
    await refused(openid.refreshTokenGrant(own.config, next), 'invalid_client');
  });

  for (const grant of ['password', 'client_credentials', 'implicit', 'urn:other']) {
    it(`has no grant ${grant}`, async () => {
      const reply = await tokenRequest({ grant_type: grant, username: 'jennifer', password: 'x' });
      expect(reply.error).to.be.oneOf(['unsupported_grant_type', 'unauthorized_client']);
    });
  }

  it('takes no token that it did not give', async () => {
    const { config } = application;
    for (const token of ['x', 'a'.repeat(43), unsigned()]) {
      const reply = await fetch(`${room.issuer}/me`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(reply.status).equal(401);
      if (token.includes('.')) continue;
      expect(await openid.tokenIntrospection(config, token)).to.deep.equal({ active: false });
    }
    await refused(openid.refreshTokenGrant(config, 'a'.repeat(43)), 'invalid_grant');
  });

  it('lets nobody go on with what another browser began', async () => {
    room.comes({ returns: true });
    const mine = room.browser();
    const { address } = await begin(application, mine, { prompt: 'login' });
    expect(address).to.include('error=');
    const begun = await room.browser().get(
      openid.buildAuthorizationUrl(application.config, {
        redirect_uri: CALLBACK,
        scope: 'openid',
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
      }).href,
    );
    const place = new URL(begun.headers.get('location') ?? '', room.issuer).href;
    expect(place).to.include('/oidc/interaction/');
    const other = await room.browser().get(place);
    expect(other.status).equal(400);
    expect(await other.text()).to.include('begun in another browser');
    const made = await mine.get(`${room.issuer}/interaction/${'x'.repeat(43)}`);
    expect(made.status).equal(400);
  });

  it('takes no body beyond its bounds', async () => {
    const reply = await fetch(`${room.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=${'x'.repeat(100_000)}`,
    });
    expect(reply.status).to.be.oneOf([400, 413]);
  });

  it('logs no code, token or secret', () => {
    const text = JSON.stringify(room.logged);
    expect(text)
      .not.to.include(application.secret)
      .and.not.match(/"code":"[A-Za-z0-9_-]{43}"/);
  });

  async function tokenRequest(fields: Record<string, string>, secret = application.secret ?? '') {
    const reply = await fetch(`${room.issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${application.id}:${secret}`).toString('base64')}`,
      },
      body: new URLSearchParams(fields),
    });
    const { error } = (await reply.json()) as { error?: string };
    return { status: reply.status, error };
  }
});

/** A token that says of itself that nobody signed it. */
function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'jennifer', aud: 'x', iss: 'x' })}.`;
}
