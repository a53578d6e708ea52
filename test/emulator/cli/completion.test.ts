import { expect } from 'chai';
import { offeredByBash } from '../../support/completion-shell.ts';
import { fob } from '../../support/fob-env.ts';

describe('fob completion', () => {
  const run = (line: string) => fob(line.split(' '));
  let script: string;

  before(async () => {
    const { exitCode, stdout, stderr } = await run('completion bash');
    expect(exitCode, stderr).to.equal(0);
    script = stdout;
  });

  const offered = (line: string) => offeredByBash(script, 'fob', line);

  it('offers commands, their actions and their options', async () => {
    expect(await offered('fob pr')).to.deep.equal(['press']);
    expect(await offered('fob fault ')).to.include.members(['list', 'add', 'clear', 'reset']);
    expect(await offered('fob press --ho')).to.deep.equal(['--hold']);
    expect(await offered('fob export --format ')).to.include.members(['pskc', 'csv', 'otpauth']);
    expect(await offered('fob --json dra')).to.deep.equal(['drawer']);
  });

  it('is written for zsh and fish too, and for no other shell', async () => {
    expect((await run('completion zsh')).stdout).to.contain('bashcompinit');
    expect((await run('completion fish')).stdout).to.match(/^complete -c fob .* -a 'press' -d /m);
    const { exitCode, stderr } = await run('completion tcsh');
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('bash, zsh, fish');
  });
});
