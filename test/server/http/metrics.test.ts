import { expect } from 'chai';
import { createMetrics } from '../../../server/metrics/metrics.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import type { NotReadyReason } from '../../../shared/wire/schemas.ts';
import { eventEntry, type Served, serve, timeCode, timeEntry } from './served.ts';

describe('GET /metrics', () => {
  let served: Served;
  const metrics = createMetrics({
    elapsedMillis: () => 0,
    now: () => 0,
    version: '1',
    process: false,
  });

  before(async () => {
    served = await serve({
      openStore: (options) => openMemoryStore({ ...options, observer: metrics.store }),
      replace: { metrics: metrics.text, observe: (sight) => metrics.request(sight) },
    });
  });
  after(() => served.close());

  const scrape = async (): Promise<string> => {
    const key = await served.key('metrics:read');
    const { status, headers, text } = await served.send({ method: 'GET', path: '/metrics', key });
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    return text;
  };

  it('wants scope metrics:read, on loopback too: it tells what callers may not know', async () => {
    const stranger = await served.send({ method: 'GET', path: '/metrics' });
    expect(stranger.status).to.equal(401);
    const key = await served.key('verify', 'audit:read');
    expect((await served.send({ method: 'GET', path: '/metrics', key })).status).to.equal(403);
    await scrape();
  });

  it('counts decisions as they were, not as they were told, and names no token', async () => {
    await served.stock(timeEntry('FT01'), eventEntry('EV01'));
    await served.register('FT01', 'jennifer');
    const key = await served.key('verify');
    const verify = (serial: string, code: string) =>
      served.send({ path: '/v1/verify', key, body: { serial, code } });
    const good = timeCode('FT01', served.clock.at);
    expect((await verify('FT01', good)).json['outcome']).to.equal('accepted');
    expect((await verify('FT01', good)).json['outcome']).to.equal('wrongCode');
    expect((await verify('EV01', '123456')).json['outcome']).to.equal('wrongCode');
    const text = await scrape();
    const count = (outcome: string) =>
      new RegExp(
        `^fobd_decisions_total\\{action="verify",outcome="${outcome}"\\} (\\d+)$`,
        'm',
      ).exec(text)?.[1];
    expect([count('accepted'), count('replayed'), count('notRegistered')]).to.deep.equal([
      '1',
      '1',
      '1',
    ]);
    expect(text).to.match(/^fobd_http_requests_total\{operation="verify",status="200"\} 3$/m);
    expect(text).to.match(/^fobd_store_group_decisions_count [1-9]\d*$/m);
    expect(text).not.to.match(/FT01|EV01|jennifer/);
  });

  it('has a bounded number of lines, however many tokens, accounts and wrong paths', async () => {
    const lines = (await scrape()).split('\n').length;
    const key = await served.key('verify');
    for (let number = 0; number < 50; number += 1) {
      await served.send({
        path: '/v1/verify',
        key,
        body: { serial: `U${number}`, code: '123456' },
      });
      await served.send({ method: 'GET', path: `/nothing/${number}` });
    }
    // One operation without a name, and its histogram, at most.
    expect((await scrape()).split('\n').length - lines).to.be.lessThan(30);
  });
});

describe('readiness', () => {
  const reasons: NotReadyReason[] = ['diskNearlyFull', 'clockUnsteady'];
  const notReady = () => reasons;
  const path = '/readyz';

  it('says why to the machine itself and to who reads the metrics, to nobody else', async () => {
    const served = await serve({ replace: { notReady } });
    served.status = 'unavailable';
    try {
      const told = { status: 'unavailable', reasons };
      const here = await served.send({ method: 'GET', path });
      expect(here.status).to.equal(503);
      expect(here.json).to.deep.equal(told);
      const headers = { 'x-forwarded-for': '203.0.113.9' };
      const forwarded = await served.send({ method: 'GET', path, headers });
      expect(forwarded.json).to.deep.equal({ status: 'unavailable' });
      const key = await served.key('metrics:read');
      expect((await served.send({ method: 'GET', path, headers, key })).json).to.deep.equal(told);
      const other = await served.key('verify');
      const unread = await served.send({ method: 'GET', path, headers, key: other });
      expect(unread.json).to.deep.equal({ status: 'unavailable' });
    } finally {
      await served.close();
    }
  });

  it('tells the same of what should be seen to, and fails neither check for it', async () => {
    const served = await serve({ replace: { warnings: () => ['mailWaits'] } });
    try {
      const told = { status: 'ok', warnings: ['mailWaits'] };
      for (const check of ['/healthz', path]) {
        const here = await served.send({ method: 'GET', path: check });
        expect(here.status).to.equal(200);
        expect(here.json).to.deep.equal(told);
        const headers = { 'x-forwarded-for': '203.0.113.9' };
        const forwarded = await served.send({ method: 'GET', path: check, headers });
        expect(forwarded.json).to.deep.equal({ status: 'ok' });
      }
    } finally {
      await served.close();
    }
  });
});
