import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import sinon from 'sinon';
import { LOCAL_OWNER, SCOPES, type Scope } from '../../../server/access/scopes.ts';
import type { ApplicationService } from '../../../server/applications/port.ts';
import { APPLICATIONS } from '../../../server/applications/record.ts';
import { createApplicationService } from '../../../server/applications/service.ts';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { ApplicationId, UnixMillis } from '../../../shared/types.ts';

const NOW = 1_767_225_600_000 as UnixMillis;
const CALLER = { principal: LOCAL_OWNER, now: NOW };
const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };

async function open(data = createMemoryData()) {
  const auditKey = new Uint8Array(32);
  const store = await openMemoryStore({ data, kinds: [APPLICATIONS], writer: 'test', auditKey });
  return { data, store, applications: createApplicationService({ store, rng }) };
}

const principalOf = async (applications: ApplicationService, apiKey: string) => {
  const authentication = await applications.authenticate(apiKey, { now: NOW });
  return authentication.result === 'known' ? authentication.principal : undefined;
};

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof FobtwinError ? error.code : undefined;
}

/** The key with one character of its secret changed. */
function spoilt(apiKey: string): string {
  const last = apiKey.slice(-2, -1);
  return `${apiKey.slice(0, -2)}${last === 'A' ? 'B' : 'A'}${apiKey.slice(-1)}`;
}

describe('the applications service', () => {
  it('makes a key that stands for the application and its scopes', async () => {
    const { store, applications } = await open();
    const { id, apiKey } = await applications.add({ name: 'vpn', scopes: ['verify'] }, CALLER);
    expect(id).to.match(/^[0-9a-f]{16}$/);
    expect(apiKey).to.match(new RegExp(`^fobd_${id}_[A-Za-z0-9_-]{43}$`));
    const principal = await principalOf(applications, apiKey);
    expect(principal?.actor).to.equal(`application:${id}`);
    expect(principal?.application).to.equal(id);
    expect([...(principal?.scopes ?? [])]).to.deep.equal(['verify']);
    await store.close();
  });

  it('keeps the SHA-256 of the secret and no more, in record and audit log alike', async () => {
    const { store, applications } = await open();
    const { id, apiKey } = await applications.add({ name: 'vpn', scopes: ['verify'] }, CALLER);
    const secret = apiKey.slice(-43);
    const { items } = await applications.list({ limit: 10 });
    expect(items[0]?.keys[0]?.secretHash).to.equal(
      createHash('sha256').update(secret).digest('hex'),
    );
    const audit = await store.auditPage({ after: 0, limit: 10 });
    expect(audit.items[0]).to.include({ action: 'addApplication', application: id });
    expect(audit.items[0]?.details).to.deep.equal({ name: 'vpn', scopes: 'verify' });
    expect(JSON.stringify([items, audit])).not.to.include(secret);
    await store.close();
  });

  it('draws another id and secret each time', async () => {
    const { store, applications } = await open();
    const one = await applications.add({ name: 'a', scopes: ['verify'] }, CALLER);
    const two = await applications.add({ name: 'a', scopes: ['verify'] }, CALLER);
    expect(one.id).not.to.equal(two.id);
    expect(one.apiKey.slice(-43)).not.to.equal(two.apiKey.slice(-43));
    await store.close();
  });

  it('knows no wrong key: spoilt, of another application, or no key at all', async () => {
    const { store, applications } = await open();
    const one = await applications.add({ name: 'a', scopes: ['verify'] }, CALLER);
    const two = await applications.add({ name: 'b', scopes: ['verify'] }, CALLER);
    const wrong = [
      spoilt(one.apiKey),
      `fobd_${one.id}_${two.apiKey.slice(-43)}`,
      `fobd_${'0'.repeat(16)}_${one.apiKey.slice(-43)}`,
      '',
      'fobd_',
      one.apiKey.toUpperCase(),
      ` ${one.apiKey}`,
      'x'.repeat(100_000),
    ];
    for (const text of wrong) expect(await principalOf(applications, text)).to.equal(undefined);
    expect(await principalOf(applications, one.apiKey)).not.to.equal(undefined);
    await store.close();
  });

  it('reads the store once, not for each request, whether the key is good or not', async () => {
    const { data, store, applications } = await open();
    const { apiKey } = await applications.add({ name: 'a', scopes: ['verify'] }, CALLER);
    await store.close();
    const again = await open(data);
    const scans = sinon.spy(again.store, 'scan');
    const transactions = sinon.spy(again.store, 'transact');
    const keys = Array.from({ length: 50 }, (_, n) => (n % 2 ? apiKey : spoilt(apiKey)));
    const found = await Promise.all(keys.map((key) => principalOf(again.applications, key)));
    expect(found.filter((principal) => principal !== undefined)).to.have.length(25);
    expect(scans.callCount).to.equal(1);
    // The one write notes that the key was used.
    expect(transactions.callCount).to.equal(1);
    await again.store.close();
  });

  it('reads again after a read that failed', async () => {
    const { store, applications } = await open();
    const failing = sinon.stub(store, 'scan').rejects(new Error('disk'));
    expect(await principalOf(applications, 'x').catch(() => 'failed')).to.equal('failed');
    failing.restore();
    expect(await principalOf(applications, 'x')).to.equal(undefined);
    await store.close();
  });

  it('reads every page of what is stored', async () => {
    const { data, store, applications } = await open();
    const adding = Array.from({ length: 1_201 }, () =>
      applications.add({ name: 'a', scopes: ['verify'] }, CALLER),
    );
    const added = await Promise.all(adding);
    await store.close();
    const again = await open(data);
    const principals = added.map(({ apiKey }) => principalOf(again.applications, apiKey));
    const known = (await Promise.all(principals)).map((principal) => principal?.application);
    expect(known).to.deep.equal(added.map(({ id }) => id));
    await again.store.close();
  });

  it('ends a revoked key at once, after a restart too, and says so in the log', async () => {
    const { data, store, applications } = await open();
    const { id, apiKey } = await applications.add({ name: 'a', scopes: ['verify'] }, CALLER);
    const other = await applications.add({ name: 'b', scopes: ['verify'] }, CALLER);
    const later = { principal: LOCAL_OWNER, now: (NOW + 1) as UnixMillis };
    expect((await applications.revoke(id, {}, later)).revokedAt).to.equal(NOW + 1);
    expect(await principalOf(applications, apiKey)).to.equal(undefined);
    expect(await principalOf(applications, other.apiKey)).not.to.equal(undefined);
    const { items } = await store.auditPage({ after: 2, limit: 10 });
    expect(items).to.have.length(1);
    expect(items[0]).to.include({ action: 'revokeApplication', application: id });
    await store.close();
    const again = await open(data);
    expect(await principalOf(again.applications, apiKey)).to.equal(undefined);
    expect(await principalOf(again.applications, other.apiKey)).not.to.equal(undefined);
    await again.store.close();
  });

  it('revokes once only, and nothing that is not there', async () => {
    const { store, applications } = await open();
    const { id } = await applications.add({ name: 'a', scopes: ['verify'] }, CALLER);
    await applications.revoke(id, {}, CALLER);
    expect(await codeOf(applications.revoke(id, {}, CALLER))).to.equal('revoked');
    const unknown = '0'.repeat(16) as ApplicationId;
    expect(await codeOf(applications.revoke(unknown, {}, CALLER))).to.equal('notFound');
    await store.close();
  });

  it('grants each scope once, scopes that exist, and none that the caller lacks', async () => {
    const { store, applications } = await open();
    const principal = {
      actor: 'application:x',
      scopes: new Set<Scope>(['applications:admin', 'verify']),
    };
    const caller = { principal, now: NOW };
    const add = (scopes: readonly Scope[]) => applications.add({ name: 'a', scopes }, caller);
    const { apiKey } = await add(['verify', 'verify']);
    expect([...((await principalOf(applications, apiKey))?.scopes ?? [])]).to.have.length(1);
    expect(await codeOf(add(['tokens:admin']))).to.equal('forbidden');
    expect(await codeOf(add(['verify', 'everything' as Scope]))).to.equal('invalidInput');
    expect(await codeOf(add([]))).to.equal('invalidInput');
    const all = await applications.add({ name: 'all', scopes: SCOPES }, CALLER);
    expect((await principalOf(applications, all.apiKey))?.scopes.size).to.equal(SCOPES.length);
    await store.close();
  });
});
