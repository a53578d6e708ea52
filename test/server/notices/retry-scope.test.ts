import { expect } from 'chai';
import { type NoticeRecord, noticeKey } from '../../../server/notices/record.ts';
import { put } from '../../../server/store/port.ts';
import { type Served, serve } from '../http/served.ts';
import { START } from './mailing.ts';

describe('whoever may read mails to people', () => {
  let served: Served;
  before(async () => {
    served = await serve();
    const id = 'audit-1:tokenLost';
    const notice: NoticeRecord = {
      version: 1,
      id,
      template: 'tokenLost',
      to: ['jennifer@example.com'],
      at: START,
      values: { serial: 'FT01', at: '2027-01-01' },
      state: 'failed',
      attempts: 9,
    };
    await served.store.transact([noticeKey(id)], () => ({
      writes: [put(noticeKey(id), notice)],
      auditDrafts: [],
      reply: undefined,
    }));
  });
  after(() => served.close());

  const path = '/v1/notices/audit-1:tokenLost';

  it('reads them', async () => {
    const key = await served.key('notices:read');
    expect((await served.send({ method: 'GET', path: '/v1/notices', key })).status).to.equal(200);
    expect((await served.send({ method: 'GET', path, key })).status).to.equal(200);
  });

  it('has none sent again: that takes notices:admin', async () => {
    const retry = async (scope: 'notices:read' | 'notices:admin') =>
      served.send({ path: `${path}/retry`, key: await served.key(scope) });
    expect((await retry('notices:read')).status).to.equal(403);
    const again = await retry('notices:admin');
    expect(again.status).to.equal(200);
    expect(again.json['notice']).to.deep.include({ state: 'queued', attempts: 0 });
  });
});
