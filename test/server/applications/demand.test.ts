import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { LOCAL_OWNER, type Principal } from '../../../server/access/scopes.ts';
import { APPLICATIONS } from '../../../server/applications/record.ts';
import { createApplicationService } from '../../../server/applications/service.ts';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import type { Store } from '../../../server/store/port.ts';
import type { ApplicationId, Strength, UnixMillis } from '../../../shared/types.ts';
import { codeOfError } from '../tokens/room.ts';

const now = 1_767_225_600_000 as UnixMillis;
const OWNER = { principal: LOCAL_OWNER, now };
const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };

describe("an application's required strength", () => {
  const data = createMemoryData();
  let store: Store;
  const open = async () => {
    const auditKey = new Uint8Array(32);
    store = await openMemoryStore({ data, kinds: [APPLICATIONS], writer: 'test', auditKey });
    return createApplicationService({ store, rng });
  };
  afterEach(() => store.close());

  const newest = async () => {
    const { items } = await store.auditPage({ after: 0, limit: 500 });
    return items.at(-1);
  };

  it('reaches its principal at once, for every key, and outlives a restart', async () => {
    const applications = await open();
    const added = { name: 'plant', scopes: ['verify'] as const };
    const { id, apiKey } = await applications.add(
      { ...added, requiredStrength: 'mobileId' },
      OWNER,
    );
    expect((await newest())?.details).to.include({ requiredStrength: 'mobileId' });
    const { apiKey: second } = await applications.rotate(id, {}, OWNER);
    const demandOf = async (key: string, among = applications) => {
      const known = await among.authenticate(key, { now });
      return known.result === 'known' ? known.principal.requiredStrength : known.result;
    };
    expect([await demandOf(apiKey), await demandOf(second)]).to.deep.equal([
      'mobileId',
      'mobileId',
    ]);

    const demand = { requiredStrength: 'hardwareToken', reason: 'audited' } as const;
    const raised = await applications.demand(id, demand, OWNER);
    expect(raised.requiredStrength).to.equal('hardwareToken');
    expect([await demandOf(apiKey), await demandOf(second)]).to.deep.equal([
      'hardwareToken',
      'hardwareToken',
    ]);
    expect(await newest()).to.deep.include({
      action: 'demandOfApplication',
      application: id,
      details: { from: 'mobileId', to: 'hardwareToken', reason: 'audited' },
    });

    await store.close();
    const reopened = await open();
    expect(await demandOf(second, reopened)).to.equal('hardwareToken');
    const lowered = await reopened.demand(id, { requiredStrength: undefined }, OWNER);
    expect(lowered).not.to.have.property('requiredStrength');
    expect(await demandOf(second, reopened)).to.equal(undefined);
    expect((await newest())?.details).to.deep.equal({ from: 'hardwareToken', to: 'any' });
    expect(await reopened.get(id)).not.to.have.property('requiredStrength');
  });

  it('is changed by nobody who lacks what it may do, nor once it has ended', async () => {
    const applications = await open();
    const { id } = await applications.add({ name: 'vpn', scopes: ['verify'] }, OWNER);
    const change = (of: ApplicationId, to: Strength | undefined, principal = LOCAL_OWNER) =>
      codeOfError(applications.demand(of, { requiredStrength: to }, { principal, now }));
    const other: Principal = { actor: 'x', scopes: new Set(['applications:admin'] as const) };
    expect(await change(id, undefined, other)).to.equal('forbidden');
    const none = '0123456789abcdef' as ApplicationId;
    expect(await change(none, 'mobileId')).to.equal('notFound');
    await applications.revoke(id, {}, OWNER);
    expect(await change(id, 'mobileId')).to.equal('revoked');
  });
});
