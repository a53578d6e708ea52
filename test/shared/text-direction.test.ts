import { expect } from 'chai';
import { withDirectionSignsShown, withoutDirectionSigns } from '../../shared/text-direction.ts';

describe('shared/text-direction', () => {
  it('takes out what turns the text beside it, and nothing else', () => {
    const all = '\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069';
    expect(withoutDirectionSigns(`Jane ${all}Doe`)).to.equal('Jane Doe');
    expect(withDirectionSignsShown(all)).to.equal('\uFFFD'.repeat(12));
    // The joiner holds an emoji together.
    for (const text of ['', 'ג׳יין', 'جين', 'Zoë 👩\u200D🚀', 'a\u200Bb']) {
      expect(withoutDirectionSigns(text)).to.equal(text);
      expect(withDirectionSignsShown(text)).to.equal(text);
    }
  });
});
