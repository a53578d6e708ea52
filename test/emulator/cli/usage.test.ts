import fs from 'node:fs';
import { expect } from 'chai';
import type { ExitCode } from '../../../emulator/cli/env.ts';
import { fob, fobJson, temporaryDirectory } from '../../support/fob-env.ts';

type Case = readonly [commandLine: string, exitCode: ExitCode, says: string];

/** Every command line that is refused, its exit code and what is said. `C` is a token's serial. */
const REFUSED: readonly Case[] = [
  ['', 2, 'Say what to do'],
  ['pres C', 2, 'press'],
  ['constructor', 2, 'constructor'],
  ['--json', 2, 'Say what to do'],
  ['press', 2, 'Missing: <serial>'],
  ['press C D', 2, 'Unknown argument: D'],
  ['press C --foo', 2, 'Unknown argument: foo'],
  ['press C --no-json', 2, 'Unknown argument: no-json'],
  ['press C --hold 6', 2, '--hold takes a whole number'],
  ['press C --hold 2h', 2, '--hold is at most 1h'],
  ['press C --hold 6s --fresh', 2, 'exclude each other'],
  ['press C --hold 6s --pin', 2, 'exclude each other'],
  ['press C --min-remaining 8s', 2, '--min-remaining goes with --fresh'],
  ['press C --fresh --min-remaining 31s', 1, 'good for 30 s at most'],
  ['press C --pin', 1, 'without a PIN pad'],
  ['press C --at', 2, '--at needs a value'],
  ['press C --at now', 2, '--at takes a time in UTC'],
  ['press C --at 2026-02-30T00:00:00Z', 2, '--at takes a time in UTC'],
  ['press C --at 2026-01-01T00:00:00+01:00', 2, '--at takes a time in UTC'],
  ['press C --at 1767225600', 2, '--at takes a time in UTC'],
  ['press C --after 30', 2, '--after takes a whole number'],
  ['press C --after -30s', 2, '--after'],
  ['press C --after 1.5s', 2, '--after takes a whole number'],
  ['press C --after 30s --after 40s', 2, '--after was given more than once'],
  ['press C --after 30s', 1, 'has never been pressed'],
  ['press C --at 2026-01-01T00:00:00Z --after 1s', 2, 'exclude each other'],
  ['press Ä', 2, 'not a serial'],
  ['press NOPE', 1, 'No token NOPE'],
  ['show', 2, 'Missing: <serial>'],
  ['show NOPE', 1, 'No token NOPE'],
  ['show C --back --at 2026-01-01T00:00:00Z', 2, 'exclude each other'],
  ['list C', 2, 'Unknown argument: C'],
  ['list --drawer=', 2, 'The value of drawer is empty'],
  ['export C --output=', 2, 'The value of output is empty'],
  ['--drawer', 2, 'Say what to do'],
  ['--json pres', 2, 'Did you mean press'],
  ['run', 2, 'Missing: <serial>'],
  ['run NOPE', 1, 'No token NOPE'],
  ['make C', 1, 'already has C'],
  ['make c', 1, 'already has C'],
  ['make A B', 2, 'Unknown argument: B'],
  ['make -5', 2, 'not a serial'],
  ['make --count 0', 2, '--count takes a whole number'],
  ['make --count 100001', 2, '--count takes a whole number'],
  ['make --count 1e3', 2, '--count takes a whole number'],
  ['make --count 0x10', 2, '--count takes a whole number'],
  ['make A --count 2', 2, 'not both'],
  ['make --profile c31', 2, 'c31'],
  ['make --crystal glass', 2, 'glass'],
  ['make --seed-file /nowhere/at/all.pskcxml', 1, 'cannot be written'],
  ['make --seed-file /etc/hostname', 1, 'is already there'],
  ['export C --format xml', 2, 'xml'],
  ['export NOPE', 1, 'No token NOPE'],
  ['export C --output /nowhere/at/all', 1, 'cannot be written'],
  ['import', 2, 'Missing: <file>'],
  ['import /nowhere/at/all', 1, 'cannot be read'],
  ['import /', 1, 'cannot be read'],
  ['drawer', 2, 'Missing: <action>'],
  ['drawer open', 2, 'status, export'],
  ['drawer status C', 2, 'takes no file'],
  ['drawer export', 2, 'file is missing'],
  ['drawer export /nowhere/at/all', 1, 'Nobody can be asked'],
  ['drawer export /etc/hostname', 1, 'is already there'],
  ['drawer export /nowhere/at/all --passphrase-file /nowhere', 1, 'cannot be read'],
  ['drawer import', 2, 'file is missing'],
  ['drawer import /nowhere/at/all', 1, 'There is no file'],
  ['drawer import /etc/hostname', 1, 'Nobody can be asked'],
  ['drawer passphrase', 1, 'Nobody can be asked'],
  ['--version --json', 2, 'Say what to do'],
];

describe('a command line', () => {
  let home: ReturnType<typeof temporaryDirectory>;

  before(async () => {
    home = temporaryDirectory();
    await fobJson(['make', 'C', '--drawer', home.path]);
  });
  after(() => home.remove());

  for (const [commandLine, exitCode, says] of REFUSED) {
    it(`\`fob ${commandLine}\` is refused with ${exitCode}: ${says}`, async () => {
      const argv = commandLine === '' ? [] : commandLine.split(' ');
      const result = await fob(argv, { variables: { FOB_DRAWER: home.path } });
      expect(result.stderr).to.contain(says);
      expect(result.stderr).to.match(/^fob: .*\n(.*\n)*? {2}\S.*\n$/, 'no next step');
      expect(result.exitCode).to.equal(exitCode);
      expect(result.stdout).to.equal('');
      expect(fs.readdirSync(home.path)).to.have.members(['C.fob.json', 'drawer.json']);
    });
  }

  it('may have the options of every command before its name', async () => {
    for (const before of [['--drawer', home.path], [`--drawer=${home.path}`]]) {
      const { exitCode, stdout } = await fob([...before, '--json', 'list'], { variables: {} });
      expect(exitCode).to.equal(0);
      expect(stdout).to.contain('"serial":"C"');
    }
    const { stdout } = await fob(['--help', 'press']);
    expect(stdout).to.contain('fob press <serial>');
  });

  const HELPED = ['', 'make', 'list', 'show', 'press', 'run', 'export', 'import', 'drawer'];
  for (const command of HELPED) {
    it(`\`fob ${command} --help\` explains it within 80 columns`, async () => {
      const argv = [...command.split(' ').filter(Boolean), '--help'];
      const { exitCode, stdout, stderr } = await fob(argv, { variables: {} });
      expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
      expect(stdout).to.contain(`fob ${command === '' ? 'COMMAND' : command}`);
      if (command !== '') expect(stdout).to.contain('Examples:').and.contain('--json');
      for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(80);
    });
  }

  it('`fob --version` says which fob it is', async () => {
    const { stdout } = await fob(['--version']);
    const description = new URL('../../../package.json', import.meta.url);
    const { version } = JSON.parse(fs.readFileSync(description, 'utf8')) as { version: string };
    expect(stdout).to.equal(`${version}\n`);
  });
});
