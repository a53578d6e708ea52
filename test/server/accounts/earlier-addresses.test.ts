import { expect } from 'chai';
import { EARLIER_EMAILS_MAX } from '../../../server/accounts/record.ts';
import { NOTICES, type NoticeRecord } from '../../../server/notices/record.ts';
import { accountOf, addPerson, pass } from '../http/people.ts';
import { type Served, START, serve } from '../http/served.ts';

describe("an account's earlier addresses", () => {
  let served: Served;
  let key: string;

  beforeEach(async () => {
    served = await serve();
    key = await served.key();
    await addPerson(served, 'jennifer', { email: 'first@example.com' });
  });
  afterEach(() => served.close());

  const change = (body: object) =>
    served.send({ method: 'PATCH', path: '/v1/accounts/jennifer', key, body });
  const earlier = async () => (await accountOf(served, 'jennifer'))?.earlierEmails;
  const told = async () => {
    const { items } = await served.store.scan<NoticeRecord>(NOTICES, { limit: 100 });
    return items.filter(({ template }) => template === 'emailChanged').map(({ to }) => to.join());
  };

  it('are remembered with the time, and each is told that it is one no more', async () => {
    pass(served, 1000);
    await change({ email: 'second@example.com' });
    expect(await earlier()).to.deep.equal([{ email: 'first@example.com', until: START + 1000 }]);
    pass(served, 1000);
    await change({ email: null });
    expect((await earlier())?.map(({ email }) => email)).to.deep.equal([
      'first@example.com',
      'second@example.com',
    ]);
    expect(await told()).to.have.members(['first@example.com', 'second@example.com']);
  });

  it('are each told, however soon one change follows the other', async () => {
    for (const email of ['second@example.com', 'third@example.com', 'first@example.com', null]) {
      await change({ email });
    }
    expect((await told()).toSorted()).to.deep.equal([
      'first@example.com',
      'first@example.com',
      'second@example.com',
      'third@example.com',
    ]);
  });

  it('stay as they are when something else is changed, or the same is said again', async () => {
    await change({ name: 'Jennifer' });
    await change({ email: 'first@example.com' });
    expect(await earlier()).to.equal(undefined);
    expect(await told()).to.deep.equal([]);
  });

  it('are remembered once each, the last few of them', async () => {
    for (let n = 0; n < EARLIER_EMAILS_MAX + 3; n += 1) {
      pass(served, 1000);
      await change({ email: `${n}@example.com` });
    }
    const last = EARLIER_EMAILS_MAX + 2;
    pass(served, 1000);
    await change({ email: `${last - 1}@example.com` });
    const addresses = (await earlier())?.map(({ email }) => email);
    expect(addresses).to.have.length(EARLIER_EMAILS_MAX);
    expect(addresses?.at(-1)).to.equal(`${last}@example.com`);
    expect(new Set(addresses).size).to.equal(EARLIER_EMAILS_MAX);
  });

  it('are not washed out by quick changes: the one that was held for long stays', async () => {
    pass(served, 365 * 86_400_000);
    for (let n = 0; n < 3 * EARLIER_EMAILS_MAX; n += 1) {
      pass(served, 1000);
      await change({ email: `${n}@example.com` });
    }
    const addresses = (await earlier())?.map(({ email }) => email);
    expect(addresses).to.have.length(EARLIER_EMAILS_MAX);
    expect(addresses?.[0]).to.equal('first@example.com');
  });

  it('are not what a new account is asked about: it has none', async () => {
    await addPerson(served, 'paula');
    expect((await accountOf(served, 'paula'))?.earlierEmails).to.equal(undefined);
  });
});
