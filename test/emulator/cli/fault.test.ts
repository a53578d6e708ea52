import { expect } from 'chai';
import { FAULT_NAMES } from '../../../firmware-spec/vocabulary.ts';
import { fob, fobJson, temporaryDirectory } from '../../support/fob-env.ts';

interface Faults {
  readonly serial: string;
  readonly faults: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly probability: number;
    readonly randomSeed: number;
    readonly since: string;
    readonly permanent: boolean;
  }[];
}
interface Press {
  readonly state: string;
  readonly display: string;
  readonly code: string | null;
}

describe('fob fault', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;
  const run = (...argv: string[]) => fob(['fault', ...argv], { variables });
  const json = <Answer = Faults>(...argv: string[]) =>
    fobJson<Answer>(['fault', ...argv], { variables });
  const press = (serial: string) => fobJson<Press>(['press', serial], { variables });

  beforeEach(async () => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: `${home.path}/drawer`, FOB_KEY_FILE: `${home.path}/key` };
    await fobJson(['make', 'C'], { variables });
  });
  afterEach(() => home.remove());

  it('list without a serial shows the catalogue, to people and to programs', async () => {
    const { faults } = await json<{ faults: { name: string; person: string; server: string }[] }>(
      'list',
    );
    expect(faults.map(({ name }) => name)).to.deep.equal([...FAULT_NAMES]);
    const { exitCode, stdout } = await run('list');
    expect(exitCode).to.equal(0);
    for (const { name, person, server } of faults) {
      expect(stdout).to.match(new RegExp(`^${name}$`, 'm'));
      expect(stdout).to.contain(`  person: ${person}\n`).and.contain(`  server: ${server}\n`);
    }
    expect(stdout).to.contain('seconds: ').and.contain('from -315576000 to 315576000 s (300)');
    for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(100);
  });

  it('add breaks the token, list shows it, clear mends it', async () => {
    const added = await json(
      ...['add', 'C', 'garbled', '--set', 'share=1', '--random-seed', '7', '--probability', '1.0'],
    );
    expect(added).to.deep.include({ serial: 'C' });
    expect(added.faults).to.have.length(1);
    expect(added.faults[0]).to.deep.include({
      name: 'garbled',
      attributes: { share: 1 },
      probability: 1,
      randomSeed: 7,
      since: '2026-01-01T00:00:00.000Z',
      permanent: false,
    });
    expect(await json('list', 'C')).to.deep.equal(added);
    const { display, code } = await press('C');
    expect(display).to.equal('');
    expect(code).to.match(/^\d{6}$/);
    expect((await json('clear', 'C', 'garbled')).faults).to.deep.equal([]);
    expect((await run('list', 'C')).stdout).to.equal('C has no fault.\n');
    const mended = await fobJson<Press>(['show', 'C'], { variables });
    expect(mended.display).to.equal(code);
  });

  it('takes several attributes, a choice among them, and says what is there', async () => {
    const { stdout } = await run(
      'add',
      'C',
      'segmentStuckOn',
      '--set',
      'cell=2',
      '--set',
      'segment=b',
    );
    expect(stdout).to.equal('segmentStuckOn cell=2 segment=b, since 2026-01-01T00:00:00.000Z\n');
    await run('add', 'C', 'tamper', '--at', '2026-01-02T00:00:00Z');
    const listed = await run('list', 'C');
    expect(listed.stdout).to.contain('tamper, since 2026-01-02T00:00:00.000Z, for good\n');
  });

  it('reset mends what can be mended and leaves what is for good', async () => {
    for (const name of ['err', 'faded', 'selfDisabled']) await run('add', 'C', name);
    const { faults } = await json('reset', 'C');
    expect(faults.map(({ name, permanent }) => [name, permanent])).to.deep.equal([
      ['selfDisabled', true],
    ]);
    expect(await press('C')).to.include({ state: 'disabled', display: 'diSAbLEd', code: null });
    const { exitCode, stderr } = await run('clear', 'C', 'selfDisabled');
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('selfDisabled has damaged C for good').and.contain('  Nothing');
  });

  it('explains itself within 80 columns', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).to.equal(0);
    expect(stdout).to.contain('fob fault <action>').and.contain('Examples:');
    for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(80);
  });

  const refused: readonly [line: string, exitCode: number, says: string][] = [
    ['', 2, 'Missing: <action>'],
    ['mend C', 2, 'list, add, clear, reset'],
    ['add', 2, 'Missing'],
    ['add C', 2, 'Missing: name'],
    ['add NOPE err', 1, 'No token NOPE'],
    ['add C meteor', 1, 'There is no fault "meteor"'],
    ['add C err --set seconds=1', 1, 'err has no attribute "seconds"'],
    ['add C faded --set contrast=2', 1, 'a number from 0 to 1'],
    ['add C faded --set contrast=x', 2, 'contrast takes a number'],
    ['add C faded --set contrast=NaN', 2, 'contrast takes a number'],
    ['add C faded --set contrast', 2, 'attribute=value'],
    ['add C clockOffset --set seconds=1 --set seconds=2', 2, '--set gives seconds twice'],
    ['add C segmentStuckOn --set segment=h', 1, 'one of a, b, c, d, e, f, g'],
    ['add C segmentStuckOn --set cell=1.5', 1, 'a whole number from 1 to 12'],
    ['add C segmentStuckOn --set cell=9', 1, 'has 8 cells'],
    ['add C counterSkip', 1, 'no counter to skip'],
    ['add C err --probability 0', 1, 'over 0'],
    ['add C err --probability x', 2, 'takes a number'],
    ['add C err --random-seed -1', 2, 'random-seed'],
    ['add C err --at now', 2, '--at takes a time in UTC'],
    ['clear C err', 1, 'C has no fault err'],
    ['clear C', 2, 'Missing: name'],
    ['list C err', 2, 'fob fault list takes no name'],
    ['list C --at 2026-01-01T00:00:00Z', 2, 'takes no at'],
    ['reset C --set a=1', 2, 'takes no set'],
  ];
  for (const [line, exitCode, says] of refused) {
    it(`\`fob fault ${line}\` is refused with ${exitCode}: ${says}`, async () => {
      const result = await run(...line.split(' ').filter(Boolean));
      expect(result.stderr).to.contain(says);
      expect(result.exitCode).to.equal(exitCode);
      expect(result.stdout).to.equal('');
      expect((await json('list', 'C')).faults).to.deep.equal([]);
    });
  }
});
