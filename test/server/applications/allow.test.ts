import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { LOCAL_OWNER, type Principal } from '../../../server/access/scopes.ts';
import { APPLICATIONS } from '../../../server/applications/record.ts';
import { createApplicationService } from '../../../server/applications/service.ts';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import type { Store } from '../../../server/store/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { ApplicationId, UnixMillis } from '../../../shared/types.ts';

const now = 1_767_225_600_000 as UnixMillis;
const OWNER = { principal: LOCAL_OWNER, now };
const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };

describe('changing an allow list', () => {
  const data = createMemoryData();
  let store: Store;
  const open = async () => {
    const auditKey = new Uint8Array(32);
    store = await openMemoryStore({ data, kinds: [APPLICATIONS], writer: 'test', auditKey });
    return createApplicationService({ store, rng });
  };
  afterEach(() => store.close());

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => (error instanceof FobtwinError ? error.code : error),
    );

  it('takes effect at once, for every key, and outlives a restart', async () => {
    const applications = await open();
    const { id, apiKey } = await applications.add({ name: 'vpn', scopes: ['verify'] }, OWNER);
    const resultAt = async (address: string | undefined, among = applications) =>
      (await among.authenticate(apiKey, { now, address })).result;
    expect(await resultAt('192.0.2.1')).to.equal('known');

    const allowance = { allow: ['10.1.2.3/8', '2001:db8::/32', '10.0.0.0/8'], reason: 'moved' };
    const narrowed = await applications.allow(id, allowance, OWNER);
    expect(narrowed.allow).to.deep.equal(['10.0.0.0/8', '2001:db8::/32']);
    expect(await resultAt('192.0.2.1')).to.equal('wrong');
    expect(await resultAt(undefined)).to.equal('wrong');
    expect(await resultAt('10.9.9.9')).to.equal('known');
    const [entry] = (await store.auditPage({ after: 1, limit: 10 })).items;
    expect(entry).to.deep.include({
      action: 'allowApplication',
      application: id,
      details: { from: 'anywhere', to: '10.0.0.0/8 2001:db8::/32', reason: 'moved' },
    });

    await store.close();
    const reopened = await open();
    expect(await resultAt('192.0.2.1', reopened)).to.equal('wrong');
    const widened = await reopened.allow(id, { allow: [] }, OWNER);
    expect(widened).not.to.have.property('allow');
    expect(await resultAt('192.0.2.1', reopened)).to.equal('known');
  });

  it('refuses what cannot be, and those who lack what the application may do', async () => {
    const applications = await open();
    const add = (name: string) => applications.add({ name, scopes: ['verify'] }, OWNER);
    const { id } = await add('vpn');
    const change = (of: ApplicationId, allow: readonly string[], principal: Principal) =>
      codeOf(applications.allow(of, { allow }, { principal, now }));
    const other: Principal = { actor: 'x', scopes: new Set(['applications:admin'] as const) };
    expect(await change(id, ['10.0.0.0/33'], LOCAL_OWNER)).to.equal('invalidInput');
    expect(await change(id, Array(51).fill('10.0.0.1'), LOCAL_OWNER)).to.equal('invalidInput');
    expect(await change(id, [], other)).to.equal('forbidden');
    const none = '0123456789abcdef' as ApplicationId;
    expect(await change(none, [], LOCAL_OWNER)).to.equal('notFound');
    await applications.revoke(id, {}, OWNER);
    expect(await change(id, [], LOCAL_OWNER)).to.equal('revoked');
  });
});
