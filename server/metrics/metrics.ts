import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { NOT_READY_REASONS, type NotReadyReason } from '../../shared/wire/schemas.ts';
import type { RequestSight } from '../http/dependencies.ts';
import type { NoticeObserver } from '../notices/observer.ts';
import type { PhoneObserver } from '../phones/observer.ts';
import type { PacketObserver } from '../radius/results.ts';
import type { StoreObserver, StoreState } from '../store/port.ts';
import type { Acceptance, AcceptanceObserver } from '../tokens/acceptances.ts';
import {
  type ChoreObserver,
  observeChores,
  observeNotices,
  observePhones,
  type QueueSources,
  watchQueues,
} from './sending.ts';
import { createTally } from './tally.ts';

/** What is asked at each scrape instead of being told. */
export interface MetricsSources extends QueueSources {
  readonly storeState: () => StoreState;
  /** Empty while requests are taken. */
  readonly notReady: () => readonly NotReadyReason[];
  /** When the certificate ends, in Unix milliseconds; absent without TLS. */
  readonly certificateExpiresAt?: () => number;
}

/** What a serving fobd counts, for Prometheus. No label ever names a token or an account. */
export interface Metrics {
  readonly store: StoreObserver;
  readonly acceptance: AcceptanceObserver;
  request(sight: RequestSight): void;
  /** Told of every RADIUS packet once. */
  readonly radius: PacketObserver;
  readonly notices: NoticeObserver;
  readonly phones: PhoneObserver;
  /** Told of every chore that has run. */
  readonly chore: ChoreObserver;
  connectionRefused(): void;
  /** Says where the values come from that nobody tells. */
  watch(sources: MetricsSources): void;
  /** Prometheus' text format 0.0.4. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  /** Milliseconds since some moment, which nobody can set. */
  readonly elapsedMillis: () => number;
  /** The computer's clock, for moments that are told: Unix milliseconds. */
  readonly now: () => number;
  readonly version: string;
  /** Memory, processor, event loop and file descriptors of the process. Default true. */
  readonly process?: boolean;
}

/** Seconds: from a cached decision to one that waited for a slow disk. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const FLUSH_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const GROUP_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096];
/** A window is at most 41 steps. */
const WINDOW_BUCKETS = [3, 4, 5, 7, 9, 13, 21, 31, 41];
const DISTANCE_BUCKETS = [0, 1, 2, 3, 5, 8, 13, 20];
const SKIPPED_BUCKETS = [0, 1, 2, 3, 5, 7, 9];
const OFFSET_BUCKETS = [5, 10, 15, 30, 60, 120, 300, 600];
const DRIFT_BUCKETS = [1, 2, 3, 5, 8, 12, 20, 35];

export function createMetrics({
  elapsedMillis,
  now,
  version,
  process: withProcess = true,
}: MetricsOptions): Metrics {
  const register = new Registry();
  const registers = [register];
  if (withProcess) collectDefaultMetrics({ register });
  new Gauge({
    name: 'fobd_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const refused = new Counter({
    name: 'fobd_connections_refused_total',
    help: 'Connections closed at once because as many as fobd may hold were open.',
    registers,
  });
  return {
    store: observeStore(registers, elapsedMillis),
    acceptance: observeAcceptances(registers),
    request: observeRequests(registers),
    radius: observePackets(registers),
    notices: observeNotices(registers),
    phones: observePhones(registers),
    chore: observeChores(registers, now),
    connectionRefused: () => refused.inc(),
    watch(sources) {
      watchSources(registers, sources);
      watchQueues(registers, sources);
    },
    text: () => register.metrics(),
  };
}

type Registers = Registry[];

function observeRequests(registers: Registers): Metrics['request'] {
  const countRequest = createTally(registers, {
    name: 'fobd_http_requests_total',
    help: 'Requests answered, by operation of /v1 and status.',
    labelNames: ['operation', 'status'],
  });
  const seconds = new Histogram({
    name: 'fobd_http_request_duration_seconds',
    help: 'From the whole head of a request to its reply, by operation of /v1.',
    labelNames: ['operation'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  return ({ operation = 'none', status, millis }) => {
    countRequest(operation, status);
    seconds.observe({ operation }, millis / 1000);
  };
}

function observePackets(registers: Registers): PacketObserver {
  return createTally(registers, {
    name: 'fobd_radius_packets_total',
    help: 'RADIUS packets by what became of them: answered, repeated, or why dropped.',
    labelNames: ['result'],
  });
}

/** A flush takes a while and there is one at a time: two calls, one clock. */
function observeStore(registers: Registers, elapsedMillis: () => number): StoreObserver {
  const countDecision = createTally(registers, {
    name: 'fobd_decisions_total',
    help: 'Decisions by what was asked and what it came to, as the audit log has them.',
    labelNames: ['action', 'outcome'],
  });
  const groups = new Histogram({
    name: 'fobd_store_group_decisions',
    help: 'Decisions that shared one flush.',
    buckets: GROUP_BUCKETS,
    registers,
  });
  const flushes = new Histogram({
    name: 'fobd_store_flush_duration_seconds',
    help: 'How long the disk took to make a group durable.',
    buckets: FLUSH_BUCKETS,
    registers,
  });
  const refusals = new Counter({
    name: 'fobd_store_refusals_total',
    help: 'Decisions not taken because too many waited to be durable.',
    registers,
  });
  let began = 0;
  return {
    recorded: (action, outcome) => countDecision(action, outcome ?? 'none'),
    flushing(count) {
      groups.observe(count);
      began = elapsedMillis();
    },
    flushed: () => flushes.observe((elapsedMillis() - began) / 1000),
    refused: () => refusals.inc(),
  };
}

function observeAcceptances(registers: Registers): AcceptanceObserver {
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `fobd_acceptance_${name}`, help, buckets, registers });
  const window = histogram('window_steps', 'Steps that would have been accepted.', WINDOW_BUCKETS);
  const distance = histogram(
    'distance_steps',
    'From the predicted step to the accepted one, either way.',
    DISTANCE_BUCKETS,
  );
  const offset = histogram(
    'offset_seconds',
    "How far the token's clock is believed to be off, either way.",
    OFFSET_BUCKETS,
  );
  const drift = histogram(
    'drift_ppm',
    "How fast the token's clock is believed to go wrong, either way.",
    DRIFT_BUCKETS,
  );
  const skipped = histogram(
    'skipped_counters',
    'Counters of event tokens passed over, of those looked ahead.',
    SKIPPED_BUCKETS,
  );
  return (acceptance: Acceptance) => {
    if (acceptance.type === 'event') {
      skipped.observe(acceptance.skippedCounters);
      return;
    }
    window.observe(acceptance.windowSteps);
    distance.observe(acceptance.distanceSteps);
    offset.observe(acceptance.offsetSeconds);
    drift.observe(acceptance.driftPpm);
  };
}

function watchSources(registers: Registers, sources: MetricsSources): void {
  const { storeState, notReady, certificateExpiresAt } = sources;
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('fobd_ready', '1 while requests are taken.', () => (notReady().length === 0 ? 1 : 0));
  gauge('fobd_store_failed', '1 once the store can no longer be written.', () =>
    notReady().includes('storeFailed') ? 1 : 0,
  );
  gauge('fobd_store_queue_depth', 'Decisions that wait to be durable.', () => storeState().waiting);
  gauge(
    'fobd_store_queue_limit',
    'From so many waiting decisions on, new ones are refused.',
    () => storeState().waitingMax,
  );
  gauge(
    'fobd_audit_sequence',
    'Sequence of the newest audit entry.',
    () => storeState().auditSequence,
  );
  if (certificateExpiresAt !== undefined) {
    gauge(
      'fobd_certificate_expiry_timestamp_seconds',
      'When the TLS certificate ends, as Unix time.',
      () => certificateExpiresAt() / 1000,
    );
  }
  new Gauge({
    name: 'fobd_not_ready',
    help: '1 for each reason for which requests are not taken just now.',
    labelNames: ['reason'],
    registers,
    collect() {
      const reasons = notReady();
      for (const reason of NOT_READY_REASONS) {
        this.set({ reason }, reasons.includes(reason) ? 1 : 0);
      }
    },
  });
}
