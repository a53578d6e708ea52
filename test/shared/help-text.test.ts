import { expect } from 'chai';
import { mayAskForHelp } from '../../shared/help-text.ts';

describe('whether a command line may ask for the help', () => {
  for (const line of [
    '--help',
    'press --help',
    'token list -h',
    '-jh',
    '--help=true',
    'key help',
  ]) {
    it(`may: ${line}`, () => {
      expect(mayAskForHelp(line.split(' '))).to.equal(true);
    });
  }

  it('may: an option with a line break', () => {
    expect(mayAskForHelp(['-\nh'])).to.equal(true);
  });

  for (const line of ['', 'press E --json', 'token list --data /home/help', 'account add helper']) {
    it(`cannot: ${line}`, () => {
      expect(mayAskForHelp(line.split(' '))).to.equal(false);
    });
  }
});
