import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { openDrawer } from '../../../emulator/drawer/drawer.ts';
import { fob, fobJson, temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { type FobProgram, fobProgram } from '../../support/fob-program.ts';
import { serialOf } from '../../support/kept-device.ts';

const KILL_ROUNDS = 12;

describe('fob processes that are killed', function () {
  this.timeout(120_000);
  let program: FobProgram;
  let home: ReturnType<typeof temporaryDirectory>;
  let common: string[];

  before(async () => {
    program = await fobProgram();
  });
  beforeEach(async () => {
    home = temporaryDirectory();
    common = ['--drawer', home.path];
    await fobJson(['make', 'E', '--profile', 'e6', '--crystal', 'ideal', ...common]);
  });
  afterEach(() => home.remove());

  const device = () => openDrawer(home.path, testLockEnv).read(serialOf('E')).device;
  const presses = () => device().state.presses;

  it(`leave a readable drawer behind, killed at ${KILL_ROUNDS} random moments`, async () => {
    let least = 0;
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      const child = spawn(process.execPath, [program.file, 'run', 'E', '--json', ...common], {
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
    const result = await program.run(['press', 'E', '--json', ...common]);
    expect(result.exitCode).to.equal(0);
    expect(presses()).to.equal(least + 1);
  });

  it('move a drawer or do not, killed while moving it: each token is in one place', async () => {
    const passphrase = path.join(home.path, 'passphrase.txt');
    fs.writeFileSync(passphrase, 'eight words are better than one');
    const outcomes = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const place = path.join(home.path, `round-${round}`);
      const file = path.join(home.path, `moved-${round}`);
      const here = ['--drawer', path.join(place, 'drawer')];
      await fobJson(['make', '--count', '12', '--profile', 'e6', ...here]);
      const move = ['drawer', 'export', file, '--passphrase-file', passphrase, ...here];
      const child = spawn(process.execPath, [program.file, ...move], { stdio: 'ignore' });
      // Killed at one of the changes of its directories; at some only after its end.
      const changes = round * 12;
      let seen = 0;
      const watchers = [home.path, path.join(place, 'drawer')].map((directory) =>
        fs.watch(directory, () => {
          seen += 1;
          if (seen > changes) child.kill('SIGKILL');
        }),
      );
      await once(child, 'exit');
      for (const watcher of watchers) watcher.close();
      const listed = await fob(['list', '--json', ...here]);
      const { tokens } = JSON.parse(listed.stdout) as { tokens: { serial: string }[] };
      const serial = tokens[0]?.serial ?? '';
      expect(tokens.length).to.be.oneOf([0, 12]);
      if (tokens.length > 0) {
        outcomes.add('stayed');
        expect(fs.existsSync(file)).to.equal(false);
        expect((await program.run(['press', serial, ...here])).exitCode).to.equal(0);
      } else outcomes.add('moved');
      // Whatever it came to: what is not there yet comes with the next.
      if (tokens.length > 0 || !fs.existsSync(file)) {
        expect((await program.run(move)).stderr).to.equal('');
      }
      const there = ['--drawer', path.join(place, 'new')];
      const bring = ['drawer', 'import', file, '--passphrase-file', passphrase, ...there];
      expect(await fobJson<{ tokens: unknown[] }>(bring))
        .to.have.property('tokens')
        .with.length(12);
      expect(fs.existsSync(file)).to.equal(false);
    }
    expect(outcomes.has('stayed')).to.equal(true);
  });

  it('take a seed file as whole or not at all when killed while making it', async () => {
    for (let round = 0; round < 6; round += 1) {
      const file = path.join(home.path, `seeds-${round}.pskcxml`);
      const argv = [program.file, 'make', '--count', '40', '--seed-file', file, ...common];
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
    const { devices, problems } = openDrawer(home.path, testLockEnv).list();
    expect(problems).to.deep.equal([]);
    // Besides the first, all forty of a round or none.
    expect((devices.length - 1) % 40).to.equal(0);
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
