import { expect } from 'chai';
import { signInAddress } from '../../../server/portal/port.ts';
import type { PhoneId } from '../../../shared/types.ts';
import { US_NUMBER, US_SECOND } from '../phones/room.ts';
import { openWorld, USER, type Visitor, type World } from './world.ts';

describe('signing in with Phone OTP, page by page', () => {
  let world: World;
  let first: PhoneId;

  beforeEach(async () => {
    world = await openWorld();
    const { bought } = world;
    await bought.subscribe('phone');
    first = await bought.proved(US_NUMBER, bought.person('password'));
  });
  afterEach(() => world.close());

  const atCode = async (): Promise<Visitor> => {
    const visitor = await world.signedIn();
    await visitor.follow();
    return visitor;
  };
  const send = async (visitor: Visitor, phone: string) => {
    const reply = await visitor.submit({ step: 'send', phone });
    return reply.status === 303 ? visitor.follow() : reply;
  };
  const strengthOf = async (visitor: Visitor): Promise<string | undefined> =>
    /Credential Strength: (.*)/.exec((await visitor.get('/account')).text)?.[1];

  it('lets the person select the number, Send, and enter the code', async () => {
    const { bought } = world;
    const second = await bought.proved(US_SECOND, bought.person('phoneOtp'));
    const visitor = await atCode();
    expect(visitor.shown?.text).to.contain('Text to +1 •••• •••123\n');
    expect(visitor.shown?.text).to.contain('Text to +1 •••• •••124\n');
    expect(visitor.shown?.html).not.to.contain('5550123').and.not.to.contain('name="code"');
    const shown = await send(visitor, second);
    expect(bought.texts.at(-1)?.number).to.equal(US_SECOND);
    expect(shown.text).to.contain('A code is on its way to +1 •••• •••124.');
    expect(shown.text).to.contain('Resend Code');
    await visitor.submit({ step: 'code', code: bought.code() });
    expect(await strengthOf(visitor)).to.equal('Phone OTP');
  });

  it('keeps to Resend Code when the code is wrong or has expired', async () => {
    const { bought } = world;
    const visitor = await atCode();
    await send(visitor, first);
    const expired = bought.code();
    world.room.pass(120_000);
    const refused = await visitor.submit({ step: 'code', code: expired });
    expect(refused.status).to.equal(422);
    expect(refused.text).to.contain('Resend Code');
    await send(visitor, first);
    await visitor.submit({ step: 'code', code: bought.code() });
    expect(await strengthOf(visitor)).to.equal('Phone OTP');
  });

  it('says how long to wait, and takes the code that has come meanwhile', async () => {
    const { bought } = world;
    const visitor = await atCode();
    await send(visitor, first);
    const hasty = await visitor.submit({ step: 'send', phone: first });
    expect(hasty.status).to.equal(429);
    expect(hasty.headers['retry-after']).to.equal('30');
    expect(hasty.text).to.contain('Wait 30 seconds.');
    expect(bought.texts).to.have.length(2);
    await visitor.submit({ step: 'code', code: bought.code() });
    expect(await strengthOf(visitor)).to.equal('Phone OTP');
  });

  it('tells when no gateway takes the code', async () => {
    const visitor = await atCode();
    world.bought.fails = true;
    const failed = await visitor.submit({ step: 'send', phone: first });
    expect(failed.status).to.equal(503);
    expect(failed.text).to.contain('The code could not be sent.');
  });

  it('elevates with a phone whoever skipped the OTP step', async () => {
    const visitor = await atCode();
    await visitor.submit({ step: 'skip' });
    const account = await visitor.get('/account');
    expect(account.text).to.contain('Elevate');
    await visitor.get('/sign-in?return=/account&step=code');
    await send(visitor, first);
    await visitor.submit({ step: 'code', code: world.bought.code() });
    expect(await strengthOf(visitor)).to.equal('Phone OTP');
  });

  it('offers no phone where a hardware token is demanded', async () => {
    const visitor = await atCode();
    await visitor.get(signInAddress({ returnTo: '/x', strength: 'hardwareToken' }));
    expect(visitor.shown?.text).to.contain('OTP Hardware').and.not.to.contain('Text to');
    await visitor.get(signInAddress({ returnTo: '/x', strength: 'phoneOtp' }));
    expect(visitor.shown?.text).to.contain('Text to');
  });

  it('sends nothing to a phone that is not the person’s, or not proved', async () => {
    const { bought } = world;
    const { phone } = await bought.add(US_SECOND, bought.person('phoneOtp'));
    const before = bought.texts.length;
    const visitor = await atCode();
    expect(visitor.shown?.text).not.to.contain('•••124');
    for (const id of [phone.id, '0'.repeat(16), 'x']) {
      const refused = await visitor.submit({ step: 'send', phone: id });
      expect(refused.status).to.equal(422);
      expect(refused.text).to.contain('Choose one of your phones.');
    }
    expect(bought.texts).to.have.length(before);
  });

  it('offers both to whoever has a token too', async () => {
    await world.room.registered('E6-00000001', USER);
    const visitor = await atCode();
    expect(visitor.shown?.text).to.contain('Press the button on the front');
    expect(visitor.shown?.text).to.contain('Receive a code on your phone');
  });
});
