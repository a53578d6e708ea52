import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { crashImage } from '../../support/crash-images.ts';
import { announce, crashRuns } from '../../support/crash-runs.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';
import { straceOrSkip } from '../../support/strace.ts';
import { checkFlushOrder, readCommits } from './commits.ts';
import {
  chooseCrashPoints,
  compactionOf,
  endOf,
  lacksWritten,
  withoutFlushes,
} from './crash-points.ts';
import { checkImage, type Owed } from './reopened.ts';
import { runTraced, type TracedRun } from './traced-run.ts';

/**
 * The page cache outlives a killed process, so killing one shows nothing of what was flushed. Here
 * every write, flush and reply of a run is traced, and a loss of power is played from the trace.
 */

const ACKNOWLEDGEMENTS = 600;
const USUAL_IMAGES = 100;
/** Of all images those of the run that is killed; the others are of the one that is stopped. */
const KILLED_SHARE = 2 / 3;
const TIMEOUT_MILLIS = 300_000;

/** What is chosen at random is chosen apart, so that a seed chooses it again. */
const PURPOSE = { killed: 0, stopped: 1000, killedImages: 2000, stoppedImages: 3000, spent: 4000 };

/** What each run must have acknowledged. */
const KINDS = [
  ...['addAccount', 'register accepted', 'verify accepted', 'verify wrongCode'],
  ...['verify replayed', 'verify throttled', 'look'],
];

describe('flushes, acknowledgements and a loss of power', function () {
  this.timeout(TIMEOUT_MILLIS);
  const runs = crashRuns(USUAL_IMAGES);
  let scratch: string | undefined;
  let killed: TracedRun;
  let stopped: TracedRun;

  before(async function () {
    const strace = await straceOrSkip(this);
    this.timeout(TIMEOUT_MILLIS);
    announce('crash images', runs);
    scratch = await mkdtemp(path.join(tmpdir(), 'fobd-crash-'));
    const options = { strace, acknowledgements: ACKNOWLEDGEMENTS };
    killed = await runTraced(path.join(scratch, 'killed'), {
      ...options,
      seed: runs.seed + PURPOSE.killed,
      end: 'SIGKILL',
    });
    stopped = await runTraced(path.join(scratch, 'stopped'), {
      ...options,
      seed: runs.seed + PURPOSE.stopped,
      end: 'SIGTERM',
      untilNextLog: true,
    });
  });

  after(async () => {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  });

  it('the load is what it should be: many kinds at once, and several commits to a flush', () => {
    for (const { sent, history } of [killed, stopped]) {
      expect(sent.length).to.be.at.least(ACKNOWLEDGEMENTS);
      expect(new Set(sent.map(({ entry }) => kindOf(entry)))).to.include.all.keys(...KINDS);
      const shared = readCommits(history).filter(({ entries }) => entries.length > 1);
      expect(shared.length).to.be.greaterThan(20);
    }
  });

  it('in one of the runs LevelDB moves on to another log in the middle of the load', () => {
    const { from, to } = compactionOf(stopped) ?? { from: 0, to: 0 };
    expect(to).to.be.greaterThan(from);
    expect(stopped.sent.filter(({ line }) => line < from).length).to.be.greaterThan(50);
    expect(stopped.sent.filter(({ line }) => line > from).length).to.be.greaterThan(50);
  });

  it('each acknowledgement comes after a flush that covers its commit', () => {
    for (const { sent, history } of [killed, stopped]) {
      const { violations, durableAt } = checkFlushOrder(readCommits(history), sent);
      expect(violations).to.deep.equal([]);
      expect(durableAt.size).to.equal(sent.filter(({ entry }) => entry !== undefined).length);
    }
  });

  it('every acknowledgement that is moved before its flush is found', () => {
    const commits = readCommits(killed.history);
    const { durableAt } = checkFlushOrder(commits, killed.sent);
    const moved = killed.sent.map((one) => ({
      ...one,
      line: durableAt.get(one.requestId) ?? one.line,
    }));
    const { violations } = checkFlushOrder(commits, moved);
    const found = new Set(violations.map((text) => text.split(':')[0]));
    expect([...durableAt.keys()].filter((requestId) => !found.has(requestId))).to.deep.equal([]);
  });

  it('every acknowledgement is found where nothing is flushed, in trace and images', async () => {
    const history = withoutFlushes(killed.history);
    const { violations, durableAt } = checkFlushOrder(readCommits(history), killed.sent);
    expect(durableAt.size).to.be.at.least(ACKNOWLEDGEMENTS / 2);
    expect(violations.length).to.be.at.least(durableAt.size);
    const line = endOf(killed);
    const wrong = await checkImage(crashImage(history, { line }), owedAt(killed, line, 0));
    const promised = new Set(killed.sent.flatMap(({ facts }) => facts.map(({ text }) => text)));
    const lost = new Set(wrong.filter((text) => text.startsWith('lost: ')));
    expect(lost.size).to.equal(promised.size);
  });

  it('what a loss of power leaves holds every acknowledgement made before', async () => {
    const ofKilled = Math.ceil(runs.images * KILLED_SHARE);
    const counts = [
      [killed, ofKilled, PURPOSE.killedImages],
      [stopped, runs.images - ofKilled, PURPOSE.stoppedImages],
    ] as const;
    let lacking = 0;
    for (const [run, images, purpose] of counts) {
      const points = chooseCrashPoints(run, images, seededUniform(runs.seed + purpose));
      for (const [place, point] of points.entries()) {
        const image = crashImage(run.history, point);
        if (lacksWritten(run.history, point.line, image)) lacking += 1;
        const wrong = await checkImage(image, owedAt(run, point.line, place));
        expect(wrong, `image ${place}, at line ${point.line}`).to.deep.equal([]);
      }
    }
    expect(lacking, 'images that lack what was written').to.be.greaterThan(runs.images / 4);
  });

  const owedAt = (run: TracedRun, line: number, place: number): Owed => ({
    apiKey: run.apiKey,
    acknowledged: run.sent.filter((one) => one.line < line),
    uniform: seededUniform(runs.seed + PURPOSE.spent + place),
  });
});

/** An audit entry's text less whom it is about. */
function kindOf(entry: string | undefined): string {
  const [action = 'look', , , outcome = '-'] = entry?.split(' ') ?? [];
  return outcome === '-' ? action : `${action} ${outcome}`;
}
