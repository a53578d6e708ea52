import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Lab } from '../../../emulator/scenario/lab.ts';
import { fob, fobJson, temporaryDirectory } from '../../support/fob-env.ts';
import {
  type InitResult,
  runFobdProcess,
  type ServingFobd,
  startFobd,
} from '../../support/fobd-process.ts';
import { testLab } from '../scenario/labs.ts';
import { scenarioText } from '../scenario/reading.ts';

const GOOD = '  - make:\n  - press:\n  - expect-display: {of-seed: true}\n';
const FAILING = '  - make:\n  - expect-display: "Err"\n';
const BROKEN = '  - make:\n  - at: 2020-01-01T00:00:00Z\n';
const REFUSED = '  - make:\n  - advance: 30\n';
const SUBMITTING =
  '  - make:\n  - advance: 1h\n' +
  '  - submit: {register: [press(), press()], account: jennifer}\n  - expect-outcome: accepted\n';

describe('fob scenario', () => {
  const directory = temporaryDirectory();
  after(() => directory.remove());
  const fileOf = (name: string, text: string): string => {
    const file = path.join(directory.path, name);
    writeFileSync(file, text);
    return file;
  };
  const good = fileOf('good.yaml', scenarioText(GOOD));
  const failing = fileOf('failing.yaml', scenarioText(FAILING));
  const broken = fileOf('broken.yaml', scenarioText(BROKEN));
  const refused = fileOf('refused.yaml', scenarioText(REFUSED));
  const submitting = fileOf('submitting.yaml', scenarioText(SUBMITTING));

  it('exits 0 when all pass', async () => {
    const { exitCode, stdout, stderr } = await fob(['scenario', 'run', good]);
    expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
    expect(stdout).to.equal(`passed  ${good}: Under test\n`);
  });

  it('exits 42 when an expectation fails, whatever else happens, and names the step', async () => {
    const { exitCode, stdout, stderr } = await fob(['scenario', 'run', broken, failing, good]);
    expect(exitCode).to.equal(42);
    expect(stderr).to.include(
      `${failing}:5:5: step 2 (expect-display): expected "Err", saw nothing`,
    );
    expect(stdout).to.match(/1 of 3 passed\n$/);
  });

  it('exits 1 when a step cannot be done', async () => {
    const { exitCode, stderr } = await fob(['scenario', 'run', broken, good]);
    expect(exitCode).to.equal(1);
    expect(stderr).to.include(`${broken}:5:5: step 2 (at): Time only runs forward`);
  });

  it('exits 2 when one is refused, before anything runs', async () => {
    const { exitCode, stdout, stderr } = await fob(['scenario', 'run', good, refused]);
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
    expect(stderr).to.include(`${refused}:5:14: by takes text`);
    expect(stderr).to.include('A span of time carries its unit: 30s');
  });

  it('says every step with --verbose', async () => {
    const { stdout } = await fob(['scenario', 'run', failing, '--verbose']);
    expect(stdout.split('\n').slice(0, 2)).to.deep.equal([
      '  2026-01-01T00:00:00.000Z  ok       step 1 (make)',
      '  2026-01-01T00:00:00.000Z  FAILED   step 2 (expect-display)',
    ]);
  });

  it('gives one object with --json, the same again from the same seed', async () => {
    const first = await fobJson<{ passed: boolean }>(['scenario', 'run', good]);
    expect(first.passed).to.equal(true);
    expect(await fobJson(['scenario', 'run', good])).to.deep.equal(first);
  });

  it('reports to standard output or to a file', async () => {
    const { stdout } = await fob(['scenario', 'run', good, '--report', 'tap']);
    expect(stdout).to.match(/^TAP version 14\n1\.\.1\n/);
    const output = path.join(directory.path, 'report.xml');
    const ran = await fob(['scenario', 'run', failing, '--report', 'junit', '--output', output]);
    expect(ran.exitCode).to.equal(42);
    expect(readFileSync(output, 'utf8')).to.include('<failure message=');
    expect((await fob(['scenario', 'run', good, '--output', output])).exitCode).to.equal(2);
    const nowhere = path.join(directory.path, 'no', 'report.xml');
    const args = ['scenario', 'run', good, '--report', 'tap', '--output', nowhere];
    expect((await fob(args)).exitCode).to.equal(1);
  });

  it('lints without running', async () => {
    const sound = await fob(['scenario', 'lint', good, submitting]);
    expect(sound.exitCode).to.equal(0);
    expect(sound.stdout).to.include(`${good}: sound, 3 steps`);
    expect((await fob(['scenario', 'lint', refused])).exitCode).to.equal(2);
    const real = await fob(['scenario', 'lint', submitting, '--clock', 'real']);
    expect(real.exitCode).to.equal(2);
    expect(real.stderr).to.include('moves no real clock').and.to.include('clockOffset');
    const { exitCode, stdout } = await fob(['scenario', 'lint', refused, '--json']);
    expect(exitCode).to.equal(2);
    expect(JSON.parse(stdout).files[0].refusals[0]).to.include({ line: 5, column: 14 });
  });

  it('lists what comes with it, each with a sentence, and all are sound', async () => {
    const { scenarios } = await fobJson<{ scenarios: { name: string; sentence: string }[] }>([
      'scenario',
      'list',
    ]);
    expect(scenarios.length).to.be.at.least(20);
    for (const { name, sentence } of scenarios) {
      expect(name).to.match(/^[a-z-]+$/);
      expect(sentence).to.match(/^[A-Z].{20,}/);
    }
    expect((await fob(['scenario', 'lint', 'all'])).exitCode).to.equal(0);
  });

  it('runs a shipped one by its name', async () => {
    expect((await fob(['scenario', 'run', 'self-disabled'])).exitCode).to.equal(0);
  });

  it('prints the format as JSON Schema', async () => {
    const { stdout } = await fob(['scenario', 'schema']);
    expect(JSON.parse(stdout)).to.have.property('$schema');
  });

  const MISUSED: readonly (readonly [argv: readonly string[], says: string])[] = [
    [['run'], 'Which scenario?'],
    [['play', good], 'fob scenario does one of run, lint, list, schema'],
    [['run', 'no-such'], 'No scenario "no-such" comes with fob'],
    [['run', submitting, '--fobd', 'http://127.0.0.1:1'], 'FOB_API_KEY'],
    [['run', good, '--random-seed', '-1'], '--random-seed takes a whole number'],
    [['list', 'all'], 'takes no names'],
  ];
  for (const [argv, says] of MISUSED) {
    it(`exits 2 for ${argv
      .slice(0, 2)
      .map((word) => path.basename(word))
      .join(' ')}`, async () => {
      const { exitCode, stderr } = await fob(['scenario', ...argv]);
      expect(exitCode).to.equal(2);
      expect(stderr).to.include(says);
    });
  }

  it('reads no more of a file than a scenario may have', async () => {
    const huge = fileOf('huge.yaml', `name: ${'a'.repeat(10_000_000)}`);
    const { exitCode, stderr } = await fob(['scenario', 'lint', huge]);
    expect(exitCode).to.equal(2);
    expect(stderr).to.include('A scenario has at most');
    expect((await fob(['scenario', 'lint', directory.path + path.sep])).exitCode).to.equal(1);
  });

  it('refuses what is no text, and reads no half sign as none', async () => {
    const picture = path.join(directory.path, 'picture.yaml');
    writeFileSync(picture, Buffer.from([0x89, 0x50, 0xff, 0x00]));
    const refusedPicture = await fob(['scenario', 'run', good, picture]);
    expect(refusedPicture.exitCode).to.equal(2);
    expect(refusedPicture.stdout).to.equal('');
    expect(refusedPicture.stderr).to.include(`${picture}:1:1: A scenario is text in UTF-8`);
    for (const before of ['', 'a']) {
      const wide = fileOf('wide.yaml', `${before}${'é'.repeat(200_000)}`);
      const { exitCode, stderr } = await fob(['scenario', 'lint', wide]);
      expect({ exitCode, stderr: stderr.split('\n')[0] }).to.deep.equal({
        exitCode: 2,
        stderr: `${wide}:1:1: A scenario has at most 262144 bytes; this one is longer`,
      });
    }
  });

  it('starts no lab once it was stopped', async () => {
    const { TMPDIR: before } = process.env;
    // Where no lab can be started.
    process.env['TMPDIR'] = path.join(directory.path, 'not-there');
    try {
      const { exitCode, stderr } = await fob(['scenario', 'run', submitting, submitting], {
        interruption: () => AbortSignal.abort(),
      });
      expect(exitCode).to.equal(1);
      expect(stderr.split('The run was stopped')).to.have.length(3);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });

  it('makes its tokens in memory, not in the drawer', async () => {
    const drawer = path.join(directory.path, 'drawer');
    expect((await fob(['scenario', 'run', good, '--drawer', drawer])).exitCode).to.equal(0);
    expect(existsSync(drawer)).to.equal(false);
  });
});

describe('fob scenario against a fobd', function () {
  this.timeout(60_000);
  const directory = temporaryDirectory();
  const file = path.join(directory.path, 'submitting.yaml');
  const instant = path.join(directory.path, 'instant.yaml');
  let lab: Lab;
  let real: ServingFobd;
  let realKey: string;
  before(async () => {
    writeFileSync(file, scenarioText(SUBMITTING));
    writeFileSync(
      instant,
      scenarioText('  - make:\n  - submit: "123456"\n  - expect-outcome: notRegistered\n'),
    );
    const data = path.join(directory.path, 'real');
    const init = runFobdProcess(['init', '--data', data, '--json']);
    lab = await testLab();
    realKey = (JSON.parse((await init).stdout) as InitResult).administrator.apiKey;
    real = await startFobd(data);
  });
  after(async () => {
    real.signal('SIGTERM');
    await Promise.all([lab.close(), real.ended]);
    directory.remove();
  });

  const against = (address: string, apiKey: string, argv: readonly string[]) =>
    fob(['scenario', 'run', ...argv, '--fobd', address], { variables: { FOB_API_KEY: apiKey } });

  it('moves the clocks of both', async () => {
    const { exitCode, stderr } = await against(lab.address, lab.apiKey, [file]);
    expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
  });

  it('says what to do when the same tokens are there already', async () => {
    await against(lab.address, lab.apiKey, [file]);
    const { exitCode, stderr } = await against(lab.address, lab.apiKey, [file]);
    expect(exitCode).to.equal(1);
    expect(stderr).to.include('already knows a token').and.to.include('--random-seed');
    const other = await against(lab.address, lab.apiKey, [file, '--random-seed', '77']);
    expect(other.exitCode).to.equal(0);
  });

  it('refuses to move a real clock, and suggests the fault', async () => {
    const { exitCode, stdout, stderr } = await against(real.address, realKey, [instant, file]);
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
    expect(stderr).to.include(`${file}:5:5: advance moves no real clock`);
    expect(stderr).to.include('clockOffset');
  });

  it('runs against a real clock what moves none', async () => {
    const { exitCode, stderr } = await against(real.address, realKey, [instant]);
    expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
  });

  it('exits 1 for a wrong key, and shows no key', async () => {
    const key = `fobd_${'0'.repeat(16)}_${'A'.repeat(43)}`;
    const { exitCode, stderr } = await against(lab.address, key, [file]);
    expect(exitCode).to.equal(1);
    expect(stderr).to.not.include(key);
  });
});
