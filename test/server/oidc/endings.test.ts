import { expect } from 'chai';
import * as openid from 'openid-client';
import { endRestoredArtifacts } from '../../../server/oidc/artifacts.ts';
import { OIDC_ARTIFACTS } from '../../../server/oidc/record.ts';
import { timeEntry } from '../http/served.ts';
import { applicationOf, begin, errorIn, OFFLINE, refused, signIn } from './flow.ts';
import {
  openRoom,
  type Room,
  SERIAL,
  SIGNED_OUT,
  withPassword,
  withToken,
} from './provider-room.ts';

describe('what OpenID Connect tokens rest on', () => {
  let room: Room;
  let key: string;

  beforeEach(async () => {
    room = await openRoom();
    await room.served.stock(timeEntry(SERIAL));
    await room.served.register(SERIAL, 'jennifer');
    key = await room.served.key();
  });
  afterEach(() => room.close());

  async function offlineTokens() {
    const application = await applicationOf(room);
    const { refresh_token: refresh = '', access_token: access } = await signIn(
      application,
      room.browser(),
      OFFLINE,
    );
    const isActive = async () =>
      (await openid.tokenIntrospection(application.config, access)).active;
    return {
      application,
      isActive,
      refresh: () => openid.refreshTokenGrant(application.config, refresh),
      userInfo: () => openid.fetchUserInfo(application.config, access, 'jennifer'),
      isRefreshActive: async () =>
        (await openid.tokenIntrospection(application.config, refresh)).active,
    };
  }

  const ask = async (path: string, body: object = {}) => {
    const { status, text } = await room.served.send({ path, key, body });
    expect(status, text).to.be.lessThan(300);
  };

  for (const verb of ['lost', 'suspend', 'lock', 'revoke']) {
    it(`ends what rests on a token with ${verb}, and it does not come back`, async () => {
      room.comes(withToken);
      const tokens = await offlineTokens();
      expect(await tokens.isActive()).equal(true);
      await ask(`/v1/tokens/${SERIAL}/${verb}`);
      expect(await tokens.isActive()).equal(false);
      expect(await tokens.isRefreshActive()).equal(false);
      await refused(tokens.refresh(), 'invalid_grant');
      if (verb === 'lost') await ask(`/v1/tokens/${SERIAL}/found`);
      expect(await tokens.isActive()).equal(false);
    });
  }

  it('leaves alone what rests on the password', async () => {
    room.comes(withPassword);
    const tokens = await offlineTokens();
    await ask(`/v1/tokens/${SERIAL}/lost`);
    expect(await tokens.isActive()).equal(true);
    expect((await tokens.userInfo()).sub).equal('jennifer');
    expect((await tokens.refresh()).access_token).to.be.a('string');
  });

  it('ends all of an account that is disabled', async () => {
    const tokens = await offlineTokens();
    const browser = room.browser();
    await signIn(tokens.application, browser);
    await ask('/v1/accounts/jennifer/disable');
    expect(await tokens.isActive()).equal(false);
    await refused(tokens.refresh(), 'invalid_grant');
    room.comes({ returns: true });
    expect(errorIn(await begin(tokens.application, browser)).error).equal('access_denied');
  });

  it('ends with the password it rests on, offline too', async () => {
    const set = async (password: string) => {
      const path = '/v1/accounts/jennifer/password';
      const key = await room.served.key();
      const { status } = await room.served.send({ method: 'PUT', path, key, body: { password } });
      expect(status).equal(200);
    };
    await set('seven green bottles on a wall');
    const tokens = await offlineTokens();
    expect(await tokens.isActive()).equal(true);
    room.served.clock.at = (room.served.clock.at + 1000) as typeof room.served.clock.at;
    await set('six green bottles on a wall');
    expect(await tokens.isActive()).equal(false);
    await refused(tokens.refresh(), 'invalid_grant');
  });

  it('ends with its session what did not ask for offline_access', async () => {
    const application = await applicationOf(room);
    const short = await signIn(application, room.browser());
    const long = await offlineTokens();
    const { caller, sessions } = room;
    await sessions.endAll('jennifer' as Parameters<typeof sessions.endAll>[0], caller());
    const now = await openid.tokenIntrospection(application.config, short.access_token);
    expect(now.active).equal(false);
    expect(await long.isActive()).equal(true);
  });

  it('signs out: here, at the application and of every token of the session', async () => {
    const application = await applicationOf(room);
    const browser = room.browser();
    const tokens = await signIn(application, browser);
    const url = openid.buildEndSessionUrl(application.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: SIGNED_OUT,
      state: 'bye',
    });
    const { page } = await browser.go(url.href, SIGNED_OUT);
    const text = (await page?.text()) ?? '';
    expect(text).to.include('Timesheets').and.not.include('<script');
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const wrong = await browser.post(`${room.issuer}/session/end/confirm`, { xsrf: 'no' });
    expect(wrong.status).equal(400);
    const done = await browser.post(`${room.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    expect(done.headers.get('refresh')).equal(`0; url=${SIGNED_OUT}?state=bye`);
    expect(await done.text()).to.include(`href="${SIGNED_OUT}?state=bye"`);
    const now = await openid.tokenIntrospection(application.config, tokens.access_token);
    expect(now.active).equal(false);
    const silent = await begin(application, browser, { prompt: 'none' });
    expect(errorIn(silent).error).equal('login_required');
    room.asked.length = 0;
    await signIn(application, browser);
    expect(room.asked).to.have.length(1);
  });

  it('ends nothing for whoever would rather stay', async () => {
    const application = await applicationOf(room);
    const browser = room.browser();
    const { id_token: hint = '' } = await signIn(application, browser);
    const url = openid.buildEndSessionUrl(application.config, { id_token_hint: hint });
    const { page } = await browser.go(url.href, SIGNED_OUT);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec((await page?.text()) ?? '')?.[1] ?? '';
    await browser.post(`${room.issuer}/session/end/confirm`, { xsrf });
    room.asked.length = 0;
    await signIn(application, browser, { prompt: 'none' });
    expect(room.asked).to.have.length(0);
  });

  it('sends nobody to an address after signing out that was not registered', async () => {
    const application = await applicationOf(room);
    const browser = room.browser();
    const { id_token: hint = '' } = await signIn(application, browser);
    const url = openid.buildEndSessionUrl(application.config, {
      id_token_hint: hint,
      post_logout_redirect_uri: 'https://evil.example/',
    });
    const { page } = await browser.go(url.href, 'https://evil.example');
    expect(page?.status).equal(400);
  });

  it('refuses the tokens of a client that was removed', async () => {
    const tokens = await offlineTokens();
    const resource = await applicationOf(room);
    await ask(`/v1/oidc/clients/${tokens.application.id}/remove`);
    await refused(tokens.refresh(), 'invalid_client');
    const { access_token: own } = await signIn(resource, room.browser());
    expect((await openid.tokenIntrospection(resource.config, own)).active).equal(true);
  });

  it('keeps nothing in the store that opens anything', async () => {
    const application = await applicationOf(room);
    const browser = room.browser();
    const begun = await begin(application, browser, OFFLINE);
    const code = new URL(begun.address).searchParams.get('code') ?? '';
    const tokens = await signIn(application, browser, OFFLINE);
    await begin(application, room.browser(), { prompt: 'login' });
    const { items } = await room.served.store.scan(OIDC_ARTIFACTS, { limit: 500 });
    expect(items.length).to.be.greaterThan(5);
    const text = JSON.stringify(items);
    for (const opener of [
      code,
      tokens.access_token,
      tokens.refresh_token ?? '',
      application.secret ?? '',
      browser.cookie('fobd-oidc'),
    ]) {
      expect(opener).to.have.length.greaterThan(20);
      expect(text).not.to.include(opener);
    }
    const { items: entries } = await room.served.store.auditPage({ after: 0, limit: 500 });
    expect(entries.map(({ action }) => action)).to.include('authorizeOidc');
    expect(JSON.stringify(entries)).not.to.include(tokens.access_token);
  });

  it('ends every code and token of a backup that was restored', async () => {
    const tokens = await offlineTokens();
    expect(await endRestoredArtifacts(room.served.store)).to.be.greaterThan(3);
    expect(await tokens.isActive()).equal(false);
    await refused(tokens.refresh(), 'invalid_grant');
  });

  it('sweeps what has expired as others come', async () => {
    const application = await applicationOf(room);
    await begin(application, room.browser());
    const count = async () =>
      (await room.served.store.scan(OIDC_ARTIFACTS, { limit: 500 })).items.length;
    expect(await count()).to.be.greaterThan(0);
    room.computerAdvance(40 * 86_400);
    await Promise.all(Array.from({ length: 30 }, () => begin(application, room.browser())));
    const { items } = await room.served.store.scan(OIDC_ARTIFACTS, { limit: 500 });
    expect(items.every(({ expiresAt }) => expiresAt > room.computerNow() - 86_400_000)).equal(true);
  });
});
