import { expect } from 'chai';
import { createLog } from '../../../server/cli/log.ts';

describe('the log', () => {
  it('is JSON lines of one level and above, with the time in UTC', () => {
    let written = '';
    const log = createLog('warn', { write: (text) => (written += text) });
    log.info({ count: 1 }, 'quiet');
    log.warn({ count: 2 }, 'loud');
    const line = JSON.parse(written) as Record<string, unknown>;
    expect(line).to.include({ level: 40, count: 2, msg: 'loud' });
    expect(line['time']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('hides what an error of somebody else carries along', () => {
    let written = '';
    const log = createLog('error', { write: (text) => (written += text) });
    const err = Object.assign(new Error('broken'), {
      body: '{"code":"73918462"}',
      request: { headers: { authorization: 'Bearer fobd_x_73918462' } },
    });
    log.error({ err, requestId: 'r1' }, 'a request failed');
    expect(written).not.to.contain('73918462');
    expect(written).to.contain('broken').and.to.contain('"requestId":"r1"');
  });
});
