import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { runKeyCommand } from '../../../server/data-directory/master-key-command.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';

const shell = (script: string): readonly string[] => ['sh', '-c', script];

interface Ran {
  readonly output?: string;
  readonly error?: FobtwinError;
  readonly said: readonly string[];
}

async function run(command: readonly string[], millisMax = 10_000): Promise<Ran> {
  const said: string[] = [];
  const onSaid = (line: string) => void said.push(line);
  try {
    const output = await runKeyCommand(command, { bytesMax: 1024, onSaid, millisMax });
    return { output: Buffer.from(output).toString(), said };
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    expect(error.code).to.equal('masterKeyUnavailable');
    return { error, said };
  }
}

describe('the command for the master key', () => {
  it('gives what it writes to standard output, and passes on what it says', async () => {
    const ran = await run(shell('echo one >&2; printf abc; echo two >&2; printf def'));
    expect(ran).to.deep.equal({ output: 'abcdef', said: ['one', 'two'] });
  });

  it('is started without a shell', async () => {
    const { output } = await run(['printf', '%s|', '$HOME', '*', 'a;b']);
    expect(output).to.equal('$HOME|*|a;b|');
  });

  it('has nothing on its standard input', async () => {
    expect((await run(['cat'])).output).to.equal('');
  });

  it('that fails is named with its exit code and what it said', async () => {
    const { error } = await run(shell('echo first >&2; echo no card >&2; printf abc; exit 7'));
    expect(error?.message).to.contain('sh, failed with exit code 7: first; no card');
    expect(error?.message).not.to.contain('abc');
  });

  it('that is not there is named', async () => {
    const { error } = await run(['/nowhere/kms', '--pin', '4711']);
    expect(error?.message).to.contain('/nowhere/kms, could not be started (ENOENT)');
    expect(`${error?.message} ${error?.nextStep}`).not.to.contain('4711');
  });

  it('that is killed is told so', async () => {
    const { error } = await run(shell('kill -9 $$'));
    expect(error?.message).to.contain('was ended by SIGKILL');
  });

  it('may not write more than a key', async () => {
    expect((await run(shell('printf "%01024d" 0'))).output).to.have.length(1024);
    const { error } = await run(shell('printf "%01025d" 0'));
    expect(error?.message).to.contain('wrote far more than a master key');
  });

  it('that writes without end is ended, on either stream', async () => {
    const { error } = await run(['yes']);
    expect(error?.message).to.contain('wrote far more than a master key');
    const noisy = await run(shell('yes >&2'), 300);
    expect(noisy.error?.message).to.contain('took more than 0.3 s');
    expect(noisy.said.join('').length).to.be.within(1, 4000);
    expect(noisy.said).to.have.length.at.most(20);
  });

  it('that takes too long is ended with all that it has started', async () => {
    const { place, remove } = await temporaryDirectory();
    const file = path.join(place, 'pid');
    const began = Date.now();
    const { error } = await run(shell(`sleep 60 & echo $! > '${file}'; wait`), 500);
    expect(error?.message).to.contain('took more than 0.5 s');
    expect(Date.now() - began).to.be.below(30_000);
    const pid = Number(await readFile(file, 'utf8'));
    await untilGone(pid);
    await remove();
  });

  it('tells no key by what it says', async () => {
    const key = 'ab'.repeat(32);
    const { said, error } = await run(shell(`echo key ${key} >&2; exit 1`));
    expect(said).to.deep.equal(['key (hidden)']);
    expect(error?.message).not.to.contain(key);
  });
});

/** The system tells when a process is gone; one that has been killed is so shortly. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (status === undefined || / [ZX] /.test(status)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
