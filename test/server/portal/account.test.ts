import { expect } from 'chai';
import { US_NUMBER } from '../phones/room.ts';
import { tokenOf } from './sold.ts';
import { openWorld, USER, type Visitor, type World } from './world.ts';

const DAY_MILLIS = 86_400_000;

describe('Manage OTP, page by page', () => {
  let world: World;

  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  /** Sessions do not live as long as subscriptions do. */
  const atOtp = async (): Promise<Visitor> => {
    const visitor = await world.signedIn();
    await visitor.get('/account/otp');
    return visitor;
  };

  it('lists each credential with its product, state and renewal date', async () => {
    const id = await world.bought.subscribe('hardware-token');
    await tokenOf(id, 'E6-00000001', world);
    await world.bought.subscribe('phone');
    const { shown } = await atOtp();
    expect(shown?.text).to.contain('OTP Hardware E6-00000001\nActive\n');
    expect(shown?.text).to.contain('OTP Token (1 Year) without Proofing\n');
    expect(shown?.text).to.contain('Renewal date 1 Jan 2027\n');
    expect(shown?.text).to.contain('Phone OTP\nNot set up\n');
    expect(shown?.text).to.contain('Continue set-up');
    expect(shown?.text).not.to.contain('left)');
  });

  it('tells of two tokens of a type which one is asked for, until that is lost', async () => {
    const older = await world.room.registered('E6-00000002', USER);
    const newer = await world.room.registered('E6-00000001', USER);
    const text = `the code of ${newer} is asked for`;
    expect((await atOtp()).shown?.text)
      .to.contain(text)
      .and.not.to.contain(`of ${older} is asked`);
    await world.room.tokens.changeLife({ serial: newer, verb: 'lost' }, world.bought.staff);
    expect((await atOtp()).shown?.text).not.to.contain('is asked for');
  });

  it('shows Renew, and the days that are left, from 30 days before the renewal date', async () => {
    const id = await world.bought.subscribe('hardware-token');
    await tokenOf(id, 'E6-00000001', world);
    const renew = `/account/otp/renew?credential=${id}.hardwareToken`;
    world.room.pass(335 * DAY_MILLIS - 1);
    let visitor = await atOtp();
    expect(visitor.shown?.html).not.to.contain('>Renew<');
    expect((await visitor.get(renew)).status).to.equal(409);
    world.room.pass(1);
    visitor = await atOtp();
    expect(visitor.shown?.text).to.contain('Renewal date 1 Jan 2027 (30 days left)');
    expect(visitor.shown?.html).to.contain(`href="${renew}"`);
    const page = await visitor.get(renew);
    expect(page.status).to.equal(200);
    expect(page.text).to.contain(`Subscription ${id}`);
    expect(page.text).to.contain('Renewed today until 1 Jan 2028');
    expect(page.text).to.contain('a renewal, and not a new credential');
    expect(page.text).to.contain('keep your token');
  });

  it('calls it Suspended for a year after the renewal date, then Revoked', async () => {
    const id = await world.bought.subscribe('hardware-token');
    await tokenOf(id, 'E6-00000001', world);
    world.room.pass(365 * DAY_MILLIS);
    let visitor = await atOtp();
    expect(visitor.shown?.text).to.contain('OTP Hardware E6-00000001\nSuspended\n');
    expect(visitor.shown?.text).to.contain('Renew it by 1 Jan 2028');
    expect(visitor.shown?.html).to.contain('>Renew<').and.not.to.contain('>Resync');
    world.room.pass(365 * DAY_MILLIS);
    visitor = await atOtp();
    expect(visitor.shown?.text).to.contain('OTP Hardware\nRevoked\n');
    expect(visitor.shown?.html).not.to.contain('>Renew<').and.not.to.contain('otp/revoke');
    const renew = await visitor.get(`/account/otp/renew?credential=${id}.hardwareToken`);
    expect(renew.status).to.equal(409);
  });

  it('asks to confirm a revocation, and revokes with OK', async () => {
    const id = await world.bought.subscribe('hardware-token');
    const serial = await tokenOf(id, 'E6-00000001', world);
    const visitor = await atOtp();
    expect(visitor.shown?.html).to.contain(`/account/otp/revoke?credential=${id}.hardwareToken`);
    await visitor.get(`/account/otp/revoke?credential=${id}.hardwareToken`);
    expect(visitor.shown?.text).to.contain('Revoke OTP Hardware E6-00000001?');
    expect(visitor.shown?.text).to.contain('This is final');
    expect((await world.room.detail(serial)).token.life).to.equal('registered');
    await visitor.submit({ confirmed: 'yes' });
    const after = await visitor.follow();
    expect(after.text).to.contain('The credential is revoked.\n');
    expect(after.text).to.contain('OTP Hardware\nRevoked\n');
    expect((await world.room.detail(serial)).token.life).to.equal('revoked');
    const [entry] = (await world.room.audit()).slice(-1);
    expect(entry).to.include({ action: 'revoke', actor: `account:${USER}`, serial });
  });

  it('revokes nothing without the confirmation', async () => {
    const id = await world.bought.subscribe('hardware-token');
    const serial = await tokenOf(id, 'E6-00000001', world);
    const visitor = await atOtp();
    const path = `/account/otp/revoke?credential=${id}.hardwareToken`;
    const refused = await visitor.make(path);
    expect(refused.status).to.equal(422);
    expect(refused.text).to.contain('it must be confirmed');
    expect((await world.room.detail(serial)).token.life).to.equal('registered');
  });

  it('unlocks the token of a credential by two codes', async () => {
    const serial = await tokenOf(
      await world.bought.subscribe('hardware-token'),
      'E6-00000001',
      world,
    );
    await world.room.fail(serial, 10);
    const visitor = await atOtp();
    expect(visitor.shown?.text).to.contain('OTP Hardware E6-00000001\nLocked\n');
    const [code1, code2] = world.room.pair(serial, 5);
    await visitor.submit({ serial, code1, code2 });
    const after = await visitor.follow();
    expect(after.text).to.contain('resynchronized');
    expect(after.text).to.contain('OTP Hardware E6-00000001\nActive\n');
  });

  it('shows phones with their last three digits only', async () => {
    await world.bought.subscribe('phone');
    await world.bought.proved(US_NUMBER, world.bought.person('password'));
    const { shown } = await atOtp();
    expect(shown?.text).to.contain('Text to +1 •••• •••123');
    expect(shown?.html).not.to.contain('5550123');
  });

  it('has no credential of a person who has none, and says where to get one', async () => {
    const { shown } = await atOtp();
    expect(shown?.text).to.contain('No token is registered to your account.');
    expect(shown?.text).to.contain('Purchase or Register Credentials');
  });
});
