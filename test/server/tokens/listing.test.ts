import { expect } from 'chai';
import type { TokenListQuery } from '../../../server/tokens/port.ts';
import {
  accountOf,
  codeOfError,
  entryOf,
  OWNER,
  openRoom,
  type Room,
  serialOf,
  stream,
} from './room.ts';

describe('listing tokens', () => {
  let room: Room;
  before(async () => {
    room = await openRoom();
    await room.account('jennifer');
    for (const name of ['FT1', 'FT2', 'FT3', 'FT4']) await room.registered(name, 'jennifer');
    for (const name of ['FT5', 'FT6']) await room.stock(name);
    const change = (name: string, verb: 'lock' | 'lost' | 'revoke') =>
      room.tokens.changeLife({ serial: serialOf(name), verb }, room.as(OWNER));
    await change('FT1', 'lock');
    await change('FT2', 'lock');
    await change('FT2', 'lost');
    await change('FT4', 'revoke');
    await change('FT5', 'lock');
  });
  after(() => room.store.close());

  const list = async (query: Partial<TokenListQuery>) => {
    const { items, next } = await room.tokens.list({ limit: 50, ...query });
    return { serials: items.map(({ token }) => token.serial), next };
  };

  const cases: readonly (readonly [Partial<TokenListQuery>, readonly string[]])[] = [
    [{}, ['FT1', 'FT2', 'FT3', 'FT4', 'FT5', 'FT6']],
    [{ life: 'registered' }, ['FT1', 'FT2', 'FT3']],
    [{ life: 'stocked' }, ['FT5', 'FT6']],
    [{ life: 'revoked' }, ['FT4']],
    [{ hold: 'adminLocked' }, ['FT1', 'FT2', 'FT5']],
    [{ hold: 'lost' }, ['FT2']],
    [{ hold: 'suspended' }, []],
    [{ account: accountOf('jennifer') }, ['FT1', 'FT2', 'FT3', 'FT4']],
    [{ account: accountOf('nobody') }, []],
    [{ hold: 'adminLocked', life: 'registered' }, ['FT1', 'FT2']],
    [{ hold: 'adminLocked', account: accountOf('jennifer'), life: 'revoked' }, []],
    [{ account: accountOf('jennifer'), life: 'revoked' }, ['FT4']],
  ];
  for (const [query, expected] of cases) {
    it(`by ${JSON.stringify(query)}`, async () => {
      expect(await list(query)).to.deep.equal({ serials: expected, next: null });
    });

    it(`by ${JSON.stringify(query)}, one a page`, async () => {
      const found: string[] = [];
      for (let after: string | null = ''; after !== null; ) {
        const page = await list({ ...query, after, limit: 1 });
        expect(page.serials.length).to.be.at.most(1);
        found.push(...page.serials);
        after = page.next;
      }
      expect(found).to.deep.equal(expected);
    });
  }

  it('ends a page early rather than look at too much, and goes on from there', async () => {
    const many = await openRoom();
    const names = Array.from({ length: 60 }, (_, n) => serialOf(`FT${1000 + n}`));
    const entries = stream(names.map((serial) => entryOf(serial)));
    await many.tokens.importEntries(entries, { dryRun: false }, many.as(OWNER));
    for (const serial of names) {
      await many.tokens.changeLife({ serial, verb: 'lock' }, many.as(OWNER));
    }
    const last = serialOf('FT1059');
    await many.tokens.changeLife({ serial: last, verb: 'revoke' }, many.as(OWNER));
    const query = { life: 'revoked', hold: 'adminLocked', limit: 1 } as const;
    const first = await many.tokens.list(query);
    expect(first.items).to.deep.equal([]);
    expect(first.next).not.to.equal(null);
    const second = await many.tokens.list({ ...query, after: first.next ?? '' });
    expect(second.items.map(({ token }) => token.serial)).to.deep.equal([last]);
    expect(second.next).to.equal(null);
    await many.store.close();
  });

  it('shows both records of one token, and does not find what is not there', async () => {
    const { token, factor } = await room.tokens.get(serialOf('FT1'));
    expect(token.serial).to.equal('FT1');
    expect(factor.factor).to.deep.equal({ type: 'event', nextCounter: 2 });
    expect(await codeOfError(room.tokens.get(serialOf('FT9')))).to.equal('notFound');
  });
});
