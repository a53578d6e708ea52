import { expect } from 'chai';
import fc from 'fast-check';
import { LOCAL_OWNER } from '../../../server/access/scopes.ts';
import { ACCOUNT_NAMES, foldName, nameKey } from '../../../server/accounts/names.ts';
import { ACCOUNTS } from '../../../server/accounts/record.ts';
import { createAccountService } from '../../../server/accounts/service.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, UnixMillis } from '../../../shared/types.ts';

const NOW = 1_767_225_600_000 as UnixMillis;
const CALLER = { principal: LOCAL_OWNER, now: NOW };
const idOf = (text: string) => text as AccountId;

async function open() {
  const auditKey = new Uint8Array(32);
  const store = await openMemoryStore({
    kinds: [ACCOUNTS, ACCOUNT_NAMES],
    writer: 'test',
    auditKey,
  });
  return { store, accounts: createAccountService({ store }) };
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof FobtwinError ? error.code : undefined;
}

describe('the accounts service', () => {
  it('adds an account with its name, without tokens, and records it', async () => {
    const { store, accounts } = await open();
    const added = await accounts.add({ id: idOf('jennifer'), name: 'Jennifer' }, CALLER);
    const expected = {
      version: 1,
      id: 'jennifer',
      name: 'Jennifer',
      createdAt: NOW,
      serials: [],
    };
    expect(added).to.deep.equal(expected);
    expect(await accounts.get(idOf('jennifer'))).to.deep.equal(expected);
    const { items } = await store.auditPage({ after: 0, limit: 10 });
    expect(items).to.have.length(1);
    expect(items[0]).to.include({
      action: 'addAccount',
      actor: 'localOwner',
      account: 'jennifer',
      at: NOW,
    });
    await store.close();
  });

  it('leaves a missing name out', async () => {
    const { store, accounts } = await open();
    expect(await accounts.add({ id: idOf('a') }, CALLER)).not.to.have.property('name');
    await store.close();
  });

  it('refuses an id that is taken, keeps the first, and records nothing', async () => {
    const { store, accounts } = await open();
    await accounts.add({ id: idOf('a'), name: 'first' }, CALLER);
    expect(await codeOf(accounts.add({ id: idOf('a'), name: 'second' }, CALLER))).to.equal(
      'exists',
    );
    expect((await accounts.get(idOf('a'))).name).to.equal('first');
    expect((await store.auditPage({ after: 0, limit: 10 })).items).to.have.length(1);
    await store.close();
  });

  it('adds one of many that ask for the same id at once', async () => {
    const { store, accounts } = await open();
    const added = Array.from({ length: 20 }, () => codeOf(accounts.add({ id: idOf('a') }, CALLER)));
    const codes = await Promise.all(added);
    expect(codes.filter((code) => code === undefined)).to.have.length(1);
    expect(codes.filter((code) => code === 'exists')).to.have.length(19);
    await store.close();
  });

  it('does not find what is not there', async () => {
    const { store, accounts } = await open();
    expect(await codeOf(accounts.get(idOf('nobody')))).to.equal('notFound');
    await store.close();
  });

  it('lists by pages in order of id', async () => {
    const { store, accounts } = await open();
    for (const id of ['c', 'a', 'e', 'b', 'd']) await accounts.add({ id: idOf(id) }, CALLER);
    const first = await accounts.list({ limit: 2 });
    expect(first.items.map(({ id }) => id)).to.deep.equal(['a', 'b']);
    const second = await accounts.list({ after: first.next ?? '', limit: 2 });
    expect(second.items.map(({ id }) => id)).to.deep.equal(['c', 'd']);
    const third = await accounts.list({ after: second.next ?? '', limit: 2 });
    expect(third.items.map(({ id }) => id)).to.deep.equal(['e']);
    expect(third.next).to.equal(null);
    await store.close();
  });

  it('changes what is known of a person, takes away what is null, and records which', async () => {
    const { store, accounts } = await open();
    await accounts.add({ id: idOf('a'), name: 'Ann', email: 'a@example.com' }, CALLER);
    const change = { name: 'Anna', email: null, roles: ['organisationAdmin'] } as const;
    const changed = await accounts.change(idOf('a'), change, CALLER);
    expect(changed).to.deep.include({ name: 'Anna', roles: ['organisationAdmin'] });
    expect(changed).not.to.have.property('email');
    expect(await accounts.get(idOf('a'))).to.deep.equal(changed);
    await accounts.change(idOf('a'), change, CALLER);
    await accounts.change(idOf('a'), { country: null }, CALLER);
    const { items } = await store.auditPage({ after: 0, limit: 10 });
    expect(items.map(({ action, details }) => [action, details])).to.deep.equal([
      ['addAccount', undefined],
      ['changeAccount', { changed: 'name, email, roles' }],
    ]);
    expect(await codeOf(accounts.change(idOf('b'), change, CALLER))).to.equal('notFound');
    await store.close();
  });

  it('disables and enables, each once, and records why', async () => {
    const { store, accounts } = await open();
    const id = idOf('a');
    await accounts.add({ id }, CALLER);
    const why = { reason: 'has left' };
    expect(await accounts.setDisabled(id, true, why, CALLER)).to.include({ disabledAt: NOW });
    expect(await codeOf(accounts.setDisabled(id, true, why, CALLER))).to.equal('notAllowedNow');
    const enabled = await accounts.setDisabled(id, false, {}, CALLER);
    expect(enabled).not.to.have.property('disabledAt');
    expect(await codeOf(accounts.setDisabled(id, false, {}, CALLER))).to.equal('notAllowedNow');
    expect(await codeOf(accounts.setDisabled(idOf('b'), true, {}, CALLER))).to.equal('notFound');
    const { items } = await store.auditPage({ after: 1, limit: 10 });
    expect(items.map(({ action, details }) => [action, details])).to.deep.equal([
      ['disableAccount', { reason: 'has left' }],
      ['enableAccount', undefined],
    ]);
    await store.close();
  });

  it('resolves an id in any case, with space around it, and nothing else', async () => {
    const { store, accounts } = await open();
    await accounts.add({ id: idOf('Jennifer.Blue@example.com') }, CALLER);
    for (const user of ['jennifer.blue@EXAMPLE.com', ' Jennifer.Blue@example.com\t']) {
      expect(await accounts.resolve(user), user).to.equal('Jennifer.Blue@example.com');
    }
    for (const user of ['', ' ', 'jennifer', 'a'.repeat(100_000), 'a\u0000b', '\ud800', '-']) {
      expect(await accounts.resolve(user), JSON.stringify(user.slice(0, 9))).to.equal(undefined);
    }
    await store.close();
  });

  it('finds the record of whom it resolves, by id and by another name', async () => {
    const { store, accounts } = await open();
    const added = await accounts.add({ id: idOf('Jennifer'), name: 'Jennifer' }, CALLER);
    for (const user of ['Jennifer', 'jennifer', ' JENNIFER ']) {
      expect(await accounts.find(user), user).to.deep.equal(added);
    }
    for (const user of ['', 'anna', 'a'.repeat(100_000)]) {
      expect(await accounts.find(user)).to.equal(undefined);
    }
    await store.close();
  });

  it('never gives two accounts one name, whatever is added at once', async () => {
    const ids = fc.array(fc.stringMatching(/^[abAB][.abAB]{0,2}$/), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(ids, async (texts) => {
        const { store, accounts } = await open();
        const added = await Promise.allSettled(
          texts.map((text) => accounts.add({ id: idOf(text) }, CALLER)),
        );
        const owners = new Map<string, string>();
        texts.forEach((text, place) => {
          const isFirst = !owners.has(text.toLowerCase());
          expect(added[place]?.status === 'fulfilled', text).to.equal(isFirst);
          if (isFirst) owners.set(text.toLowerCase(), text);
        });
        for (const text of texts) {
          expect(await accounts.resolve(text)).to.equal(owners.get(text.toLowerCase()));
        }
        await store.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('names to sign in with', () => {
  it('fold case, width and composition away, once and for all', () => {
    const same = [
      ['CORP\\J\u00f6rg', 'corp\\jo\u0308rg', '\uff43\uff4f\uff52\uff50\\J\u00d6RG'],
      ['\u03b1\u03c3', '\u0391\u03a3', '\u03b1\u03c2'],
      ['stra\u00dfe', 'STRASSE', 'STRA\u1e9eE'],
    ];
    for (const names of same) {
      expect(new Set(names.map(foldName)).size, names.join()).to.equal(1);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const folded = foldName(text);
        if (folded === undefined) return;
        expect(foldName(folded)).to.equal(folded);
        expect(foldName(` ${text} `)).to.equal(folded);
        expect(nameKey(folded).id.length).to.be.at.most(200);
      }),
    );
  });

  it('fold alike by the short way of plain ones and by the long one', () => {
    const wide = (text: string) =>
      text.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), (text) => {
        expect(foldName(wide(text))).to.equal(foldName(text));
      }),
    );
    const longest = 'X'.repeat(180);
    expect(foldName(longest)).to.equal(longest.toLowerCase());
    expect(foldName(wide(longest))).to.equal(longest.toLowerCase());
  });

  it('are nothing with a control character, empty, or too long', () => {
    for (const text of ['', ' \u3000', 'a\nb', 'a\u0085b', '\udfff', 'x'.repeat(181)]) {
      expect(foldName(text)).to.equal(undefined);
    }
  });
});
