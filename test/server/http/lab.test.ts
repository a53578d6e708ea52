import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import { isLoopback } from '../../../server/http/loopback.ts';
import { type Got, type Served, type ServedOptions, START, serve } from './served.ts';

const DAY = 86_400_000;
const time = (millis: number): string => new Date(millis).toISOString();

describe('the lab over HTTP', () => {
  let served: Served;
  let key: string;
  const open = async (options: ServedOptions = {}) => {
    served = await serve({ lab: true, ...options });
    key = await served.key('lab');
  };
  const move = (body: object, headers = {}): Promise<Got> =>
    served.send({ path: '/lab/clock', key, headers, body });
  afterEach(() => served.close());

  it('marks every reply', async () => {
    await open();
    for (const path of ['/healthz', '/lab/clock', '/nowhere', '/v1/tokens']) {
      const { headers } = await served.send({ method: 'GET', path });
      expect(headers).to.include({ 'fobd-lab': 'true' });
    }
  });

  it('shows and moves the clock that decisions are taken at', async () => {
    await open();
    const shown = await served.send({ method: 'GET', path: '/lab/clock', key });
    expect(shown.json).to.deep.equal({ now: time(START), frozen: false });
    const moved = await move({ advance: '30d', frozen: true });
    expect([moved.status, moved.json]).to.deep.equal([
      200,
      { now: time(START + 30 * DAY), frozen: true },
    ]);
    const admin = await served.key();
    await served.send({ path: '/v1/accounts', key: admin, body: { id: 'jennifer' } });
    const account = await served.send({ method: 'GET', path: '/v1/accounts/jennifer', key: admin });
    expect(account.json).to.have.nested.property('account.createdAt', time(START + 30 * DAY));
  });

  const refusals: readonly [string, object, string, string][] = [
    ['a span without a unit', { advance: '30' }, '/advance', 'badFormat'],
    ['going back', { advance: '-1d' }, '/advance', 'badFormat'],
    ['more than a hundred years', { advance: '36526d' }, '/advance', 'tooLarge'],
    ['more than a date holds', { advance: '999999999999999d' }, '/advance', 'tooLarge'],
    ['a span as a number', { advance: 30 }, '/advance', 'wrongType'],
    ['frozen as a text', { frozen: 'yes' }, '/frozen', 'wrongType'],
    ['an unknown field', { to: '2030-01-01T00:00:00Z' }, '/to', 'unknownField'],
  ];
  for (const [name, body, field, code] of refusals) {
    it(`refuses ${name}, and stands where it stood`, async () => {
      await open();
      const { status, json } = await move(body);
      expect([status, json['code'], json['errors']]).to.deep.equal([
        422,
        'invalidInput',
        [{ field, code }],
      ]);
      const { json: shown } = await served.send({ method: 'GET', path: '/lab/clock', key });
      expect(shown).to.deep.equal({ now: time(START), frozen: false });
    });
  }

  it('wants an API key with scope lab', async () => {
    await open();
    expect((await served.send({ method: 'GET', path: '/lab/clock' })).status).to.equal(401);
    key = await served.key('tokens:admin', 'verify:detail');
    expect((await move({ advance: '1d' })).status).to.equal(403);
  });

  it('answers its own machine only, whatever a header claims', async () => {
    const fromAfar =
      (listener: RequestListener): RequestListener =>
      (request, response) => {
        Object.defineProperty(request.socket, 'remoteAddress', { value: '192.0.2.7' });
        listener(request, response);
      };
    await open({ wrap: fromAfar });
    const { status, json } = await move({ advance: '1d' }, { 'x-forwarded-for': '127.0.0.1' });
    expect([status, json['code']]).to.deep.equal([403, 'forbidden']);
    expect((await served.send({ method: 'GET', path: '/healthz' })).status).to.equal(200);
  });

  it('knows its own machine by the addresses of loopback', async () => {
    await open();
    for (const address of ['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1']) {
      expect(isLoopback(address), address).to.equal(true);
    }
    for (const address of [undefined, '', '10.0.0.1', '128.0.0.1', '::', 'fe80::1', '1127.0.0.1']) {
      expect(isLoopback(address), address).to.equal(false);
    }
  });
});
