import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { ExitCode } from '../../../emulator/cli/env.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import {
  type FobTestEnv,
  fob,
  fobJson,
  fobTestEnv,
  loadFob,
  TEST_NOW,
  temporaryDirectory,
} from '../../support/fob-env.ts';

interface Line {
  readonly serial: string;
  readonly state: string;
  readonly display: string;
  readonly code: string | null;
}

describe('fob run', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;

  beforeEach(async () => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: home.path };
    for (const [serial, profile] of [
      ['E', 'e6'],
      ['C', 'c30'],
    ] as const) {
      await fobJson(['make', serial, '--profile', profile, '--crystal', 'ideal'], { variables });
    }
  });
  afterEach(() => home.remove());

  /** Starts it; resolves when the condition on what it wrote holds. */
  const start = async (argv: readonly string[], changes: Partial<FobTestEnv> = {}) => {
    const env = fobTestEnv({ variables, ...changes });
    const run = await loadFob();
    const ended: Promise<ExitCode> = run(['run', ...argv], env);
    const until = async (holds: (text: string) => boolean): Promise<string> => {
      await written(env, holds);
      return env.written().stdout;
    };
    return { env, ended, until };
  };
  const linesOf = (text: string) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);

  describe('without a terminal', () => {
    it('presses once for each line and prints each change of the display', async () => {
      const stdin = new PassThrough();
      stdin.end('\nanything\n\n\n');
      const { exitCode, stdout } = await fob(['run', 'E', '--json'], { variables, stdin });
      expect(exitCode).to.equal(0);
      const lines = linesOf(stdout);
      expect(lines).to.have.length(4);
      for (const line of lines) {
        expect(line).to.include({ serial: 'E', state: 'showing', display: line.code });
        expect(line.code).to.match(/^[0-9]{6}$/);
      }
      expect(new Set(lines.map(({ code }) => code)).size).to.equal(4);
    });

    it('takes a last line that has no end, and none where there is none', async () => {
      const stdin = new PassThrough();
      stdin.end('\n\nx');
      const { stdout } = await fob(['run', 'E'], { variables, stdin });
      expect(stdout).to.match(/^([0-9]{6}\n){3}$/);
      const empty = new PassThrough();
      empty.end();
      expect((await fob(['run', 'C'], { variables, stdin: empty })).stdout).to.equal('');
    });

    it('prints what time does to the display, and presses made elsewhere', async () => {
      const { env, ended, until } = await start(['C', '--json']);
      const pressed = await fobJson<Line>(['press', 'C'], { variables });
      env.tick();
      await until((text) => text.split('\n').length > 1);
      env.set((TEST_NOW + 15_000) as UnixMillis);
      env.tick();
      env.set((TEST_NOW + 30_000) as UnixMillis);
      env.tick();
      env.stdin.end();
      expect(await ended).to.equal(0);
      const lines = linesOf(await until((text) => text.split('\n').length > 2));
      expect(lines.map(({ display }) => display)).to.deep.equal([pressed.display, '']);
    });

    it('holds on the line hold, and enters digits on a PIN pad', async () => {
      await fobJson(['make', 'P', '--profile', 'p30', '--crystal', 'ideal'], { variables });
      const pause = async () => {};
      const ofC = new PassThrough().end('hold\n');
      const menu = await fob(['run', 'C', '--json'], { variables, stdin: ofC, pause });
      expect(linesOf(menu.stdout).map(({ state }) => state)).to.deep.equal(['menu']);
      const ofP = new PassThrough().end('on\n4711\n');
      const entered = await fob(['run', 'P', '--json'], { variables, stdin: ofP, pause });
      const [, code] = linesOf(entered.stdout);
      expect(code).to.include({ state: 'showing' });
      expect(code?.code).to.match(/^[0-9]{6}$/);
    });

    it('ends with an error when the token is taken away', async () => {
      const { env, ended } = await start(['C']);
      home.remove();
      env.tick();
      expect(await ended).to.equal(1);
      expect(env.written().stderr).to.contain('No token C');
    });

    it('ends when it is asked to stop', async () => {
      const { env, ended } = await start(['C']);
      env.interrupt();
      expect(await ended).to.equal(0);
      expect(env.written().stderr).to.equal('');
    });
  });

  describe('on a terminal', () => {
    const ENTER = '\u001b[?1049h\u001b[?25l';
    const LEAVE = '\u001b[?25h\u001b[?1049l';
    const terminal = (size: { columns: number; rows: number }) => {
      const raw: boolean[] = [];
      const stdin = Object.assign(new PassThrough(), {
        isTTY: true,
        setRawMode: (on: boolean) => raw.push(on),
      });
      const begin = async (serial: string, ...options: string[]) => {
        const env = fobTestEnv({ variables: { ...variables, NO_COLOR: '1' }, stdin });
        Object.assign(env.stdout, { isTTY: true, ...size });
        const run = await loadFob();
        const ended = run(['run', serial, ...options], env);
        const until = (wanted: string) => written(env, (text) => text.includes(wanted));
        await until(serial === 'C' && size.rows < 3 && size.rows > 0 ? '(dark)' : 'space presses');
        return { env, ended, until };
      };
      return { raw, stdin, begin };
    };

    it('draws the token, presses on space, and gives the terminal back on q', async () => {
      const { raw, stdin, begin } = terminal({ columns: 100, rows: 30 });
      const { env, ended, until } = await begin('C');
      expect(raw).to.deep.equal([true]);
      expect(env.written().stdout.startsWith(ENTER)).to.equal(true);
      expect(env.written().stdout).to.contain('dark: a press lights it');
      stdin.write(' ');
      await until('30 s left');
      env.set((TEST_NOW + 12_000) as UnixMillis);
      env.tick();
      await until('18 s left');
      stdin.write('q');
      expect(await ended).to.equal(0);
      await until(LEAVE);
      expect(env.written().stdout.endsWith(LEAVE)).to.equal(true);
      expect(raw).to.deep.equal([true, false]);
      const { presses } = await fobJson<{ presses: number }>(['show', 'C', '--back'], {
        variables,
      });
      expect(presses).to.equal(1);
    });

    it('holds the button on h, and says so meanwhile', async () => {
      const { stdin, begin } = terminal({ columns: 100, rows: 30 });
      const { env, ended, until } = await begin('C');
      expect(env.written().stdout).to.contain('h holds it for the menu');
      let letGo = (): void => {};
      const pause = () =>
        new Promise<void>((resolve) => {
          letGo = () => {
            env.set((TEST_NOW + 6000) as UnixMillis);
            resolve();
          };
        });
      Object.assign(env, { pause });
      stdin.write('h');
      await until('the button is held');
      Object.assign(env, { pause: fobTestEnv().pause });
      letGo();
      stdin.write('q');
      expect(await ended).to.equal(0);
      const shown = await fobJson<Line>(['show', 'C', '--at', '2026-01-01T00:00:06Z'], {
        variables,
      });
      expect(shown.state).to.equal('menu');
    });

    it('takes digits and enter for the keys of a PIN pad', async () => {
      await fobJson(['make', 'P', '--profile', 'p30', '--crystal', 'ideal'], { variables });
      const { stdin, begin } = terminal({ columns: 100, rows: 30 });
      const { ended, until } = await begin('P');
      await until('digits and enter are its pad');
      stdin.write(' 47');
      stdin.write('11\r');
      await until('30 s left');
      stdin.write('q');
      expect(await ended).to.equal(0);
      const shown = await fobJson<Line>(['show', 'P'], { variables });
      expect(shown.state).to.equal('showing');
    });

    for (const [what, key] of [
      ['Ctrl-C', '\u0003'],
      ['Ctrl-D', '\u0004'],
      ['Q', 'Q'],
    ] as const) {
      it(`leaves on ${what}, and not on arrows`, async () => {
        const { raw, stdin, begin } = terminal({ columns: 100, rows: 30 });
        const { ended } = await begin('C');
        stdin.write('\u001b[A');
        stdin.write(key);
        expect(await ended).to.equal(0);
        expect(raw.at(-1)).to.equal(false);
      });
    }

    it('gives the terminal back when it is asked to stop', async () => {
      const { raw, begin } = terminal({ columns: 100, rows: 30 });
      const { env, ended } = await begin('C');
      env.interrupt();
      expect(await ended).to.equal(0);
      expect(raw).to.deep.equal([true, false]);
    });

    it('gives the terminal back and says why when the token is taken away', async () => {
      const { raw, begin } = terminal({ columns: 100, rows: 30 });
      const { env, ended, until } = await begin('C');
      home.remove();
      env.tick();
      expect(await ended).to.equal(1);
      await until(LEAVE);
      expect(raw).to.deep.equal([true, false]);
      expect(env.written().stderr).to.contain('No token C');
    });

    it('fits the window: large, small, or the digits alone', async () => {
      for (const [columns, rows, linesMax, sign] of [
        [100, 30, 20, '│  │ │'],
        [50, 14, 10, '╰'],
        [20, 8, 6, '(dark)'],
        [20, 2, 2, '(dark)'],
      ] as const) {
        const { stdin, begin } = terminal({ columns, rows });
        const { env, ended } = await begin('C').then(async (begun) => {
          stdin.write('q');
          return begun;
        });
        await ended;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked at
        const picture = env.written().stdout.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
        const lines = picture.split('\r\n');
        expect(lines.length).to.be.at.most(Math.min(rows, linesMax));
        for (const line of lines) expect([...line].length).to.be.at.most(columns);
        expect(picture).to.contain(sign);
      }
    });

    it('takes a terminal that says it has no size for one of 80 by 24', async () => {
      const { stdin, begin } = terminal({ columns: 0, rows: 0 });
      const { env, ended } = await begin('C');
      stdin.write('q');
      await ended;
      expect(env.written().stdout).to.contain('│  │ │').and.contain('C  time, 30 s');
    });

    it('draws below other text with --inline, in the same place each time', async () => {
      const { stdin, begin } = terminal({ columns: 100, rows: 24 });
      const { env, ended, until } = await begin('C', '--inline');
      const first = env.written().stdout;
      expect(first.startsWith('\r\n\u001b[?25l\rC  time')).to.equal(true);
      const height = first.split('\r\n').length - 2;
      expect(height).to.equal(9);
      stdin.write(' ');
      await until(`\u001b[${height}A\rC  time`);
      await until('30 s left');
      stdin.write('q');
      expect(await ended).to.equal(0);
      await until('\u001b[?25h\r\n');
      for (const sequence of ['?1049', 'H', '2J']) {
        expect(env.written().stdout).not.to.contain(`\u001b[${sequence}`);
      }
    });
  });
});

/** Turns of the event loop in which something written must arrive. */
const TURNS_MAX = 100_000;

/** Resolves when what was written is as it should be. */
async function written(env: FobTestEnv, holds: (text: string) => boolean): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    if (holds(env.written().stdout)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`not written: ${JSON.stringify(env.written().stdout)}`);
}
