import path from 'node:path';
import { expect } from 'chai';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const WHERE = ['--name', 'J. Blue', '--address', '1 Main Street', '--city', 'Springfield'].concat(
  ...['--country', 'US', '--disclaimer'],
);

describe('fobd credential and fobd subscription', function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let data: string;

  before(async () => {
    directory = await temporaryDirectory();
    data = path.join(directory.place, 'data');
    expect((await fobd(['init', '--data', data, '--lab'])).code).equal(0);
    await done('account', 'add', 'jennifer', '--email', 'j@example.com');
    await done('order', 'place', 'jennifer', ...WHERE, '--product', 'phone');
    await done('order', 'pay', 'SO-10001', '--reference', 'slip 1');
  });
  after(() => directory.remove());

  const run = (argv: readonly string[], input = '') => fobd([...argv, '--data', data], { input });
  async function done(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(argv);
    expect(code, stderr).equal(0);
    return stdout;
  }

  it('lists what was bought, and refuses a key that there is none of', async () => {
    expect(await done('subscription', 'list')).to.match(/^SO-10001-1-1 +phone +- +- +active/m);
    const shown = await done('subscription', 'show', 'SO-10001-1-1');
    expect(shown)
      .to.match(/^redeemed by: +nobody yet$/m)
      .and.match(/^warranty: +covered$/m);
    expect(await done('subscription', 'due')).to.include('No subscriptions.');
    const due = await done('subscription', 'due', '--days', '366');
    expect(due).to.include('SO-10001-1-1');
    const wrong = await run(['credential', 'redeem', 'jennifer'], 'nothing\n');
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr).to.include('no such license key');
    expect((await run(['credential', 'redeem', 'jennifer'])).code).to.equal(2);
    expect(await done('credential', 'list', 'jennifer')).to.include('No credentials.');
  });

  it('lists what can be renewed, for oneself and by who administers others', async () => {
    expect(await done('subscription', 'renewals', 'jennifer')).to.include('No subscriptions.');
    await done('account', 'add', 'henry', '--email', 'h@example.com');
    const others = await run(['subscription', 'renewals', 'henry', '--of', 'others']);
    expect([others.code, others.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes("organisation's admin"),
    );
    const noDay = await run(['subscription', 'renewals', 'henry', '--before', '2027-02-30']);
    expect([noDay.code, noDay.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('--before'),
    );
    await done('lab', 'clock', '--advance', '345d');
    const due = await done('subscription', 'renewals', 'jennifer', '--type', 'phoneOtp');
    expect(due).to.match(/^SO-10001-1-1 +phone .*can be renewed/m);
    const soon = ['--before', '2020-01-01'];
    expect(await done('subscription', 'renewals', 'jennifer', ...soon)).to.include('No sub');
    const until = await done('subscription', 'show', 'SO-10001-1-1');
    expect(until).to.match(/^revoked unless renewed before: +2/m);
    await done('lab', 'clock', '--advance', '800d');
    const over = await done('subscription', 'show', 'SO-10001-1-1');
    expect(over)
      .to.match(/^status: +revoked$/m)
      .and.not.include('unless renewed');
  });

  it('names what is no credential, and what there is none of', async () => {
    const usage = await run(['credential', 'show', 'jennifer', 'nonsense']);
    expect(usage.code).to.equal(2);
    expect(usage.stderr).to.include("a credential's id");
    const none = ['jennifer', 'SO-10001-1-1.phoneOtp'];
    for (const verb of [
      ['show'],
      ['activate'],
      ['revoke', '--confirm'],
      ['replace', '--reason', 'err'],
    ]) {
      const [name = '', ...options] = verb;
      const { code, stderr } = await run(['credential', name, ...none, ...options]);
      expect(code, name).to.equal(1);
      expect(stderr).to.include('There is no such credential.');
    }
    const codes = ['credential', 'register', ...none, '--serial', 'FT01'];
    expect((await run(codes, '123456\n654321\n')).stderr).to.include('no such credential');
    expect((await run(['subscription', 'show', 'SO-9'])).code).to.equal(2);
  });
});
