import { expect } from 'chai';
import { mailedKey } from './mailed-key.ts';
import { addPerson, pass, signIn } from './people.ts';
import { type Got, type Served, STEP_MILLIS, serve, timeCode, timeEntry } from './served.ts';

const DAY = 86_400_000;
const ADDRESS = { name: 'J. Blue', lines: ['1 Iron Road'], city: 'Reston', country: 'US' };

describe('credentials over HTTP', function () {
  this.timeout(20_000);
  let served: Served;
  let staff: string;
  let jennifer: string;

  beforeEach(async () => {
    served = await serve();
    await addPerson(served, 'jennifer', { email: 'j@example.com' });
    await addPerson(served, 'henry');
    staff = await served.key();
    jennifer = await signIn(served, 'jennifer');
  });
  afterEach(() => served.close());

  const post = (path: string, body: object, key = jennifer) => served.send({ path, key, body });
  const get = (path: string, key = jennifer) => served.send({ method: 'GET', path, key });
  const own = (rest: string, who = 'jennifer') => `/v1/accounts/${who}${rest}`;

  async function buy(product: string, buyer = 'jennifer'): Promise<string> {
    const body = {
      lines: [{ product, additional: true }],
      shipping: ADDRESS,
      billing: ADDRESS,
      payment: { method: 'card' },
      disclaimer: true,
    };
    const placed = await post(own('/orders', buyer), body, staff);
    const { id } = placed.json['order'] as { id: string };
    const paid = await post(`/v1/orders/${id}/payment`, { reference: `for ${id}` }, staff);
    expect(paid.status, paid.text).to.equal(200);
    return `${id}-1-1`;
  }
  const redeem = async (subscription: string): Promise<Got> =>
    post(own('/licence-keys'), { licenceKey: await mailedKey(served.store, subscription) });

  const credentialIn = (got: Got) => got.json['credential'] as Record<string, unknown>;
  const codeIn = ({ status, json }: Got) => `${status} ${String(json['code'])}`;

  it('lead a person from the licence key to a token that works', async () => {
    const subscription = await buy('hardware-token');
    const redeemed = await redeem(subscription);
    expect(redeemed.status, redeemed.text).to.equal(201);
    const id = `${subscription}.hardwareToken`;
    const path = own(`/credentials/${id}`);
    const active = await post(`${path}/activation`, {});
    expect(credentialIn(active)).to.include({ stage: 'registration', proofing: 'notBought' });
    await served.stock(timeEntry('FT00000001'));
    const now = served.clock.at;
    const body = {
      serial: 'FT00000001',
      code1: timeCode('FT00000001', now),
      code2: timeCode('FT00000001', now + STEP_MILLIS),
    };
    const registered = await post(`${path}/registration`, body);
    expect(registered.json).to.deep.include({
      outcome: 'accepted',
      warnings: ['beforeDelivery'],
    });
    const shown = credentialIn(await get(path));
    expect(shown).to.include({ stage: 'active', serial: 'FT00000001', status: 'active' });
    expect(shown).to.include({ renewable: false });
    expect(shown).not.to.have.property('daysLeft');
    const second = await post(`${path}/registration`, { ...body, serial: 'FT2' });
    expect(codeIn(second)).to.equal('409 revokeFirst');
    expect(codeIn(await post(`${path}/revoke`, {}))).to.equal('422 confirmationRequired');
    const replaced = await post(`${path}/replacement`, { reason: 'err' });
    expect(credentialIn(replaced)['replacement']).to.include({ reason: 'err', proofAnew: false });
    const revoked = await post(`${path}/revoke`, { confirmed: true });
    expect(credentialIn(revoked)).to.include({ stage: 'registration' });
  });

  it('show Renew, the days that are left and what was suspended when it is time', async () => {
    const subscription = await buy('phone');
    await redeem(subscription);
    const credential = async () =>
      credentialIn(await get(own(`/credentials/${subscription}.phoneOtp`), staff));
    const { expiresAt } = await credential();
    const expires = Date.parse(String(expiresAt));
    pass(served, expires - 30 * DAY - served.clock.at);
    expect(await credential()).to.include({ status: 'active', renewable: true, daysLeft: 30 });
    const listed = await get(own('/renewals'), staff);
    expect(listed.json['items']).to.have.length(1);
    pass(served, 30 * DAY);
    expect(await credential()).to.include({ status: 'suspended', renewable: true });
    pass(served, 366 * DAY);
    expect(await credential()).to.include({
      status: 'revoked',
      renewable: false,
      stage: 'revoked',
    });
    expect((await get(own('/renewals'), staff)).json['items']).to.deep.equal([]);
  });

  it('refuse a day that no calendar has, in place of listing all', async () => {
    const { status, json } = await get(own('/renewals?before=2027-02-30T00:00:00Z'));
    expect(status).to.equal(422);
    expect(json['errors']).to.deep.equal([{ field: '/query/before', code: 'badFormat' }]);
  });

  it("of others read as if there were none, and others' paths are closed", async () => {
    const subscription = await buy('phone');
    await redeem(subscription);
    const henry = await signIn(served, 'henry');
    const id = `${subscription}.phoneOtp`;
    const [foreign, none] = await Promise.all(
      [id, 'SO-99999-1-1.phoneOtp'].map((each) => get(own(`/credentials/${each}`, 'henry'), henry)),
    );
    for (const each of [foreign, none]) expect(each && codeIn(each)).to.equal('404 notFound');
    const withoutId = (got: Got | undefined) => ({ ...got?.json, requestId: undefined });
    expect(withoutId(foreign)).to.deep.equal(withoutId(none));
    const closed = await get(own('/credentials'), henry);
    expect(closed.status).to.equal(403);
    expect(closed.json['nextStep'], 'a person has no API key').not.to.include('key');
    expect((await get(own('/credentials', 'nobody'), henry)).status).to.equal(403);
    expect((await get('/v1/subscriptions', henry)).status).to.equal(403);
  });

  it('refuse a used, an unknown and a mistyped key', async () => {
    const subscription = await buy('phone');
    await redeem(subscription);
    expect(codeIn(await redeem(subscription))).to.equal('409 licenceKeyUsed');
    const key = await mailedKey(served.store, subscription);
    const typo = key.replace(/^./, key.startsWith('0') ? '1' : '0');
    const [mistyped, short] = [
      await post(own('/licence-keys'), { licenceKey: typo }),
      await post(own('/licence-keys'), { licenceKey: 'nothing' }),
    ];
    for (const each of [mistyped, short]) expect(codeIn(each)).to.equal('404 licenceKeyUnknown');
    expect(mistyped.json['detail']).to.equal(short.json['detail']);
  });

  it("are an organisation's to see for its administrator alone", async () => {
    const organisation = 'Iron Builders LLC';
    await addPerson(served, 'admin', { organisation, roles: ['organisationAdmin'] });
    const subscription = await buy('phone', 'admin');
    await redeem(subscription);
    const admin = await signIn(served, 'admin');
    const listed = await get(own('/organisation-subscriptions', 'admin'), admin);
    expect(listed.status, listed.text).to.equal(200);
    const [item] = listed.json['items'] as Record<string, unknown>[];
    expect(item).to.include({ id: subscription, account: 'jennifer', organisation });
    const refused = await get(own('/organisation-subscriptions'));
    expect(codeIn(refused)).to.equal('403 forbidden');
    const renewals = await get(own('/renewals?of=organisation'));
    expect(codeIn(renewals)).to.equal('403 forbidden');
  });

  it('are listed for staff: all, by account, and what is due', async () => {
    const subscription = await buy('phone');
    await redeem(subscription);
    const ids = async (query: string) => {
      const { json } = await get(`/v1/subscriptions${query}`, staff);
      return (json['items'] as { id: string }[]).map(({ id }) => id);
    };
    expect(await ids('')).to.deep.equal([subscription]);
    expect(await ids('?account=jennifer')).to.deep.equal([subscription]);
    expect(await ids('?account=henry')).to.deep.equal([]);
    expect(await ids('?dueWithinDays=366')).to.deep.equal([subscription]);
    expect(await ids('?dueWithinDays=30')).to.deep.equal([]);
    const one = await get(`/v1/subscriptions/${subscription}`, staff);
    expect(one.json['subscription']).to.include({ account: 'jennifer', underWarranty: true });
    expect(codeIn(await get('/v1/subscriptions/SO-99999-1-1', staff))).to.equal('404 notFound');
  });
});
