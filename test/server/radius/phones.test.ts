import { expect } from 'chai';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import type { PhoneId } from '../../../shared/types.ts';
import { US_NUMBER, USER } from '../phones/room.ts';
import { openSignIns, type SignIns, type SignInWishes } from './sign-ins.ts';

describe('signing in by RADIUS with a phone', () => {
  let signIns: SignIns;
  beforeEach(() => open());
  afterEach(() => signIns.room.store.close());

  async function open(wishes: SignInWishes = {}): Promise<void> {
    signIns = await openSignIns(wishes);
    await signIns.room.account(USER);
    signIns.passwords.set(USER, 'rosebud');
    signIns.client({ mode: 'challenge' });
    await signIns.phones.subscribe('phone');
    await signIns.phones.proved(US_NUMBER, signIns.phones.person('password'));
    signIns.phones.texts.length = 0;
  }

  const ask = (password: string, state?: string, client?: string) =>
    signIns.ask({ user: USER, password, state, ...(client && { client }) });

  it('sends a code after the password, and takes it', async () => {
    const first = await ask('rosebud');
    expect(first.code).to.equal('accessChallenge');
    expect(first.text).to.match(
      /^A code is on its way to \+1 .*23\. It is valid for two minutes\.$/,
    );
    expect(signIns.phones.texts).to.have.length(1);
    expect((await ask(signIns.phones.code(), first.state)).code).to.equal('accessAccept');
    const again = await ask('rosebud');
    expect((await ask(signIns.phones.code(), again.state)).code).to.equal('accessReject');
  });

  it('sends none after a wrong password, nor where a code alone is asked for', async () => {
    signIns.client({ mode: 'code', wrongCodesPerMinute: 30 }, 'console');
    expect((await ask('rosebus')).code).to.equal('accessReject');
    expect((await ask('resend', undefined, 'console')).code).to.equal('accessReject');
    expect((await ask('', undefined, 'console')).code).to.equal('accessReject');
    expect(signIns.phones.texts).to.deep.equal([]);
  });

  it('sends none where password and code come in one, and says so to everybody alike', async () => {
    signIns.client({ mode: 'appended' });
    const { checked } = signIns;
    const asked = [await ask('rosebud'), await ask('rosebus')];
    asked.push(await signIns.ask({ user: 'nobody', password: 'rosebud' }));
    for (const said of asked) expect(said).to.deep.equal(asked[0]);
    expect(asked[0]?.text).to.contain('No code is sent to a phone here.');
    expect(checked).to.deep.equal([]);
    expect(signIns.phones.texts).to.deep.equal([]);
    const [phone] = await signIns.phones.phones.list(USER);
    await signIns.phones.send(phone?.id ?? ('' as PhoneId));
    const both = `rosebud${signIns.phones.code()}`;
    expect((await ask(both)).code, 'a code sent for the pages').to.equal('accessAccept');
  });

  for (const answer of ['', 'resend', ' Resend ']) {
    it(`sends another one to the answer "${answer}", and not before half a minute`, async () => {
      const first = await ask('rosebud');
      const sent = signIns.phones.code();
      const soon = await ask(answer, first.state);
      expect(soon.code).to.equal('accessChallenge');
      expect(soon.text).to.include('A code was sent a moment ago.');
      signIns.room.pass(30_000);
      const later = await ask(answer, soon.state);
      expect(later.text).to.include('on its way');
      expect(signIns.phones.texts).to.have.length(2);
      expect((await ask(signIns.phones.code(), later.state)).code).to.equal('accessAccept');
      expect(sent).not.to.equal(signIns.phones.code());
    });
  }

  it('goes on in words where no gateway takes the code', async () => {
    signIns.phones.fails = true;
    const first = await ask('rosebud');
    expect(first.code).to.equal('accessChallenge');
    expect(first.text).not.to.include('on its way');
    signIns.phones.fails = false;
    signIns.room.pass(30_000);
    const second = await ask('resend', first.state);
    expect((await ask(signIns.phones.code(), second.state)).code).to.equal('accessAccept');
  });

  it('counts codes by where the person is, and nobody by the client', async () => {
    await signIns.room.store.close();
    await open({ phones: { limits: { source: { hour: 1, day: 1 } } } });
    for (const sent of [1, 2, 3]) {
      expect((await ask('rosebud')).text).to.include('on its way');
      expect(signIns.phones.texts).to.have.length(sent);
      signIns.room.pass(30_000);
    }
    const from = { user: USER, password: 'rosebud', station: '198.51.100.7' };
    expect((await signIns.ask(from)).text).to.include('on its way');
    signIns.room.pass(30_000);
    expect((await signIns.ask(from)).text).to.include('Too many codes are being sent.');
  });

  it('asks the owner of a token for its code, and sends one only when he asks for it', async () => {
    const serial = await signIns.room.registered('FT1', USER);
    const first = await ask('rosebud');
    expect(first.text).to.include('Press the button');
    expect(signIns.phones.texts).to.deep.equal([]);
    const second = await ask('resend', first.state);
    expect(second.text).to.include('on its way');
    expect((await ask(signIns.room.code(serial, 2), second.state)).code).to.equal('accessAccept');
  });

  it('wants a code during a roll-out too, and asks no other server', async () => {
    const proxyTo = {
      ...{ host: '127.0.0.1', port: 9, secret: Buffer.from('a-secret-of-16-bytes') },
      ...{ timeoutMillis: 50, retries: 0, requireMessageAuthenticator: true },
    };
    signIns.client({ mode: 'challenge', passwordOnlyUntil: signIns.at('2099-01-01T00:00:00Z') });
    expect((await ask('rosebud')).code).to.equal('accessChallenge');
    signIns.client({ mode: 'challenge', proxyTo });
    expect((await ask('rosebud')).code).to.equal('accessChallenge');
    expect(signIns.proxyFailures).to.deep.equal([]);
  });

  it('sends none where it would prove too little; a roll-out takes the password then', async () => {
    const requiredStrength = 'hardwareToken';
    const passwordOnlyUntil = signIns.at('2099-01-01T00:00:00Z');
    signIns.client({ mode: 'challenge', requiredStrength });
    expect((await ask('rosebud')).text).to.include('Press the button');
    signIns.client({ mode: 'challenge', requiredStrength, passwordOnlyUntil });
    expect((await ask('rosebud')).code).to.equal('accessAccept');
    expect(signIns.phones.texts).to.deep.equal([]);
  });

  it('sends none once the subscription is over', async () => {
    signIns.room.pass(yearAfter(signIns.room.now) - signIns.room.now);
    expect((await ask('rosebud')).text).to.include('Press the button');
    expect(signIns.phones.texts).to.deep.equal([]);
  });

  it('says what is missing where proofing is demanded', async () => {
    signIns.client({ mode: 'challenge', requiresProofing: true });
    const { state } = await ask('rosebud');
    expect(await ask(signIns.phones.code(), state)).to.include({
      code: 'accessReject',
      text: 'This needs a proofed credential; what was given is not enough.',
    });
  });

  it('takes a proofed credential where that is demanded', async () => {
    const { phones } = signIns;
    const proofing = { state: 'passed', at: phones.now, method: 'questions' } as const;
    await phones.subscribe('phone', { stage: 'active', credential: { proofing } });
    await phones.add(US_NUMBER, phones.staff);
    phones.pass(30);
    signIns.client({ mode: 'challenge', requiresProofing: true });
    const { state } = await ask('rosebud');
    expect((await ask(phones.code(), state)).code).to.equal('accessAccept');
  });
});
