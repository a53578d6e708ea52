import { expect } from 'chai';
import { createOtp } from '../../../shared/otp.ts';
import { parseOtpauth } from '../../../shared/seed-files/otpauth.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { addPerson, buy, pass, signIn, signInWith } from './people.ts';
import { type Got, type Served, STEP_MILLIS, serve, timeCode, timeEntry } from './served.ts';

const otp = createOtp(nodeCrypto);
const NEW = 'FT00000009';

/** An authenticator makes a staff role count: who may give one to whom. */
describe('a new authenticator of a staff account', function () {
  this.timeout(20_000);
  let served: Served;
  let key: string;

  beforeEach(async () => {
    served = await serve({ lab: true });
    key = await served.key();
    await addPerson(served, 'ada', { roles: ['administrator'], serial: 'FT00000001' });
    await addPerson(served, 'henry', { roles: ['helpdesk'], serial: 'FT00000002' });
    await addPerson(served, 'hilda', { roles: ['helpdesk'] });
    await addPerson(served, 'jennifer');
    await served.stock(timeEntry(NEW));
  });
  afterEach(() => served.close());

  const post = (path: string, body: object, as: string) => served.send({ path, key: as, body });
  /** A step passes. */
  const pair = () => {
    const code1 = timeCode(NEW, served.clock.at);
    pass(served, STEP_MILLIS);
    return { code1, code2: timeCode(NEW, served.clock.at) };
  };
  const registerBought = async (account: string, as: string): Promise<Got> => {
    const { id } = await buy(served, { account, type: 'hardwareToken' });
    const path = `/v1/accounts/${account}/credentials/${id}/registration`;
    return post(path, { serial: NEW, ...pair() }, as);
  };
  const register = (account: string, as: string): Promise<Got> =>
    post(`/v1/tokens/${NEW}/registration`, { account, ...pair() }, as);
  const life = async () => {
    const { json } = await served.send({ method: 'GET', path: `/v1/tokens/${NEW}`, key });
    return (json['token'] as { readonly life: string }).life;
  };

  it('is no hardware token that whoever stole the password has bought', async () => {
    const reply = await registerBought('ada', await signIn(served, 'ada'));
    expect([reply.status, reply.json['code']]).to.deep.equal([403, 'strengthTooLow']);
    expect(await life()).to.equal('stocked');
  });

  it('is no phone that whoever stole the password has bought', async () => {
    await buy(served, { account: 'ada', type: 'phoneOtp' });
    const body = { number: '+12025550123', country: 'US', kind: 'text' };
    const phones = '/v1/accounts/ada/phones';
    const thief = await post(phones, body, await signIn(served, 'ada'));
    expect([thief.status, thief.json['code']], thief.text).to.deep.equal([403, 'strengthTooLow']);
    const self = await post(phones, body, await signInWith(served, 'ada', 'FT00000001'));
    expect(self.json['code']).not.to.equal('strengthTooLow');
  });

  it('is registered by its person who has signed in with another', async () => {
    const reply = await registerBought('ada', await signInWith(served, 'ada', 'FT00000001'));
    expect(reply.json['outcome'], reply.text).to.equal('accepted');
  });

  it('is as easy as ever for everybody else', async () => {
    const reply = await registerBought('jennifer', await signIn(served, 'jennifer'));
    expect(reply.json['outcome'], reply.text).to.equal('accepted');
  });

  it('is registered by a colleague who holds as much, and by none who holds less', async () => {
    const henry = await signInWith(served, 'henry', 'FT00000002');
    const above = await register('ada', henry);
    expect([above.status, above.json['code']], above.text).to.deep.equal([403, 'forbidden']);
    expect(await life()).to.equal('stocked');
    expect((await register('hilda', henry)).json['outcome']).to.equal('accepted');
  });

  it('tells an application with tokens:register alone no staff from who there is not', async () => {
    const few = await served.key('tokens:register');
    const ofStaff = await register('ada', few);
    expect(ofStaff.text).to.equal('{"outcome":"wrongCode"}');
    expect((await register('nobody', few)).text).to.equal(ofStaff.text);
    expect(await life()).to.equal('stocked');
    const { text } = await served.send({ method: 'GET', path: '/v1/audit?limit=500', key });
    expect(text).to.include('accountOfStaff');
    expect((await register('jennifer', few)).json['outcome']).to.equal('accepted');
  });

  it('is the Mobile ID that an administrator has made, confirmed with a password', async () => {
    const made = await post('/v1/accounts/hilda/mobile-ids', {}, key);
    const { seed, parameters } = parseOtpauth(String(made.json['uri']));
    const step = Math.floor(served.clock.at / STEP_MILLIS);
    const path = `/v1/accounts/hilda/mobile-ids/${String(made.json['serial'])}/confirmation`;
    pass(served, STEP_MILLIS);
    const [code1, code2] = [step, step + 1].map((each) => otp.code(seed, each, parameters));
    const reply = await post(path, { code1, code2 }, await signIn(served, 'hilda'));
    expect(reply.json['outcome'], reply.text).to.equal('accepted');
  });

  describe('as a temporary code', () => {
    const give = async (account: string, serial: string, strength: string, as: string) => {
      const code = timeCode(serial, served.clock.at);
      const checks = `/v1/accounts/${account}/caller-checks`;
      const { json, text } = await post(checks, { method: 'code', code }, as);
      expect(json['outcome'], text).to.equal('accepted');
      pass(served, STEP_MILLIS);
      const { id: check } = json['check'] as { readonly id: string };
      const body = { check, strength, reason: 'token left at home' };
      return post(`/v1/accounts/${account}/temporary-codes`, body, as);
    };

    it('of a strength that makes roles count, is given by none who holds less', async () => {
      const henry = await signInWith(served, 'henry', 'FT00000002');
      const refused = await give('ada', 'FT00000001', 'mobileId', henry);
      expect([refused.status, refused.json['code']]).to.deep.equal([403, 'forbidden']);
      expect((await give('ada', 'FT00000001', 'phoneOtp', henry)).status).to.equal(201);
      const ada = await signInWith(served, 'ada', 'FT00000001');
      expect((await give('henry', 'FT00000002', 'mobileId', ada)).status).to.equal(201);
    });
  });
});

describe('staff with a password alone', () => {
  let served: Served;

  before(async () => {
    served = await serve();
    await addPerson(served, 'ada', { roles: ['administrator'] });
  });
  after(() => served.close());

  it('are people like others in what is their own, and in nothing else', async () => {
    const session = await signIn(served, 'ada');
    const get = (path: string) => served.send({ method: 'GET', path, key: session });
    expect((await get('/v1/accounts/ada/credentials')).status).to.equal(200);
    expect((await get('/v1/accounts/ada/cart')).status).to.equal(200);
    const other = await get('/v1/accounts/nobody/credentials');
    expect([other.status, other.json['code']]).to.deep.equal([403, 'strengthTooLow']);
  });
});
