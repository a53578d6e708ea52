import { expect } from 'chai';
import { LOCAL_OWNER } from '../../../server/access/scopes.ts';
import { bundleWrites, inBundle, withEach } from '../../../server/credentials/bundle.ts';
import { decodeBase32 } from '../../../shared/base32.ts';
import type { AccountId, Code, CredentialType } from '../../../shared/types.ts';
import { type seedOf, TIME } from '../tokens/room.ts';
import { openWorld, USER, type Visitor, type World } from './world.ts';

const LEGAL_NAME = 'Jennifer O’Blue';

describe('from the licence key to an active credential, page by page', () => {
  let world: World;
  let visitor: Visitor;

  beforeEach(async () => {
    world = await openWorld();
    await world.room.accounts.change(
      USER as AccountId,
      { legalName: LEGAL_NAME, country: 'US' },
      world.caller(),
    );
    visitor = await world.signedIn();
  });
  afterEach(() => world.close());

  const redeem = async (licenceKey: string) => {
    await visitor.get('/account/otp/get');
    return visitor.submit({ licenceKey });
  };
  /** The page that follows. */
  const submit = async (fields: Record<string, string>) => {
    const reply = await visitor.submit(fields);
    return reply.status === 303 ? visitor.follow() : reply;
  };
  const stageOf = async (id: string, type: CredentialType) =>
    (await world.bought.credentials.list(USER as AccountId)).find(
      ({ credential }) => credential.id === `${id}.${type}`,
    )?.credential.stage;

  it('takes the licence key, activates, and registers by serial and two codes', async () => {
    const { id, key } = await world.sell('hardware-token');
    const serial = await world.room.stock('E6-00000001');
    await redeem(` ${key.toLowerCase()} `);
    await visitor.follow();
    expect(visitor.shown?.text).to.contain('Setup & Activation');
    expect(visitor.shown?.html).not.to.contain('activationCode');
    const activated = await submit({ step: 'activate' });
    for (const label of ['Token Serial Number', 'Token Code 1', 'Token Code 2']) {
      expect(activated.text).to.contain(`${label}\n`);
    }
    const wrong = { step: 'register', serial, code1: '123456', code2: '654321' };
    const refused = await submit(wrong);
    expect(refused.status).to.equal(422);
    expect(refused.html).to.contain(`value="${serial}"`).and.not.to.contain('654321');
    const [code1, code2] = world.room.pair(serial);
    world.room.pass(60_000);
    const done = await submit({ step: 'register', serial, code1, code2 });
    expect(done.text).to.contain('You can sign in with it.');
    expect(done.text).to.contain('before your token can have been delivered');
    expect(done.text).to.contain('Register a phone');
    expect(await stageOf(id, 'hardwareToken')).to.equal('active');
    expect((await world.room.detail(serial)).token.entitlement?.credential).to.contain(id);
  });

  it('refuses a mistyped and a used key, and shows none in the page', async () => {
    const { key } = await world.sell('phone');
    await redeem(key);
    for (const [typed, text] of [
      [key, 'has been used already'],
      ['AAAAA-BBBBB', 'There is no such license key.'],
      ['   ', 'Enter the license key.'],
    ] as const) {
      const refused = await redeem(typed);
      expect(refused.status, typed).to.be.within(400, 499);
      expect(refused.text).to.contain(text);
      expect(refused.html).not.to.contain(key);
    }
  });

  it('goes by profile, questions and activation where proofing was bought', async () => {
    const { id, key } = await world.sell('phone-proofed');
    await redeem(key);
    await visitor.follow();
    expect(visitor.shown?.text).to.contain('Identity Proofing');
    expect(visitor.shown?.text).not.to.contain('Instant Proofing');
    const other = await submit({ step: 'profile', legalName: '"><b>Eve', country: 'US' });
    expect([other.status, other.text.includes('not the legal name')]).to.deep.equal([409, true]);
    expect(other.html).to.contain('&quot;&gt;&lt;b&gt;Eve').and.not.to.contain('<b>Eve');
    const offered = await submit({ step: 'profile', legalName: LEGAL_NAME, country: 'US' });
    expect(offered.text).to.contain('Instant Proofing').and.to.contain('Live Video Proofing');
    const asked = await submit({ step: 'questions' });
    expect(asked.text).to.contain('Which colour had your <first> door?');
    const failed = await submit({ step: 'answers', 'answer.door': 'red' });
    expect(failed.text).to.contain('You did not pass.');
    await submit({ step: 'questions' });
    const passed = await submit({ step: 'answers', 'answer.door': 'blue' });
    expect(passed.text).to.contain('Activate');
    const registers = await submit({ step: 'activate' });
    expect(registers.text).to.contain('Register Your Phone');
    expect(registers.html).to.contain('href="/account/otp/phones"');
    expect(await stageOf(id, 'phoneOtp')).to.equal('registration');
  });

  it('asks nobody to be proofed again who asked for another and has signed in since', async () => {
    const { id, key } = await world.sell('mobile-id-proofed');
    await redeem(key);
    await visitor.follow();
    const serial = await world.room.registered('E6-00000001', USER);
    const at = world.room.now;
    await inBundle(id, [], world.room.store, (bundle) => {
      if (bundle === undefined) throw new Error('no bundle');
      const proofed = { at, method: 'video' } as const;
      const replacement = { grantedAt: at, reason: 'other', proofAnew: true, proofed } as const;
      const after = withEach(bundle, (each) => ({ ...each, replacement }));
      return { writes: bundleWrites(bundle, after), auditDrafts: [], reply: undefined };
    });
    const place = `/account/otp/set-up?credential=${id}.mobileId`;
    expect((await visitor.get(place)).text).to.contain('Identity Proofing');
    await visitor.get('/sign-in?strength=hardwareToken');
    await visitor.submit({ step: 'code', code: world.room.code(serial, 2) });
    const { text } = await visitor.get(place);
    expect(text).to.contain('Show the QR').and.not.to.contain('Identity Proofing');
    expect(await stageOf(id, 'mobileId')).to.equal('registration');
  });

  it('goes by live video abroad, with the code that the agent hands over', async () => {
    await world.room.accounts.change(USER as AccountId, { country: 'CA' }, world.caller());
    const { id, key } = await world.sell('mobile-id-proofed');
    await redeem(key);
    await visitor.follow();
    const offered = await submit({ step: 'profile', legalName: LEGAL_NAME, country: 'CA' });
    expect(offered.text).to.contain('Live Video Proofing').and.not.to.contain('Instant Proofing');
    expect((await submit({ step: 'video' })).text).to.contain('is requested');
    const { proofing } = world;
    const at = world.room.now + 3_600_000;
    await proofing.schedule({ subscription: id, at: at as never }, world.caller());
    const address = `/account/otp/set-up?credential=${id}.mobileId`;
    expect((await visitor.get(address)).text).to.contain('1 Jan 2026, 01:00 UTC');
    world.room.pass(3_600_000);
    const { activationCode = '' } = await proofing.decide(
      { subscription: id, passed: true },
      { principal: LOCAL_OWNER, now: world.room.now },
    );
    // Sessions end after an hour.
    visitor = await world.signedIn();
    const asks = await visitor.get(address);
    expect(asks.text).to.contain('Activation code');
    const refused = await submit({ step: 'activate', activationCode: 'AAAAA-AAAAA-AAAAA' });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('This is not the activation code.');
    expect((await submit({ step: 'activate', activationCode })).text).to.contain('Show the QR');
  });

  it('sets up a Mobile ID: its QR code is shown once, and two codes confirm it', async () => {
    const { id, key } = await world.sell('mobile-id');
    await redeem(key);
    await visitor.follow();
    await submit({ step: 'activate' });
    const made = await submit({ step: 'mobile' });
    const [, uri = ''] = /href="(otpauth:[^"]+)"/.exec(made.html) ?? [];
    const secret = new URL(uri.replaceAll('&amp;', '&')).searchParams.get('secret') ?? '';
    expect(made.html).to.contain('src="data:image/svg+xml,');
    expect(made.text.replaceAll(' ', '')).to.contain(secret);
    const { html } = await visitor.get(`/account/otp/set-up?credential=${id}.mobileId`);
    expect(html).not.to.contain(secret).and.not.to.contain('<img');
    visitor.shown = made;
    const serial = /name="serial" value="([^"]+)"/.exec(made.html)?.[1] ?? '';
    const refused = await submit({ step: 'confirm', serial, code1: '000000', code2: '111111' });
    expect(refused.status).to.equal(422);
    expect(refused.html).not.to.contain(secret);
    const [code1, code2] = codesOf(secret);
    world.room.pass(30_000);
    const done = await submit({ step: 'confirm', serial, code1, code2 });
    expect(done.text).to.contain('You can sign in with it.');
    expect(await stageOf(id, 'mobileId')).to.equal('active');
  });

  /** As an app makes them, now and a step later. */
  const codesOf = (secret: string): readonly [Code, Code] => {
    const step = Math.floor(world.room.now / 30_000);
    const seed = decodeBase32(secret) as ReturnType<typeof seedOf>;
    const code = (factor: number) => world.room.otp.code(seed, factor, TIME);
    return [code(step), code(step + 1)];
  };

  it('says what a step is not for', async () => {
    const { id, key } = await world.sell('phone');
    await redeem(key);
    await visitor.follow();
    const form = visitor.shown;
    await submit({ step: 'activate' });
    visitor.shown = form;
    expect((await visitor.submit({ step: 'activate' })).status).to.equal(409);
    expect(await stageOf(id, 'phoneOtp')).to.equal('registration');
  });

  it('sends whoever has not signed in to do so first', async () => {
    const stranger = world.visitor();
    for (const path of ['get', 'set-up?credential=x', 'phones', 'revoke', 'renew']) {
      const { status, headers } = await stranger.get(`/account/otp/${path}`);
      expect([status, String(headers['location']).split('?')[0]], path).to.deep.equal([
        303,
        '/sign-in',
      ]);
    }
  });
});
