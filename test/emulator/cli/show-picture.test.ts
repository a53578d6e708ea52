import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { PNG } from 'pngjs';
import { fob, fobJson, temporaryDirectory } from '../../support/fob-env.ts';

describe('fob show', function () {
  this.timeout(60_000);
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;
  const at = (name: string) => path.join(home.path, name);
  const run = (...argv: string[]) => fob(argv, { variables });

  beforeEach(async () => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: at('kept/drawer') };
    fs.mkdirSync(at('kept'));
    await fobJson(['make', 'A-1', '--crystal', 'ideal', '--at', '2025-01-01T00:00:00Z'], {
      variables,
    });
    await fobJson(['press', 'A-1', '--at', '2026-01-01T00:00:00Z'], { variables });
  });
  afterEach(() => home.remove());

  const files = () => fs.readdirSync(home.path).filter((name) => name !== 'kept');
  /** The drawer's files as they are; none of them may change by being looked at. */
  const kept = () =>
    fs
      .readdirSync(at('kept/drawer'))
      .map((name) => [name, fs.readFileSync(at(`kept/drawer/${name}`), 'utf8')]);

  it('draws the token or its display alone, as SVG and PNG, and presses nothing', async () => {
    const before = kept();
    const drawn = await run('show', 'A-1', '--svg', at('a.svg'), '--png', at('a.png'));
    expect(drawn).to.deep.equal({
      exitCode: 0,
      stderr: '',
      stdout: `Drew A-1: ${at('a.svg')}\nDrew A-1: ${at('a.png')}\n`,
    });
    const svg = fs.readFileSync(at('a.svg'), 'utf8');
    expect(svg).to.match(
      /^<svg .*<title>A-1\. The display shows \d{6}, 6 of 6 marks<\/title>.*<\/svg>\n$/s,
    );
    const { width, height } = PNG.sync.read(fs.readFileSync(at('a.png')));
    expect({ width, height }).to.deep.equal({ width: 1920, height: 640 });
    expect(fs.statSync(at('a.png')).mode & 0o777).to.equal(0o600);
    const small = await run('show', 'A-1', '--only-display', '--scale', '1', '--png', at('b.png'));
    expect(small.exitCode).to.equal(0);
    expect(PNG.sync.read(fs.readFileSync(at('b.png'))).height).to.be.lessThan(200);
    expect(files()).to.have.members(['a.svg', 'a.png', 'b.png']);
    expect(kept()).to.deep.equal(before);
  });

  it('draws the back, dark pages, and other times', async () => {
    const draw = async (...options: string[]) =>
      (await run('show', 'A-1', '--svg', '-', ...options)).stdout;
    const front = await draw();
    expect(await draw('--scheme', 'dark'))
      .to.match(/^<svg /)
      .and.not.equal(front);
    expect(await draw('--back')).to.contain('<title>The back of A-1 (');
    expect(await draw('--at', '2026-01-01T01:00:00Z')).to.contain('The display is dark');
  });

  it('writes a picture to standard output, and nothing else', async () => {
    const { stdout, stderr } = await run('show', 'A-1', '--svg', '-');
    expect(stdout).to.match(/^<svg .*<\/svg>\n$/s);
    expect(stderr).to.equal('');
  });

  it('says with --json which files it drew', async () => {
    const shown = await fobJson(['show', 'A-1', '--svg', at('a.svg')], { variables });
    expect(shown).to.include({ serial: 'A-1', state: 'showing', svg: at('a.svg') });
  });

  it('replaces a file only when it is told to', async () => {
    fs.writeFileSync(at('a.svg'), 'mine');
    const refused = await run('show', 'A-1', '--png', at('a.png'), '--svg', at('a.svg'));
    expect(refused.exitCode).to.equal(1);
    expect(refused.stderr).to.contain('is already there');
    expect(files()).to.deep.equal(['a.svg']);
    expect(fs.readFileSync(at('a.svg'), 'utf8')).to.equal('mine');
    expect((await run('show', 'A-1', '--svg', at('a.svg'), '--replace')).exitCode).to.equal(0);
    expect(fs.readFileSync(at('a.svg'), 'utf8')).to.match(/^<svg /);
    expect(files()).to.deep.equal(['a.svg']);
    const nowhere = await run('show', 'A-1', '--svg', at('none/a.svg'));
    expect(nowhere.exitCode).to.equal(1);
    expect(nowhere.stderr).to.contain('cannot be written (ENOENT)');
    fs.mkdirSync(at('folder'));
    const folder = await run('show', 'A-1', '--svg', at('folder'), '--replace');
    expect(folder.exitCode).to.equal(1);
    expect(files()).to.have.members(['a.svg', 'folder']);
  });

  const misuses: readonly (readonly [string, ...string[]])[] = [
    ['a picture that goes nowhere', '--scheme', 'dark'],
    ['a replacement of nothing', '--replace'],
    ['a scale for no PNG', '--scale', '2', '--svg', '-'],
    ['a scale that is none', '--scale', '0', '--png', '-'],
    ['two things on standard output', '--svg', '-', '--png', '-'],
    ['a picture within JSON', '--svg', '-', '--json'],
    ['a colour scheme that is none', '--scheme', 'pink', '--svg', '-'],
    ['the back of a display', '--back', '--only-display', '--svg', '-'],
  ];
  for (const [what, ...options] of misuses) {
    it(`refuses ${what}`, async () => {
      const { exitCode, stdout, stderr } = await run('show', 'A-1', ...options);
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
      expect(stderr).to.match(/^fob: /);
    });
  }

  it('says how the token is doing: mode, age, clock, cell, presses and faults', async () => {
    const { stdout } = await run('show', 'A-1');
    expect(stdout).to.match(/^state +the display is lit and shows a code$/m);
    expect(stdout).to.match(/^mode +simulated$/m);
    expect(stdout).to.match(/^made +2025-01-01, 365 days old$/m);
    expect(stdout).to.match(/^clock +.*crystal .* ppm at \d+ °C$/m);
    expect(stdout).to.match(/^cell +CR20(16|32), \d+ %, [23]\.\d\d V$/m);
    expect(stdout).to.match(/^pressed +once$/m);
    expect(stdout).to.match(/^faults +none$/m);
  });

  it('names each fault with its attributes, and draws what the person then sees', async () => {
    for (const fault of ['faded', 'rotated']) {
      const added = await run('fault', 'add', 'A-1', fault, '--at', '2026-01-01T00:00:00Z');
      expect(added.stderr).to.equal('');
    }
    const { stdout } = await run('show', 'A-1');
    expect(stdout).to.match(/^faults +faded \(contrast [\d.]+\) since 2026-01-01T00:00Z$/m);
    expect(stdout).to.match(/^ +rotated since 2026-01-01T00:00Z$/m);
    const { device } = await fobJson<{ device: { faults: { name: string }[] } }>(['show', 'A-1'], {
      variables,
    });
    expect(device.faults.map(({ name }) => name)).to.deep.equal(['faded', 'rotated']);
    const svg = (await run('show', 'A-1', '--svg', '-')).stdout;
    expect(svg).to.contain('rotate(180').and.contain('cannot be read');
  });

  it('says of an imported token that it is live, in plain signs where asked for', async () => {
    const uri = 'otpauth://totp/L\u00fc:L-1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    await fobJson(['import', '-'], { variables, stdin: new PassThrough().end(uri) });
    variables = { ...variables, LC_ALL: 'C' };
    for (const options of [[], ['--back']]) {
      const { stdout } = await run('show', 'L-1', ...options);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant
      expect(stdout).to.match(/^[\x00-\x7f]+$/);
    }
    const { stdout } = await run('show', 'L-1');
    expect(stdout)
      .to.match(/^mode +live/m)
      .and.match(/^clock +right$/m);
  });

  it('says the same to programs, and no seed', async () => {
    const { device } = await fobJson<{ device: Record<string, unknown> }>(['show', 'A-1'], {
      variables,
    });
    expect(device).to.include({
      mode: 'simulated',
      madeAt: '2025-01-01T00:00:00.000Z',
      presses: 1,
    });
    expect(device).to.have.all.keys(
      ...['mode', 'madeAt', 'celsius', 'clock', 'cell', 'presses', 'faults'],
    );
    expect(device['faults']).to.deep.equal([]);
    expect(device['cell']).to.include({ isLow: false, isEmpty: false });
  });
});
