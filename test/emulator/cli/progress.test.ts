import { expect } from 'chai';
import { fobTestEnv, loadFob, temporaryDirectory } from '../../support/fob-env.ts';

describe('the progress of fob', () => {
  let home: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    home = temporaryDirectory();
  });
  afterEach(() => home.remove());

  /** What `fob make` says on standard error. */
  const said = async (argv: readonly string[], { isTTY }: { isTTY: boolean }) => {
    const env = fobTestEnv({ variables: { FOB_DRAWER: home.path } });
    Object.assign(env.stderr, { isTTY });
    const run = await loadFob();
    expect(await run(['make', ...argv], env)).to.equal(0);
    await new Promise((resolve) => setImmediate(resolve));
    return env.written().stderr;
  };

  it('is a count redrawn in place on a terminal, and gone at the end', async () => {
    const text = await said(['--count', '150'], { isTTY: true });
    expect(text).to.equal(`\r64/150\r128/150\r${' '.repeat(7)}\r`);
  });

  it('is not shown for what takes no time', async () => {
    expect(await said(['--count', '3'], { isTTY: true })).to.equal('');
  });

  it('is not shown to programs', async () => {
    expect(await said(['--count', '70'], { isTTY: false })).to.equal('');
    expect(await said(['--count', '70', '--json'], { isTTY: true })).to.equal('');
  });
});
