import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { formatTime } from '../../../shared/time.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import {
  fob,
  fobJson,
  fobTestEnv,
  loadFob,
  TEST_NOW,
  temporaryDirectory,
} from '../../support/fob-env.ts';

interface Life {
  readonly from: string;
  readonly to: string;
  readonly randomSeed: number;
  readonly lived: { readonly presses: number; readonly codes: number };
  readonly counter?: number;
  readonly lowSince: string | null;
  readonly emptySince: string | null;
  readonly state: string;
  readonly madeAt: string;
  readonly celsius: number;
  readonly presses: number;
  readonly clock: { readonly offsetMillis: number };
  readonly cell: { readonly share: number };
}

describe('fob age', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let drawer: string[];
  const inHome = (name: string) => path.join(home.path, name);
  const json = <Answer>(...argv: string[]) => fobJson<Answer>([...argv, ...drawer]);
  const age = (...argv: string[]) => json<Life>('age', ...argv, '--random-seed', '7');
  const run = (...argv: string[]) => fob([...argv, ...drawer]);

  beforeEach(() => {
    home = temporaryDirectory();
    drawer = ['--drawer', inHome('drawer')];
  });
  afterEach(() => home.remove());

  it('puts years behind a token that end now, and its codes meet today', async () => {
    await json('make', 'A');
    const life = await age('A', '--years', '2', '--temperature', '20..35');
    expect(life.to).to.equal(formatTime(TEST_NOW));
    expect(life.from).to.equal('2024-01-01T12:00:00.000Z');
    expect(life).to.include({ madeAt: life.from, state: 'asleep', celsius: 25, emptySince: null });
    expect(life.lived.presses).to.be.within(7295, 7310);
    expect(life.presses).to.equal(life.lived.presses);
    expect(life.cell.share).to.be.within(0.35, 0.6);
    expect(Math.abs(life.clock.offsetMillis)).to.be.within(1000, 1_500_000);
    const pressed = await json<{ at: string; code: string; display: string }>('press', 'A');
    expect(pressed.at).to.equal(formatTime(TEST_NOW));
    expect(pressed.display).to.equal(pressed.code);
  });

  it("lets an event token's counter go on with its codes", async () => {
    await json('make', 'E', '--profile', 'e6');
    await json('press', 'E');
    const life = await age('E', '--years', '0.5', '--presses-per-day', '4');
    expect(life.lived.codes).to.be.within(725, 731);
    expect(life.counter).to.equal(life.lived.codes + 1);
    expect(life.presses).to.equal(life.lived.presses + 1);
  });

  it('lives the same life again from its random seed, and tells the seed it drew', async () => {
    for (const serial of ['A', 'B', 'C']) {
      await json('make', serial, '--crystal', 'ideal', '--profile', 'e6');
    }
    const [{ randomSeed, ...first }, again] = [
      await json<Life>('age', 'A', '--years', '1'),
      await json<Life>('age', 'B', '--years', '1', '--random-seed', '0'),
    ];
    expect(again.randomSeed).to.equal(0);
    const argv = ['age', 'C', '--years', '1', '--random-seed', String(randomSeed)];
    const { randomSeed: given, ...replayed } = await json<Life>(...argv);
    expect(given).to.equal(randomSeed);
    expect({ ...replayed, serial: '' }).to.deep.equal({ ...first, serial: '' });
  });

  it('tells a person of drift, cell and presses, and of a token that did not last', async () => {
    await json('make', 'A');
    const { stdout } = await run('age', 'A', '--years', '6', '--presses-per-day', '20');
    expect(stdout).to.match(
      /A has 6 years behind it, since (2019-12-3|2020-01-0)\d: [\d,]+ presses/,
    );
    expect(stdout).to.match(/clock +.*(fast|slow)/);
    expect(stdout).to.match(/low +first on 202\d-/);
    expect(stdout).to.match(/empty +since 202\d-/);
    expect(stdout).to.contain('It is dead now');
    expect(stdout).to.match(/--random-seed \d+/);
    const again = await run('age', 'A', '--years', '1');
    expect(again.exitCode).to.equal(1);
    expect(again.stderr).to.contain('A is dead and stays so');
  });

  it('draws the life into a new file, and ages nothing when it cannot', async () => {
    await json('make', 'A');
    const file = inHome('life.svg');
    await age('A', '--years', '1', '--picture', file);
    expect(fs.readFileSync(file, 'utf8')).to.match(/^<svg [^>]*>.*A, a year of life/);
    const before = await json<object>('list');
    const refused = await run('age', 'A', '--years', '1', '--picture', file);
    expect(refused.exitCode).to.equal(1);
    expect(await json('list')).to.deep.equal(before);
    const pictures = fs.readdirSync(home.path).filter((name) => name.includes('life'));
    expect(pictures).to.deep.equal(['life.svg']);
  });

  it('leaves a token alone that was pressed meanwhile', async () => {
    await json('make', 'E', '--profile', 'e6');
    const env = fobTestEnv();
    let pressed = false;
    const pause = async () => {
      if (pressed) return;
      pressed = true;
      await json('press', 'E');
    };
    const argv = ['age', 'E', '--years', '1', ...drawer];
    const exitCode = await (await loadFob())(argv, { ...env, pause });
    expect(exitCode).to.equal(1);
    expect(env.written().stderr).to.contain('was used while it was being aged');
    expect((await json<{ tokens: { presses: number }[] }>('list')).tokens).to.have.length(1);
    const next = await age('E', '--years', '0.1', '--presses-per-day', '0');
    expect(next.counter).to.equal(1);
  });

  it('leaves a token alone when it is interrupted', async () => {
    await json('make', 'A');
    const env = fobTestEnv();
    const pause = async () => env.interrupt();
    const argv = ['age', 'A', '--years', '1', ...drawer];
    const exitCode = await (await loadFob())(argv, { ...env, pause });
    expect(exitCode).to.equal(1);
    expect(env.written().stderr).to.contain('A was not aged');
  });

  it('shows a person at a terminal how far it is', async () => {
    await json('make', 'A');
    const env = fobTestEnv();
    Object.assign(env.stderr, { isTTY: true });
    await (await loadFob())(['age', 'A', '--years', '1', ...drawer], env);
    expect(env.written().stderr).to.match(/\r29\/366 days\r.*\r\s+\r$/s);
  });

  it('refuses a live token, one without its PIN, and a button where there is none', async () => {
    const input = inHome('uris.txt');
    fs.writeFileSync(input, 'otpauth://totp/LIVE?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n');
    await json('import', input);
    await json('make', 'P', '--profile', 'p30');
    await json('make', 'ALWAYS', '--profile', 'a60');
    const refused = [
      { argv: ['LIVE'], exitCode: 1, says: 'LIVE is live: it neither drifts nor wears' },
      { argv: ['P'], exitCode: 1, says: 'P has no PIN yet' },
      { argv: ['P'], exitCode: 1, says: 'fob press P --pin' },
      { argv: ['ALWAYS', '--presses-per-day', '3'], exitCode: 2, says: 'a60 has no button' },
    ];
    for (const { argv, exitCode, says } of refused) {
      const result = await run('age', ...argv, '--years', '1');
      expect(result.stderr).to.contain(says);
      expect(result.exitCode).to.equal(exitCode);
    }
    expect((await age('P', '--years', '1', '--presses-per-day', '0')).state).to.equal('asleep');
    expect((await age('ALWAYS', '--years', '1')).state).to.equal('showing');
    expect((await age('ALWAYS', '--years', '3')).state).to.equal('expired');
  });

  const bad: readonly (readonly string[])[] = [
    [],
    ['--years', '0'],
    ['--years', 'NaN'],
    ['--years=-1'],
    ['--years', '51'],
    ['--years', '1e3'],
    ['--years', '4y'],
    ['--years', '1', '--presses-per-day', 'many'],
    ['--years', '1', '--presses-per-day=-1'],
    ['--years', '1', '--presses-per-day', '501'],
    ['--years', '1', '--temperature', '35..20'],
    ['--years', '1', '--temperature', 'warm'],
    ['--years', '1', '--temperature', '20..500'],
    ['--years', '1', '--temperature', '20..'],
    ['--years', '1', '--random-seed', '4294967296'],
    ['--years', '1', '--random-seed', '0.5'],
  ];
  for (const argv of bad) {
    it(`refuses ${argv.join(' ') || 'no years'} before it does anything`, async () => {
      const made = await json<object>('make', 'A');
      expect(made).to.be.an('object');
      const before = await json<object>('list');
      const { exitCode, stdout, stderr } = await run('age', 'A', ...argv);
      expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: '' });
      expect(stderr).to.match(/years|presses-per-day|temperature|random-seed/);
      expect(await json('list')).to.deep.equal(before);
    });
  }

  it('refuses years that lead to before 1970, and more presses than a life has', async () => {
    await json('make', 'OLD', '--at', formatTime(0 as UnixMillis));
    const early = await run('age', 'OLD', '--years', '1');
    expect(early.exitCode).to.equal(2);
    expect(early.stderr).to.contain('before 1970');
    await json('make', 'A');
    const much = await run('age', 'A', '--years', '40', '--presses-per-day', '400');
    expect(much.exitCode).to.equal(1);
    expect(much.stderr).to.contain('at most 1,000,000 presses');
  });
});
