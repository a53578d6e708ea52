import { expect } from 'chai';
import { fob } from '../../support/fob-env.ts';
import { fobd } from '../../support/fobd-in-process.ts';

/** yargs keeps one table of texts for every parser of a process. */
describe('fob and fobd in one process', () => {
  const textsOfFobd = async (): Promise<readonly string[]> => [
    (await fobd(['token', 'show', '--help'])).stdout,
    (await fobd(['token', 'list', '--data'])).stderr,
    (await fobd(['token', 'list', '--state', 'x'])).stderr,
  ];
  const textsOfFob = async (): Promise<readonly string[]> => [
    (await fob(['press', '--help'])).stdout,
    (await fob(['press', 'C', '--at'])).stderr,
    (await fob(['press', 'C', '--at', 'x', '--after', 'y'])).stderr,
  ];
  const expectFobd = ([help, missing, choice]: readonly string[]): void => {
    expect(help).to.include('Positionals:').and.not.include('Arguments:');
    expect(missing).to.include('Not enough arguments following: data');
    expect(choice).to.include('Invalid values:');
  };
  const expectFob = ([help, missing, both]: readonly string[]): void => {
    expect(help).to.include('Arguments:').and.not.include('Positionals:');
    expect(missing).to.include('--at needs a value');
    expect(both).to.include('exclude each other');
  };

  it('speak each in its own words, fobd first', async () => {
    expectFobd(await textsOfFobd());
    expectFob(await textsOfFob());
  });

  it('speak each in its own words, fob first', async () => {
    expectFob(await textsOfFob());
    expectFobd(await textsOfFobd());
  });
});
