import { expect } from 'chai';
import { createMetrics, type Metrics } from '../../../server/metrics/metrics.ts';
import type { NotReadyReason } from '../../../shared/wire/schemas.ts';

/** Lines of the text format by name and labels. */
async function samples(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

describe('metrics', () => {
  let metrics: Metrics;
  let elapsed: number;

  beforeEach(() => {
    elapsed = 0;
    metrics = createMetrics({
      elapsedMillis: () => elapsed,
      now: () => 1_800_000_000_000,
      version: '1.2.3',
      process: false,
    });
  });

  it('count RADIUS packets by what became of them', async () => {
    metrics.radius('accessAccept');
    metrics.radius('authenticatorBad');
    metrics.radius('authenticatorBad');
    const found = await samples(metrics);
    expect(found.get('fobd_radius_packets_total{result="accessAccept"}')).to.equal(1);
    expect(found.get('fobd_radius_packets_total{result="authenticatorBad"}')).to.equal(2);
  });

  it('count decisions by what was asked and what it came to', async () => {
    metrics.store.recorded('verify', 'accepted');
    metrics.store.recorded('verify', 'accepted');
    metrics.store.recorded('verify', 'notRegistered');
    metrics.store.recorded('addAccount', undefined);
    const found = await samples(metrics);
    const count = (action: string, outcome: string) =>
      found.get(`fobd_decisions_total{action="${action}",outcome="${outcome}"}`);
    expect(count('verify', 'accepted')).to.equal(2);
    expect(count('verify', 'notRegistered')).to.equal(1);
    expect(count('addAccount', 'none')).to.equal(1);
  });

  it('time flushes, and count who shared them and who was refused', async () => {
    metrics.store.flushing(7);
    elapsed = 3;
    metrics.store.flushed();
    metrics.store.refused();
    const found = await samples(metrics);
    expect(found.get('fobd_store_flush_duration_seconds_sum')).to.equal(0.003);
    expect(found.get('fobd_store_flush_duration_seconds_bucket{le="0.0025"}')).to.equal(0);
    expect(found.get('fobd_store_flush_duration_seconds_bucket{le="0.005"}')).to.equal(1);
    expect(found.get('fobd_store_group_decisions_sum')).to.equal(7);
    expect(found.get('fobd_store_refusals_total')).to.equal(1);
  });

  it('time requests by operation, and count them by status', async () => {
    const sight = { requestId: 'r', aborted: false };
    metrics.request({ ...sight, operation: 'verify', status: 200, millis: 2 });
    metrics.request({ ...sight, operation: 'verify', status: 401, millis: 1 });
    metrics.request({ ...sight, status: 404, millis: 1 });
    const found = await samples(metrics);
    const name = 'fobd_http_requests_total';
    expect(found.get(`${name}{operation="verify",status="200"}`)).to.equal(1);
    expect(found.get(`${name}{operation="verify",status="401"}`)).to.equal(1);
    expect(found.get(`${name}{operation="none",status="404"}`)).to.equal(1);
    const seconds = 'fobd_http_request_duration_seconds';
    expect(found.get(`${seconds}_sum{operation="verify"}`)).to.be.closeTo(0.003, 1e-9);
    expect(found.get(`${seconds}_count{operation="verify"}`)).to.equal(2);
  });

  it('show windows, distances, offsets and drift at acceptance', async () => {
    metrics.acceptance({
      type: 'time',
      windowSteps: 3,
      distanceSteps: 1,
      offsetSeconds: 12,
      driftPpm: 4,
    });
    metrics.acceptance({ type: 'event', skippedCounters: 2 });
    const found = await samples(metrics);
    const sum = (name: string) => found.get(`fobd_acceptance_${name}_sum`);
    expect([sum('window_steps'), sum('distance_steps')]).to.deep.equal([3, 1]);
    expect([sum('offset_seconds'), sum('drift_ppm')]).to.deep.equal([12, 4]);
    expect(sum('skipped_counters')).to.equal(2);
  });

  it('ask at each scrape how the store, readiness and the certificate stand', async () => {
    let notReady: readonly NotReadyReason[] = [];
    metrics.watch({
      storeState: () => ({ waiting: 5, waitingMax: 10, auditSequence: 42 }),
      notReady: () => notReady,
      certificateExpiresAt: () => 2_000_000_000_000,
      queues: () => undefined,
      now: () => 0,
    });
    const ready = await samples(metrics);
    expect(ready.get('fobd_ready')).to.equal(1);
    expect(ready.get('fobd_store_failed')).to.equal(0);
    expect(ready.get('fobd_store_queue_depth')).to.equal(5);
    expect(ready.get('fobd_store_queue_limit')).to.equal(10);
    expect(ready.get('fobd_audit_sequence')).to.equal(42);
    expect(ready.get('fobd_certificate_expiry_timestamp_seconds')).to.equal(2_000_000_000);
    expect(ready.get('fobd_not_ready{reason="diskNearlyFull"}')).to.equal(0);
    notReady = ['storeFailed', 'diskNearlyFull'];
    const failed = await samples(metrics);
    expect(failed.get('fobd_ready')).to.equal(0);
    expect(failed.get('fobd_store_failed')).to.equal(1);
    expect(failed.get('fobd_not_ready{reason="diskNearlyFull"}')).to.equal(1);
    expect(failed.get('fobd_not_ready{reason="queueFull"}')).to.equal(0);
  });

  it('tell the version, and of the process what Prometheus expects', async () => {
    const whole = createMetrics({ elapsedMillis: () => 0, now: () => 0, version: '1.2.3' });
    const found = await samples(whole);
    expect(found.get('fobd_build_info{version="1.2.3"}')).to.equal(1);
    expect(found.get('process_resident_memory_bytes')).to.be.greaterThan(1e6);
    expect([...found.keys()]).to.include('process_start_time_seconds');
  });
});
