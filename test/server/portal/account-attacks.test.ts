import { expect } from 'chai';
import type { AccountId } from '../../../shared/types.ts';
import { UK_NUMBER, US_NUMBER } from '../phones/room.ts';
import { openWorld, PASSWORD, USER, type Visitor, type World } from './world.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const OTP = '/account/otp';

describe('attacks on the pages of the own account', () => {
  let world: World;
  let visitor: Visitor;
  let theirs: string;
  let own: string;
  /** Mallory's too. */
  let token: string;

  beforeEach(async () => {
    world = await openWorld();
    await world.room.account('mallory');
    await world.passwords.set('mallory' as AccountId, PASSWORD, world.caller());
    const account = USER as AccountId;
    theirs = `${await world.bought.subscribe('hardware-token', { account })}.hardwareToken`;
    own = `${await world.bought.subscribe('phone', {
      account: 'mallory' as AccountId,
    })}.phoneOtp`;
    token = await world.room.registered('E6-00000009', 'mallory');
    visitor = await world.signedIn('mallory');
  });
  afterEach(() => world.close());

  const tokenIn = async (path: string): Promise<string> =>
    /name="form" value="([^"]+)"/.exec((await visitor.get(path)).html)?.[1] ?? '';
  const post = (path: string, fields: Record<string, string>, headers = {}) =>
    visitor.send('POST', path, {
      headers: { ...FORM, 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  const entries = async () => (await world.room.audit()).length;

  it('a credential of somebody else reads as one that does not exist', async () => {
    const form = await tokenIn(`${OTP}/phones`);
    for (const page of ['set-up', 'renew', 'upgrade', 'revoke']) {
      const texts = new Set<string>();
      for (const id of [theirs, theirs.replace(/^SO-\d+/, 'SO-99999'), 'x', '', '../../etc']) {
        const path = `${OTP}/${page}?${new URLSearchParams({ credential: id })}`;
        const shown = await visitor.get(path);
        expect(shown.status, path).to.equal(404);
        texts.add(shown.text);
        const sent = await post(path, {
          form,
          confirmed: 'yes',
          understood: 'yes',
          step: 'activate',
        });
        expect(sent.status, path).to.equal(404);
        texts.add(sent.text);
      }
      expect([...texts], page).to.have.length(1);
    }
    const [detail] = await world.bought.credentials.list(USER as AccountId);
    expect(detail?.credential.stage).to.equal('registration');
  });

  it('a phone of somebody else is sent nothing, proves nothing and stays', async () => {
    await world.bought.subscribe('phone');
    const phone = await world.bought.proved(US_NUMBER, world.bought.person('password'));
    const form = await tokenIn(`${OTP}/phones`);
    const sent = world.bought.texts.length;
    for (const step of ['send', 'verify', 'remove']) {
      const known = await post(`${OTP}/phones`, { form, step, phone, code: '123456' });
      const none = await post(`${OTP}/phones`, {
        ...{ form, step, code: '123456' },
        phone: '0'.repeat(16),
      });
      expect([known.status, none.status], step).to.deep.equal([404, 404]);
      expect(known.text).to.equal(none.text);
    }
    expect(world.bought.texts).to.have.length(sent);
    expect(await world.bought.phones.list(USER as AccountId)).to.have.length(1);
  });

  it('forms of other sites, or without their token, do nothing', async () => {
    const form = await tokenIn(`${OTP}/phones`);
    const before = await entries();
    const phone = { step: 'add', kind: 'text', country: 'US', number: US_NUMBER };
    for (const [path, fields] of [
      [`${OTP}/phones`, phone],
      [`${OTP}/get`, { licenceKey: 'AAAAA' }],
      [`${OTP}/revoke?credential=${own}`, { confirmed: 'yes' }],
      [`${OTP}/set-up?credential=${own}`, { step: 'activate' }],
      [`${OTP}/renew?credential=${own}`, {}],
      [`${OTP}/upgrade?credential=${own}`, { understood: 'yes' }],
      ['/account/renewals', { [`renew.${own.split('.')[0]}`]: 'yes' }],
      [`${OTP}/lost?serial=${token}`, {}],
      [`${OTP}/found?serial=${token}`, {}],
    ] as const) {
      const foreign = { 'sec-fetch-site': 'cross-site' };
      expect((await post(path, { form, ...fields }, foreign)).status, path).to.equal(403);
      expect((await post(path, fields)).status, path).to.equal(403);
      expect((await post(path, { ...fields, form: 'x'.repeat(43) })).status).to.equal(403);
    }
    expect(await entries()).to.equal(before);
    expect(world.bought.texts).to.deep.equal([]);
  });

  it('a link revokes nothing, and orders and sends nothing', async () => {
    const before = await entries();
    for (const query of [
      `/revoke?credential=${own}&confirmed=yes`,
      '/phones?step=add&kind=text&country=US&number=2025550123',
      `/set-up?credential=${own}&step=activate`,
      '/get?licenceKey=AAAAA',
      `/upgrade?credential=${own}&understood=yes`,
      `/lost?serial=${token}`,
      `/found?serial=${token}`,
    ]) {
      // A token that is not lost has no page to be found on.
      const status = query.startsWith('/found') ? 303 : 200;
      expect((await visitor.get(OTP + query)).status, query).to.equal(status);
      await visitor.send('HEAD', OTP + query);
    }
    expect(await entries()).to.equal(before);
    expect(world.bought.texts).to.deep.equal([]);
  });

  it('a session is not raised by a code that proves a number', async () => {
    await visitor.get(`${OTP}/phones`);
    await visitor.submit({ step: 'add', kind: 'text', country: 'US', number: US_NUMBER });
    await visitor.get('/sign-in?return=/account&step=code&strength=phoneOtp');
    const form = await tokenIn(`${OTP}/phones`);
    const code = world.bought.code();
    await post('/sign-in?strength=phoneOtp', { form, step: 'code', code });
    expect((await visitor.get('/account')).text).to.contain('Credential Strength: Password');
    const [phone] = await world.bought.phones.list('mallory' as AccountId);
    await post(`${OTP}/phones`, { form, step: 'verify', phone: phone?.id ?? '', code });
    expect((await visitor.get('/account')).text).to.contain('Credential Strength: Password');
  });

  it('nothing of an address stands in a page unescaped', async () => {
    for (const page of ['phones', 'get', '']) {
      const query = new URLSearchParams({ done: '<b>x', phone: '<b>x', warning: '<b>x' });
      const { html } = await visitor.get(`${OTP}/${page}?${query}`.replace('/?', '?'));
      expect(html).not.to.contain('<b>x');
    }
    const query = new URLSearchParams({ credential: own, warning: '"><b>x' });
    expect((await visitor.get(`${OTP}/set-up?${query}`)).html).not.to.contain('<b>x');
  });

  it('staff on these pages are people: roles change no phone of theirs at password', async () => {
    await world.room.accounts.change(
      'mallory' as AccountId,
      { roles: ['helpdesk'] },
      world.caller(),
    );
    const account = 'mallory' as AccountId;
    const add = { account, number: US_NUMBER, country: 'US', kind: 'text' } as const;
    const { phone } = await world.bought.phones.add(add, world.caller());
    await world.bought.phones.verify(
      { account, phone: phone.id, code: world.bought.code() },
      world.caller(),
    );
    world.bought.pass(30);
    const form = await tokenIn(`${OTP}/get`);
    const refused = await post(`${OTP}/phones`, {
      ...{ form, step: 'add', kind: 'text', country: 'GB', number: UK_NUMBER },
    });
    expect(refused.status).to.be.within(400, 499);
    expect(await world.bought.phones.list(account)).to.have.length(1);
  });
});
