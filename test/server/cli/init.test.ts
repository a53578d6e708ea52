import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { SCOPES } from '../../../server/access/scopes.ts';
import { parseTime } from '../../../shared/time.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { type InitResult, temporaryDirectory } from '../../support/fobd-process.ts';

const modeOf = async (file: string): Promise<string> =>
  ((await stat(file)).mode & 0o777).toString(8);

describe('fobd init', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;

  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'deep', 'data');
  });
  afterEach(() => remove());

  const init = async (...args: string[]): Promise<InitResult> => {
    const { code, stdout, stderr } = await fobd(['init', '--data', data, '--json', ...args]);
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    return JSON.parse(stdout) as InitResult;
  };

  it('answers where the data directory is, and the administrator with its API key', async () => {
    const answer = await init();
    expect(answer).to.have.all.keys('data', 'administrator');
    expect(answer.data).to.equal(data);
    const { id, apiKey } = answer.administrator;
    expect(apiKey).to.match(new RegExp(`^fobd_${id}_[A-Za-z0-9_-]{43}$`));
  });

  it('lets only the owner in', async () => {
    await init();
    expect(await modeOf(data)).to.equal('700');
    expect(await modeOf(path.join(data, 'store'))).to.equal('700');
    expect(await modeOf(path.join(data, 'master.key'))).to.equal('600');
    expect(await modeOf(path.join(data, 'format.json'))).to.equal('600');
    expect(await readdir(data)).to.have.members(['format.json', 'master.key', 'store']);
  });

  it('lets only the owner into an empty directory that stood open before', async () => {
    await mkdir(data, { recursive: true });
    await chmod(data, 0o777);
    await init();
    expect(await modeOf(data)).to.equal('700');
  });

  it('leaves nothing else beside the data directory', async () => {
    await init();
    expect(await readdir(path.dirname(data))).to.deep.equal(['data']);
  });

  it('keeps no key in the clear', async () => {
    const { administrator } = await init();
    const masterKey = (await readFile(path.join(data, 'master.key'), 'utf8')).trim();
    expect(masterKey).to.match(/^[0-9a-f]{64}$/);
    const secret = administrator.apiKey.split('_').slice(2).join('_');
    const spellings = [
      secret,
      Buffer.from(secret, 'base64url'),
      masterKey,
      Buffer.from(masterKey, 'hex'),
    ];
    expect(spellings.map(({ length }) => length)).to.deep.equal([43, 32, 64, 32]);
    const files = await readdir(data, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile() && entry.name !== 'master.key')) {
      const bytes = await readFile(path.join(file.parentPath, file.name));
      for (const key of spellings) expect(bytes.includes(key), file.name).to.equal(false);
    }
  });

  it('gives the administrator every scope', async () => {
    const { administrator } = await init();
    const { stdout } = await fobd(['application', 'list', '--data', data, '--json']);
    const { items } = JSON.parse(stdout) as { items: { id: string; scopes: string[] }[] };
    expect(items).to.have.length(1);
    expect(items[0]?.id).to.equal(administrator.id);
    expect(items[0]?.scopes).to.have.members([...SCOPES]);
  });

  it('tells a person the key and the next steps', async () => {
    const { stdout } = await fobd(['init', '--data', data]);
    expect(stdout).to.match(/fobd_[0-9a-f]{16}_/);
    expect(stdout).to.contain(`fobd serve --data ${data}`);
    expect(stdout).to.contain(path.join(data, 'master.key'));
  });

  it('makes no two data directories alike', async () => {
    await init();
    const other = path.join(place, 'other');
    await fobd(['init', '--data', other]);
    for (const name of ['format.json', 'master.key']) {
      const [one, two] = await Promise.all(
        [data, other].map((directory) => readFile(path.join(directory, name), 'utf8')),
      );
      expect(one).not.to.equal(two);
    }
  });

  describe('with a master key elsewhere', () => {
    it('makes one there, mode 0600, and none in the data directory', async () => {
      const keyFile = path.join(place, 'key');
      await init('--master-key-file', keyFile);
      expect(await modeOf(keyFile)).to.equal('600');
      expect(await readdir(data)).to.have.members(['format.json', 'store']);
      const args = ['account', 'list', '--data', data];
      expect((await fobd(args)).stderr).to.contain('[fileUnreadable]');
      expect((await fobd([...args, '--master-key-file', keyFile])).code).to.equal(0);
    });

    it('uses one that is there, and leaves it as it is', async () => {
      const keyFile = path.join(place, 'key');
      const text = `  ${'AB'.repeat(16)}\n${'cd'.repeat(16)}\n`;
      await writeFile(keyFile, text);
      await init('--master-key-file', keyFile);
      expect(await readFile(keyFile, 'utf8')).to.equal(text);
      const environment = { FOBD_DATA: data, FOBD_MASTER_KEY_FILE: keyFile };
      expect((await fobd(['account', 'list'], { environment })).code).to.equal(0);
    });

    it('leaves no key behind when it fails', async () => {
      const keyFile = path.join(place, 'key');
      const file = path.join(place, 'file');
      await writeFile(file, '');
      const args = ['init', '--data', path.join(file, 'x'), '--master-key-file', keyFile];
      expect((await fobd(args)).code).to.equal(1);
      expect(await readdir(place)).to.deep.equal(['file']);
    });
  });

  describe('of a lab', () => {
    it('starts its clock where --lab-clock says', async () => {
      await init('--lab', '--lab-clock', '2030-05-05T12:00:00Z');
      const { stdout } = await fobd(['lab', 'clock', '--data', data, '--json']);
      const { now } = JSON.parse(stdout) as { now: string };
      const start = parseTime('2030-05-05T12:00:00Z') ?? Number.NaN;
      expect((parseTime(now) ?? 0) - start).to.be.within(0, 60_000);
    });

    it('is said so in format.json, and one without is none', async () => {
      await init('--lab');
      const format = JSON.parse(await readFile(path.join(data, 'format.json'), 'utf8')) as object;
      expect(format).to.include({ format: 4, lab: true });
      const other = path.join(place, 'other');
      await fobd(['init', '--data', other]);
      const { code, stderr } = await fobd(['lab', 'clock', '--data', other]);
      expect(code).to.equal(1);
      expect(stderr).to.contain('[notFound]');
    });

    for (const args of [
      ['--lab-clock', '2030-05-05T12:00:00Z'],
      ['--lab', '--lab-clock', '2030-05-05'],
      ['--lab', '--lab-clock', '2030-02-30T12:00:00Z'],
    ]) {
      it(`refuses ${args.join(' ')}`, async () => {
        const { code, stderr } = await fobd(['init', '--data', data, ...args]);
        expect(code).to.equal(2);
        expect(stderr).to.contain('--lab-clock').and.to.contain('[usage]');
        expect(await readdir(place)).to.deep.equal([]);
      });
    }
  });

  it('makes a data directory that can be served', async () => {
    const { administrator } = await init();
    const { address, stop } = await serveInProcess(data, ['--log-level', 'silent']);
    const headers = { authorization: `Bearer ${administrator.apiKey}` };
    expect((await fetch(`${address}/v1/tokens`, { headers })).status).to.equal(200);
    expect((await fetch(`${address}/v1/tokens`)).status).to.equal(401);
    expect((await stop()).code).to.equal(0);
  });

  it('of two at once on one place, one makes it and the other is refused', async () => {
    const results = await Promise.all([1, 2].map(() => fobd(['init', '--data', data, '--json'])));
    expect(results.map(({ code }) => code).sort()).to.deep.equal([0, 1]);
    expect(results.map(({ stderr }) => stderr).join('')).to.contain('[dataDirectoryExists]');
    expect(await readdir(path.dirname(data))).to.deep.equal(['data']);
    expect((await fobd(['audit', 'verify', '--data', data])).code).to.equal(0);
  });
});
