import { expect } from 'chai';
import { eventCode, eventEntry, type Served, serve } from './served.ts';

const SERIALS = Array.from({ length: 120 }, (_, index) => `K${String(index).padStart(3, '0')}`);
const NEW_KEY = 'ab'.repeat(32);

interface Rotation {
  readonly dataKey: string;
  readonly state: string;
  readonly resealed: number;
}

describe('/v1/keys', () => {
  let served: Served;
  afterEach(() => served.close());

  const get = async (path: string, key?: string) => served.send({ method: 'GET', path, key });
  const rotation = async (key?: string): Promise<Rotation> => {
    const { json } = await get('/v1/keys/rotation', key);
    return json['rotation'] as Rotation;
  };

  it('rotates in the background, while codes are verified', async () => {
    served = await serve();
    await served.stock(...SERIALS.map(eventEntry));
    const registering = await served.key('accounts:admin', 'tokens:register');
    await served.send({ path: '/v1/accounts', key: registering, body: { id: 'jennifer' } });
    const [code1, code2] = [eventCode('K001', 0), eventCode('K001', 1)];
    const body = { account: 'jennifer', code1, code2 };
    const path = '/v1/tokens/K001/registration';
    const registered = await served.send({ path, key: registering, body });
    expect(registered.json['outcome']).to.equal('accepted');
    const key = await served.key('vault:admin');
    expect(await rotation(key)).to.equal(null);
    const begun = await served.send({ path: '/v1/keys/rotation', key });
    expect(begun.status, begun.text).to.equal(200);
    const { dataKey } = begun.json['rotation'] as Rotation;
    expect(begun.json['rotation']).to.include({ state: 'running', resealed: 0 });

    const verifying = await served.key('verify:detail');
    let counter = 2;
    let outcomes = 0;
    for (; (await rotation(key)).state === 'running'; counter += 1) {
      const body = { serial: 'K001', code: eventCode('K001', counter) };
      const reply = await served.send({ path: '/v1/verify', key: verifying, body });
      expect(reply.json['outcome']).to.equal('accepted');
      outcomes += 1;
    }
    expect(outcomes).to.be.greaterThan(0);
    expect(await rotation(key)).to.include({ state: 'done', dataKey, resealed: SERIALS.length });
    expect(served.logged).to.deep.equal([]);
  });

  it('tells ids and numbers, never a key', async () => {
    served = await serve();
    const key = await served.key('vault:admin');
    await served.send({ path: '/v1/keys/rotation', key });
    const { json, text } = await get('/v1/keys', key);
    expect(json['masterKey']).to.match(/^[0-9a-f]{8}$/);
    expect(json['dataKeys']).to.be.an('array').with.length.of.at.least(1);
    expect(text).not.to.match(/wrapped|[0-9a-f]{32}/);
  });

  it('the master key is exchanged by the owner alone, whatever the API key may do', async () => {
    served = await serve();
    const refused = await served.send({
      path: '/v1/keys/rewrap',
      key: await served.key(),
      body: { masterKey: NEW_KEY },
    });
    expect(refused.status).to.equal(403);
    expect(refused.json).to.include({ code: 'forbidden' });
    expect(refused.text).to.contain('fobd key rewrap').and.not.to.contain(NEW_KEY);
  });

  it('over the owner’s socket it is exchanged, and the same one twice is refused', async () => {
    served = await serve({ localOwner: true });
    const send = (masterKey: unknown) =>
      served.send({ path: '/v1/keys/rewrap', body: { masterKey } });
    const done = await send(NEW_KEY);
    expect(done.status, done.text).to.equal(200);
    const { masterKey } = (await get('/v1/keys')).json;
    expect(done.json['to']).to.equal(masterKey);
    expect(done.json['from']).not.to.equal(masterKey);
    expect((await send(NEW_KEY)).json).to.include({ code: 'notAllowedNow' });
    for (const wrong of ['', 'ab'.repeat(31), `${NEW_KEY}0`, 'x'.repeat(64), 7, undefined]) {
      const reply = await send(wrong);
      expect(reply.status).to.equal(422);
      expect(reply.text).to.contain('/masterKey');
    }
  });
});
