import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { fobd } from '../../support/fobd-in-process.ts';

const COMMANDS = [
  'init',
  'serve',
  'token',
  'account',
  'application',
  'seed-file',
  'audit',
  'key',
  'lab',
  'doctor',
  'metrics',
  'completion',
];

describe('fobd on the command line', () => {
  it('shows every command in its help', async () => {
    const { code, stdout, stderr } = await fobd(['--help']);
    expect(code).to.equal(0);
    expect(stderr).to.equal('');
    for (const name of COMMANDS) expect(stdout).to.contain(`fobd ${name} `);
  });

  for (const name of COMMANDS) {
    it(`shows the help of ${name}, and touches nothing`, async () => {
      const { code, stdout } = await fobd([name, '--help'], { environment: { FOBD_PORT: 'x' } });
      expect(code).to.equal(0);
      expect(stdout).to.contain(`fobd ${name}`).and.to.contain('--data').and.to.contain('--json');
      expect(stdout.split('\n').every((line) => line.length <= 100)).to.equal(true);
    });
  }

  it('speaks one language, whatever the locale', async () => {
    const before = process.env['LC_ALL'];
    process.env['LC_ALL'] = 'de_DE.UTF-8';
    try {
      expect((await fobd(['--help'])).stdout).to.contain('Commands:');
    } finally {
      if (before === undefined) delete process.env['LC_ALL'];
      else process.env['LC_ALL'] = before;
    }
  });

  it('shows the version of the package', async () => {
    const file = new URL('../../../package.json', import.meta.url);
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
    expect((await fobd(['--version'])).stdout).to.equal(`${version}\n`);
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['', 'No command was given'],
    ['nonsense', 'nonsense'],
    ['token', 'token needs one of its commands'],
    ['token nonsense', 'nonsense'],
    ['token show', 'An argument is missing'],
    ['token show A B', 'B'],
    ['token list --colour', 'colour'],
    ['token list --state happy', 'state'],
    ['token list --limit 501', '--limit'],
    ['token list --limit 0', '--limit'],
    ['token list --limit ten', '--limit'],
    ['token register A --account a/b', 'a/b'],
    ['token register A --account', 'account'],
    ['token replace A', 'with'],
    ['token replace A --with /', '/'],
    ['token explain', 'a serial or --account'],
    ['token explain A --account b', 'a serial or --account'],
    ['token explain --account b --codes', '--codes'],
    ['account add', 'An argument is missing'],
    ['account add a/b', 'a/b'],
    ['application add x', 'scope'],
    ['application revoke xyz', 'xyz'],
    ['application allow 0123456789abcdef', '--anywhere'],
    ['application allow 0123456789abcdef --allow 10.0.0.0/8 --anywhere', '--anywhere'],
    ['audit list --after x', '--after'],
    ['seed-file import', 'An argument is missing'],
    ['key', 'key needs one of its commands'],
    ['key rotate now', 'now'],
    ['key rewrap', '--new-master-key-file'],
    ['key rewrap --new-master-key-file a --new-master-key-command b', '--new-master-key-command'],
    ['key list --master-key-file a --master-key-command b', '--master-key-command'],
    ['lab clock --freeze --tick', 'freeze'],
    ['serve --data a --data b', '--data'],
    ['serve --port', 'port'],
    ['serve --port 123456', '--port'],
    ['serve --host 0.0.0.0', '--host'],
  ];
  for (const [line, named] of wrong) {
    it(`exits 2 for \`fobd ${line}\` and names ${named}`, async () => {
      const argv = line.split(' ').filter((word) => word !== '');
      const { code, stdout, stderr } = await fobd(argv, {
        environment: { FOBD_DATA: '/nowhere/at/all' },
      });
      expect(code).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.contain(named).and.to.contain('[usage]');
    });
  }

  it('takes numbers in names and serials as they are written', async () => {
    const environment = { FOBD_DATA: '/nowhere/at/all' };
    for (const serial of ['1e5', '0012', '0x10', '1.0']) {
      const { code, stderr } = await fobd(['token', 'show', serial], { environment });
      expect(code, stderr).to.equal(1);
      expect(stderr).to.contain('[dataDirectoryMissing]');
    }
  });
});
