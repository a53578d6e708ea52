import fs from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { openDrawer } from '../../../emulator/drawer/drawer.ts';
import { PROFILE_NAMES } from '../../../firmware-spec/vocabulary.ts';
import { encodeBase32 } from '../../../shared/base32.ts';
import { fob, fobJson, temporaryDirectory, testLockEnv, testRng } from '../../support/fob-env.ts';
import { serialOf } from '../../support/kept-device.ts';

interface Tokens {
  readonly tokens: readonly { readonly serial: string; readonly profile: string }[];
}
interface Press {
  readonly serial: string;
  readonly at: string;
  readonly state: string;
  readonly display: string;
  readonly code: string | null;
}

describe('the commands of fob', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;
  const at = (name: string) => path.join(home.path, name);
  const run = (...argv: string[]) => fob(argv, { variables });
  const json = <Answer>(...argv: string[]) => fobJson<Answer>(argv, { variables });
  const stdin = (text: string) => new PassThrough().end(text);
  const serials = async () =>
    (await json<Tokens>('list')).tokens.map(({ serial }) => serial).sort();

  beforeEach(() => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: at('drawer') };
  });
  afterEach(() => home.remove());

  describe('make', () => {
    it('makes a c30 with a new serial unless told otherwise', async () => {
      const { tokens } = await json<Tokens>('make');
      expect(tokens).to.have.length(1);
      expect(tokens[0]?.serial).to.match(/^C30-[0-9]{8}$/);
      expect(tokens[0]?.profile).to.equal('c30');
    });

    it('makes many, all different, with their seed file', async () => {
      const file = at('seeds.pskcxml');
      const made = await json<Tokens>(
        ...['make', '--count', '50', '--profile', 'e6', '--seed-file', file],
      );
      expect(new Set(made.tokens.map(({ serial }) => serial)).size).to.equal(50);
      expect(fs.statSync(file).mode & 0o777).to.equal(0o600);
      expect(fs.readdirSync(home.path)).to.have.members(['drawer', 'drawer.key', 'seeds.pskcxml']);
      variables = { FOB_DRAWER: at('second') };
      const imported = await json<Tokens>('import', file);
      expect(imported.tokens).to.deep.equal(made.tokens);
    });

    it('gives each token a crystal of its own, an ideal one, or the worst', async () => {
      interface Back {
        readonly ratePpm: number;
        readonly manufacturer: string;
      }
      await json('make', 'A');
      await json('make', 'B');
      await json('make', 'C', '--crystal', 'ideal');
      await json('make', 'D', '--crystal', 'worst');
      const [a, b, c, d] = await Promise.all(
        ['A', 'B', 'C', 'D'].map(async (serial) => {
          const drawer = openDrawer(at('drawer'), testLockEnv);
          return drawer.read(serialOf(serial)).device.physique.trimPpm;
        }),
      );
      expect(a).not.to.equal(0).and.not.equal(b);
      expect(c).to.equal(0);
      expect(Math.abs(d ?? 0)).to.equal(20);
      const back = await json<Back>('show', 'C', '--back');
      expect(back).to.include({ manufacturer: 'Fobtwin emulator' });
    });

    it('makes a token of every model', async () => {
      for (const profile of PROFILE_NAMES) {
        const { tokens } = await json<Tokens>('make', '--profile', profile);
        expect(tokens[0]?.profile).to.equal(profile);
      }
      expect((await run('list')).stdout.split('\n')).to.have.length(PROFILE_NAMES.length + 2);
    });

    it('makes nothing when the seed file is there already', async () => {
      fs.writeFileSync(at('seeds.pskcxml'), 'mine');
      const { exitCode, stderr } = await run('make', '--seed-file', at('seeds.pskcxml'));
      expect(exitCode).to.equal(1);
      expect(stderr).to.contain('is already there');
      expect(fs.readFileSync(at('seeds.pskcxml'), 'utf8')).to.equal('mine');
      expect(await serials()).to.deep.equal([]);
    });

    it('takes everything back when the place of the seed file is taken meanwhile', async () => {
      const file = at('seeds.pskcxml');
      const rng = {
        ...testRng,
        uniform() {
          // The first lock's jitter or crystal comes after the place was looked at.
          return testRng.uniform();
        },
        bytes(length: number) {
          // Six bytes name the draft: the place was free a moment ago.
          if (length === 6) fs.writeFileSync(file, 'mine');
          return testRng.bytes(length);
        },
      };
      const argv = ['make', '--count', '3', '--seed-file', file];
      const { exitCode } = await fob(argv, { variables, rng });
      expect(exitCode).to.equal(1);
      expect(fs.readFileSync(file, 'utf8')).to.equal('mine');
      expect(await serials()).to.deep.equal([]);
      expect(fs.readdirSync(home.path)).to.have.members(['drawer', 'drawer.key', 'seeds.pskcxml']);
    });

    it('normalises a serial, and keeps digits that look like numbers', async () => {
      expect((await json<Tokens>('make', ' ab 1')).tokens[0]?.serial).to.equal('AB1');
      expect((await json<Tokens>('make', '0012')).tokens[0]?.serial).to.equal('0012');
      expect((await json<Tokens>('make', '1e5')).tokens[0]?.serial).to.equal('1E5');
      expect((await json<Press>('press', '0012')).serial).to.equal('0012');
    });
  });

  describe('press', () => {
    it('shows the code of the moment, and what is on the display', async () => {
      await json('make', 'A', '--crystal', 'ideal');
      const press = await json<Press>('press', 'a', '--at', '2026-01-01T00:00:10Z');
      expect(press).to.include({ serial: 'A', at: '2026-01-01T00:00:10.000Z', state: 'showing' });
      expect(press.code)
        .to.match(/^[0-9]{6}$/)
        .and.equal(press.display);
      const shown = await json<Press>('show', 'A', '--at', '2026-01-01T00:00:29Z');
      expect(shown).to.deep.include({ ...press, at: '2026-01-01T00:00:29.000Z' });
      const later = await json<Press>('show', 'A', '--at', '2026-01-01T00:02:00Z');
      expect(later).to.include({ state: 'asleep', display: '', code: null });
    });

    it('counts --after from its last press, whenever that was', async () => {
      await json('make', 'A');
      await json('press', 'A', '--at', '2026-03-01T00:00:00Z');
      const second = await json<Press>('press', 'A', '--after', '90s');
      expect(second.at).to.equal('2026-03-01T00:01:30.000Z');
      const third = await json<Press>('press', 'A', '--after', '400d');
      expect(third.at).to.equal('2027-04-05T00:01:30.000Z');
      const never = await run('press', 'A', '--after', '8640000000000s');
      expect(never.exitCode).to.equal(2);
      await json('press', 'A', '--at', '9999-12-31T23:59:59.998Z');
      const last = await json<Press>('press', 'A', '--after', '1ms');
      expect(last.at).to.equal('9999-12-31T23:59:59.999Z');
      const beyond = await run('press', 'A', '--after', '1ms');
      expect(beyond.exitCode).to.equal(2);
      expect(beyond.stderr).to.contain('beyond the year 9999');
    });

    it('draws the display for people, in plain signs where the language settings ask', async () => {
      await json('make', 'A');
      expect((await run('press', 'A')).stdout)
        .to.contain('╭')
        .and.contain('s left');
      variables = { ...variables, LC_ALL: 'C' };
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant
      expect((await run('show', 'A')).stdout).to.match(/^[\x00-\x7f]+$/);
    });
  });

  describe('list and show', () => {
    it('says that an empty drawer is empty', async () => {
      expect(await json('list')).to.deep.equal({ tokens: [], problems: [] });
      expect((await run('list')).stdout)
        .to.contain('is empty')
        .and.contain('fob make');
    });

    it('lists what can be read, names what cannot, and fails', async () => {
      await json('make', 'GOOD');
      fs.writeFileSync(at('drawer/BAD.fob.json'), '{');
      const listed = await run('list', '--json');
      expect(listed.exitCode).to.equal(1);
      const { tokens, problems } = JSON.parse(listed.stdout) as {
        tokens: { serial: string }[];
        problems: { code: string }[];
      };
      expect(tokens.map(({ serial }) => serial)).to.deep.equal(['GOOD']);
      expect(problems.map(({ code }) => code)).to.deep.equal(['deviceDamaged']);
      expect(listed.stderr).to.match(/BAD\.fob\.json is damaged \(malformed\)\n/);
      expect((await run('list')).stdout)
        .to.contain('GOOD')
        .and.not.contain('BAD');
      expect((await run('press', 'BAD')).exitCode).to.equal(1);
    });

    it('says of each how its battery is and what is wrong with it', async () => {
      await json('make', 'A', '--crystal', 'ideal', '--at', '2024-01-01T00:00:00Z');
      await json('make', 'B', '--crystal', 'ideal');
      await openDrawer(at('drawer'), testLockEnv).update(serialOf('B'), (kept) => ({
        ...kept,
        device: {
          ...kept.device,
          faults: [
            {
              name: 'err',
              attributes: {},
              probability: 1,
              randomSeed: 1,
              since: kept.device.madeAt,
            },
          ],
        },
      }));
      const { tokens } = await json<{ tokens: object[] }>('list');
      expect(tokens[1]).to.deep.include({
        battery: { share: 1, isLow: false, isEmpty: false },
        faults: ['err'],
      });
      const lines = (await run('list')).stdout.split('\n');
      expect(lines[0]).to.match(/^SERIAL +PROFILE +CODES +MODE +BATTERY +FAULTS$/);
      // Two years in a drawer.
      expect(lines[1]).to.match(/^A +c30 .* simulated +[5-8][0-9] % +-$/);
      expect(lines[2]).to.match(/^B +c30 .* simulated +100 % +err$/);
    });

    it('shows the back without the seed', async () => {
      const { stdout } = await run('make', 'A').then(() => run('show', 'A', '--back'));
      expect(stdout).to.contain('Fobtwin emulator').and.contain('time, 30 s, 6 digits, SHA1');
      const { seed } = openDrawer(at('drawer'), testLockEnv).read(serialOf('A')).device;
      for (const argv of [['list'], ['show', 'A', '--back'], ['show', 'A'], ['press', 'A']]) {
        expect((await run(...argv, '--json')).stdout).not.to.contain(encodeBase32(seed));
      }
    });

    it('keeps foreign labels from moving the cursor', async () => {
      const uri = 'otpauth://totp/%1B%5B2J:X1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
      await fobJson(['import', '-'], { variables, stdin: stdin(uri) });
      expect((await run('show', 'X1', '--back')).stdout)
        .to.contain('?[2J')
        .and.not.contain('\u001b');
    });
  });
});
