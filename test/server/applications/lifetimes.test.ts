import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import sinon from 'sinon';
import { hashApiKeySecret } from '../../../server/access/api-key.ts';
import { LOCAL_OWNER, type Principal, SCOPES } from '../../../server/access/scopes.ts';
import type { KeyNotice } from '../../../server/applications/port.ts';
import { APPLICATIONS, applicationKey } from '../../../server/applications/record.ts';
import { createApplicationService } from '../../../server/applications/service.ts';
import { LAST_USED_MILLIS } from '../../../server/applications/usage.ts';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import { put } from '../../../server/store/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { ApplicationId, UnixMillis } from '../../../shared/types.ts';

const DAY = 86_400_000;
const NOW = 1_767_225_600_000 as UnixMillis;
const later = (millis: number) => (NOW + millis) as UnixMillis;
const owner = (now: UnixMillis = NOW) => ({ principal: LOCAL_OWNER, now });
const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };

async function open(data = createMemoryData()) {
  const auditKey = new Uint8Array(32);
  const store = await openMemoryStore({ data, kinds: [APPLICATIONS], writer: 'test', auditKey });
  const notices: KeyNotice[] = [];
  const applications = createApplicationService({
    store,
    rng,
    onKeyNotice: (notice) => void notices.push(notice),
  });
  const resultOf = async (apiKey: string, now: UnixMillis, address?: string) =>
    (await applications.authenticate(apiKey, { now, address })).result;
  return { data, store, notices, applications, resultOf };
}

async function errorOf(work: Promise<unknown>): Promise<FobtwinError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FobtwinError) return error;
  throw new Error('it was not refused', { cause: error });
}

const VPN = { name: 'vpn', scopes: ['verify'] } as const;

describe('the life of an API key', () => {
  it('ends when it expires, and the operator hears of it before and after', async () => {
    const { store, notices, applications, resultOf } = await open();
    const expiresAt = later(90 * DAY);
    const { id, apiKey } = await applications.add({ ...VPN, expiresAt }, owner());
    expect(await resultOf(apiKey, later(DAY))).to.equal('known');
    expect(notices).to.deep.equal([]);
    for (const hours of [0, 1, 25]) {
      expect(await resultOf(apiKey, later(80 * DAY + hours * 3_600_000))).to.equal('known');
    }
    expect(notices.map(({ notice }) => notice)).to.deep.equal(['expiring', 'expiring']);
    expect(notices[0]).to.include({ application: id, name: 'vpn', key: 1, expiresAt });
    expect(await resultOf(apiKey, (expiresAt - 1) as UnixMillis)).to.equal('known');
    expect(await resultOf(apiKey, expiresAt)).to.equal('expired');
    expect(notices.at(-1)?.notice).to.equal('expired');
    expect(JSON.stringify(notices)).not.to.include(apiKey.slice(-43));
    await store.close();
  });

  it('is refused when it would be over already, or beyond all plans', async () => {
    const { store, applications } = await open();
    for (const [millis, code] of [
      [0, 'tooSmall'],
      [3_661 * DAY, 'tooLarge'],
    ] as const) {
      const expiresAt = later(millis);
      const error = await errorOf(applications.add({ ...VPN, expiresAt }, owner()));
      expect(error.errors).to.deep.equal([{ field: '/expiresAt', code }]);
    }
    await store.close();
  });

  it('overlaps with the next one, through a restart too', async () => {
    const { data, store, applications, resultOf } = await open();
    const { id, apiKey: old } = await applications.add(VPN, owner());
    const { apiKey, application } = await applications.rotate(id, {}, owner(later(DAY)));
    expect(application.keys.map(({ number }) => number)).to.deep.equal([1, 2]);
    for (const one of [old, apiKey]) expect(await resultOf(one, later(2 * DAY))).to.equal('known');
    expect(await resultOf(old, later(8 * DAY))).to.equal('expired');
    expect(await resultOf(apiKey, later(8 * DAY))).to.equal('known');
    const entry = (await store.auditPage({ after: 1, limit: 1 })).items[0];
    expect(entry).to.deep.include({
      action: 'rotateApplication',
      application: id,
      details: { key: 2, oldKey: 1, oldKeyUntil: new Date(later(8 * DAY)).toISOString() },
    });
    await store.close();
    const again = await open(data);
    expect(await again.resultOf(old, later(7 * DAY))).to.equal('known');
    expect(await again.resultOf(old, later(8 * DAY))).to.equal('expired');
    await again.store.close();
  });

  it('is not given to a caller who lacks a scope of the application', async () => {
    const { store, applications } = await open();
    const { id } = await applications.add({ name: 'root', scopes: SCOPES }, owner());
    const principal: Principal = { actor: 'x', scopes: new Set(['applications:admin', 'verify']) };
    const error = await errorOf(applications.rotate(id, {}, { principal, now: NOW }));
    expect(error.code).to.equal('forbidden');
    expect((await applications.get(id)).keys).to.have.length(1);
    await store.close();
  });

  it('ends with a revocation of that key alone, or of the whole application', async () => {
    const { store, applications, resultOf } = await open();
    const { id, apiKey: old } = await applications.add(VPN, owner());
    const { apiKey } = await applications.rotate(id, {}, owner());
    await applications.revoke(id, { key: 1, reason: 'leaked' }, owner());
    expect(await resultOf(old, NOW)).to.equal('wrong');
    expect(await resultOf(apiKey, NOW)).to.equal('known');
    await applications.revoke(id, {}, owner());
    expect(await resultOf(apiKey, NOW)).to.equal('wrong');
    const { items } = await store.auditPage({ after: 2, limit: 10 });
    expect(items.map(({ action, details }) => [action, details])).to.deep.equal([
      ['revokeApplicationKey', { key: 1, reason: 'leaked' }],
      ['revokeApplication', undefined],
    ]);
    expect((await errorOf(applications.rotate(id, {}, owner()))).code).to.equal('revoked');
    await store.close();
  });
});

describe('an allow list', () => {
  it('lets a right key in from its ranges only, and looks like a wrong key elsewhere', async () => {
    const { store, notices, applications, resultOf } = await open();
    const allow = ['10.1.0.0/8', '2001:db8::/32', '10.0.0.0/8'];
    const { id, apiKey } = await applications.add({ ...VPN, allow }, owner());
    expect((await applications.get(id)).allow).to.deep.equal(['10.0.0.0/8', '2001:db8::/32']);
    for (const address of ['10.9.9.9', '::ffff:10.0.0.1', '2001:db8::7']) {
      expect(await resultOf(apiKey, NOW, address), address).to.equal('known');
    }
    for (const address of ['192.0.2.1', '2001:db9::7', undefined, 'nonsense']) {
      expect(await resultOf(apiKey, NOW, address), String(address)).to.equal('wrong');
    }
    // Once a minute, and with the address that an operator looks for.
    expect(notices).to.have.length(1);
    expect(notices[0]).to.include({ notice: 'addressRefused', address: '192.0.2.1', key: 1 });
    await store.close();
  });

  it('names the range that is none', async () => {
    const { store, applications } = await open();
    const allow = ['10.0.0.0/8', '10.0.0.0/33'];
    const error = await errorOf(applications.add({ ...VPN, allow }, owner()));
    expect(error.errors).to.deep.equal([{ field: '/allow/1', code: 'badFormat' }]);
    await store.close();
  });
});

describe('when a key was last used', () => {
  it('costs one write a minute, however often it is used, and is shown exactly', async () => {
    const { store, applications, resultOf } = await open();
    const { id, apiKey } = await applications.add(VPN, owner());
    const writes = sinon.spy(store, 'transact');
    for (let n = 0; n < 1000; n += 1) await resultOf(apiKey, later(n * 100));
    expect(writes.callCount).to.equal(Math.ceil((1000 * 100) / LAST_USED_MILLIS));
    expect((await applications.get(id)).keys[0]?.lastUsedAt).to.equal(later(99_900));
    expect((await applications.list({ limit: 1 })).items[0]?.keys[0]?.lastUsedAt).to.equal(
      later(99_900),
    );
    await store.close();
  });

  it('is at most a minute behind after a restart', async () => {
    const { data, store, applications, resultOf } = await open();
    const { id, apiKey } = await applications.add(VPN, owner());
    for (const second of [0, 30, 59, 90, 100]) await resultOf(apiKey, later(second * 1000));
    await store.close();
    const again = await open(data);
    const kept = (await again.applications.get(id)).keys[0]?.lastUsedAt ?? 0;
    expect(later(100_000) - kept).to.be.below(LAST_USED_MILLIS);
    await again.store.close();
  });

  it('survives a rotation, and writes no audit entry', async () => {
    const { store, applications, resultOf } = await open();
    const { id, apiKey } = await applications.add(VPN, owner());
    await resultOf(apiKey, later(5_000));
    await applications.rotate(id, {}, owner(later(6_000)));
    const [old, fresh] = (await applications.get(id)).keys;
    expect(old?.lastUsedAt).to.equal(later(5_000));
    expect(fresh?.lastUsedAt).to.equal(undefined);
    expect((await store.auditPage({ after: 0, limit: 10 })).items).to.have.length(2);
    await store.close();
  });

  it("is nobody's failure when it cannot be written", async () => {
    const { store, applications, resultOf } = await open();
    const { apiKey } = await applications.add(VPN, owner());
    const failing = sinon.stub(store, 'transact').rejects(new Error('full'));
    expect(await resultOf(apiKey, NOW)).to.equal('known');
    failing.restore();
    await store.close();
  });
});

describe('roles of an application', () => {
  it('give their scopes at that time, and their names', async () => {
    const { store, applications } = await open();
    const helpdesk = { name: 'desk', scopes: ['verify'], roles: ['helpdesk'] } as const;
    const { id } = await applications.add(helpdesk, owner());
    const record = await applications.get(id);
    expect(record.roles).to.deep.equal(['helpdesk']);
    expect(record.scopes).to.include.members(['verify', 'tokens:unlock', 'accounts:read']);
    expect(record.scopes).not.to.include('tokens:admin');
    await store.close();
  });

  it('are granted by nobody who lacks one of their scopes', async () => {
    const { store, applications } = await open();
    const principal: Principal = { actor: 'x', scopes: new Set(['applications:admin']) };
    const adding = applications.add(
      { name: 'a', scopes: [], roles: ['auditor'] },
      { principal, now: NOW },
    );
    expect((await errorOf(adding)).code).to.equal('forbidden');
    await store.close();
  });
});

describe('an application as data format 2 stored it', () => {
  it('is let in, shown, rotated and revoked like any other', async () => {
    const { store, applications, resultOf } = await open();
    const id = '0011223344556677' as ApplicationId;
    const secret = 'A'.repeat(43);
    const secretHash = hashApiKeySecret(secret).toString('hex');
    const record = {
      version: 1 as const,
      id,
      name: 'old',
      scopes: ['verify' as const],
      secretHash,
      createdAt: NOW,
    };
    const key = applicationKey(id);
    await store.transact([key], () => ({
      writes: [put(key, record)],
      auditDrafts: [],
      reply: undefined,
    }));
    const apiKey = `fobd_${id}_${secret}`;
    expect(await resultOf(apiKey, later(1000))).to.equal('known');
    expect((await applications.list({ limit: 5 })).items[0]?.keys[0]?.number).to.equal(1);
    const rotated = await applications.rotate(id, {}, owner(later(2000)));
    expect(rotated.application.keys[0]?.secretHash).to.equal(secretHash);
    for (const one of [apiKey, rotated.apiKey]) {
      expect(await resultOf(one, later(3000))).to.equal('known');
    }
    await applications.revoke(id, {}, owner());
    expect(await resultOf(apiKey, later(4000))).to.equal('wrong');
    await store.close();
  });
});
