import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { runFobdProcess, temporaryDirectory } from '../../support/fobd-process.ts';

const KEY = 'cd'.repeat(32);

/** Event tokens with seeds of 20 bytes, as `fobd seed-file import` takes them. */
const SEED_FILE = [
  'serial,seed,algorithm,digits,counter',
  ...Array.from({ length: 120 }, (_, i) => `K${i},${'3132333435'.repeat(4)},SHA1,6,0`),
  '',
].join('\n');

describe('fobd key', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;

  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    expect((await fobd(['init', '--data', data])).code).to.equal(0);
  });
  afterEach(() => remove());

  const run = async (argv: readonly string[], environment: Record<string, string> = {}) =>
    fobd([...argv, '--data', data], { environment });
  const json = async (argv: readonly string[], environment: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await run([...argv, '--json'], environment);
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const importTokens = async () => {
    const file = path.join(place, 'tokens.csv');
    await writeFile(file, SEED_FILE);
    const ran = await run(['seed-file', 'import', file]);
    expect(ran.code, ran.stderr).to.equal(0);
  };
  const fingerprint = async () =>
    (JSON.parse(await readFile(path.join(data, 'format.json'), 'utf8')) as { masterKey: string })
      .masterKey;
  const dataKeys = async (args: readonly string[] = []) =>
    (await json(['key', 'list', ...args]))['dataKeys'] as { id: string; seeds: number }[];

  it('rotate without a serving fobd does all of it before it returns', async () => {
    await importTokens();
    const [old] = await dataKeys();
    const { rotation } = await json(['key', 'rotate']);
    expect(rotation).to.include({ state: 'done', resealed: 120 });
    const [only, ...others] = await dataKeys();
    expect(others).to.deep.equal([]);
    expect(only).to.include({ seeds: 120 });
    expect(only?.id).not.to.equal(old?.id);
  });

  it('rotate --no-wait leaves it to fobd, which goes on when it is started', async () => {
    await importTokens();
    const { rotation } = await json(['key', 'rotate', '--no-wait']);
    expect(rotation).to.include({ state: 'running' });
    expect((await json(['key', 'status']))['rotation']).to.include({ state: 'paused' });
    const served = await serveInProcess(data, ['--log-level', 'silent']);
    for (;;) {
      const { state } = (await json(['key', 'status']))['rotation'] as { state: string };
      if (state === 'done') break;
      expect(state).to.equal('running');
    }
    expect(await dataKeys()).to.have.length(1);
    expect((await served.stop()).code).to.equal(0);
  });

  it('shows people what there is', async () => {
    expect((await run(['key', 'status'])).stdout).to.contain('The data key was never rotated.');
    await json(['key', 'rotate']);
    expect((await run(['key', 'status'])).stdout).to.match(/state: +done/);
    const { stdout } = await run(['key', 'list']);
    expect(stdout)
      .to.contain('seals new seeds')
      .and.to.contain(await fingerprint());
  });

  describe('rewrap', () => {
    const old = () => path.join(data, 'master.key');

    it('makes a new master key where its file is not there, and ends the old one', async () => {
      await importTokens();
      const before = await fingerprint();
      const file = path.join(place, 'new.key');
      const { stdout, code, stderr } = await run(['key', 'rewrap', '--new-master-key-file', file]);
      expect(code, stderr).to.equal(0);
      const after = await fingerprint();
      expect(stdout).to.contain(before).and.to.contain(after).and.to.contain(file);
      expect(((await stat(file)).mode & 0o777).toString(8)).to.equal('600');
      expect(((await stat(path.join(data, 'format.json'))).mode & 0o777).toString(8)).to.equal(
        '600',
      );
      expect(await readdir(data)).not.to.include('format.json.new');

      const refused = await run(['key', 'list']);
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.contain('[wrongMasterKey]');
      expect(refused.stderr).to.contain(`${data}, which needs key ${after}`);
      expect(refused.stderr).to.contain(`${old()} holds key ${before}`);
      expect(await dataKeys(['--master-key-file', file])).to.have.length(1);
      await rm(old());
      await rename(file, old());
      expect((await json(['key', 'rotate']))['rotation']).to.include({ resealed: 120 });
    });

    it('takes the new one from a command or from the environment', async () => {
      await json(['key', 'rewrap', '--new-master-key-command', `printf ${KEY}`]);
      const environment = { FOBD_MASTER_KEY: KEY, FOBD_NEW_MASTER_KEY: 'ef'.repeat(32) };
      const { to } = await json(['key', 'rewrap'], environment);
      expect(to).to.equal(await fingerprint());
      const now = { FOBD_MASTER_KEY: 'ef'.repeat(32) };
      expect((await run(['key', 'list'], now)).code).to.equal(0);
      const command = ['--master-key-command', `echo ${'ef'.repeat(32)}`];
      expect((await run(['key', 'list', ...command])).code).to.equal(0);
      const past = await run(['key', 'list'], { FOBD_MASTER_KEY: KEY });
      expect(past.stderr)
        .to.contain('[wrongMasterKey]')
        .and.to.contain('FOBD_MASTER_KEY holds key');
      expect(past.stderr).not.to.contain(KEY);
    });

    it('while fobd serves is as good, and is audited', async () => {
      const served = await serveInProcess(data, ['--log-level', 'silent']);
      const { from, to } = await json(['key', 'rewrap'], { FOBD_NEW_MASTER_KEY: KEY });
      expect(await fingerprint()).to.equal(to);
      expect((await fetch(`${served.address}/readyz`)).status).to.equal(200);
      expect((await json(['key', 'rotate']))['rotation']).to.include({ state: 'done' });
      expect((await served.stop()).code).to.equal(0);
      const environment = { FOBD_MASTER_KEY: KEY };
      const { items } = await json(['audit', 'list'], environment);
      const done = (items as { action: string; details?: object }[]).filter(
        ({ action }) => action === 'rewrapKeys',
      );
      expect(done.map(({ details }) => details)).to.deep.equal([
        { from, to, state: 'begun' },
        { from, to, state: 'done' },
      ]);
    });

    it('to the same key is refused', async () => {
      const ran = await run(['key', 'rewrap', '--new-master-key-file', old()]);
      expect(ran.code).to.equal(1);
      expect(ran.stderr).to.contain('[notAllowedNow]');
      expect((await run(['key', 'list'])).code).to.equal(0);
    });

    it('changes nothing where format.json cannot be replaced', async () => {
      const blocked = path.join(data, 'format.json.new');
      await mkdir(path.join(blocked, 'x'), { recursive: true });
      const ran = await run(['key', 'rewrap'], { FOBD_NEW_MASTER_KEY: KEY });
      expect(ran.code).to.equal(1);
      expect(ran.stderr).to.contain('[unavailable]').and.to.contain('Nothing was changed');
      await rm(blocked, { recursive: true });
      expect((await run(['key', 'list'])).code).to.equal(0);
      expect((await run(['key', 'rewrap'], { FOBD_NEW_MASTER_KEY: KEY })).code).to.equal(0);
    });
  });

  it('passes on to the log what the command for the master key says', async () => {
    const script = `echo card 7 >&2; cat '${path.join(data, 'master.key')}'`;
    const command = ['--master-key-command', `sh -c "${script}"`];
    const served = await serveInProcess(data, ['--log-level', 'warn', ...command]);
    const { code, stderr } = await served.stop();
    expect(code).to.equal(0);
    const logged = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(logged).to.have.length(1);
    expect(logged[0]).to.include({ msg: 'said by the master key command', line: 'card 7' });
  });

  it('lets no child inherit a master key', async () => {
    // The command answers only where the variable is not there, and another is.
    const test = 'test -z "$FOBD_NEW_MASTER_KEY" && test -n "$FOBD_POLICY_OF_TEST"';
    const script = `${test} && cat ${path.join(data, 'master.key')}`;
    const args = ['key', 'list', '--data', data, '--master-key-command', `sh -c '${script}'`];
    const env = { FOBD_NEW_MASTER_KEY: KEY, FOBD_POLICY_OF_TEST: 'yes' };
    const ran = await runFobdProcess(args, { env });
    expect(ran.code, ran.stderr).to.equal(0);
  });

  it('init takes the master key from a command or the environment, and makes none', async () => {
    const ways = [
      [{}, ['--master-key-command', `printf ${KEY}`]],
      [{ FOBD_MASTER_KEY: KEY }, []],
    ] as const;
    for (const [place_, [environment, args]] of ways.entries()) {
      const other = path.join(place, `other-${place_}`);
      const made = await fobd(['init', '--data', other, ...args], { environment });
      expect(made.code, made.stderr).to.equal(0);
      expect(made.stdout).not.to.contain(KEY);
      expect(await readdir(other))
        .to.include('format.json')
        .and.not.include('master.key');
      const again = { environment: { FOBD_DATA: other, FOBD_MASTER_KEY: KEY } };
      expect((await fobd(['account', 'list'], again)).code).to.equal(0);
    }
  });
});
