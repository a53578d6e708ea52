import { createHmac } from 'node:crypto';
import { withFullEffort } from '../../server/tokens/effort.ts';
import { createSearches } from '../../server/tokens/searches.ts';
import { searchPair } from '../../server/verification/pair.ts';
import { DEFAULT_POLICY } from '../../server/verification/policy.ts';
import { scanCode } from '../../server/verification/scan.ts';
import { finish } from '../../server/verification/search.ts';
import type { Env, Subject } from '../../server/verification/types.ts';
import type { Algorithm, Code, TokenParameters } from '../../shared/types.ts';
import { eventSubject, NOW, realOtp, SEED, twoCodes } from '../support/verification.ts';
import { median, spread, table } from './report.ts';

/**
 * What a scan costs beside its HMACs, and how long a resync keeps everybody else waiting. Ratios
 * are taken between neighbours in time, for the machine has other work too.
 */

const RUNS = 201;
const SEARCHES = 40;
const RATIO_MAX = 1.15;
const STRETCH_MILLIS_MAX = 2;

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };
const codes = twoCodes('000001' as Code, '000002' as Code);

/** The same number of HMACs as node:crypto makes them, over counters as they come. */
function bareHmacs(count: number, algorithm: Algorithm): number {
  const message = new Uint8Array(8);
  const view = new DataView(message.buffer);
  const name = algorithm.toLowerCase();
  let kept = 0;
  for (let counter = 0; counter < count; counter += 1) {
    view.setUint32(4, counter);
    kept ^= createHmac(name, SEED).update(message).digest()[0] ?? 0;
  }
  return kept;
}

function microsOf(work: () => unknown): number {
  const before = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - before) / 1000;
}

function subjectOf(algorithm: Algorithm): Subject {
  const parameters: TokenParameters = { type: 'event', algorithm, digits: 6 };
  return { ...eventSubject(), parameters };
}

/** A scan beside as many bare HMACs, taking turns. */
function ratioOf(count: number, algorithm: Algorithm, scan: () => unknown): readonly string[] {
  const repeat = Math.max(1, Math.round(1000 / count));
  const times = (work: () => unknown) => () => {
    for (let n = 0; n < repeat; n += 1) work();
  };
  const bare = times(() => bareHmacs(count, algorithm));
  const full = times(scan);
  const ratios: number[] = [];
  const micros: number[] = [];
  for (let run = -20; run < RUNS; run += 1) {
    // Each run begins with the other of the two.
    const first = run % 2 === 0 ? microsOf(bare) : Number.NaN;
    const scanned = microsOf(full);
    const beside = Number.isNaN(first) ? microsOf(bare) : first;
    if (run < 0) continue;
    ratios.push(scanned / beside);
    micros.push(scanned / repeat);
  }
  const verdict = median(ratios) <= RATIO_MAX ? 'yes' : 'no';
  return [spread(micros, 0), median(ratios).toFixed(3), verdict];
}

/** One slice, in milliseconds: of the clock on the wall, and of this process's work. */
interface Slice {
  readonly wall: number;
  readonly cpu: number;
}

/** The longest and the usual stretch of one slice, searches of several tokens at once. */
async function stretches(algorithm: Algorithm, atOnce: number): Promise<readonly Slice[]> {
  const searches = createSearches();
  const slices: Slice[] = [];
  function* timed() {
    const subject = subjectOf(algorithm);
    const kind = {
      begin: (who: Subject, counting: Env) => searchPair(who, codes, counting),
      isHit: (second: number | undefined) => second !== undefined,
    };
    const search = withFullEffort(subject, env, DEFAULT_POLICY.resyncCounters, kind);
    for (;;) {
      let ended: boolean | undefined;
      const cpu = process.cpuUsage();
      const wall = microsOf(() => {
        ended = search.next().done;
      });
      const { user, system } = process.cpuUsage(cpu);
      slices.push({ wall: wall / 1000, cpu: (user + system) / 1000 });
      if (ended === true) return undefined;
      yield;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, () => searches.run(timed())));
  return slices;
}

export async function benchScan(write: (text: string) => void): Promise<void> {
  const { lookAhead, replayedCounters, resyncCounters } = DEFAULT_POLICY;
  const rows: (readonly string[])[] = [];
  for (const algorithm of ['SHA1', 'SHA256', 'SHA512'] as const) {
    const subject = subjectOf(algorithm);
    const window = lookAhead + replayedCounters;
    const scan = () => scanCode(subject, codes.code1, NOW, env);
    rows.push([`a code, ${algorithm}`, String(window), ...ratioOf(window, algorithm, scan)]);
    const pair = () => finish(searchPair(subject, codes, env));
    rows.push([
      `a pair, ${algorithm}`,
      String(resyncCounters),
      ...ratioOf(resyncCounters, algorithm, pair),
    ]);
  }
  const heading = ['scan', 'HMACs', 'us', 'x bare HMACs, median', `at most ${RATIO_MAX}`];
  write(`${table(heading, rows)}\n\n`);
  const turns: (readonly string[])[] = [];
  for (const algorithm of ['SHA1', 'SHA512'] as const) {
    await stretches(algorithm, SEARCHES);
    const slices = await stretches(algorithm, SEARCHES);
    const walls = slices.map(({ wall }) => wall);
    const longest = Math.max(...walls);
    const worked = Math.max(...slices.map(({ cpu }) => cpu));
    const verdict = longest <= STRETCH_MILLIS_MAX ? 'yes' : 'no';
    turns.push([
      algorithm,
      ...[median(walls), longest, worked].map((ms) => ms.toFixed(2)),
      verdict,
    ]);
  }
  const asked = `at most ${STRETCH_MILLIS_MAX} ms`;
  write(`${SEARCHES} resyncs at once: how long a slice holds the event loop\n\n`);
  write(`${table(['algorithm', 'median ms', 'longest ms', 'longest, CPU', asked], turns)}\n`);
}
