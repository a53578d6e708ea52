import fs from 'node:fs';
import { expect } from 'chai';
import { deviceEnv } from '../../../emulator/cli/device-env.ts';
import { openDrawer } from '../../../emulator/drawer/drawer.ts';
import { fobJson, temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { type FobProgram, fobProgram } from '../../support/fob-program.ts';
import { serialOf } from '../../support/kept-device.ts';

const PROCESSES = 100;

describe('many fob processes at one drawer', function () {
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

  it(`count each of ${PROCESSES} presses of one token once, each with its own code`, async () => {
    const shown = await Promise.all(
      Array.from({ length: PROCESSES }, async () => {
        const { stdout, stderr } = await program.run(['press', 'E', '--json', ...common]);
        expect(stderr).to.equal('');
        return (JSON.parse(stdout) as { code: string }).code;
      }),
    );
    const { seed, parameters, state } = device();
    const codes = shown.map((_, counter) => deviceEnv.otp.code(seed, counter, parameters));
    expect(shown).to.have.members(codes);
    expect(state).to.include({ counter: PROCESSES, presses: PROCESSES });
    expect(fs.readdirSync(home.path)).to.have.members(['E.fob.json', 'drawer.json']);
  });

  it('make a serial once, however many try', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => program.run(['make', 'ONE', '--json', ...common])),
    );
    const codes = results.map(({ exitCode }) => exitCode).sort();
    expect(codes).to.deep.equal([0, 1, 1, 1, 1, 1, 1, 1]);
  });
});
