import { expect } from 'chai';
import fc from 'fast-check';
import { commandWords } from '../../../server/data-directory/command-words.ts';

describe('the words of a command', () => {
  const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['kms decrypt', ['kms', 'decrypt']],
    ['  kms\t decrypt \n', ['kms', 'decrypt']],
    ["'a b' c", ['a b', 'c']],
    ['"a b" c', ['a b', 'c']],
    ['"a \\"b\\" \\\\" c', ['a "b" \\', 'c']],
    ["'a \\ b'", ['a \\ b']],
    ['--file=\'a b\'".key"', ['--file=a b.key']],
    ["x ''", ['x', '']],
    ['x $HOME ~ *.key | cat; y', ['x', '$HOME', '~', '*.key', '|', 'cat;', 'y']],
    ['C:\\keys\\key.exe', ['C:\\keys\\key.exe']],
    ['', undefined],
    ['   ', undefined],
    ["''", undefined],
    ["x 'y", undefined],
    ['x "y', undefined],
    ['x "y\\z"', undefined],
    ['x '.repeat(101), undefined],
  ];
  for (const [text, words] of cases) {
    it(`${JSON.stringify(text.slice(0, 30))}: ${JSON.stringify(words?.slice(0, 7))}`, () => {
      expect(commandWords(text)).to.deep.equal(words);
    });
  }

  it('are those that were quoted, whatever they are', () =>
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 9 }), (words) => {
        fc.pre(words[0] !== '');
        const single = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`);
        const double = words.map((word) => `"${word.replace(/[\\"]/g, '\\$&')}"`);
        expect(commandWords(single.join(' '))).to.deep.equal(words);
        expect(commandWords(double.join(' \n'))).to.deep.equal(words);
      }),
    ));

  it('come to an end for every text', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '"', '\\', ' ', 'a') }), (text) => {
        const words = commandWords(text);
        if (words !== undefined) expect(words).not.to.have.length(0);
      }),
    ));
});
