import { expect } from 'chai';
import { addPerson, buy, pass, signIn, signInWith } from '../http/people.ts';
import { type Got, type Served, serve } from '../http/served.ts';

const USER = 'jennifer';
const PHONES = `/v1/accounts/${USER}/phones`;
const US = { number: '(202) 555-0123', country: 'US', kind: 'text' };

interface PhoneView {
  readonly id: string;
  readonly number: string;
}

describe('phones over HTTP', () => {
  let served: Served;
  let person: string;

  beforeEach(async () => {
    served = await serve({ lab: true });
    await addPerson(served, USER);
    await buy(served, { account: USER, type: 'phoneOtp' });
    person = await signIn(served, USER);
  });
  afterEach(() => served.close());

  const send = (path: string, body: object | undefined, key: string, method = 'POST') =>
    served.send({ method, path, key, body });
  const texts = async (): Promise<readonly Record<string, string>[]> => {
    const key = await served.key('lab');
    const { json } = await served.send({ method: 'GET', path: '/lab/texts', key });
    return json['items'] as Record<string, string>[];
  };
  const newestCode = async () => /\d{6}/.exec((await texts()).at(-1)?.['text'] ?? '')?.[0] ?? '';
  const proved = async (): Promise<string> => {
    const added = await send(PHONES, US, person);
    expect(added.status).to.equal(201);
    const { id } = added.json['phone'] as PhoneView;
    const verified = await send(
      `${PHONES}/${id}/verification`,
      { code: await newestCode() },
      person,
    );
    expect(verified.json['outcome']).to.equal('accepted');
    pass(served, 30_000);
    return id;
  };
  const elevate = async (code: string) => {
    const key = await served.key('sessions');
    return (await send('/v1/sessions/elevation', { sessionToken: person, code }, key)).json;
  };

  it('takes a person from the first number to a sign-in with Phone OTP', async () => {
    const id = await proved();
    const sent = await send(`${PHONES}/${id}/code`, {}, person);
    expect(sent.json['sent']).to.include({ purpose: 'signIn', phone: id });
    const answer = await elevate(await newestCode());
    expect(answer).to.have.nested.property('session.strength', 'phoneOtp');
  });

  it('recommends a second number, and shows numbers masked', async () => {
    const id = await proved();
    const { json, text } = await served.send({ method: 'GET', path: PHONES, key: person });
    expect(json['recommendation']).to.equal('addSecond');
    expect((json['phones'] as PhoneView[])[0]).to.include({ id, number: '+1 •••• •••123' });
    expect(text).not.to.contain('5550123');
    await send(`${PHONES}/${id}/code`, {}, person);
    await elevate(await newestCode());
    pass(served, 30_000);
    const second = await send(PHONES, { ...US, number: '2025550124' }, person);
    expect(second.json['phone']).to.include({ number: '+12025550124' });
    const { id: other } = second.json['phone'] as PhoneView;
    const code = await newestCode();
    const verified = await send(`${PHONES}/${other}/verification`, { code }, person);
    expect(verified.json).not.to.have.property('recommendation');
  });

  it('accepts one phone code once, submitted by fifty at once', async () => {
    const id = await proved();
    await send(`${PHONES}/${id}/code`, {}, person);
    const key = await served.key('verify', 'verify:detail');
    const body = { account: USER, code: await newestCode() };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => send('/v1/verify', body, key)),
    );
    const accepted = answers.filter(({ json }) => json['outcome'] === 'accepted');
    expect(accepted).to.have.length(1);
    expect(accepted[0]?.json).to.include({ strength: 'phoneOtp' });
  });

  it('refuses the code after two minutes, and takes the one that is sent again', async () => {
    const id = await proved();
    await send(`${PHONES}/${id}/code`, {}, person);
    const old = await newestCode();
    pass(served, 120_000);
    expect(await elevate(old)).to.include({ outcome: 'wrongCode' });
    await send(`${PHONES}/${id}/code`, {}, person);
    expect(await elevate(await newestCode())).to.include({ outcome: 'accepted' });
  });

  it('says how long to wait before the next code', async () => {
    const id = await proved();
    await send(`${PHONES}/${id}/code`, {}, person);
    const early = await send(`${PHONES}/${id}/code`, {}, person);
    expect(early.status).to.equal(429);
    expect(early.headers['retry-after']).to.equal('30');
  });

  it('lets an application that signs people in list and send, and change nothing', async () => {
    const id = await proved();
    const key = await served.key('sessions');
    const list = await served.send({ method: 'GET', path: PHONES, key });
    expect(list.text).to.contain('+1 •••• •••123');
    expect((await send(`${PHONES}/${id}/code`, { source: '192.0.2.1' }, key)).status).to.equal(200);
    const wrong = await send(`${PHONES}/${id}/code`, { source: 'nowhere' }, key);
    expect(wrong.status).to.equal(422);
    expect((await send(PHONES, US, key)).status).to.equal(403);
    expect((await send(`${PHONES}/${id}`, undefined, key, 'DELETE')).status).to.equal(403);
  });

  it('refuses changes at password strength with what would suffice', async () => {
    const id = await proved();
    const added = await send(PHONES, { ...US, number: '2025550124' }, person);
    expect(added.status).to.equal(403);
    expect(added.json).to.include({ code: 'strengthTooLow' });
    expect((await send(`${PHONES}/${id}`, undefined, person, 'DELETE')).status).to.equal(403);
  });

  it('sets the first number of a hardware token at hardwareToken', async () => {
    await addPerson(served, 'kim', { serial: 'FT00000001' });
    const path = '/v1/accounts/kim/phones';
    const weak = await signIn(served, 'kim');
    expect((await send(path, US, weak)).json).to.include({ code: 'strengthTooLow' });
    const strong = await signInWith(served, 'kim', 'FT00000001');
    expect((await send(path, US, strong)).status).to.equal(201);
  });

  it('tells strangers nothing: the same reply for accounts and phones, known or not', async () => {
    const id = await proved();
    await addPerson(served, 'kim');
    const other = await signIn(served, 'kim');
    const paths = [PHONES, '/v1/accounts/nobody/phones'].flatMap((list) => [
      ['GET', list],
      ['POST', list],
      ['POST', `${list}/${id}/code`],
      ['POST', `${list}/${id}/verification`],
      ['POST', `${list}/${'0'.repeat(16)}/verification`],
      ['DELETE', `${list}/${id}`],
    ]);
    const seen = (got: Got) => {
      const { requestId: _, ...rest } = got.json;
      return JSON.stringify([got.status, rest]);
    };
    const byMethod = new Map<string, Set<string>>();
    for (const [method = '', path = ''] of paths) {
      for (const key of [other, 'x'.repeat(43)]) {
        const got = await send(path, method === 'POST' ? {} : undefined, key, method);
        const name = `${key === other} ${method} ${path
          .split('/')
          .at(-1)
          ?.replace(/^[0-9a-f]{16}$/, '')}`;
        byMethod.set(name, (byMethod.get(name) ?? new Set()).add(seen(got)));
        expect(got.status).to.be.oneOf([401, 403]);
      }
    }
    for (const [name, replies] of byMethod) expect(replies.size, name).to.equal(1);
    // Whoever may ask gets the same words for a phone of another account as for none.
    const key = await served.key('phones:admin');
    const ofOther = await send(`/v1/accounts/kim/phones/${id}/code`, {}, key);
    const ofNone = await send(`/v1/accounts/kim/phones/${'0'.repeat(16)}/code`, {}, key);
    const ofNobody = await send(`/v1/accounts/nobody/phones/${id}/code`, {}, key);
    expect(new Set([ofOther, ofNone, ofNobody].map(seen)).size).to.equal(1);
    expect(ofOther.status).to.equal(404);
  });

  it('has no texts outside a lab, and sends nothing without a gateway', async () => {
    const outside = await serve();
    try {
      const key = await outside.key();
      const got = await outside.send({ method: 'GET', path: '/lab/texts', key });
      expect(got.status).to.equal(404);
      await addPerson(outside, USER);
      await buy(outside, { account: USER, type: 'phoneOtp' });
      const token = await signIn(outside, USER);
      const added = await outside.send({ path: PHONES, key: token, body: US });
      expect(added.json).to.include({ code: 'unavailable' });
      const list = await outside.send({ method: 'GET', path: PHONES, key: token });
      expect(list.json['phones']).to.deep.equal([]);
    } finally {
      await outside.close();
    }
  });
});
