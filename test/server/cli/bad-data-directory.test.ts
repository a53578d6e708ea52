import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { runFobdProcess, temporaryDirectory } from '../../support/fobd-process.ts';

/** Everything in a directory: names and contents. Equal means that nothing was changed. */
async function snapshot(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    found[file] = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(file))
          .digest('hex')
      : 'no file';
  }
  return found;
}

interface Case {
  readonly name: string;
  /** What is done to a good data directory. */
  readonly spoil: (data: string) => Promise<unknown>;
  readonly args?: (data: string) => readonly string[];
  readonly code: string;
  readonly text: string;
  /** LevelDB writes its own log and lock before it finds what is wrong. */
  readonly touchesStore?: boolean;
}

const format = (data: string): string => path.join(data, 'format.json');
const editFormat =
  (change: object) =>
  async (data: string): Promise<void> => {
    const value = JSON.parse(await readFile(format(data), 'utf8')) as object;
    await writeFile(format(data), JSON.stringify({ ...value, ...change }));
  };
const empty = async (data: string): Promise<void> => {
  await rm(data, { recursive: true });
  await mkdir(data);
};
const key = (data: string): string => path.join(data, 'master.key');

const CASES: readonly Case[] = [
  {
    name: 'that is not there',
    spoil: (data) => rm(data, { recursive: true }),
    code: 'dataDirectoryMissing',
    text: 'fobd init --data',
  },
  {
    name: 'that is empty',
    spoil: empty,
    code: 'dataDirectoryMissing',
    text: 'is not a data directory',
  },
  {
    name: 'that is another directory',
    spoil: async (data) => {
      await empty(data);
      await writeFile(path.join(data, 'notes.txt'), 'mine');
    },
    code: 'dataDirectoryMissing',
    text: 'is not a data directory',
  },
  {
    name: 'that is a file',
    spoil: async (data) => {
      await rm(data, { recursive: true });
      await writeFile(data, 'mine');
    },
    code: 'dataDirectoryMissing',
    text: 'is not a data directory',
  },
  {
    name: 'made by a newer fobd',
    spoil: editFormat({ format: 5 }),
    code: 'dataDirectoryNewer',
    text: 'format 5; this one knows 4',
  },
  {
    name: 'made by an older fobd',
    spoil: editFormat({ format: 1 }),
    code: 'dataDirectoryOlder',
    text: 'format 1',
  },
  {
    name: 'made by a much newer fobd, whose format.json has other fields',
    spoil: (data) => writeFile(format(data), '{"format": 17, "shards": []}'),
    code: 'dataDirectoryNewer',
    text: 'nothing was changed',
  },
  {
    name: 'whose format.json is cut off',
    spoil: async (data) =>
      writeFile(format(data), (await readFile(format(data), 'utf8')).slice(0, 60)),
    code: 'dataDirectoryDamaged',
    text: 'format.json',
  },
  {
    name: 'whose format.json is empty',
    spoil: (data) => writeFile(format(data), ''),
    code: 'dataDirectoryDamaged',
    text: 'format.json',
  },
  {
    name: 'whose format.json is far too long',
    spoil: (data) => writeFile(format(data), `${' '.repeat(5000)}{}`),
    code: 'dataDirectoryDamaged',
    text: 'format.json',
  },
  {
    name: 'whose format.json has a field that nobody knows',
    spoil: editFormat({ shard: 1 }),
    code: 'dataDirectoryDamaged',
    text: 'format.json',
  },
  {
    name: 'whose format.json has lost the root key',
    spoil: editFormat({ rootKey: undefined }),
    code: 'dataDirectoryDamaged',
    text: 'format.json',
  },
  {
    name: 'that has lost format.json',
    spoil: (data) => rm(format(data)),
    code: 'dataDirectoryDamaged',
    text: 'has a store but no format.json',
  },
  {
    name: 'that has lost its store',
    spoil: (data) => rm(path.join(data, 'store'), { recursive: true }),
    code: 'dataDirectoryDamaged',
    text: 'has lost its store',
  },
  {
    name: 'whose store is empty',
    spoil: (data) => empty(path.join(data, 'store')),
    code: 'dataDirectoryDamaged',
    text: 'has lost its store',
  },
  {
    name: 'whose store has lost its manifest',
    spoil: async (data) => {
      const store = path.join(data, 'store');
      const names = await readdir(store);
      const manifest = names.find((name) => name.startsWith('MANIFEST')) ?? '';
      await rm(path.join(store, manifest));
    },
    code: 'dataDirectoryDamaged',
    text: 'damaged',
    touchesStore: true,
  },
  {
    name: 'with a wrong master key',
    spoil: (data) => writeFile(key(data), 'ab'.repeat(32)),
    code: 'wrongMasterKey',
    text: 'is not the one of',
  },
  {
    name: 'whose root key was exchanged',
    spoil: editFormat({ rootKey: Buffer.alloc(60, 7).toString('base64url') }),
    code: 'dataDirectoryDamaged',
    text: 'The root key in',
  },
  {
    name: 'whose root key was exchanged, and that does not say which master key it needs',
    spoil: editFormat({
      rootKey: Buffer.alloc(60, 7).toString('base64url'),
      masterKey: undefined,
    }),
    code: 'wrongMasterKey',
    text: '--master-key-file',
  },
  {
    name: 'with a command for the master key that fails',
    spoil: async () => undefined,
    args: () => ['--master-key-command', "sh -c 'echo no card >&2; exit 3'"],
    code: 'masterKeyUnavailable',
    text: 'sh, failed with exit code 3: no card',
  },
  {
    name: 'whose master key is cut off',
    spoil: async (data) => writeFile(key(data), (await readFile(key(data), 'utf8')).slice(0, 63)),
    code: 'wrongMasterKey',
    text: 'holds no master key',
  },
  {
    name: 'without its master key',
    spoil: (data) => rename(key(data), `${data}.key`),
    code: 'fileUnreadable',
    text: '--master-key-file',
  },
  {
    name: 'with --master-key-file that is not there',
    spoil: async () => undefined,
    args: (data) => ['--master-key-file', `${data}.nowhere`],
    code: 'fileUnreadable',
    text: '.nowhere',
  },
  {
    name: 'with --master-key-file of another data directory',
    spoil: (data) => fobd(['init', '--data', `${data}.other`]),
    args: (data) => ['--master-key-file', key(`${data}.other`)],
    code: 'wrongMasterKey',
    text: 'is not the one of',
  },
];

const HEEDING = { heedsPermissions: true };

describe('a bad data directory', () => {
  let place: string;
  let remove: () => Promise<void>;
  let template: string;
  let data: string;
  let count = 0;

  before(async () => {
    ({ place, remove } = await temporaryDirectory());
    template = path.join(place, 'template');
    const { code } = await fobd(['init', '--data', template]);
    expect(code).to.equal(0);
  });
  after(() => remove());

  beforeEach(async () => {
    count += 1;
    data = path.join(place, `data-${count}`);
    await cp(template, data, { recursive: true });
  });

  for (const { name, spoil, args = () => [], code, text, touchesStore = false } of CASES) {
    for (const command of [
      ['serve', '--port', '0'],
      ['account', 'list'],
    ]) {
      it(`${name}: ${command[0]} answers ${code} and changes nothing`, async () => {
        await spoil(data);
        const before = await snapshot(place);
        const ran = await fobd([...command, '--data', data, ...args(data)]);
        expect(ran.code).to.equal(1);
        expect(ran.stdout).to.equal('');
        expect(ran.stderr).to.contain(`[${code}]`).and.to.contain(text);
        if (!touchesStore) expect(await snapshot(place)).to.deep.equal(before);
      });
    }
  }

  it('that another fobd serves: a second one answers dataDirectoryInUse', async () => {
    const served = await serveInProcess(data, ['--log-level', 'silent']);
    const second = await fobd(['serve', '--data', data, '--port', '0']);
    expect(second.code).to.equal(1);
    expect(second.stderr).to.contain('[dataDirectoryInUse]');
    expect((await fetch(`${served.address}/healthz`)).status).to.equal(200);
    expect((await fobd(['account', 'list', '--data', data])).code).to.equal(0);
    expect((await served.stop()).code).to.equal(0);
  });

  it('whose store may not be written: dataDirectoryUnwritable', async () => {
    const store = path.join(data, 'store');
    for (const name of await readdir(store)) await chmod(path.join(store, name), 0o400);
    await chmod(store, 0o500);
    const ran = await runFobdProcess(['account', 'list', '--data', data], HEEDING);
    await chmod(store, 0o700);
    expect(ran.stderr).to.contain('[dataDirectoryUnwritable]');
    expect(ran.code).to.equal(1);
  });

  it('that may not be entered: dataDirectoryUnwritable', async () => {
    await chmod(data, 0o000);
    const ran = await runFobdProcess(['serve', '--data', data], HEEDING);
    await chmod(data, 0o700);
    expect(ran.stderr).to.contain('[dataDirectoryUnwritable]');
    expect(ran.code).to.equal(1);
  });

  describe('to be made', () => {
    const refused = async (where: string, code: string, text: string): Promise<void> => {
      const before = await snapshot(place);
      const { code: exit, stderr, stdout } = await fobd(['init', '--data', where]);
      expect(exit).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr).to.contain(`[${code}]`).and.to.contain(text);
      expect(await snapshot(place)).to.deep.equal(before);
    };

    it('where one is: dataDirectoryExists', () =>
      refused(data, 'dataDirectoryExists', `fobd serve --data`));

    it('where something else is: dataDirectoryExists', async () => {
      await empty(data);
      await writeFile(path.join(data, 'notes.txt'), 'mine');
      await refused(data, 'dataDirectoryExists', 'is not empty');
    });

    it('below a file: dataDirectoryUnwritable', () =>
      refused(path.join(format(data), 'x'), 'dataDirectoryUnwritable', 'ENOTDIR'));

    it('where a file is: dataDirectoryUnwritable', () =>
      refused(format(data), 'dataDirectoryUnwritable', 'cannot be made'));

    it('with a master key file that holds none: wrongMasterKey', async () => {
      const file = path.join(place, 'no-key');
      await writeFile(file, 'hello');
      const where = path.join(place, 'new');
      const ran = await fobd(['init', '--data', where, '--master-key-file', file]);
      expect(ran.stderr).to.contain('[wrongMasterKey]');
      expect(await readFile(file, 'utf8')).to.equal('hello');
      expect(await readdir(place)).not.to.include('new');
    });

    it('where this user may not write: dataDirectoryUnwritable', async () => {
      const closed = path.join(place, 'closed');
      await mkdir(closed, { mode: 0o555 });
      const ran = await runFobdProcess(['init', '--data', path.join(closed, 'x')], HEEDING);
      expect(ran.stderr).to.contain('[dataDirectoryUnwritable]');
      expect(ran.code).to.equal(1);
      expect(await readdir(closed)).to.deep.equal([]);
    });
  });
});
