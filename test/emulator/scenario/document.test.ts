import { expect } from 'chai';
import fc from 'fast-check';
import { DOCUMENT_LIMITS, readDocument } from '../../../emulator/scenario/document.ts';

describe('scenario document', () => {
  const messages = (text: string): string[] => {
    const read = readDocument(text);
    if (!('refusals' in read)) return [];
    return read.refusals.map(({ line, column, message }) => `${line}:${column}: ${message}`);
  };

  it('knows the place of every value and key', () => {
    const read = readDocument('name: a\nsteps:\n  - press: {hold: 6s}\n  - advance: 0755\n');
    if (!('document' in read)) throw new Error('refused');
    const { document } = read;
    expect(document.value).to.deep.equal({
      name: 'a',
      steps: [{ press: { hold: '6s' } }, { advance: 755 }],
    });
    expect(document.placeOf(['steps', 0, 'press', 'hold'])).to.deep.equal({ line: 3, column: 19 });
    expect(document.placeOfKey(['steps', 0, 'press', 'hold'])).to.deep.equal({
      line: 3,
      column: 13,
    });
    expect(document.placeOf(['steps', 0, 'press', 'missing'])).to.deep.equal({
      line: 3,
      column: 12,
    });
    expect(document.plainTextAt(['steps', 1, 'advance'])).to.equal('0755');
    expect(document.plainTextAt(['steps', 1, 'missing'])).to.equal(undefined);
  });

  const REFUSED: readonly (readonly [name: string, text: string, ...expected: string[]])[] = [
    ['an anchor', 'a: &x 1\n', '1:4: Anchors (&) are not taken'],
    ['an alias', 'a: 1\nb: *a\n', '2:4: Aliases (*) are not taken'],
    ['a merge key', 'a: 1\n<<: {b: 2}\n', '2:1: Merge keys (<<) are not taken'],
    ['a tag', 'a: !!binary aGk=\n', '1:4: Tags (!) are not taken'],
    ['a directive', '%YAML 1.1\n---\na: 1\n', '1:1: Directives (%) are not taken'],
    ['a second document', 'a: 1\n---\nb: 2\n', '2:1: A file holds one scenario only'],
    ['a key in a question', '? a\n: b\n', '1:1: Keys after a question mark are not taken'],
    ['a double key', 'a: 1\nb: 2\na: 3\n', '3:1: The key "a" is given twice'],
    ['a double key in braces', 'a: {b: 1, b: 2}\n', '1:11: The key "b" is given twice'],
    ['a list as a key', '[a]: 1\n', '1:1: A list or a map is no key'],
    ['nothing', '', '1:1: The file is empty'],
  ];
  for (const [name, text, ...expected] of REFUSED) {
    it(`refuses ${name}`, () => expect(messages(text)).to.deep.equal(expected));
  }

  it('refuses what is no YAML, with its place', () => {
    expect(messages('a: "x\nb: 1\n')[0]).to.match(/^\d+:\d+: Not YAML: /);
    expect(messages('\ta: 1\n')[0]).to.match(/^1:1: Not YAML: /);
  });

  it('refuses a bomb of anchors at its first one, in no time', () => {
    const levels = 'bcdefghij'.split('').map((name) => {
      const before = String.fromCharCode(name.charCodeAt(0) - 1);
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
    });
    expect(levels).to.have.length(9);
    const bomb = `a: &a [x, x, x]\n${levels.join('\n')}\n`;
    expect(messages(bomb)[0]).to.equal('1:4: Anchors (&) are not taken');
  });

  it('refuses 10 MB before it is parsed, and counts bytes, not characters', () => {
    expect(messages('a'.repeat(10_000_000))[0]).to.include(`${DOCUMENT_LIMITS.bytes} bytes`);
    expect(messages(`# ${'ü'.repeat(DOCUMENT_LIMITS.bytes / 2)}`)[0]).to.include('bytes');
    expect(messages(`a: 1\n#${'u'.repeat(DOCUMENT_LIMITS.bytes - 6)}`)).to.deep.equal([]);
  });

  for (const opener of ['[', '{', '- ', '{a: ', '[[{']) {
    it(`refuses endless nesting of "${opener}"`, () => {
      const found = messages(opener.repeat(20_000));
      expect(found.join()).to.match(/nest at most|Not YAML|is no key/);
    });
  }

  it('answers any text, and never throws', () => {
    const signs = fc.constantFrom(...'abc:-{}[]?&*!|>%@`\'",#\n \t\r\u0000ü<'.split(''));
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 60 }), (pieces) => {
        const read = readDocument(pieces.join(''));
        if ('refusals' in read) expect(read.refusals).to.not.have.length(0);
      }),
      { numRuns: 2000 },
    );
  });
});
