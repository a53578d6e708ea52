import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { type StoryProgram, type StoryRun, storyProgram } from '../../support/story-program.ts';

const LAST_LINE = 'npx fobd audit list --data';

describe('npm start', function () {
  this.timeout(120_000);
  let story: StoryProgram;

  before(async () => {
    story = await storyProgram();
  });
  after(() => story.remove());

  it('plays the whole story and leaves nothing behind with --once', async () => {
    const run = story.start(['--once']);
    expect(await run.ended, run.text()).to.equal(0);
    for (const wanted of ['accepted', 'replayed', 'locked', 'resync', 'sound']) {
      expect(run.text()).to.contain(wanted);
    }
    await expectNothingLeft(run);
  });

  it('stays with its server until it is asked to stop', async () => {
    const run = story.start([]);
    await run.until(LAST_LINE);
    expect((await fetch(`${addressOf(run)}/healthz`)).status).to.equal(200);
    run.child.kill('SIGTERM');
    expect(await run.ended, run.text()).to.equal(0);
    await expectNothingLeft(run);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`ends its programs and removes its folder when ${signal} comes amid the story`, async () => {
      const run = story.start(['--once']);
      await run.until('\n1. ');
      run.child.kill(signal);
      expect(await run.ended, run.text()).to.equal(1);
      await expectNothingLeft(run);
    });
  }

  it('does so when nobody reads any more', async () => {
    const run = story.start(['--once']);
    await run.until('\n1. ');
    run.child.stdout?.destroy();
    expect(await run.ended, run.text()).to.equal(1);
    await expectNothingLeft(run);
  });

  it('on a terminal shows the token below the commands, and ends with it', async function () {
    if (spawnSync('script', ['--version']).error !== undefined) {
      if (process.env['CI'] !== undefined) throw new Error('script (util-linux) is missing');
      process.stderr.write('SKIPPED: the story on a terminal: script (util-linux) is missing\n');
      this.skip();
    }
    const run = story.start([], { terminal: true });
    await run.until('q leaves');
    expect(run.text()).to.contain(LAST_LINE).and.not.contain('\u001b[?1049h');
    run.child.stdin?.write('q');
    expect(await run.ended, run.text()).to.equal(0);
    await expectNothingLeft(run);
  });

  it('says what is wrong with an option', async () => {
    const run = story.start(['--port', '65536']);
    expect(await run.ended).to.equal(1);
    expect(run.text()).to.contain('--port takes a number');
  });
});

function addressOf(run: StoryRun): string {
  const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(run.text()) ?? [];
  if (address === undefined) throw new Error(`No address: ${run.text()}`);
  return address;
}

async function expectNothingLeft(run: StoryRun): Promise<void> {
  expect(run.left()).to.deep.equal([]);
  const gone = await fetch(`${addressOf(run)}/healthz`).then(
    () => 'answers',
    () => 'gone',
  );
  expect(gone).to.equal('gone');
}
