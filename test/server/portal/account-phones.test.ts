import { expect } from 'chai';
import { US_NUMBER, US_SECOND, USER } from '../phones/room.ts';
import { openWorld, type Visitor, type World } from './world.ts';

const PATH = '/account/otp/phones';

describe('the own phones, page by page', () => {
  let world: World;
  let visitor: Visitor;

  beforeEach(async () => {
    world = await openWorld();
    await world.bought.subscribe('phone');
    visitor = await world.signedIn();
    await visitor.get(PATH);
  });
  afterEach(() => world.close());

  const submit = async (fields: Record<string, string>) => {
    const reply = await visitor.submit(fields);
    return reply.status === 303 ? visitor.follow() : reply;
  };
  const add = (number: string, more: Record<string, string> = {}) =>
    submit({ step: 'add', kind: 'text', country: 'US', number, ...more });
  const elevate = async () => {
    world.bought.pass(30);
    await visitor.get('/sign-in?return=/account&step=code');
    const [phone] = await world.bought.phones.list(USER);
    await submit({ step: 'send', phone: phone?.id ?? '' });
    await visitor.submit({ step: 'code', code: world.bought.code() });
    world.bought.pass(30);
    await visitor.get(PATH);
  };

  it('registers the first number by kind, country, number and the code that comes', async () => {
    expect(visitor.shown?.text).to.contain('Text Capable').and.to.contain('Voice Only');
    const asked = await add('(202) 555-0123');
    expect(asked.text).to.contain('Verification');
    expect(asked.html).not.to.contain('5550123').and.not.to.contain('555-0123');
    expect(world.bought.texts.at(-1)?.number).to.equal(US_NUMBER);
    const wrong = await submit({ step: 'verify', code: world.bought.wrong() });
    expect([wrong.status, wrong.text.includes('not the code that was sent')]).to.deep.equal([
      422,
      true,
    ]);
    const code = world.bought.code().replace(/(...)/, '$1 ');
    const done = await submit({ step: 'verify', code });
    expect(done.text).to.contain('The number is confirmed');
    expect(done.text).to.contain('Two numbers are recommended');
    const actors = (await world.room.audit()).slice(-3).map(({ actor }) => actor);
    expect(new Set(actors)).to.deep.equal(new Set([`account:${USER}`]));
  });

  it('changes numbers only after a sign-in with a code', async () => {
    await world.bought.proved(US_NUMBER, world.bought.person('password'));
    const form = visitor.shown;
    const page = await visitor.get(PATH);
    expect(page.text).to.contain('only after you have signed in with a code');
    expect(page.html).not.to.contain('name="number"').and.not.to.contain('value="remove"');
    // A form that was opened before is refused by the service.
    visitor.shown = form;
    const refused = await add(US_SECOND);
    expect(refused.status).to.equal(403);
    expect(refused.text).to.contain('This needs a code sent to a phone, or more.');
    await elevate();
    expect((await add(US_SECOND)).text).to.contain('A code was sent: Text to +1 •••• •••124.');
    await submit({ step: 'verify', code: world.bought.code() });
    const [first] = await world.bought.phones.list(USER);
    const removed = await submit({ step: 'remove', phone: first?.id ?? '' });
    expect(removed.text).to.contain('The number is removed.').and.not.to.contain('•••123');
    // With the number went what its code had proved.
    expect(removed.text).to.contain('Credential Strength: Password');
    await elevate();
    const [last] = await world.bought.phones.list(USER);
    const kept = await submit({ step: 'remove', phone: last?.id ?? '' });
    expect([kept.status, kept.text.includes('the last number')]).to.deep.equal([409, true]);
  });

  it('tells which number is not counted as proofed, and confirms it again', async () => {
    const { bought } = world;
    const id = await bought.proved(US_NUMBER, bought.person('password'));
    expect((await visitor.get(PATH)).text).not.to.contain('do not count as proofed');
    const proofing = { state: 'passed', at: bought.now, method: 'video' } as const;
    const credential = { registeredAt: bought.now, proofing };
    await bought.subscribe('hardware-token-proofed', { stage: 'active', credential });
    expect((await visitor.get(PATH)).text).to.contain('do not count as proofed');
    await elevate();
    expect(visitor.shown?.text).to.contain('Confirm again');
    expect((await submit({ step: 'again', phone: id })).status).to.equal(403);
    await bought.proved(US_NUMBER, bought.person('hardwareToken'));
    expect((await visitor.get(PATH)).text).not.to.contain('do not count as proofed');
  });

  it('lets whoever was just proofed change numbers in that sign-in', async () => {
    const { bought, sessions } = world;
    await bought.proved(US_SECOND, bought.person('password'));
    const [session] = await sessions.list(USER, bought.now);
    const proofing = { state: 'passed', at: bought.now, method: 'questions' } as const;
    const credential = { proofing, ...(session && { proofedIn: session.id }) };
    await bought.subscribe('phone-proofed', { credential });
    const other = await world.signedIn();
    expect((await other.get(PATH)).text).to.contain('only after you have signed in with a code');
    expect((await visitor.get(PATH)).text).not.to.contain('only after');
    await add(US_NUMBER);
    const done = await submit({ step: 'verify', code: bought.code() });
    expect(done.text).to.contain('The number is confirmed');
  });

  it('shows what was typed again where it is refused, escaped', async () => {
    for (const [fields, text] of [
      [{ number: '"><script>1' }, 'not a phone number'],
      [{ number: '0900 123', country: '' }, 'Choose the country'],
      [{ number: US_NUMBER, kind: 'fax' }, 'Text Capable or Voice Only'],
      [{ number: '+44 7400 123456', country: 'GB' }, '50 United States'],
    ] as const) {
      const { number, ...more } = fields;
      const refused = await add(number, more);
      expect(refused.status, number).to.be.within(400, 499);
      expect(refused.text).to.contain(text);
      expect(refused.html).not.to.contain('<script');
    }
    expect(world.bought.texts).to.deep.equal([]);
  });

  it('says how long to wait with Resend Code, and takes the code meanwhile', async () => {
    await add(US_NUMBER);
    const [phone] = await world.bought.phones.list(USER);
    const hasty = await submit({ step: 'send', phone: phone?.id ?? '' });
    expect(hasty.status).to.equal(429);
    expect(hasty.headers['retry-after']).to.equal('30');
    expect((await submit({ step: 'verify', code: world.bought.code() })).text).to.contain(
      'is confirmed',
    );
  });

  it('limits guesses at the code as /v1 does', async () => {
    await add(US_NUMBER);
    const [phone] = await world.bought.phones.list(USER);
    let last = 0;
    for (let guess = 0; guess < 70 && last !== 429; guess += 1) {
      const code = String(800_000 + guess);
      last = (await submit({ step: 'verify', phone: phone?.id ?? '', code })).status;
    }
    expect(last).to.equal(429);
  });
});
