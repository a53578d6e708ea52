import { expect } from 'chai';
import { offeredByBash } from '../../support/completion-shell.ts';
import { fobd } from '../../support/fobd-in-process.ts';

describe('fobd completion', () => {
  let script: string;

  before(async () => {
    const { code, stdout, stderr } = await fobd(['completion', 'bash']);
    expect(code, stderr).to.equal(0);
    script = stdout;
  });

  const offered = (line: string) => offeredByBash(script, 'fobd', line);

  it('offers every command that the help has', async () => {
    const { stdout } = await fobd(['--help']);
    const named = [...stdout.matchAll(/^ {2}fobd ([a-z-]+) /gm)].map(([, name]) => name);
    expect(named).to.include.members(['serve', 'doctor', 'completion']);
    expect(await offered('fobd ')).to.include.members(named);
  });

  it('completes what was begun, and nothing else', async () => {
    expect(await offered('fobd se')).to.have.members(['serve', 'seed-file']);
    expect(await offered('fobd serve --tls-')).to.have.members(['--tls-certificate', '--tls-key']);
  });

  it('goes down to commands of commands, and knows their options', async () => {
    expect(await offered('fobd token re')).to.include.members(['register', 'resync', 'revoke']);
    expect(await offered('fobd token register --')).to.include.members(['--account', '--json']);
    expect(await offered('fobd account list --l')).to.deep.equal(['--limit']);
  });

  it('offers the choices of an option, and files where it names one', async () => {
    expect(await offered('fobd token list --state ')).to.have.members([
      'stocked',
      'registered',
      'revoked',
    ]);
    expect(await offered('fobd serve --tls-key comp')).to.deep.equal(['completion.bash']);
  });

  it('finds the command behind options that stand before it', async () => {
    expect(await offered('fobd --json token sh')).to.deep.equal(['show']);
  });

  it('is written for zsh and fish too, and for no other shell', async () => {
    const zsh = (await fobd(['completion', 'zsh'])).stdout;
    expect(zsh).to.contain('bashcompinit').and.to.contain('complete -o filenames -F');
    const fish = (await fobd(['completion', 'fish'])).stdout;
    expect(fish).to.match(/^complete -c fobd -n '.*' -f -a 'serve' -d '.+'$/m);
    expect(fish).to.match(/^complete -c fobd -n '.*from token.*' -f -a 'show' -d '.+'$/m);
    const { code, stderr } = await fobd(['completion', 'tcsh']);
    expect(code).to.equal(2);
    expect(stderr).to.contain('shell');
  });
});
