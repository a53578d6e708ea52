import { expect } from 'chai';
import { endRestoredSetups } from '../../../server/mobile-ids/expire.ts';
import { MOBILE_ID_SETUPS } from '../../../server/mobile-ids/record.ts';
import { parseTime } from '../../../shared/time.ts';
import { addPerson } from '../http/people.ts';
import { type Served, serve } from '../http/served.ts';

describe('a Mobile ID that nobody confirms', () => {
  let served: Served;
  let key: string;

  before(async () => {
    served = await serve({ lab: true });
    key = await served.key();
    await addPerson(served, 'henry', { roles: ['helpdesk'] });
  });
  after(() => served.close());

  const get = async (path: string) => (await served.send({ method: 'GET', path, key })).json;

  it('ends after a day, at that very moment, with an audit entry', async () => {
    const made = await served.send({ path: '/v1/accounts/henry/mobile-ids', key, body: {} });
    const serial = String(made.json['serial']);
    const life = async () =>
      ((await get(`/v1/tokens/${serial}`))['token'] as Record<string, string>)['life'];
    await served.send({ path: '/lab/clock', key, body: { advance: '23h' } });
    expect(await life()).to.equal('stocked');
    await served.send({ path: '/lab/clock', key, body: { advance: '30d' } });
    expect(await life()).to.equal('revoked');
    const items = (await get(`/v1/audit?serial=${serial}`))['items'] as {
      readonly action: string;
      readonly at: string;
      readonly actor: string;
    }[];
    const [created, ended] = items;
    expect(items.map(({ action }) => action)).to.deep.equal(['createMobileId', 'endMobileIdSetup']);
    expect(ended?.actor).to.equal('system');
    const day = (parseTime(ended?.at ?? '') ?? 0) - (parseTime(created?.at ?? '') ?? 0);
    expect(day).to.equal(86_400_000);
    const { items: left } = await served.store.scan(MOBILE_ID_SETUPS, { limit: 10 });
    expect(left).to.deep.equal([]);
  });

  it('ends with a restore: another may have been shown since the backup', async () => {
    const made = await served.send({ path: '/v1/accounts/henry/mobile-ids', key, body: {} });
    const serial = String(made.json['serial']);
    await endRestoredSetups(served.store, served.clock.at);
    const { token } = await get(`/v1/tokens/${serial}`);
    expect(token).to.include({ life: 'revoked' });
    const { items } = await get(`/v1/audit?serial=${serial}`);
    expect((items as { readonly details?: object }[]).at(-1)?.details).to.deep.equal({
      because: 'restored',
    });
    expect((await served.store.scan(MOBILE_ID_SETUPS, { limit: 10 })).items).to.deep.equal([]);
  });
});
