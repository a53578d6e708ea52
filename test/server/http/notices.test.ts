import { expect } from 'chai';
import { mailTo } from '../notices/mailing.ts';
import { type Got, type Served, serve } from './served.ts';

const PASSWORD = 'a long password of somebody';

type Notice = { readonly id: string; readonly state: string; readonly to: readonly string[] };
const itemsOf = ({ json }: Got): readonly Notice[] => json['items'] as readonly Notice[];

describe('/v1/notices', () => {
  let served: Served;
  let key: string;
  afterEach(() => served.close());

  const open = async (lab: boolean): Promise<void> => {
    // Nothing is sent: only what serves listens.
    served = await serve({ lab, business: { mail: mailTo(25) } });
    key = await served.key();
    const body = { id: 'jennifer', email: 'jennifer@example.com' };
    await served.send({ path: '/v1/accounts', key, body });
  };
  const get = (path: string, as = key) => served.send({ method: 'GET', path, key: as });
  const changeAddress = (email: string | null) =>
    served.send({ path: '/v1/accounts/jennifer', key, method: 'PATCH', body: { email } });

  it('lists what waits, by account and by state, page by page', async () => {
    await open(false);
    await changeAddress('j.blue@example.com');
    served.clock.at = (served.clock.at + 1000) as typeof served.clock.at;
    await changeAddress('blue@example.com');
    const first = await get('/v1/notices?account=jennifer&state=queued&limit=1');
    expect(first.status, first.text).to.equal(200);
    expect(itemsOf(first)).to.have.length(1);
    const cursor = encodeURIComponent(String(first.json['nextCursor']));
    const rest = await get(`/v1/notices?account=jennifer&state=queued&limit=1&cursor=${cursor}`);
    const to = [...itemsOf(first), ...itemsOf(rest)].flatMap((each) => each.to);
    expect(to).to.have.members(['jennifer@example.com', 'j.blue@example.com']);
    expect(itemsOf(await get('/v1/notices?state=failed'))).to.deep.equal([]);
    expect(itemsOf(await get('/v1/notices?account=nobody'))).to.deep.equal([]);
  });

  it('shows one as its reader sees it', async () => {
    await open(false);
    await changeAddress('j.blue@example.com');
    const [notice] = itemsOf(await get('/v1/notices'));
    const { json } = await get(`/v1/notices/${encodeURIComponent(notice?.id ?? '')}`);
    expect(json['subject']).to.equal('The mail address of your account was changed');
    expect(json['text']).to.include('The mail address of your account was changed on');
    expect(json['messageId']).to.match(/^<[0-9a-f]{32}@test\.fobd>$/);
  });

  it('refuses what it cannot do: unknown, not failed, a wrong state', async () => {
    await open(false);
    await changeAddress('j.blue@example.com');
    const [notice] = itemsOf(await get('/v1/notices'));
    const id = encodeURIComponent(notice?.id ?? '');
    const retry = (what: string) => served.send({ path: `/v1/notices/${what}/retry`, key });
    expect((await retry(id)).json).to.include({ status: 409, code: 'notAllowedNow' });
    expect((await retry('none')).json).to.include({ status: 404, code: 'notFound' });
    expect((await get('/v1/notices/none')).status).to.equal(404);
    expect((await get('/v1/notices?state=lost')).json).to.include({ code: 'invalidInput' });
  });

  it('shows it to who may read notices, and sends it again for nobody else', async () => {
    await open(false);
    const verifier = await served.key('verify');
    expect((await get('/v1/notices', verifier)).status).to.equal(403);
    expect((await get('/v1/webhooks', verifier)).status).to.equal(403);
    const stranger = await served.send({ method: 'GET', path: '/v1/notices' });
    expect(stranger.status).to.equal(401);
    const sent = await served.send({ path: '/v1/notices/none/retry', key: verifier });
    expect(sent.status).to.equal(403);
  });

  it('has no captured mails outside a lab', async () => {
    await open(false);
    await changeAddress('j.blue@example.com');
    expect((await get('/lab/mail')).status).to.equal(404);
  });

  it('captures in a lab instead, with what the audit log tells', async () => {
    await open(true);
    await get('/lab/mail');
    const path = '/v1/accounts/jennifer/password';
    await served.send({ method: 'PUT', path, key, body: { password: PASSWORD } });
    await changeAddress('j.blue@example.com');
    const { json, text } = await get('/lab/mail');
    const mails = json['items'] as readonly { subject: string; to: string[]; html: string }[];
    expect(mails.map(({ subject }) => subject)).to.have.members([
      'Your password was set',
      'The mail address of your account was changed',
    ]);
    expect(mails[0]?.html).to.include('<!DOCTYPE html>');
    expect(text).to.not.include(PASSWORD);
    expect((await get('/lab/mail?limit=0')).json).to.include({ code: 'invalidInput' });
  });
});

describe('/v1/webhooks', () => {
  let served: Served;
  let key: string;
  beforeEach(async () => {
    served = await serve();
    key = await served.key();
  });
  afterEach(() => served.close());

  const post = (path: string, body: unknown = {}) => served.send({ path, key, body });
  const webhookOf = ({ json }: Got) => json['webhook'] as { readonly id: string };

  it('adds, lists, rotates and removes; a secret is shown once', async () => {
    const url = 'https://example.com/hook?token=x';
    const added = await post('/v1/webhooks', { url, events: ['lost', 'lock'] });
    expect(added.status, added.text).to.equal(201);
    const { id } = webhookOf(added);
    const secret = String(added.json['secret']);
    expect(secret).to.match(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const rotated = await post(`/v1/webhooks/${id}/rotate`, { overlap: '2h' });
    expect(rotated.json['secret']).to.not.equal(secret);
    expect(webhookOf(rotated)).to.include({ oldSecretUntil: '2026-01-01T02:00:00.000Z' });
    const listed = await served.send({ method: 'GET', path: '/v1/webhooks', key });
    expect(listed.json['webhooks']).to.have.length(1);
    expect(listed.text).to.include(url).and.not.include('whsec_');
    const log = await served.send({ method: 'GET', path: '/v1/audit', key });
    expect(log.text).to.include('rotateWebhook').and.not.include('token=x');
    expect(log.text).to.not.include('whsec_');
    expect((await post(`/v1/webhooks/${id}/remove`)).status).to.equal(200);
    expect((await post(`/v1/webhooks/${id}/remove`)).json).to.include({ code: 'notFound' });
  });

  for (const [what, body, pointer] of [
    ['no address', {}, '/url'],
    ['an address that is none', { url: 'hook' }, '/url'],
    ['plain HTTP to another machine', { url: 'http://example.com/' }, '/url'],
    ['a private address', { url: 'https://192.168.1.1/' }, '/url'],
    ['nobody as address', { url: 'https://0.0.0.0/' }, '/url'],
    ['a private address in another way', { url: 'https://0x0a000001/' }, '/url'],
    ['one in IPv6', { url: 'https://[::ffff:192.168.1.1]/' }, '/url'],
    ['no event at all', { url: 'https://example.com/', events: [] }, '/events'],
    ['what is no event', { url: 'https://example.com/', events: ['*'] }, '/events/0'],
    ['something else', { url: 'https://example.com/', secret: 'mine' }, '/secret'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { status, json } = await post('/v1/webhooks', body);
      expect(status).to.equal(422);
      expect(json).to.include({ code: 'invalidInput' });
      const fields = JSON.stringify(json);
      expect(fields).to.include(`"${pointer}"`);
    });
  }

  it('refuses an unknown one, one that is not disabled, and too long an overlap', async () => {
    const { id } = webhookOf(await post('/v1/webhooks', { url: 'https://example.com/' }));
    expect((await post(`/v1/webhooks/${id}/enable`)).json).to.include({ code: 'notAllowedNow' });
    const long = await post(`/v1/webhooks/${id}/rotate`, { overlap: '31d' });
    expect(long.json).to.include({ code: 'invalidInput' });
    expect((await post('/v1/webhooks/0123456789abcdef/rotate')).json).to.include({
      code: 'notFound',
    });
    expect((await post('/v1/webhooks/x/enable')).json).to.include({ code: 'invalidInput' });
  });
});
