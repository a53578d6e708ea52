import { expect } from 'chai';
import { SCOPES, type Scope } from '../../../server/access/scopes.ts';
import { visibleOutcome, visiblePairOutcome } from '../../../server/access/visible.ts';
import { OUTCOMES, type Outcome } from '../../../shared/types.ts';

/** What everybody may read; whatever is not here reads `wrongCode` (DESIGN section 4). */
const COARSE: Readonly<Record<Outcome, Outcome>> = {
  accepted: 'accepted',
  wrongCode: 'wrongCode',
  throttled: 'throttled',
  replayed: 'wrongCode',
  locked: 'wrongCode',
  suspended: 'wrongCode',
  lost: 'wrongCode',
  disabled: 'wrongCode',
  revoked: 'wrongCode',
  notRegistered: 'wrongCode',
  strengthTooLow: 'wrongCode',
  nextCodeRequired: 'wrongCode',
};

/** Of one code: `strengthTooLow` comes to who demands a strength, and only with a right code. */
const COARSE_OF_ONE = { ...COARSE, strengthTooLow: 'strengthTooLow' as const };

const without = (...hidden: Scope[]): Set<Scope> =>
  new Set(SCOPES.filter((scope) => !hidden.includes(scope)));

describe('what a caller may see of an outcome', () => {
  for (const outcome of OUTCOMES) {
    it(`${outcome} of one code: verify:detail sees it, every other scope does not`, () => {
      const hidden = without('verify:detail', 'verify:nextCode');
      expect(visibleOutcome(outcome, new Set(['verify:detail']))).to.equal(outcome);
      expect(visibleOutcome(outcome, hidden)).to.equal(COARSE_OF_ONE[outcome]);
      const seen = outcome === 'nextCodeRequired' ? outcome : COARSE_OF_ONE[outcome];
      expect(visibleOutcome(outcome, without('verify:detail'))).to.equal(seen);
      expect(visibleOutcome(outcome, new Set())).to.equal(COARSE_OF_ONE[outcome]);
    });

    it(`${outcome} of two codes: verify:detail or tokens:read sees it`, () => {
      expect(visiblePairOutcome(outcome, new Set(['verify:detail']))).to.equal(outcome);
      expect(visiblePairOutcome(outcome, new Set(['tokens:read']))).to.equal(outcome);
      const hidden = without('verify:detail', 'tokens:read');
      expect(visiblePairOutcome(outcome, hidden)).to.equal(COARSE[outcome]);
    });

    it(`${outcome} that has been made coarse stays as it is`, () => {
      const scopes = new Set<Scope>(['verify']);
      const once = visibleOutcome(outcome, scopes);
      expect(visibleOutcome(once, scopes)).to.equal(once);
    });
  }
});
