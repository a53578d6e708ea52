import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../../server/http/limits-options.ts';
import { signInAddress } from '../../../server/portal/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { Serial, UnixMillis } from '../../../shared/types.ts';
import { OUTCOME_TEXTS } from '../../../shared/wire/texts.ts';
import { EVENT, entryOf, stream } from '../tokens/room.ts';
import { openWorld, PASSWORD, USER, type Visitor, type World } from './world.ts';

describe('signing in, page by page', () => {
  let world: World;
  let serial: Serial;

  beforeEach(async () => {
    world = await openWorld();
    serial = await world.room.registered('E6-00000001', USER);
  });
  afterEach(() => world.close());

  const giveCode = (visitor: Visitor, counter: number) =>
    visitor.submit({ step: 'code', code: world.room.code(serial, counter) });
  const strengthOf = async (visitor: Visitor): Promise<string | undefined> =>
    /Credential Strength: (.*)/.exec((await visitor.get('/account')).text)?.[1];

  it('asks for user and password, then for the code, and is back where it began', async () => {
    const visitor = world.visitor();
    const first = await visitor.get(signInAddress({ returnTo: '/oidc/interaction/1' }));
    expect(first.status).to.equal(200);
    expect(first.text).to.equal('Fobtwin\nSign in\nUser ID\nPassword\nSign in');
    const second = await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
    expect(second.status).to.equal(303);
    expect((await visitor.follow()).text.split('\n')).to.include.members([
      'Enter your code',
      'Skip OTP',
      'Credential Strength: Password',
    ]);
    const done = await giveCode(visitor, 2);
    // A page, not a redirect: browsers hold redirects to where forms may lead.
    expect(done.status).to.equal(200);
    expect(done.headers['refresh']).to.equal('0; url=/oidc/interaction/1');
    expect(done.html).to.contain('<a class="button" href="/oidc/interaction/1">Continue</a>');
    expect(await strengthOf(visitor)).to.equal('OTP Hardware');
  });

  it('is over with the password where the account has no token', async () => {
    await world.room.account('no-token');
    await world.passwords.set('no-token' as never, PASSWORD, world.caller());
    const visitor = await world.signedIn('no-token');
    expect(visitor.shown?.headers['location']).to.equal('/account');
    await visitor.get(signInAddress({ returnTo: '/x', strength: 'hardwareToken' }));
    expect(visitor.shown?.text).to.contain('No token is registered to your account.');
  });

  it('takes "Skip OTP" for an answer, and tells who asked that it is weaker', async () => {
    const visitor = await world.signedIn();
    await visitor.get(signInAddress({ returnTo: '/x?y=1', strength: 'hardwareToken' }));
    expect(visitor.shown?.text).to.contain('Credential strength that it needs: OTP Hardware');
    const skipped = await visitor.submit({ step: 'skip' });
    expect(skipped.headers['refresh']).to.equal('0; url=/x?y=1&signIn=skipped');
    await visitor.get(signInAddress({ returnTo: '/x' }));
    expect(visitor.shown?.headers['location']).to.equal('/x');
  });

  it('asks whoever is signed in for the code only, to elevate', async () => {
    const visitor = await world.signedIn();
    const elevated = await visitor.get(
      signInAddress({ returnTo: '/x', strength: 'hardwareToken' }),
    );
    expect(elevated.text).not.to.contain('User ID');
    await giveCode(visitor, 2);
    expect(visitor.shown?.headers['refresh']).to.equal('0; url=/x');
    expect(await strengthOf(visitor)).to.equal('OTP Hardware');
    await visitor.get(signInAddress({ returnTo: '/x', strength: 'hardwareToken' }));
    expect(visitor.shown?.headers['location']).to.equal('/x');
  });

  it('asks for a password again that is older than was asked for, and for the code', async () => {
    const visitor = await world.signedIn();
    await visitor.follow();
    await giveCode(visitor, 2);
    world.room.pass(60_000);
    const after = world.room.now;
    world.room.pass(60_000);
    const wish = { returnTo: '/x', strength: 'hardwareToken', authenticatedAfter: after } as const;
    const again = await visitor.get(signInAddress(wish));
    expect(again.text).to.contain('Enter your password again');
    await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
    await visitor.follow();
    expect(visitor.shown?.text).to.contain('Code');
    await giveCode(visitor, 3);
    expect(visitor.shown?.headers['refresh']).to.equal('0; url=/x');
    await visitor.get(signInAddress(wish));
    expect(visitor.shown?.headers['location']).to.equal('/x');
  });

  it('is not asked for ever by a moment that has not come', async () => {
    const visitor = await world.signedIn();
    const authenticatedAfter = (world.room.now + 10 ** 9) as UnixMillis;
    await visitor.get(signInAddress({ returnTo: '/x', authenticatedAfter }));
    expect(visitor.shown?.headers['location']).to.equal('/x');
  });

  it('says why a code is refused, in the words of the catalogue', async () => {
    const visitor = await world.signedIn();
    await visitor.follow();
    const wrong = await visitor.submit({ step: 'code', code: '000000' });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.contain(OUTCOME_TEXTS.wrongCode);
    expect(wrong.html).to.match(/<title>Error: /);
    await giveCode(visitor, 1);
    expect(visitor.shown?.text).to.contain(OUTCOME_TEXTS.replayed);
    const noCode = await visitor.submit({ step: 'code', code: '12 34' });
    expect(noCode.text).to.contain('A code is six to eight digits');
    for (let n = 1; n < 4; n += 1) await visitor.submit({ step: 'code', code: `00000${n}` });
    expect(visitor.shown?.status).to.equal(429);
    expect(visitor.shown?.text).to.match(/Too many wrong codes.*\nWait \d+ seconds\./);
    expect(Number(visitor.shown?.headers['retry-after'])).to.be.greaterThan(0);
    await world.room.tokens.changeLife({ serial, verb: 'lost' }, world.caller());
    await giveCode(visitor, 2);
    expect(visitor.shown?.text).to.contain(OUTCOME_TEXTS.lost);
  });

  it('limits nobody for right codes that prove too little', async () => {
    const { room } = world;
    const name = 'E6-00000077' as Serial;
    const entry = { ...entryOf(name, EVENT), manufacturer: 'Fobtwin emulator' };
    await room.account('mimi');
    await world.passwords.set('mimi' as never, PASSWORD, world.caller());
    await room.tokens.importEntries(stream([entry]), { dryRun: false }, world.caller());
    const [code1, code2] = room.pair(name);
    const command = { serial: name, account: 'mimi' as never, code1, code2 };
    expect(await room.tokens.register(command, world.caller())).to.include({ outcome: 'accepted' });
    const visitor = await world.signedIn('mimi');
    await visitor.get('/sign-in?strength=hardwareToken&step=code');
    const tries = DEFAULT_LIMITS.wrongCodesPerMinuteOfAccount + 1;
    for (let counter = 2; counter < tries + 2; counter += 1) {
      const shown = await visitor.submit({ step: 'code', code: room.code(name, counter) });
      expect(shown.status, shown.text).to.equal(422);
      expect(shown.text).to.contain('not strong enough');
    }
  });

  it('takes a code with spaces in it', async () => {
    const visitor = await world.signedIn();
    await visitor.follow();
    const code = world.room.code(serial, 2);
    await visitor.submit({ step: 'code', code: ` ${code.slice(0, 3)} ${code.slice(3)} ` });
    expect(visitor.shown?.headers['location']).to.equal('/account');
  });

  const passwordAnswers = [
    [{ outcome: 'wrongPassword' }, 422, 'The user ID or the password is not right.'],
    [{ outcome: 'disabled' }, 403, 'This account is disabled.'],
    [{ outcome: 'throttled', retryAfterSeconds: 300 }, 429, 'Wait 5 minutes.'],
    [new FobtwinError('unavailable', 'The directory does not answer.'), 503, 'directory'],
  ] as const;
  for (const [answer, status, text] of passwordAnswers) {
    it(`says of a password: ${text}`, async () => {
      const visitor = world.visitor();
      await visitor.get('/sign-in');
      world.nextPassword = answer;
      const shown = await visitor.submit({ step: 'password', user: 'Ann', password: 'geheim?' });
      expect(shown.status).to.equal(status);
      expect(shown.text).to.contain(text);
      expect(shown.html).to.contain('value="Ann"').and.not.to.contain('geheim');
      expect([...visitor.cookies.keys()]).to.deep.equal(['fobd-form']);
    });
  }

  it('lets a person unlock the own token: Skip OTP, Manage OTP, View Details, Resync', async () => {
    await world.room.fail(serial, 10);
    const visitor = await world.signedIn();
    await visitor.follow();
    await giveCode(visitor, 2);
    expect(visitor.shown?.text).to.contain(OUTCOME_TEXTS.locked);
    await visitor.submit({ step: 'skip' });
    const manage = await visitor.get('/account/otp');
    expect(manage.text).to.contain('E6-00000001\nLocked');
    const [code1, code2] = world.room.pair(serial, 20);
    await visitor.submit({ serial, code1: '111111', code2: '111111' });
    expect(visitor.shown?.text).to.contain('The two numbers are the same.');
    await visitor.submit({ serial, code1: '11', code2 });
    expect(visitor.shown?.text).to.contain('Enter two codes');
    await visitor.submit({ serial, code1: '111111', code2: '222222' });
    expect(visitor.shown?.text).to.contain('The two numbers do not fit');
    await visitor.submit({ serial, code1, code2 });
    expect(visitor.shown?.headers['location']).to.equal('/account/otp?done=resync');
    const done = await visitor.follow();
    expect(done.text).to.contain('The token is resynchronized.').and.contain('Active');
    const { token } = await world.room.detail(serial);
    expect(token.holds).to.deep.equal([]);
    // It lifts the lock and nothing else: the strength is a password's still.
    expect(await strengthOf(visitor)).to.equal('Password');
  });

  it('says when the tries of a resync are spent, and offers none for other holds', async () => {
    const visitor = await world.signedIn();
    await visitor.get('/account/otp');
    for (let n = 0; n < 6; n += 1) {
      await visitor.submit({ serial, code1: `11111${n}`, code2: `22222${n}` });
    }
    expect(visitor.shown?.text).to.contain('The tries are spent.');
    await world.room.tokens.changeLife({ serial, verb: 'suspend' }, world.caller());
    const manage = await visitor.get('/account/otp');
    expect(manage.text).to.contain('Suspended').and.not.to.contain('One-Time Password');
  });

  it('ends the session by Sign out, and all of them by Sign out everywhere', async () => {
    const [one, other] = [await world.signedIn(), await world.signedIn()];
    const old = new Map(one.cookies);
    await one.get('/sign-out');
    const out = await one.submit({});
    expect(out.text).to.contain('You are signed out');
    for (const [name, value] of old) one.cookies.set(name, value);
    expect((await one.get('/account')).status).to.equal(303);
    const third = await world.signedIn();
    await third.get('/account');
    await third.submit({ everywhere: 'yes' });
    expect((await other.get('/account')).status).to.equal(303);
  });
});
