import { expect } from 'chai';
import { OUTCOMES } from '../../../shared/types.ts';
import { OUTCOME_TEXTS } from '../../../shared/wire/texts.ts';

describe('texts of outcomes', () => {
  it('say something of their own for every outcome, and nothing for what is none', () => {
    expect(Object.keys(OUTCOME_TEXTS).sort()).to.deep.equal([...OUTCOMES].sort());
    expect(new Set(Object.values(OUTCOME_TEXTS)).size).to.equal(OUTCOMES.length);
  });

  it('are whole sentences without words that mean something else here', () => {
    for (const text of Object.values(OUTCOME_TEXTS)) {
      expect(text)
        .to.match(/^[A-Z].*\.$/)
        .and.not.match(/secret|otp value|undefined/i);
    }
  });

  it('give the next step that the help pages give', () => {
    expect(OUTCOME_TEXTS.locked).to.include('Resync').and.include('password only');
    expect(OUTCOME_TEXTS.suspended).to.include('renew').and.include('within a year');
    expect(OUTCOME_TEXTS.revoked).to.include('cannot be reactivated');
    expect(OUTCOME_TEXTS.strengthTooLow).to.include('Elevate');
    expect(OUTCOME_TEXTS.replayed).to.include('Wait 30 seconds');
  });
});
