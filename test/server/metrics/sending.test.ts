import { expect } from 'chai';
import { createMetrics, type Metrics } from '../../../server/metrics/metrics.ts';
import type { Queues } from '../../../server/notices/queues.ts';
import type { UnixMillis } from '../../../shared/types.ts';

const NOW = 1_800_000_000_000 as UnixMillis;

describe('metrics of what leaves fobd by itself', () => {
  let metrics: Metrics;
  beforeEach(() => {
    const options = { elapsedMillis: () => 0, now: () => NOW, version: '1', process: false };
    metrics = createMetrics(options);
  });
  const value = async (name: string): Promise<number | undefined> => {
    const lines = (await metrics.text()).split('\n');
    const found = lines.find((line) => line.startsWith(`${name} `));
    return found === undefined ? undefined : Number(found.slice(name.length + 1));
  };
  const watch = (queues: Queues | undefined, now: number = NOW) =>
    metrics.watch({
      storeState: () => ({ waiting: 0, waitingMax: 1, auditSequence: 0 }),
      notReady: () => [],
      queues: () => queues,
      now: () => now,
    });

  it('count mails by what they are about and the state that they came to', async () => {
    metrics.notices.mail('security', 'queued');
    metrics.notices.mail('security', 'sent');
    metrics.notices.mail('order', 'undeliverable');
    const count = (about: string, state: string) =>
      value(`fobd_notices_total{class="${about}",state="${state}"}`);
    expect(await count('security', 'queued')).to.equal(1);
    expect(await count('security', 'sent')).to.equal(1);
    expect(await count('order', 'undeliverable')).to.equal(1);
    // What has never happened is there as well, so that its first time is an increase.
    expect(await count('helpdesk', 'failed')).to.equal(0);
  });

  it('count calls of endpoints, and the events that they will never get', async () => {
    metrics.notices.call('failed');
    metrics.notices.lost('retention', 40);
    metrics.notices.lost('failing', 1);
    expect(await value('fobd_webhook_calls_total{result="failed"}')).to.equal(1);
    expect(await value('fobd_webhook_calls_total{result="gone"}')).to.equal(0);
    expect(await value('fobd_webhook_events_lost_total{because="retention"}')).to.equal(40);
    expect(await value('fobd_webhook_events_lost_total{because="failing"}')).to.equal(1);
  });

  it('count codes by gateway, and those that a limit has kept back', async () => {
    metrics.phones.message('main', 'failed');
    metrics.phones.message('spare', 'taken');
    metrics.phones.refused('country');
    // Rules compare both: a gateway that has taken none has no more than it has failed.
    expect(await value('fobd_phone_messages_total{gateway="main",result="taken"}')).to.equal(0);
    expect(await value('fobd_phone_messages_total{gateway="main",result="failed"}')).to.equal(1);
    expect(await value('fobd_phone_messages_total{gateway="spare",result="taken"}')).to.equal(1);
    expect(await value('fobd_phone_refusals_total{limit="country"}')).to.equal(1);
    expect(await value('fobd_phone_refusals_total{limit="all"}')).to.equal(0);
  });

  it('tell when each chore was last done, and how often it has failed', async () => {
    metrics.chore('sessions', 'failed');
    const done = 'fobd_chore_last_success_timestamp_seconds{chore="sessions"}';
    // Too long ago for every rule, from its first failure on.
    expect(await value(done)).to.equal(0);
    metrics.chore('sessions', 'done');
    expect(await value(done)).to.equal(NOW / 1000);
    metrics.chore('sessions', 'failed');
    expect(await value(done)).to.equal(NOW / 1000);
    expect(await value('fobd_chore_failures_total{chore="sessions"}')).to.equal(2);
  });

  it('show what waits, and how long the oldest mail has by now', async () => {
    watch(
      {
        mails: new Map([['order', 3]]),
        oldestMailAt: (NOW - 90_000) as UnixMillis,
        endpoints: new Map([['disabled', 1]]),
        deliveries: new Map([['disabled', 17]]),
      },
      NOW,
    );
    expect(await value('fobd_notices_waiting{class="order"}')).to.equal(3);
    expect(await value('fobd_notices_waiting{class="security"}')).to.equal(0);
    expect(await value('fobd_notices_oldest_waiting_seconds')).to.equal(90);
    expect(await value('fobd_webhooks{state="disabled"}')).to.equal(1);
    expect(await value('fobd_webhooks{state="well"}')).to.equal(0);
    expect(await value('fobd_webhook_deliveries_waiting{state="disabled"}')).to.equal(17);
  });

  it('show nothing that waits before anybody has looked, and where nothing does', async () => {
    watch(undefined);
    expect(await value('fobd_notices_oldest_waiting_seconds')).to.equal(0);
    expect(await value('fobd_webhook_deliveries_waiting{state="failing"}')).to.equal(0);
  });
});
