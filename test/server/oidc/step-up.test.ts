import { expect } from 'chai';
import * as openid from 'openid-client';
import { NO_PHONES, type PhonesRecord, phonesKey } from '../../../server/phones/record.ts';
import { put } from '../../../server/store/port.ts';
import type { PhoneId } from '../../../shared/types.ts';
import { timeEntry } from '../http/served.ts';
import type { Browser } from './browser.ts';
import { type Application, applicationOf, begin, errorIn, signIn } from './flow.ts';
import {
  JENNIFER,
  openRoom,
  type Room,
  SERIAL,
  type Visitor,
  withPassword,
  withToken,
} from './provider-room.ts';

const HARDWARE = 'urn:fobtwin:acr:hardwareToken';
const PASSWORD = 'urn:fobtwin:acr:password';
const returns: Visitor = { returns: true };

describe('strength in OpenID Connect', () => {
  let room: Room;
  let application: Application;
  let browser: Browser;

  before(async () => {
    room = await openRoom();
    await room.served.stock(timeEntry(SERIAL));
    await room.served.register(SERIAL, 'jennifer');
    await room.served.send({
      path: '/v1/accounts',
      key: await room.served.key(),
      body: { id: 'other' },
    });
    application = await applicationOf(room);
  });
  after(() => room.close());
  beforeEach(() => {
    browser = room.browser();
    room.asked.length = 0;
    room.comes(withPassword);
  });

  const lastAsked = () => Object.fromEntries(room.asked.at(-1) ?? []);

  it('asks nobody twice, at one application or at another', async () => {
    await signIn(application, browser);
    await signIn(application, browser);
    await signIn(await applicationOf(room), browser, { prompt: 'none' });
    expect(room.asked).to.have.length(1);
    expect(lastAsked()).to.include({ strength: 'password' });
  });

  it('is stepped up by acr_values, and only then (RFC 9470)', async () => {
    const before = await signIn(application, browser);
    expect(before.claims()).to.include({ acr: PASSWORD });
    room.comes(withToken);
    const after = await signIn(application, browser, { acr_values: HARDWARE });
    expect(after.claims()).to.include({ acr: HARDWARE });
    expect(lastAsked()).to.include({ strength: 'hardwareToken' });
    expect(await openid.tokenIntrospection(application.config, after.access_token)).to.include({
      active: true,
      acr: HARDWARE,
    });
    await signIn(application, browser, { acr_values: HARDWARE });
    expect(room.asked).to.have.length(2);
  });

  it('is stepped up by an essential acr claim', async () => {
    room.comes(withToken);
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: [HARDWARE] } } });
    const tokens = await signIn(application, browser, { claims });
    expect(tokens.claims()).to.include({ acr: HARDWARE });
    expect(lastAsked()).to.include({ strength: 'hardwareToken' });
  });

  it('takes a stronger sign-in for a weaker one, and the weakest of several', async () => {
    room.comes(withToken);
    await signIn(application, browser);
    const acr = 'urn:fobtwin:acr:phoneOtp';
    const tokens = await signIn(application, browser, { acr_values: `${HARDWARE} ${acr}` });
    expect(tokens.claims()).to.include({ acr: HARDWARE });
    await signIn(application, room.browser(), { acr_values: `${HARDWARE} ${PASSWORD}` });
    expect(lastAsked()).to.include({ strength: 'password' });
  });

  it('refuses whoever skips the code, and tells the application why', async () => {
    room.comes({ skips: true });
    await nobodySignsIn('access_denied');
    room.comes(withPassword);
    await signIn(application, browser);
    room.comes({ skips: true });
    const begun = await begin(application, browser, { acr_values: HARDWARE });
    expect(errorIn(begun)).to.deep.equal({
      error: 'unmet_authentication_requirements',
      description: `${HARDWARE} is needed, and the sign-in has ${PASSWORD}`,
    });
    room.comes(returns);
    expect(errorIn(await begin(application, browser, { acr_values: HARDWARE })).error).equal(
      'unmet_authentication_requirements',
    );
  });

  async function nobodySignsIn(error: string): Promise<void> {
    expect(errorIn(await begin(application, browser)).error).equal(error);
  }

  it('refuses an acr that nobody can have, before anybody is asked', async () => {
    const begun = await begin(application, browser, { acr_values: 'urn:other:gold' });
    expect(errorIn(begun).error).equal('unmet_authentication_requirements');
    expect(room.asked).to.have.length(0);
  });

  it('always needs what its client was added with', async () => {
    const strict = await applicationOf(room, { requiredStrength: 'hardwareToken' });
    const weak = await begin(strict, browser, { acr_values: PASSWORD });
    expect(errorIn(weak).error).equal('unmet_authentication_requirements');
    room.comes(withToken);
    expect((await signIn(strict, browser)).claims()).to.include({ acr: HARDWARE });
    const silent = await begin(strict, room.browser(), { prompt: 'none' });
    expect(errorIn(silent).error).equal('login_required');
  });

  it('needs a proofed credential where its client was added so, and tells of it', async () => {
    const strict = await applicationOf(room, { requiresProofing: true });
    room.comes(withPassword);
    const weak = await begin(strict, browser);
    expect(errorIn(weak).error).equal('unmet_authentication_requirements');
    expect(lastAsked()).to.include({ strength: 'phoneOtp' });
    room.comes(withToken);
    expect(errorIn(await begin(strict, browser))).to.deep.equal({
      error: 'unmet_authentication_requirements',
      description:
        'urn:fobtwin:acr:phoneOtp of a proofed credential is needed, ' +
        `and the sign-in has ${HARDWARE}`,
    });
    room.comes({ proves: { ...withToken.proves, proofed: true } });
    const tokens = await signIn(strict, room.browser());
    expect(tokens.claims()).to.include({ acr: HARDWARE, proofed: true });
    expect(await openid.tokenIntrospection(strict.config, tokens.access_token)).to.include({
      active: true,
      proofed: true,
    });
  });

  it('tells nothing of proofing where no credential stands behind the code', async () => {
    room.comes(withToken);
    const claims = (await signIn(application, browser)).claims();
    expect(claims).to.include({ acr: HARDWARE }).and.not.have.property('proofed');
  });

  for (const [kind, method] of [
    ['text', 'sms'],
    ['voice', 'tel'],
  ] as const) {
    it(`says amr ${method} for a code that came as ${kind}, and ends with the number`, async () => {
      const phone = '00112233445566aa' as PhoneId;
      const { store, clock } = room.served;
      const at = clock.at;
      const known = { id: phone, number: '+12025550123', country: 'US', kind };
      const phones = [{ ...known, addedAt: at, verifiedAt: at }];
      const write = (list: PhonesRecord['phones']) =>
        store.transact([phonesKey(JENNIFER)], () => ({
          writes: [put(phonesKey(JENNIFER), { ...NO_PHONES, phones: list })],
          auditDrafts: [],
          reply: undefined,
        }));
      await write(phones);
      const issued = { by: 'phone', phone } as const;
      room.comes({ proves: { account: JENNIFER, strength: 'phoneOtp', issued, proofed: false } });
      const tokens = await signIn(application, browser, {
        scope: 'openid offline_access',
        prompt: 'consent',
      });
      expect(tokens.claims()).to.deep.include({
        amr: ['pwd', 'otp', method, 'mfa'],
        proofed: false,
      });
      const refreshed = await openid.refreshTokenGrant(
        application.config,
        tokens.refresh_token ?? '',
      );
      await write([]);
      const ended = await openid
        .refreshTokenGrant(application.config, refreshed.refresh_token ?? '')
        .catch((error: unknown) => error);
      expect(ended).to.have.property('error', 'invalid_grant');
    });
  }

  it('never lets strength outlive max_age', async () => {
    room.comes(withToken);
    await signIn(application, browser);
    room.advance(600);
    const recent = { max_age: '300', acr_values: HARDWARE };
    const { claims } = await signIn(application, browser, recent, { maxAge: 300 });
    expect(claims()).to.include({ acr: HARDWARE });
    expect(room.asked).to.have.length(2);
    expect(lastAsked()).to.have.property('after');
    room.advance(200);
    await signIn(application, browser, recent);
    expect(room.asked).to.have.length(2);
    room.advance(200);
    room.comes(returns);
    const stale = await begin(application, browser, recent);
    expect(errorIn(stale).error).equal('unmet_authentication_requirements');
  });

  it('counts an old code for nothing when only the password is recent', async () => {
    room.comes(withToken);
    await signIn(application, browser);
    room.advance(600);
    room.comes(withPassword);
    const tokens = await signIn(application, browser, { max_age: '300' });
    expect(tokens.claims()).to.include({ acr: PASSWORD });
  });

  it('asks again for prompt=login and max_age=0, and nobody for prompt=none', async () => {
    await signIn(application, browser);
    room.advance(10);
    await signIn(application, browser, { prompt: 'login' });
    expect(room.asked).to.have.length(2);
    room.advance(10);
    await signIn(application, browser, { max_age: '0' });
    expect(room.asked).to.have.length(3);
    room.advance(10);
    room.comes(returns);
    const back = await begin(application, browser, { prompt: 'login' });
    expect(errorIn(back).error).equal('unmet_authentication_requirements');
    const nobody = await begin(application, room.browser(), { prompt: 'none' });
    expect(errorIn(nobody).error).equal('login_required');
    const weak = await begin(application, browser, { prompt: 'none', acr_values: HARDWARE });
    expect(errorIn(weak).error).equal('login_required');
  });

  it('never gives one person what another began', async () => {
    const tokens = await signIn(application, browser);
    room.comes({ proves: { account: 'other' as typeof JENNIFER, strength: 'password' } });
    const next = await signIn(application, browser, { prompt: 'login' });
    expect(room.asked).to.have.length(1);
    expect(next.claims()?.sub).equal('jennifer');
    room.advance(5);
    const other = await signIn(application, browser, { prompt: 'login' });
    expect(other.claims()?.sub).equal('other');
    const hint = { id_token_hint: tokens.id_token ?? '' };
    expect(errorIn(await begin(application, browser, hint)).error).equal('login_required');
    const asked = await begin(application, room.browser(), hint);
    expect(lastAsked()).to.include({ user: 'jennifer' });
    expect(errorIn(asked).error).equal('login_required');
  });

  it('hands the name on that the application knows', async () => {
    await signIn(application, browser, { login_hint: 'jennifer@example.com' });
    expect(lastAsked()).to.include({ user: 'jennifer@example.com' });
  });
});
