import { expect } from 'chai';
import { waitMillisAfter } from '../../../server/notices/backoff.ts';
import { afterAttempt } from '../../../server/notices/outbox.ts';
import type { NoticeRecord } from '../../../server/notices/record.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { START } from './mailing.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const QUEUED: NoticeRecord = {
  version: 1,
  id: 'a-1',
  template: 'passwordSet',
  to: ['jennifer@example.com'],
  at: START,
  values: { at: 'now' },
  sealed: 'sealed',
  state: 'queued',
  attempts: 0,
  nextAttemptAt: START,
};
const FAILED = { to: 'jennifer@example.com', result: 'failed', failure: 'ESOCKET' } as const;

describe('the outbox', () => {
  it('waits a minute, doubling to an hour', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(waitMillisAfter);
    expect(waits.map((wait) => (wait ?? 0) / MINUTE)).to.deep.equal([
      1, 2, 4, 8, 16, 32, 60, 60, 60,
    ]);
  });

  it('tries a mail for three days, then it has failed, its secrets kept for another try', () => {
    let notice = QUEUED;
    let now: UnixMillis = START;
    while (notice.state === 'queued') {
      now = notice.nextAttemptAt ?? now;
      notice = afterAttempt(notice, [FAILED], now);
    }
    expect(now - START).to.be.within(3 * DAY, 3 * DAY + 60 * MINUTE);
    expect(notice).to.deep.include({ state: 'failed', failure: 'ESOCKET', sealed: 'sealed' });
    expect(notice).to.not.have.property('nextAttemptAt');
  });

  it('is sent when one address took it and the other refused it for good', () => {
    const refused = { to: 'old@example.com', result: 'refused', failure: 'EENVELOPE 550' } as const;
    const taken = { to: 'jennifer@example.com', result: 'taken' } as const;
    const both = { ...QUEUED, to: ['jennifer@example.com', 'old@example.com'] };
    const notice = afterAttempt(both, [taken, refused], START);
    expect(notice).to.deep.include({ state: 'sent', failure: 'EENVELOPE 550' });
    expect(notice).to.not.have.property('sealed');
  });
});
