import { expect } from 'chai';
import { testWithinLimits } from '../../../server/http/limited-code.ts';
import { createLimits } from '../../../server/http/limits.ts';
import { DEFAULT_LIMITS } from '../../../server/http/limits-options.ts';
import type { Outcome, Serial } from '../../../shared/types.ts';

const SERIAL = 'FT1' as Serial;

describe('http: a code within the limits, for other edges', () => {
  let asked: number;
  const limitsOf = (most: number) =>
    createLimits(
      { ...DEFAULT_LIMITS, wrongCodesPerMinuteOfToken: most },
      {
        elapsedMillis: () => 0,
        rng: { bytes: (length) => new Uint8Array(length), uniform: () => 0 },
      },
    );
  const asking = async (outcome: Outcome, times: number, limits = limitsOf(2)) => {
    asked = 0;
    const outcomes: Outcome[] = [];
    for (let n = 0; n < times; n += 1) {
      const attempt = { serial: SERIAL, code: String(100_000 + n) };
      const answer = await testWithinLimits(attempt, limits, async () => {
        asked += 1;
        return { outcome };
      });
      outcomes.push(answer.outcome);
    }
    return outcomes;
  };

  it('tests no more wrong ones than may be, and says that one must wait', async () => {
    expect(await asking('wrongCode', 3)).to.deep.equal(['wrongCode', 'wrongCode', 'throttled']);
    expect(asked).to.equal(2);
  });

  for (const outcome of ['accepted', 'strengthTooLow'] as const) {
    it(`counts none that was right: ${outcome}`, async () => {
      expect(await asking(outcome, 5)).to.deep.equal(Array(5).fill(outcome));
    });
  }
});
