import { expect } from 'chai';
import type { AccountId, Serial } from '../../../shared/types.ts';
import { US_NUMBER } from '../phones/room.ts';
import { openWorld, USER, type Visitor, type World } from './world.ts';

describe('a lost token, page by page', () => {
  let world: World;
  let serial: Serial;

  beforeEach(async () => {
    world = await openWorld();
    serial = await world.room.registered('E6-00000001', USER);
  });
  afterEach(() => world.close());

  const LOST = '/account/otp/lost?serial=E6-00000001';
  const FOUND = '/account/otp/found?serial=E6-00000001';
  const holds = async () => (await world.room.detail(serial)).token.holds;
  const lose = async (): Promise<Visitor> => {
    const visitor = await world.signedIn();
    await visitor.get(LOST);
    await visitor.submit({});
    return visitor;
  };
  const elevate = async (visitor: Visitor, code: string): Promise<void> => {
    await visitor.get('/sign-in?return=/account/otp&step=code');
    await visitor.submit({ step: 'code', code });
  };

  it('is reported with the password alone, once it is said what follows', async () => {
    const visitor = await world.signedIn();
    const { html } = await visitor.get('/account/otp');
    expect(html).to.contain(`href="${LOST}"`).and.not.to.contain('/account/otp/found');
    const { text } = await visitor.get(LOST);
    expect(text).to.contain('Have you lost token E6-00000001?');
    expect(text).to.contain('Its codes are refused at once');
    expect(text).to.contain('sign in with a code sent to a phone or something stronger');
    expect(await holds()).to.deep.equal([]);
    await visitor.submit({});
    const after = await visitor.follow();
    expect(after.text).to.contain('The token is reported lost: its codes are refused from now on.');
    expect(after.text).to.contain('E6-00000001\nLost\n');
    expect(after.html).to.contain(`href="${FOUND}"`).and.not.to.contain(LOST);
    expect(await world.room.lastEntry()).to.include({ action: 'lost', actor: `account:${USER}` });
  });

  it('takes with it what was signed in with it', async () => {
    const visitor = await world.signedIn();
    await elevate(visitor, world.room.code(serial, 2));
    expect((await visitor.get('/account')).text).to.contain('Credential Strength: OTP Hardware');
    await visitor.get(LOST);
    await visitor.submit({});
    expect((await visitor.follow()).text).to.contain('Credential Strength: Password');
  });

  it('is not found with the password alone, whatever form is sent', async () => {
    const visitor = await lose();
    const { text, html } = await visitor.get(FOUND);
    expect(text).to.contain('this needs a code sent to a phone, or more');
    expect(html).to.contain('step=code">Elevate').and.not.to.contain('<form');
    expect((await visitor.make(FOUND)).status).to.equal(403);
    expect(await holds()).to.deep.equal(['lost']);
  });

  it('is found by whoever has given the code of a phone', async () => {
    await world.bought.subscribe('phone');
    await world.bought.proved(US_NUMBER, world.bought.person('password'));
    const visitor = await lose();
    const [phone] = await world.bought.phones.list(USER as AccountId);
    if (phone === undefined) throw new Error('no phone');
    await world.bought.send(phone.id);
    await elevate(visitor, world.bought.code());
    const { text } = await visitor.get(FOUND);
    expect(text).to.contain('Do you have token E6-00000001 again?');
    await visitor.submit({});
    const after = await visitor.follow();
    expect(after.text).to.contain('The token is reported found: unless its state below says');
    expect(await holds()).to.deep.equal([]);
  });

  it('is not found by a phone that was set up since', async () => {
    const visitor = await lose();
    world.room.pass(60_000);
    await world.bought.subscribe('phone');
    await world.bought.proved(US_NUMBER, world.bought.person('password'));
    const [phone] = await world.bought.phones.list(USER as AccountId);
    if (phone === undefined) throw new Error('no phone');
    await world.bought.send(phone.id);
    await elevate(visitor, world.bought.code());
    await visitor.get(FOUND);
    const { status, text } = await visitor.submit({});
    expect(status).to.equal(409);
    expect(text).to.contain('something that was yours before the token was lost');
    expect(text).to.contain('Elevate by that, or contact customer support.');
    expect(await holds()).to.deep.equal(['lost']);
  });

  it('that support has reported is for support to give back', async () => {
    await world.room.tokens.changeLife({ serial, verb: 'lost' }, world.caller());
    const { text, html } = await (await world.signedIn()).get('/account/otp');
    expect(text).to.contain('If you have it again, contact customer support.');
    expect(html).not.to.contain('/account/otp/found').and.not.to.contain('/account/otp/lost');
  });

  it('is reported once by a form that was sent twice, and no form offers what is so', async () => {
    const visitor = await world.signedIn();
    expect((await visitor.get(FOUND)).headers['location']).to.equal('/account/otp');
    await visitor.get(LOST);
    const form = visitor.shown;
    await visitor.submit({});
    const entries = (await world.room.audit()).length;
    visitor.shown = form;
    const again = await visitor.submit({});
    expect([again.status, again.headers['location']]).to.deep.equal([303, '/account/otp']);
    expect((await visitor.get(LOST)).headers['location']).to.equal('/account/otp');
    expect(await world.room.audit()).to.have.length(entries);
    expect(await holds()).to.deep.equal(['lost']);
  });

  it('of somebody else reads as one that does not exist', async () => {
    await world.room.account('henry');
    await world.room.registered('E6-00000002', 'henry');
    const visitor = await world.signedIn();
    for (const word of ['lost', 'found']) {
      const page = (name: string) => visitor.get(`/account/otp/${word}?serial=${name}`);
      const foreign = await page('E6-00000002');
      const none = await page('E6-00000009');
      expect(foreign.status).to.equal(404);
      expect(foreign.text).to.equal(none.text);
      expect((await page('')).status).to.equal(404);
    }
  });

  it('asks a stranger to sign in', async () => {
    for (const path of [LOST, FOUND]) {
      const { headers } = await world.visitor().get(path);
      expect(headers['location']).to.match(/^\/sign-in\?return=/);
    }
  });
});
