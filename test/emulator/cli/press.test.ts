import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { openDrawer } from '../../../emulator/drawer/drawer.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import {
  type FobTestEnv,
  fob,
  fobJson,
  fobTestEnv,
  loadFob,
  TEST_NOW,
  temporaryDirectory,
  testLockEnv,
} from '../../support/fob-env.ts';
import { serialOf } from '../../support/kept-device.ts';

interface Press {
  readonly at: string;
  readonly state: string;
  readonly display: string;
  readonly code: string | null;
}

/** A time step of C begins at this moment. */
const STEP = TEST_NOW;

describe('fob press', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let variables: Record<string, string>;
  const json = (...argv: string[]) => fobJson<Press>(['press', ...argv], { variables });
  const later = (millis: number) => new Date(STEP + millis).toISOString();

  beforeEach(async () => {
    home = temporaryDirectory();
    variables = { FOB_DRAWER: home.path };
    for (const [serial, profile] of [
      ['C', 'c30'],
      ['E', 'e6'],
      ['P', 'p30'],
    ] as const) {
      const made = ['make', serial, '--profile', profile, '--crystal', 'ideal'];
      await fobJson([...made, '--at', later(-86_400_000)], { variables });
    }
  });
  afterEach(() => home.remove());

  /** A world whose clock moves as it is waited for; what was waited, in milliseconds. */
  const waiting = (begin: number, meanwhile: () => Promise<unknown> = async () => {}) => {
    const waits: number[] = [];
    const env: FobTestEnv = fobTestEnv({
      variables,
      async pause(millis) {
        waits.push(millis);
        env.set((env.clock.now() + millis) as UnixMillis);
        await meanwhile();
      },
    });
    env.set((STEP + begin) as UnixMillis);
    const press = async (...argv: string[]): Promise<Press> => {
      const run = await loadFob();
      const exitCode = await run(['press', ...argv, '--json'], env);
      expect(env.written().stderr).to.equal('');
      expect(exitCode).to.equal(0);
      return JSON.parse(env.written().stdout) as Press;
    };
    return { waits, press };
  };

  describe('--hold', () => {
    it('holds the button for that long, and shows the menu', async () => {
      const { waits, press } = waiting(1000);
      const { state, at, code } = await press('C', '--hold', '6s');
      expect(waits).to.deep.equal([6000]);
      expect({ state, at, code }).to.deep.equal({ state: 'menu', at: later(7000), code: null });
    });

    it('waits for nothing at a time of its own', async () => {
      const held = await json('C', '--hold', '6s', '--at', later(0));
      expect(held).to.include({ state: 'menu', at: later(6000) });
    });

    it('is a press where it is too short for a hold', async () => {
      expect(await json('C', '--hold', '500ms', '--at', later(0))).to.include({ state: 'showing' });
    });
  });

  describe('--fresh', () => {
    it('waits for nothing where no code of the step has been shown', async () => {
      const { waits, press } = waiting(10_000);
      expect(await press('C', '--fresh')).to.include({ at: later(10_000), state: 'showing' });
      expect(waits).to.deep.equal([]);
    });

    it('waits for the next step after a press, and gives another code', async () => {
      const first = await json('C', '--at', later(5000));
      const { waits, press } = waiting(12_000);
      const second = await press('C', '--fresh');
      expect(waits).to.deep.equal([18_000]);
      expect(second).to.include({ at: later(30_000), state: 'showing' });
      expect(second.code)
        .to.match(/^[0-9]{6}$/)
        .and.not.equal(first.code);
    });

    it('waits for a code that lives as long as asked', async () => {
      const { waits, press } = waiting(24_000);
      const { at } = await press('C', '--fresh', '--min-remaining', '8s');
      expect(waits).to.deep.equal([6000]);
      expect(at).to.equal(later(30_000));
      const enough = waiting(82_000);
      expect((await enough.press('C', '--fresh', '--min-remaining', '8s')).at).to.equal(
        later(82_000),
      );
      expect(enough.waits).to.deep.equal([]);
    });

    it('waits once more when somebody else was faster', async () => {
      await json('C', '--at', later(5000));
      let others = 1;
      const { waits, press } = waiting(12_000, async () => {
        if (others-- > 0) await json('C', '--at', later(30_000));
      });
      const { at } = await press('C', '--fresh');
      expect(waits).to.deep.equal([18_000, 30_000]);
      expect(at).to.equal(later(60_000));
    });

    it('never waits for an event token, whose every press shows another code', async () => {
      const { waits, press } = waiting(0);
      await json('E', '--at', later(0));
      await press('E', '--fresh', '--min-remaining', '1h');
      expect(waits).to.deep.equal([]);
    });

    it('lets the time pass on the token alone, at a time of its own', async () => {
      await json('C', '--at', later(5000));
      expect((await json('C', '--fresh', '--at', later(7000))).at).to.equal(later(30_000));
      expect((await json('C', '--fresh', '--after', '1s')).at).to.equal(later(60_000));
    });
  });

  describe('--pin', () => {
    const withInput = (text: string, ...argv: string[]) =>
      fob(['press', ...argv, '--pin', '--json'], {
        variables,
        stdin: new PassThrough().end(text),
      });
    const press = async (pin: string, millis: number): Promise<Press> => {
      const { stdout, stderr } = await withInput(pin, 'P', '--at', later(millis));
      expect(stderr).to.equal('');
      return JSON.parse(stdout) as Press;
    };

    it('enters the first line of standard input, and shows a code for the PIN', async () => {
      await press('4711\n', 0);
      const right = await press('4711\nmore\n', 60_000);
      expect(right).to.include({ state: 'showing' });
      expect(right.code).to.match(/^[0-9]{6}$/);
      const wrong = await press('0000', 120_000);
      expect(wrong).to.include({ state: 'wrongPin', code: null });
    });

    it('refuses what is no PIN without quoting it, and presses nothing', async () => {
      for (const text of ['', '12 34', 'abcd', '1'.repeat(17)]) {
        const { exitCode, stderr } = await withInput(text, 'P');
        expect(exitCode).to.equal(1);
        expect(stderr).to.contain('1 to 16 digits').and.not.contain('abcd');
      }
      const { device } = openDrawer(home.path, testLockEnv).read(serialOf('P'));
      expect(device.state.presses).to.equal(0);
    });

    it('is asked for on a terminal, and not shown', async () => {
      await press('4711', 0);
      const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
      const env = fobTestEnv({ variables, stdin });
      Object.assign(env.stderr, { isTTY: true });
      const run = await loadFob();
      const ended = run(['press', 'P', '--pin', '--json', '--at', later(60_000)], env);
      stdin.write('47');
      stdin.write('2\u007f11\r');
      expect(await ended).to.equal(0);
      expect(JSON.parse(env.written().stdout)).to.include({ state: 'showing' });
      expect(env.written().stderr).to.equal('PIN of P: \n');
    });
  });
});
