import path from 'node:path';
import { expect } from 'chai';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const WHERE = ['--name', 'J. Blue', '--address', '1 Main Street', '--address', 'Flat 2'].concat(
  ...['--city', 'Springfield', '--country', 'US', '--disclaimer'],
);

describe('fobd order', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data, '--lab'])).code).equal(0);
    const added = await fobd([
      'account',
      'add',
      'jennifer',
      '--email',
      'j@example.com',
      '--data',
      data,
    ]);
    expect(added.code, added.stderr).equal(0);
  });
  after(() => directory.remove());

  const run = (...argv: string[]) => fobd(['order', ...argv, '--data', data]);
  const done = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...argv);
    expect(code, stderr).equal(0);
    return stdout;
  };
  const place = (...argv: string[]) => done('place', 'jennifer', ...WHERE, ...argv);

  it('places, pays, ships and shows one', async () => {
    const placed = await place('--product', 'hardware-token:2', '--product', 'phone');
    expect(placed)
      .to.match(/^order: +SO-10001$/m)
      .and.match(/^1 +hardware-token +2 +open +- +-$/m);
    expect(await done('pay', 'SO-10001', '--reference', 'slip 1')).to.match(
      /^Order SO-10001 is paid/,
    );
    expect(await done('show', 'SO-10001'))
      .to.match(/^1 +hardware-token +2 +done +- +SO-10001-1-1 to SO-10001-1-2$/m)
      .and.match(/^2 +phone +1 +done +- +SO-10001-2-1$/m);
    const again = await done('pay', 'SO-10001', '--reference', 'slip 1');
    expect(again).to.include('was paid by this payment before');
    const twice = await done('pay', 'SO-10001', '--reference', 'slip 2');
    expect(twice)
      .to.include('give this payment back')
      .and.match(/to be given back: +manual slip 2/);
    const parcel = ['--carrier', 'Post', '--tracking', 'RX1', '--token', 'ft1', '--token', 'ft2'];
    expect(await done('ship', 'SO-10001', ...parcel)).to.match(/^sent: .*Post RX1$/m);
    const { order } = JSON.parse(await done('show', 'SO-10001', '--json'));
    expect(order.shipments[0].serials).to.deep.equal(['FT1', 'FT2']);
    expect(order.billing.lines).to.deep.equal(['1 Main Street', 'Flat 2']);
  });

  it('orders what was put into the cart', async () => {
    expect(await done('cart', 'jennifer')).equal('The cart is empty.\n');
    const chosen = await done('cart', 'jennifer', '--product', 'phone:2', '--product', 'mobile-id');
    expect(chosen)
      .to.match(/^1 +phone +2 +-$/m)
      .and.match(/^2 +mobile-id +1 +-$/m);
    expect(await done('cart', 'jennifer')).equal(chosen);
    const { order } = JSON.parse(await place('--json'));
    expect(order.lines.map(({ product }: { product: string }) => product)).to.deep.equal([
      'phone',
      'mobile-id',
    ]);
    await done('cancel', order.id);
    expect(await done('cart', 'jennifer')).equal('The cart is empty.\n');
    await done('cart', 'jennifer', '--product', 'mobile-id');
    expect(await done('cart', 'jennifer', '--empty')).equal('The cart is empty.\n');
    const refused = await run('place', 'jennifer', ...WHERE);
    expect(refused.stderr).to.include('The cart is empty');
  });

  it('sends keys again, all or one', async () => {
    const { order } = JSON.parse(await place('--product', 'phone:3', '--json'));
    const refused = await run('send-keys', order.id);
    expect([refused.code, refused.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('before the payment'),
    );
    await done('pay', order.id, '--reference', 'x');
    expect(await done('send-keys', order.id)).equal('3 license keys were mailed.\n');
    const one = ['--subscription', `${order.id}-1-2`];
    expect(await done('send-keys', order.id, ...one)).equal('1 license key was mailed.\n');
  });

  it('by invoice is cancelled while it is unpaid, and found by its purchase order', async () => {
    const invoice = ['--product', 'mobile-id', '--purchase-order', 'PO-9'];
    const { order } = JSON.parse(await place(...invoice, '--json'));
    expect(await done('list', '--purchase-order', 'PO-9')).to.include(order.id);
    expect(await done('cancel', order.id)).equal(`Order ${order.id} is cancelled.\n`);
    expect(await done('list', '--state', 'cancelled')).to.match(
      new RegExp(`^${order.id} +jennifer +cancelled +1 x mobile-id `, 'm'),
    );
    expect(await done('list', '--state', 'placed')).equal('No orders.\n');
  });

  it('refuses a line that is none, before anything is opened', async () => {
    for (const line of ['nothing', 'phone:0', 'phone:x', 'phone:1:1']) {
      const { code, stderr } = await run('place', 'jennifer', ...WHERE, '--product', line);
      expect(code, line).equal(2);
      expect(stderr).to.include('is not a line of an order').and.include('fobd product list');
    }
    expect((await run('show', 'SO-1')).code).equal(2);
  });

  it('needs the disclaimer', async () => {
    const without = WHERE.filter((word) => word !== '--disclaimer');
    const { code, stderr } = await run('place', 'jennifer', ...without, '--product', 'phone');
    expect(code).equal(1);
    expect(stderr).to.include('disclaimer');
  });

  it('is of products that are listed', async () => {
    const list = (...argv: string[]) => fobd(['product', 'list', '--data', data, ...argv]);
    expect((await list()).stdout).to.match(
      /^hardware-token-proofed +OTP Token .* hardwareToken +yes$/m,
    );
    const demanded = (await list('--strength', 'hardwareToken', '--proofed')).stdout;
    expect(demanded.trim().split('\n')).to.have.length(3);
  });
});
