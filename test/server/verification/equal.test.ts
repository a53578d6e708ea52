import { expect } from 'chai';
import { equalNumber, equalText, numberOf } from '../../../server/verification/equal.ts';
import { digits } from '../../support/verification.ts';

describe('verification: equal', () => {
  it('tells texts apart by any character, and by their length', () => {
    expect(equalText('755224', '755224')).to.equal(true);
    for (const other of ['855224', '755225', '75522', '7552240', '']) {
      expect(equalText('755224', other), other).to.equal(false);
      expect(equalText(other, '755224'), other).to.equal(false);
    }
  });

  it('takes a code of another length for none of a token, whatever number it says', () => {
    expect(numberOf(digits('000007'), 6)).to.equal(7);
    for (const other of ['7', '00007', '0000007', '00000007']) {
      const number = numberOf(digits(other), 6);
      for (let shown = 0; shown < 10; shown += 1) {
        expect(equalNumber(number, shown), `${other} is ${shown}`).to.equal(false);
      }
    }
  });

  it('compares numbers over all that eight digits can say', () => {
    for (const number of [0, 1, 99_999_999, 12_345_678]) {
      expect(equalNumber(number, number)).to.equal(true);
      expect(equalNumber(number, number ^ 1)).to.equal(false);
      expect(equalNumber(number, number ^ (1 << 26))).to.equal(false);
    }
  });
});
