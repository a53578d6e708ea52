import { expect } from 'chai';
import { LOCAL_OWNER } from '../../../server/access/scopes.ts';
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
  const store = await openMemoryStore({ kinds: [ACCOUNTS], writer: 'test', auditKey });
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
});
