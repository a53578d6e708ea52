import { expect } from 'chai';
import type { AccountId, AccountRole, SubscriptionId, UnixMillis } from '../../../shared/types.ts';
import { tokenOf } from './sold.ts';
import { openWorld, PASSWORD, USER, type Visitor, type World } from './world.ts';

const DAY_MILLIS = 86_400_000;
const ORGANISATION = 'Iron Builders LLC';
const HENRY = 'henry' as AccountId;
const IDA = 'ida' as AccountId;

describe('renewals and upgrades, page by page', () => {
  let world: World;

  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  const profile = (id: string, name: string, roles: readonly AccountRole[] = ['user']) =>
    world.room.accounts.change(
      id as AccountId,
      { name, organisation: ORGANISATION, roles },
      world.caller(),
    );
  /** A colleague, whose subscription the organisation pays for. */
  const colleague = async (id: AccountId, name: string): Promise<void> => {
    await world.room.account(id);
    await profile(id, name);
  };
  const renewalsInCart = async () => {
    const cart = await world.orders.cart(USER as AccountId);
    return (cart?.lines ?? []).map(({ product, subscription }) => `${product} ${subscription}`);
  };
  const atRenewals = async (query = ''): Promise<Visitor> => {
    const visitor = await world.signedIn();
    await visitor.get(`/account/renewals${query}`);
    return visitor;
  };
  const boxesOf = ({ shown }: Visitor): readonly string[] =>
    Array.from(shown?.html.matchAll(/name="renew\.([^"]+)"/g) ?? [], ([, id = '']) => id);

  describe('Renew, on Manage OTP', () => {
    it('adds the renewal to the cart, and leads there', async () => {
      const id = await world.bought.subscribe('hardware-token');
      await tokenOf(id, 'E6-00000001', world);
      world.room.pass(340 * DAY_MILLIS);
      const visitor = await world.signedIn();
      const path = `/account/otp/renew?credential=${id}.hardwareToken`;
      await visitor.get(path);
      await visitor.submit({});
      expect(visitor.shown).to.deep.include({ status: 303 });
      expect(visitor.shown?.headers['location']).to.equal('/account/store/cart?done=added');
      expect(await renewalsInCart()).to.deep.equal([`renewal ${id}`]);
      const again = await visitor.get(path);
      expect(again.text).to.contain('Its renewal is in your cart.');
      expect(again.html).not.to.contain('Add to Cart');
    });

    it('is over once it is paid: the same token runs for another year', async () => {
      const id = await world.bought.subscribe('hardware-token');
      const serial = await tokenOf(id, 'E6-00000001', world);
      world.room.pass(370 * DAY_MILLIS);
      const visitor = await world.signedIn();
      expect((await visitor.get('/account/otp')).text).to.contain('Suspended');
      await visitor.get('/account/renewals');
      await visitor.submit({ [`renew.${id}`]: 'yes' });
      const address = { name: 'J. Blue', lines: ['1 Iron Road'], city: 'Reston', country: 'US' };
      const order = { billing: address, payment: { method: 'card' }, disclaimer: true } as const;
      const person = world.bought.person('password');
      const placed = await world.orders.place(USER as AccountId, order, person);
      expect((await visitor.get('/account/otp')).text).to.contain('Suspended');
      const waits = await visitor.get(`/account/otp/renew?credential=${id}.hardwareToken`);
      expect(waits.text).to.contain('Its renewal is ordered').and.not.to.contain('Add to Cart');
      await visitor.get('/account/renewals');
      expect([boxesOf(visitor), visitor.shown?.text.includes('Ordered')]).to.deep.equal([[], true]);
      const payment = { order: placed.id, source: 'manual', reference: 'card 1' } as const;
      await world.orders.receive(payment, world.caller());
      const after = await visitor.get('/account/otp');
      expect(after.text).to.contain(`OTP Hardware ${serial}\nActive\n`);
      expect(after.text).to.contain('Renewal date 6 Jan 2028');
      expect(after.html).not.to.contain('>Renew<');
      const { text } = await visitor.get('/account/renewals');
      expect(text).to.contain('There is nothing to renew just now.');
    });

    it('of one that is there twice says so, and adds nothing', async () => {
      const id = await world.bought.subscribe('phone');
      world.room.pass(340 * DAY_MILLIS);
      const visitor = await world.signedIn();
      await visitor.get(`/account/otp/renew?credential=${id}.phoneOtp`);
      const page = visitor.shown;
      await visitor.submit({});
      visitor.shown = page;
      const { status, text } = await visitor.submit({});
      expect(status).to.equal(422);
      expect(text).to.contain('This subscription stands in two lines.');
      expect(await renewalsInCart()).to.deep.equal([`renewal ${id}`]);
    });

    it('is not offered before it is time, whatever form is sent', async () => {
      const id = await world.bought.subscribe('phone');
      world.room.pass(335 * DAY_MILLIS - 1);
      const visitor = await atRenewals();
      expect(visitor.shown?.text).to.contain('There is nothing to renew just now.');
      const sent = await visitor.make(`/account/otp/renew?credential=${id}.phoneOtp`);
      expect(sent.status).to.equal(409);
      expect(await renewalsInCart()).to.deep.equal([]);
    });

    it('of what is revoked leads to a new purchase instead', async () => {
      const id = await world.bought.subscribe('phone');
      world.room.pass(731 * DAY_MILLIS);
      const visitor = await atRenewals();
      expect(boxesOf(visitor)).to.deep.equal([]);
      for (const page of ['renew', 'upgrade']) {
        await visitor.get(`/account/otp/${page}?credential=${id}.phoneOtp`);
        expect(visitor.shown?.status).to.equal(409);
        expect(visitor.shown?.text).to.contain('purchase and set up a new one');
        expect(visitor.shown?.html).to.contain('href="/account/store"');
      }
    });

    it('of somebody else reads as of none', async () => {
      await world.room.account(HENRY);
      const id = await world.bought.subscribe('phone', { account: HENRY });
      world.room.pass(340 * DAY_MILLIS);
      const visitor = await world.signedIn();
      for (const page of ['renew', 'upgrade']) {
        const foreign = await visitor.get(`/account/otp/${page}?credential=${id}.phoneOtp`);
        const none = await visitor.get(`/account/otp/${page}?credential=SO-99999-1-1.phoneOtp`);
        expect([foreign.status, foreign.text]).to.deep.equal([404, none.text]);
      }
    });
  });

  describe('Subscription Renewals', () => {
    it('is a tab, and shows everybody the own ones with token and renewal date', async () => {
      await colleague(HENRY, 'Henry Steel');
      await profile(USER, 'Jennifer Blue');
      const own = await world.bought.subscribe('hardware-token', { organisation: ORGANISATION });
      await tokenOf(own, 'E6-00000001', world);
      const organisation = ORGANISATION;
      const others = await world.bought.subscribe('phone', { account: HENRY, organisation });
      world.room.pass(345 * DAY_MILLIS);
      const visitor = await world.signedIn();
      const { html } = await visitor.get('/account/otp');
      expect(html).to.contain('<a href="/account/renewals">Subscription Renewals</a>');
      await visitor.get('/account/renewals');
      expect(boxesOf(visitor)).to.deep.equal([own]);
      expect(visitor.shown?.text).to.contain('OTP Hardware E6-00000001\n');
      expect(visitor.shown?.text).to.contain('Renewal date 1 Jan 2027 (20 days left)');
      expect(visitor.shown?.html).not.to.contain('Find renewals').and.not.to.contain('Henry');
      for (const of of ['organisation', 'others']) {
        const refused = await visitor.get(`/account/renewals?of=${of}`);
        expect(refused.status, of).to.equal(403);
        expect(refused.html).not.to.contain(others);
      }
      // Nor by a form that is made up.
      await visitor.get('/account/renewals');
      const made = await visitor.submit({ [`renew.${others}`]: 'yes' });
      expect(made.status).to.equal(404);
      expect(await renewalsInCart()).to.deep.equal([]);
    });

    describe('for an administrator', () => {
      let own: SubscriptionId;
      let henrys: SubscriptionId;
      let idas: SubscriptionId;

      beforeEach(async () => {
        await profile(USER, 'Jennifer Blue', ['user', 'organisationAdmin']);
        await colleague(HENRY, 'Henry Steel');
        await colleague(IDA, 'Ida <Iron>');
        const organisation = ORGANISATION;
        own = await world.bought.subscribe('mobile-id', { organisation });
        henrys = await world.bought.subscribe('hardware-token', { account: HENRY, organisation });
        await tokenOf(henrys, 'E6-00000001', world);
        world.room.pass(10 * DAY_MILLIS);
        idas = await world.bought.subscribe('mobile-id-phone', { account: IDA, organisation });
        world.room.pass(350 * DAY_MILLIS);
      });

      it("lists all users' with names, tokens and renewal dates", async () => {
        const visitor = await atRenewals();
        expect(boxesOf(visitor)).to.deep.equal([own, henrys, idas]);
        const text = visitor.shown?.text ?? '';
        expect(text).to.contain('Henry Steel (henry)').and.to.contain('Jennifer Blue (blue_j)');
        expect(text).to.contain('Ida <Iron> (ida)').and.to.contain('OTP Hardware E6-00000001\n');
        expect(text).to.contain('Renewal date 1 Jan 2027 (5 days left)');
        expect(text).to.contain('Renewal date 11 Jan 2027 (15 days left)');
        expect(visitor.shown?.html).not.to.contain('<Iron>');
      });

      it('is filtered by type, product, user, date and for whom', async () => {
        const cases: readonly (readonly [string, readonly SubscriptionId[]])[] = [
          ['?type=hardwareToken', [henrys]],
          ['?type=mobileId', [own, idas]],
          ['?product=mobile-id', [own]],
          ['?user=ida', [idas]],
          ['?user=nobody', []],
          ['?before=2027-01-05', [own, henrys]],
          ['?before=2027-01-01', []],
          ['?of=others', [henrys, idas]],
          ['?of=own', [own]],
          ['?of=others&type=mobileId&before=2027-02-01', [idas]],
          ['?type=&product=&user=&before=&of=nonsense', [own, henrys, idas]],
          // Nobody has subscribed to a renewal: the form does not offer it.
          ['?product=renewal', [own, henrys, idas]],
        ];
        const visitor = await world.signedIn();
        for (const [query, found] of cases) {
          const { status } = await visitor.get(`/account/renewals${query}`);
          expect([status, boxesOf(visitor)], query).to.deep.equal([200, found]);
        }
        const { html } = await visitor.get('/account/renewals?type=mobileId&before=2027-02-01');
        expect(html).to.contain('<option value="mobileId" selected>');
        expect(html).to.contain('value="2027-02-01"');
      });

      it('says what of a filter cannot be read, and lists nothing then', async () => {
        const visitor = await world.signedIn();
        const cases = [
          ['?user=two%20people', 'Enter the user ID of one person.', 'name="user"'],
          ['?before=2027-02-30', 'Enter a day of the calendar', 'name="before"'],
          ['?user=%22%3E%3Cb%3Ex', 'Enter the user ID of one person.', 'name="user"'],
        ] as const;
        for (const [query, line, field] of cases) {
          const { status, text, html } = await visitor.get(`/account/renewals${query}`);
          expect(status).to.equal(422);
          expect(text).to.contain(line);
          expect(html).not.to.contain('<b>x');
          expect(html).to.match(new RegExp(`${field}[^>]*aria-invalid="true"`));
          expect(boxesOf(visitor)).to.deep.equal([]);
          expect(text).not.to.contain('Available Renewals');
        }
        expect((await visitor.get('/account/renewals?cursor=nonsense')).status).to.equal(422);
      });

      it('puts several users into the cart at once, and shows what is there', async () => {
        const visitor = await atRenewals('?before=2027-02-01');
        await visitor.submit({ [`renew.${henrys}`]: 'yes', [`renew.${idas}`]: 'yes' });
        expect(visitor.shown?.headers['location']).to.equal('/account/store/cart?done=added');
        expect(await renewalsInCart()).to.deep.equal([`renewal ${henrys}`, `renewal ${idas}`]);
        await visitor.get('/account/renewals');
        expect(boxesOf(visitor)).to.deep.equal([own]);
        expect(visitor.shown?.text.match(/In your cart/g)).to.have.length(2);
      });

      it('asks for a choice, and keeps what was chosen when it is refused', async () => {
        const visitor = await atRenewals();
        const none = await visitor.submit({});
        expect([none.status, none.text]).to.satisfy(
          ([status, text]: [number, string]) => status === 422 && text.includes('Choose at least'),
        );
        await visitor.get('/account/renewals');
        await world.orders.addToCart(
          USER as AccountId,
          [{ product: 'renewal', subscription: own }],
          world.bought.person('password'),
        );
        const twice = await visitor.submit({ [`renew.${own}`]: 'yes', [`renew.${idas}`]: 'yes' });
        expect(twice.status).to.equal(422);
        expect(twice.html).to.contain(`name="renew.${idas}" value="yes" checked`);
        expect(await renewalsInCart()).to.deep.equal([`renewal ${own}`]);
      });

      it('goes on page by page with its filter, a cart of them at a time', async () => {
        for (let n = 0; n < 22; n += 1) {
          await world.bought.subscribe('phone', {
            ...{ account: HENRY, organisation: ORGANISATION },
            expiresAt: (world.room.now + DAY_MILLIS) as UnixMillis,
          });
        }
        const visitor = await atRenewals('?type=phoneOtp&user=henry');
        const first = boxesOf(visitor);
        expect(first).to.have.length(20);
        const [, next = ''] = /href="([^"]*cursor=[^"]*)"/.exec(visitor.shown?.html ?? '') ?? [];
        await visitor.submit(Object.fromEntries(first.map((id) => [`renew.${id}`, 'yes'])));
        expect(await renewalsInCart()).to.have.length(20);
        await visitor.get(next.replaceAll('&amp;', '&'));
        expect(boxesOf(visitor)).to.have.length(2);
        expect(visitor.shown?.html).not.to.contain('Next page');
        const [third = ''] = boxesOf(visitor);
        const full = await visitor.submit({ [`renew.${third}`]: 'yes' });
        expect(full.text).to.contain('An order has at most 20 lines.');
      });

      it('is nobody else’s business: another organisation, and who signs in there', async () => {
        await world.room.account('otto');
        await world.passwords.set('otto' as AccountId, PASSWORD, world.caller());
        const otto = { organisation: 'Tin Ltd', roles: ['organisationAdmin'] as const };
        await world.room.accounts.change('otto' as AccountId, otto, world.caller());
        const visitor = await world.signedIn('otto');
        await visitor.get('/account/renewals');
        expect(visitor.shown?.text).to.contain('There is nothing to renew just now.');
        await visitor.get('/account/renewals?user=henry');
        expect(boxesOf(visitor)).to.deep.equal([]);
      });

      it('has the user ID alone of who is sponsored from elsewhere', async () => {
        await world.room.accounts.change(IDA, { organisation: 'Tin Ltd' }, world.caller());
        const { shown } = await atRenewals();
        expect(shown?.text).to.contain('ida\n').and.not.to.contain('Ida <Iron>');
      });
    });

    it('asks a stranger to sign in, and brings him back to what he wanted', async () => {
      const { headers } = await world.visitor().get('/account/renewals?type=mobileId');
      const there = encodeURIComponent('/account/renewals?type=mobileId');
      expect(headers['location']).to.equal(`/sign-in?return=${there}`);
    });
  });
});
