import { expect } from 'chai';
import { openApiDocument } from '../../../server/http/openapi.ts';
import type { TokenService } from '../../../server/tokens/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import {
  eventCode,
  eventEntry,
  type Got,
  type Served,
  type ServedOptions,
  serve,
  timeCode,
  timeEntry,
} from './served.ts';

describe('the HTTP edge', () => {
  let served: Served;
  const open = async (options: ServedOptions = {}): Promise<Served> => {
    served = await serve(options);
    return served;
  };
  const get = (path: string, key?: string, headers = {}): Promise<Got> =>
    served.send({ method: 'GET', path, key, headers });
  afterEach(() => served.close());

  it('marks every reply: an id, no caching, no sniffing, and no lab outside a lab', async () => {
    await open();
    for (const path of ['/healthz', '/v1/tokens', '/nowhere', '/openapi.json']) {
      const { headers } = await get(path);
      expect(headers).to.include({ 'cache-control': 'no-store' });
      expect(headers).to.include({ 'x-content-type-options': 'nosniff' });
      expect(headers['x-request-id']).to.match(/^[\w-]+$/);
      expect(headers).not.to.have.property('fobd-lab');
    }
  });

  it('keeps a sane request id, and gives each request its own otherwise', async () => {
    await open();
    const idOf = async (given?: string) =>
      (await get('/healthz', undefined, given === undefined ? {} : { 'x-request-id': given }))
        .headers['x-request-id'];
    expect(await idOf('Trace_1.a-b')).to.equal('Trace_1.a-b');
    const others = [await idOf(), await idOf(), await idOf('a b'), await idOf('x'.repeat(65))];
    expect(new Set(others).size).to.equal(4);
    expect(others).not.to.include('a b');
  });

  it('says which methods a path takes, and how to authenticate', async () => {
    await open();
    const wrongMethod = await get('/v1/verify');
    expect(wrongMethod.headers).to.include({ allow: 'POST' });
    expect((await served.send({ method: 'OPTIONS', path: '/v1/tokens' })).headers).to.include({
      allow: 'GET, HEAD',
    });
    const { headers, status } = await get('/v1/tokens');
    expect(status).to.equal(401);
    expect(headers).to.include({ 'www-authenticate': 'Bearer realm="fobd"' });
  });

  it('answers HEAD as GET without the body, problems too', async () => {
    await open();
    const key = await served.key();
    const list = await get('/v1/tokens', key);
    const head = await served.send({ method: 'HEAD', path: '/v1/tokens', key });
    expect([head.status, head.text]).to.deep.equal([200, '']);
    expect(head.headers['content-length']).to.equal(list.headers['content-length']);
    const lost = await served.send({ method: 'HEAD', path: '/v1/tokens/NONE', key });
    expect([lost.status, lost.text]).to.deep.equal([404, '']);
  });

  it('is alive whatever its status, and ready only while it is ok', async () => {
    await open();
    for (const status of ['ok', 'stopping', 'unavailable'] as const) {
      served.status = status;
      const alive = await get('/healthz');
      expect([alive.status, alive.json]).to.deep.equal([200, { status }]);
      const ready = await get('/readyz');
      expect([ready.status, ready.json]).to.deep.equal([status === 'ok' ? 200 : 503, { status }]);
      expect(ready.headers['connection']).to.equal(status === 'stopping' ? 'close' : 'keep-alive');
    }
  });

  it('serves its OpenAPI document, with the lab in a lab', async () => {
    for (const lab of [false, true]) {
      await open({ lab });
      const { json, status } = await get('/openapi.json');
      expect(status).to.equal(200);
      expect(json).to.deep.equal(JSON.parse(JSON.stringify(openApiDocument({ lab }))));
      if (!lab) await served.close();
    }
  });

  it('needs no API key on the owner’s own socket, and the audit log says so', async () => {
    await open({ localOwner: true });
    const added = await served.send({ path: '/v1/accounts', body: { id: 'jennifer' } });
    expect(added.status).to.equal(201);
    const { items } = (await get('/v1/audit')).json as { items: { actor: string }[] };
    expect(items.map(({ actor }) => actor)).to.deep.equal(['localOwner']);
  });

  it('keeps what failed inside to the log', async () => {
    const failing: Pick<TokenService, 'get'> = {
      get: async (serial) => {
        if (serial === 'RAW') throw new Error('seed 3132 at /var/lib');
        throw new FobtwinError('wrongMasterKey', 'key 99', { detail: 'of data key 7' });
      },
    };
    await open({ replace: { tokens: failing as TokenService } });
    const key = await served.key();
    for (const path of ['/v1/tokens/RAW', '/v1/tokens/KEY']) {
      const { status, json, text } = await get(path, key);
      expect([status, json['code'], json['title']]).to.deep.equal([
        500,
        'internal',
        'Something failed inside fobd',
      ]);
      expect(text).not.to.match(/3132|var|99|data key/);
    }
    expect(served.logged).to.have.length(2);
    expect(served.logged[1]?.details).to.include({
      code: 'wrongMasterKey',
      detail: 'of data key 7',
    });
  });

  it('answers 503 when the store cannot take any more', async () => {
    await open();
    const key = await served.key();
    await served.store.close();
    const { status, json } = await get('/v1/tokens', key);
    expect([status, json['code']]).to.deep.equal([503, 'unavailable']);
  });

  it('pages through a list without missing or repeating', async () => {
    await open();
    const serials = Array.from({ length: 7 }, (_, index) => `FT0${index}`);
    await served.stock(...serials.map(timeEntry));
    const key = await served.key();
    const seen: string[] = [];
    let cursor = '';
    do {
      const { json } = await get(`/v1/tokens?limit=3&state=stocked${cursor}`, key);
      const page = json as { items: { serial: string }[]; nextCursor: string | null };
      expect(page.items.length).to.be.at.most(3);
      seen.push(...page.items.map(({ serial }) => serial));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(seen).to.deep.equal(serials);
  });

  it('pages through the audit log by sequence, and finds it sound', async () => {
    await open();
    await served.stock(timeEntry('FT01'), timeEntry('FT02'));
    const key = await served.key();
    const whole = (await get('/v1/audit', key)).json as { items: { sequence: number }[] };
    const first = (await get('/v1/audit?limit=1', key)).json;
    expect(first).to.deep.include({ items: whole.items.slice(0, 1), nextCursor: '1' });
    const rest = (await get(`/v1/audit?after=${first['nextCursor']}`, key)).json;
    expect(rest).to.deep.equal({ items: whole.items.slice(1), nextCursor: null });
    const verdict = (await get('/v1/audit/verification', key)).json;
    expect(verdict).to.deep.include({ sound: true, entries: whole.items.length });
  });

  it('leads an event token from the file to a login, a replay, a lock and a resync', async () => {
    await open();
    await served.stock(eventEntry('E1'));
    const key = await served.key();
    const send = (path: string, body: object) => served.send({ path, key, body });
    await send('/v1/accounts', { id: 'jennifer' });
    const codes = { code1: eventCode('E1', 0), code2: eventCode('E1', 1) };
    const registered = await send('/v1/tokens/e1/registration', { account: 'jennifer', ...codes });
    expect(registered.json).to.have.nested.property('token.nextCounter', 2);
    expect(registered.text).not.to.match(/sealed|seed|secret/i);
    const verify = (code: string) => send('/v1/verify', { account: 'jennifer', code });
    expect((await verify(eventCode('E1', 2))).json).to.deep.equal({
      accepted: true,
      outcome: 'accepted',
      serial: 'E1',
      strength: 'hardwareToken',
    });
    expect((await verify(eventCode('E1', 2))).json).to.deep.equal({
      accepted: false,
      outcome: 'replayed',
    });
    expect(
      (await send('/v1/tokens/E1/lock', { reason: 'test' })).json,
    ).to.have.deep.nested.property('token.holds', ['adminLocked']);
    expect((await verify(eventCode('E1', 3))).json['outcome']).to.equal('locked');
    expect((await send('/v1/tokens/E1/unlock', {})).json).to.have.deep.nested.property(
      'token.holds',
      [],
    );
    const again = { code1: eventCode('E1', 50), code2: eventCode('E1', 51) };
    expect((await send('/v1/tokens/E1/resync', again)).json).to.have.property(
      'outcome',
      'accepted',
    );
    expect((await verify(eventCode('E1', 52))).json['outcome']).to.equal('accepted');
    expect((await send('/v1/tokens/E1/revoke', {})).json).to.have.nested.property(
      'token.life',
      'revoked',
    );
  });

  it('tells how long to wait, and only then', async () => {
    await open();
    await served.stock(timeEntry('FT01'));
    await served.register('FT01', 'jennifer');
    const key = await served.key('verify');
    const verify = async (code: string) =>
      (await served.send({ path: '/v1/verify', key, body: { serial: 'FT01', code } })).json;
    const good = timeCode('FT01', served.clock.at);
    for (const wrong of ['000000', '000001', '000002']) {
      expect(await verify(wrong)).to.deep.equal({ accepted: false, outcome: 'wrongCode' });
    }
    expect(await verify(good)).to.deep.equal({
      accepted: false,
      outcome: 'throttled',
      retryAfterSeconds: 5,
    });
  });

  it('shows what a dry run would import, and imports nothing', async () => {
    await open();
    await served.stock(timeEntry('FT01'));
    const key = await served.key();
    const body = `serial,seed,algorithm,digits,period,counter
FT01,${'31'.repeat(20)},SHA1,6,30,
FT02,${'32'.repeat(20)},SHA1,6,30,
`;
    const sent = { key, headers: { 'content-type': 'text/csv; charset=utf-8' }, body };
    const dry = await served.send({ path: '/v1/seed-files?dryRun=true', ...sent });
    expect(dry.json).to.have.deep.property('rows', [
      { serial: 'FT01', result: 'skipped', reason: 'exists' },
      { serial: 'FT02', result: 'skipped', reason: 'dryRun' },
    ]);
    expect((await get('/v1/tokens/FT02', key)).status).to.equal(404);
    const real = await served.send({ path: '/v1/seed-files', ...sent });
    expect(real.json).to.include({ imported: 1, skipped: 1 });
    expect((await get('/v1/tokens/FT02', key)).status).to.equal(200);
  });
});
