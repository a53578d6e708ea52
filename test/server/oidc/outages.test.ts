import { expect } from 'chai';
import sinon from 'sinon';
import { OIDC_ARTIFACTS, OIDC_CLIENTS } from '../../../server/oidc/record.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { timeEntry } from '../http/served.ts';
import type { Browser } from './browser.ts';
import { applicationOf, begin } from './flow.ts';
import { CALLBACK, openRoom, type Room, SERIAL } from './provider-room.ts';

const OUTAGE = 'temporarily_unavailable';

describe('the OpenID Connect provider when the store cannot answer', () => {
  let room: Room;
  let tokenRequest: RequestInit;
  let authorization: URL;
  /** Somebody has signed in with it. */
  let browser: Browser;

  beforeEach(async () => {
    room = await openRoom();
    await room.served.stock(timeEntry(SERIAL));
    await room.served.register(SERIAL, 'jennifer');
    const application = await applicationOf(room);
    const { id, secret = '' } = application;
    browser = room.browser();
    await begin(application, browser);
    const query = {
      client_id: id,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid',
      state: 'the-state',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    };
    authorization = new URL(`${room.issuer}/auth?${new URLSearchParams(query)}`);
    tokenRequest = {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'a'.repeat(43) }),
    };
  });
  afterEach(async () => {
    sinon.restore();
    await room.close();
  });

  it('tells a program with 503 and in JSON', async () => {
    await room.served.store.close();
    const reply = await fetch(`${room.issuer}/token`, tokenRequest);
    expect(reply.status).equal(503);
    expect(Number(reply.headers.get('retry-after'))).to.be.greaterThan(0);
    expect(reply.headers.get('cache-control')).to.contain('no-store');
    expect(await reply.json()).to.have.property('error', OUTAGE);
    expect(room.logged).not.to.have.length(0);
  });

  it('tells a person in a page', async () => {
    await room.served.store.close();
    const reply = await room.browser().get(authorization.href);
    expect(reply.status).equal(503);
    expect(reply.headers.get('content-type')).to.contain('text/html');
    expect(await reply.text()).to.contain('does not work just now');
  });

  it('keeps somebody who has signed in on a page that can be reloaded', async () => {
    const { store } = room.served;
    const transact = store.transact.bind(store);
    const isProviders = (kind: unknown) => kind === OIDC_CLIENTS || kind === OIDC_ARTIFACTS;
    const fails = () => Promise.reject(new FobtwinError('unavailable', 'The disk is full.'));
    sinon
      .stub(store, 'transact')
      .callsFake((keys, decide) => (isProviders(keys[0]?.kind) ? transact(keys, decide) : fails()));
    const reply = await browser.get(authorization.href);
    expect(reply.status).equal(503);
    expect(await reply.text()).to.contain('The disk is full.');
    sinon.restore();
    const again = await browser.go(authorization.href, CALLBACK);
    expect(new URL(again.address).searchParams.get('code')).to.have.length.greaterThan(20);
  });
});
