import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { crashRuns } from '../../support/crash-runs.ts';
import { unpackFixture } from '../../support/fixture-directory.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { builtPrograms } from '../../support/programs.ts';
import { isSoak } from '../../support/run-settings.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';

const ROUNDS = isSoak() ? 20 : 2;

/** Starts a command and kills it so many milliseconds after it is there, if it still is. */
async function killed(args: readonly string[], millis: number): Promise<boolean> {
  const { fobd: program } = await builtPrograms();
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), millis);
  await once(child, 'close');
  clearTimeout(timer);
  return child.signalCode === 'SIGKILL';
}

/** How long a command takes that is left alone. */
async function duration(args: readonly string[]): Promise<number> {
  const { fobd: program } = await builtPrograms();
  const begun = performance.now();
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  await once(child, 'close');
  expect(child.exitCode, args.join(' ')).to.equal(0);
  return performance.now() - begun;
}

/** The second half of a run is where it works; before that it loads its program. */
const moment = (whole: number, uniform: () => number): number => whole * (0.45 + 0.55 * uniform());

describe(`kill -9, ${ROUNDS} times each`, function () {
  this.timeout(ROUNDS * 60_000 + 60_000);
  let place: string;
  let remove: () => Promise<void>;
  const { seed } = crashRuns(ROUNDS);
  const uniform = seededUniform(seed);

  before(async () => {
    process.stdout.write(`kill -9 of backups: FOBTWIN_CRASH_SEED=${seed}\n`);
    ({ place, remove } = await temporaryDirectory());
  });
  after(() => remove());

  const good = async (args: readonly string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await fobd([...args, '--json']);
    expect(code, `${args.join(' ')}: ${stderr}`).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const entries = async (data: string): Promise<number> =>
    Number((await good(['audit', 'verify', '--data', data]))['entries']);
  const formatOf = async (data: string): Promise<unknown> =>
    (JSON.parse(await readFile(path.join(data, 'format.json'), 'utf8')) as { format: unknown })
      .format;

  it('an upgrade: the old form or the new, and it can be run again', async () => {
    const own = path.join(place, 'upgrade');
    await mkdir(own);
    const whole = await duration(['upgrade', '--data', await unpackFixture(2, own)]);
    for (let round = 1; round <= ROUNDS; round += 1) {
      await rm(own, { recursive: true });
      await mkdir(own);
      const data = await unpackFixture(2, own);
      await killed(['upgrade', '--data', data], moment(whole, uniform));
      expect(await formatOf(data)).to.be.oneOf([2, 4]);
      await good(['upgrade', '--data', data]);
      expect(await formatOf(data)).to.equal(4);
      expect(await entries(data)).to.be.within(4240, 4241);
      const { items } = await good(['token', 'list', '--data', data]);
      expect(items).to.have.length(5);
    }
  });

  it('a backup: whole or not there; and a restore of it likewise', async () => {
    const data = await unpackFixture(4, place);
    const key = path.join(data, 'master.key');
    const first = path.join(place, 'first');
    const wholeBackup = await duration(['backup', '--data', data, '--output', first]);
    const where = path.join(place, 'restored');
    const restore = ['restore', first, '--data', where, '--master-key-file', key];
    const wholeRestore = await duration(restore);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const output = path.join(place, `backup-${round}`);
      const backup = ['backup', '--data', data, '--output', output];
      await killed(backup, moment(wholeBackup, uniform));
      const isThere = (await readdir(place)).includes(path.basename(output));
      if (!isThere) await good(backup);
      const held = await entries(data);

      await rm(where, { recursive: true, force: true });
      const again = ['restore', output, ...restore.slice(2)];
      await killed(again, moment(wholeRestore, uniform));
      const isRestored = (await readdir(place)).includes('restored');
      if (!isRestored) await good(again);
      // With the restore's own entry; what the backup's killed client left behind is in the log.
      const restored = Number(
        (await good(['audit', 'verify', '--data', where, '--master-key-file', key]))['entries'],
      );
      expect(restored).to.be.within(2, held + 1);
      const left = (await readdir(place)).filter((name) => name.includes('.restore-'));
      expect(left, 'a later restore takes away what a killed one left').to.have.length.at.most(1);
    }
    await rm(where, { recursive: true });
    await good(restore);
    expect((await readdir(place)).filter((name) => name.includes('.restore-'))).to.have.length(0);
  });
});
