import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { deviceEnv } from '../../../emulator/cli/device-env.ts';
import { openDrawer } from '../../../emulator/drawer/drawer.ts';
import { bundleFob, type FobBundle } from '../../support/fob-bundle.ts';
import { fobJson, temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { serialOf } from '../../support/kept-device.ts';

const PROCESSES = 20;
const KILL_ROUNDS = 25;

describe('many fob processes at one drawer', function () {
  this.timeout(120_000);
  let bundle: FobBundle;
  let home: ReturnType<typeof temporaryDirectory>;
  let common: string[];

  before(async () => {
    bundle = await bundleFob();
  });
  after(() => bundle.remove());
  beforeEach(async () => {
    home = temporaryDirectory();
    common = ['--drawer', home.path];
    await fobJson(['make', 'E', '--profile', 'e6', '--crystal', 'ideal', ...common]);
  });
  afterEach(() => home.remove());

  const device = () => openDrawer(home.path, testLockEnv).read(serialOf('E')).device;
  const presses = () => device().state.presses;

  it(`count each of ${PROCESSES} presses of one token once, each with its own code`, async () => {
    const shown = await Promise.all(
      Array.from({ length: PROCESSES }, async () => {
        const { stdout, stderr } = await bundle.run(['press', 'E', '--json', ...common]);
        expect(stderr).to.equal('');
        return (JSON.parse(stdout) as { code: string }).code;
      }),
    );
    const { seed, parameters, state } = device();
    const codes = shown.map((_, counter) => deviceEnv.otp.code(seed, counter, parameters));
    expect(shown).to.have.members(codes);
    expect(state).to.include({ counter: PROCESSES, presses: PROCESSES });
    expect(fs.readdirSync(home.path)).to.deep.equal(['E.fob.json']);
  });

  it('make a serial once, however many try', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => bundle.run(['make', 'ONE', '--json', ...common])),
    );
    const codes = results.map(({ exitCode }) => exitCode).sort();
    expect(codes).to.deep.equal([0, 1, 1, 1, 1, 1, 1, 1]);
  });

  it(`leave a readable drawer behind, killed at ${KILL_ROUNDS} random moments`, async () => {
    let least = 0;
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      const child = spawn(process.execPath, [bundle.file, 'run', 'E', '--json', ...common], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      // Presses as fast as it takes them; killed after a random number of answers.
      child.stdin.on('error', () => {});
      child.stdin.write('\n'.repeat(2000));
      const printed = await killAfterLines(child, 1 + Math.floor(Math.random() * 30));
      const counted = presses();
      // What was printed had been kept, but for the first line, which may show the press before.
      expect(counted).to.be.at.least(least + printed - 1);
      least = counted;
    }
    const { devices, problems } = openDrawer(home.path, testLockEnv).list();
    expect(problems).to.deep.equal([]);
    expect(devices).to.have.length(1);
    const drafts = fs.readdirSync(home.path).filter((name) => name.endsWith('.tmp'));
    expect(drafts).to.deep.equal([]);
    // The locks of the dead hold nobody up.
    const result = await bundle.run(['press', 'E', '--json', ...common]);
    expect(result.exitCode).to.equal(0);
    expect(presses()).to.equal(least + 1);
  });

  it('take a seed file as whole or not at all when killed while making it', async () => {
    for (let round = 0; round < 8; round += 1) {
      const file = path.join(home.path, `seeds-${round}.pskcxml`);
      const argv = [bundle.file, 'make', '--count', '40', '--seed-file', file, ...common];
      const child = spawn(process.execPath, argv, { stdio: 'ignore' });
      const watcher = fs.watch(home.path, () => {
        if (Math.random() < 0.02) child.kill('SIGKILL');
      });
      await once(child, 'exit');
      watcher.close();
      if (fs.existsSync(file)) {
        expect(fs.readFileSync(file, 'utf8').match(/<\/(\w+:)?KeyPackage>/g)).to.have.length(40);
        expect(fs.statSync(file).mode & 0o777).to.equal(0o600);
      }
    }
    expect(openDrawer(home.path, testLockEnv).list().problems).to.deep.equal([]);
  });
});

/** Kills it once it has printed so many codes; how many it printed in all. */
async function killAfterLines(child: ChildProcess, count: number): Promise<number> {
  let lines = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    // A display that went dark is a line too, but no press.
    lines += chunk.toString().split('"showing"').length - 1;
    if (lines >= count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return lines;
}
