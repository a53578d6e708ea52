import { expect } from 'chai';
import type { AccountId } from '../../../shared/types.ts';
import { openWorld, USER, type World } from './world.ts';

describe('the proofing upgrade, page by page', () => {
  let world: World;

  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  const linesInCart = async () => (await world.orders.cart(USER as AccountId))?.lines ?? [];

  it('is offered on Manage OTP for what was bought without, once it works', async () => {
    await world.bought.subscribe('hardware-token');
    await world.bought.subscribe('phone-proofed', { stage: 'active' });
    const visitor = await world.signedIn();
    expect((await visitor.get('/account/otp')).text).not.to.contain('Proofing Upgrade');
    const id = await world.bought.subscribe('phone', { stage: 'active' });
    const { html } = await visitor.get('/account/otp');
    expect(html.match(/\/account\/otp\/upgrade\?credential=[^"]*/g)).to.deep.equal([
      `/account/otp/upgrade?credential=${id}.phoneOtp`,
    ]);
  });

  it('asks to confirm the requirements, and goes into the cart with that', async () => {
    const id = await world.bought.subscribe('phone', { stage: 'active' });
    const visitor = await world.signedIn();
    const path = `/account/otp/upgrade?credential=${id}.phoneOtp`;
    const { text } = await visitor.get(path);
    expect(text).to.contain('I understand the requirements').and.to.contain('legal name');
    const refused = await visitor.submit({});
    expect(refused.status).to.equal(422);
    expect(refused.text).to.contain('Check the box once you understand the requirements.');
    expect(refused.html).to.match(/name="understood"[^>]*aria-invalid="true"/);
    expect(await linesInCart()).to.deep.equal([]);
    await visitor.submit({ understood: 'yes' });
    expect(visitor.shown?.headers['location']).to.equal('/account/store/cart?done=added');
    expect((await visitor.follow()).text).to.contain('Added to your cart.');
    expect(await linesInCart()).to.deep.equal([
      {
        product: 'proofing-upgrade',
        quantity: 1,
        subscription: id,
        requirementsUnderstood: true,
      },
    ]);
    expect((await visitor.get(path)).text).to.contain('The upgrade is in your cart.');
  });

  it('is refused where proofing was bought', async () => {
    const id = await world.bought.subscribe('phone-proofed', { stage: 'active' });
    const visitor = await world.signedIn();
    const { status, text } = await visitor.get(`/account/otp/upgrade?credential=${id}.phoneOtp`);
    expect(status).to.equal(409);
    expect(text).to.contain('has identity proofing already');
  });
});
