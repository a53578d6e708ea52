import { expect } from 'chai';
import {
  findCode,
  followerEffort,
  NEXT_CODE_FACTORS_MAX,
} from '../../../server/verification/next-code.ts';
import { createPolicy, DEFAULT_POLICY, type Policy } from '../../../server/verification/policy.ts';
import type { Env, Failures, Subject, Verdict } from '../../../server/verification/types.ts';
import { verify } from '../../../server/verification/verify.ts';
import { verifyByAccount } from '../../../server/verification/verify-account.ts';
import type { Code } from '../../../shared/types.ts';
import {
  attempt,
  codeOf,
  countingOtp,
  digits,
  driftOf,
  eventSubject,
  NOW,
  nowPlus,
  realOtp,
  SECOND,
  STEP,
  scriptedOtp,
  timeSubject,
  wrongCode,
} from '../../support/verification.ts';

const envWith = (changes: Partial<Policy> = {}): Env => ({
  otp: realOtp,
  policy: createPolicy({ nextCodeSeconds: 90, ...changes }),
});
const env = envWith();

/** An event token that was pressed 100 times in a pocket. */
const AHEAD = 120;
const eventWrong = (nth = 0): Code => wrongCode(eventSubject(), 0, 1100, nth);

const resulting = (subject: Subject, { record, holds }: Verdict): Subject => ({
  ...subject,
  record,
  holds,
});

describe('verification: next-code mode', () => {
  it('is off by default: such a code is a wrong one like any other', () => {
    const off: Env = { otp: realOtp, policy: DEFAULT_POLICY };
    const subject = eventSubject();
    const { outcome, record } = verify(subject, attempt(codeOf(subject, AHEAD)), off);
    expect(outcome).to.equal('wrongCode');
    expect(record).not.to.have.property('nextCode');
    expect(record.failedPairs).to.equal(0);
    expect(followerEffort(DEFAULT_POLICY)).to.equal(0);
  });

  it('asks for the next code after one of the resync window, counted as a wrong code', () => {
    const subject = eventSubject();
    const verdict = verify(subject, attempt(codeOf(subject, AHEAD)), env);
    const plain = verify(subject, attempt(eventWrong()), env);
    expect(verdict.outcome).to.equal('nextCodeRequired');
    expect(plain.outcome).to.equal('wrongCode');
    const { lastWrong: _, ...counts } = verdict.record.failures;
    const { lastWrong: __, ...plainCounts } = plain.record.failures;
    expect(counts).to.deep.equal(plainCounts);
    expect(verdict.record.failedPairs, 'one of the resync budget').to.equal(1);
    expect(plain.record.failedPairs).to.equal(0);
    expect(JSON.stringify(verdict.record.nextCode)).to.include('hash of');
    expect(verdict.record.nextCode?.movingFactors).to.deep.equal([AHEAD]);
  });

  it('accepts the following code, burns both and clears every count', () => {
    const subject = eventSubject();
    const asked = resulting(subject, verify(subject, attempt(codeOf(subject, AHEAD)), env));
    const follower = attempt(codeOf(subject, AHEAD + 1), nowPlus(30 * SECOND));
    const verdict = verify(asked, follower, env);
    expect(verdict.outcome).to.equal('accepted');
    expect(verdict.record.factor).to.deep.equal({ type: 'event', nextCounter: AHEAD + 2 });
    expect(verdict.record.failures).to.include({ failuresInRow: 0, failuresSinceSuccess: 0 });
    expect(verdict.record.failedPairs).to.equal(0);
    expect(verdict.record).not.to.have.property('nextCode');
    for (const burnt of [AHEAD, AHEAD + 1]) {
      const again = verify(resulting(subject, verdict), attempt(codeOf(subject, burnt)), env);
      expect(again.outcome, String(burnt)).to.equal('replayed');
    }
  });

  it('follows by the rules of a pair: one to three steps later, within the window', () => {
    const subject = timeSubject({ drift: driftOf(0) });
    for (const [first, second, accepted] of [
      [100, 101, true],
      [100, 103, true],
      [100, 104, false],
      [100, 99, false],
      [299, 300, true],
      [300, 301, false],
    ] as const) {
      const asking = attempt(codeOf(subject, STEP + first));
      const asked = verify(subject, asking, env);
      expect(asked.outcome).to.equal('nextCodeRequired');
      const follower = attempt(codeOf(subject, STEP + second), nowPlus(SECOND));
      const { outcome, record } = verify(resulting(subject, asked), follower, env);
      expect(outcome === 'accepted', `${first}, ${second}`).to.equal(accepted);
      if (!accepted) continue;
      expect(record.factor).to.include({ type: 'time', lastStep: STEP + second });
      const { factor } = record;
      const offset = factor.type === 'time' ? (factor.drift?.offsetSeconds ?? 0) : 0;
      expect(offset, 'learnt as a pair is').to.be.closeTo(second * 30, 60);
    }
  });

  it('waits so many seconds and no longer, and not for a clock that goes back', () => {
    const subject = eventSubject();
    const asked = resulting(subject, verify(subject, attempt(codeOf(subject, AHEAD)), env));
    const follower = codeOf(subject, AHEAD + 1);
    for (const [millis, outcome] of [
      [0, 'accepted'],
      [89_999, 'accepted'],
      [90_000, 'nextCodeRequired'],
      [-1, 'nextCodeRequired'],
    ] as const) {
      const verdict = verify(asked, attempt(follower, nowPlus(millis)), env);
      expect(verdict.outcome, String(millis)).to.equal(outcome);
    }
  });

  it('gives one try: any other counted wrong code ends the wait', () => {
    const subject = eventSubject();
    const asked = resulting(subject, verify(subject, attempt(codeOf(subject, AHEAD)), env));
    const spoilt = resulting(subject, verify(asked, attempt(eventWrong()), env));
    expect(spoilt.record).not.to.have.property('nextCode');
    const late = verify(spoilt, attempt(codeOf(subject, AHEAD + 1)), env);
    expect(late.outcome).to.equal('nextCodeRequired');
  });

  it('lets a client repeat its code: neither counted nor renewed nor searched', () => {
    const subject = eventSubject();
    const code = codeOf(subject, AHEAD);
    const asked = resulting(subject, verify(subject, attempt(code), env));
    const otp = countingOtp();
    const again = verify(asked, attempt(code, nowPlus(20 * SECOND)), { ...env, otp });
    expect(again.outcome).to.equal('nextCodeRequired');
    expect(again.record).to.equal(asked.record);
    expect(otp.asked.length).to.be.below(30);
    const other = verify(subject, attempt(eventWrong()), env);
    const repeat = verify(resulting(subject, other), attempt(eventWrong(), nowPlus(SECOND)), env);
    expect(repeat.outcome).to.equal('wrongCode');
  });

  it('spends the resync budget: then it asks no more, and searches no more', () => {
    let subject = eventSubject({}, {});
    const calm = envWith({ waitSeconds: 0, resyncFailedPairs: 3 });
    for (let n = 0; n < 3; n += 1) {
      const verdict = verify(subject, attempt(codeOf(subject, 200 + 7 * n)), calm);
      expect(verdict.outcome).to.equal('nextCodeRequired');
      subject = resulting(subject, verdict);
    }
    const otp = countingOtp();
    const spent = verify(subject, attempt(codeOf(subject, 300)), { ...calm, otp });
    expect(spent.outcome).to.equal('wrongCode');
    expect(otp.asked.length).to.be.below(40);
  });

  it('asks for nothing with the failure that locks, or disables', () => {
    for (const failures of [{ failuresInRow: 9 }, { failuresSinceSuccess: 99 }]) {
      const subject = eventSubject({ failures });
      const verdict = verify(subject, attempt(codeOf(subject, AHEAD)), env);
      expect(verdict.outcome).to.equal('wrongCode');
      expect(verdict.holds).to.have.length(1);
      expect(verdict.record).not.to.have.property('nextCode');
      expect(verdict.record.failedPairs).to.equal(0);
    }
  });

  it('remembers the nearest places of a code that collides, and takes the nearest follower', () => {
    const subject = timeSubject({ lastStep: STEP - 1000 });
    const shown = [-90, 70, 60, -60, 250, 100];
    const otp = scriptedOtp({
      ...Object.fromEntries(shown.map((step) => [STEP + step, '111111'])),
      [STEP + 71]: '222222',
      [STEP - 58]: '222222',
      [STEP + 101]: '222222',
    });
    const scripted: Env = { ...env, otp };
    const code = attempt(digits('111111'));
    const places = findCode(subject, code, scripted);
    expect(places).to.deep.equal([STEP - 60, STEP + 60, STEP + 70, STEP - 90]);
    expect(places).to.have.length(NEXT_CODE_FACTORS_MAX);
    const asked = resulting(subject, verify(subject, code, scripted));
    const verdict = verify(asked, attempt(digits('222222')), scripted);
    expect(verdict.record.factor).to.include({ lastStep: STEP - 58 });
  });

  it('never finds anything for a decoy, at the same work', () => {
    const subject = eventSubject();
    const decoy: Subject = { ...subject, decoy: true };
    const work = [subject, decoy].map((who) => {
      const otp = countingOtp();
      const { outcome } = verify(who, attempt(codeOf(subject, AHEAD)), { ...env, otp });
      return [outcome, otp.asked.length] as const;
    });
    expect(work[1]?.[0]).to.equal('wrongCode');
    expect(work[1]?.[1]).to.equal(work[0]?.[1]);
  });

  it('prefers a follower to a replay, and the window to a follower', () => {
    const subject = eventSubject();
    const otp = scriptedOtp({ 15: '333333', 121: '333333', 120: '111111' });
    const scripted: Env = { ...env, otp };
    const asked = resulting(subject, verify(subject, attempt(digits('111111')), scripted));
    expect(verify(asked, attempt(digits('333333')), scripted).record.factor).to.deep.equal({
      type: 'event',
      nextCounter: 122,
    });
    const inWindow = scriptedOtp({ 22: '333333', 121: '333333', 120: '111111' });
    const verdict = verify(asked, attempt(digits('333333')), { ...env, otp: inWindow });
    expect(verdict.record.factor).to.deep.equal({ type: 'event', nextCounter: 23 });
  });

  describe('by account', () => {
    const none: Failures = { failuresInRow: 0, failuresSinceSuccess: 0, waitUntil: 0 };

    it('counts on the account, waits on the token, and completes', () => {
      const subject = eventSubject();
      const asked = verifyByAccount(none, [subject], attempt(codeOf(subject, AHEAD)), env);
      expect(asked.outcome).to.equal('nextCodeRequired');
      expect(asked.failures).to.include({ failuresInRow: 1, failuresSinceSuccess: 1 });
      const token = asked.tokens[0];
      if (token === undefined) throw new Error('the token waits for nothing');
      expect(token.record.failures).to.equal(subject.record.failures);
      expect(token.record.failedPairs).to.equal(1);
      const done = verifyByAccount(
        asked.failures,
        [resulting(subject, token)],
        attempt(codeOf(subject, AHEAD + 1), nowPlus(30 * SECOND)),
        env,
      );
      expect(done.outcome).to.equal('accepted');
      expect(done.failures).to.include({ failuresInRow: 0, failuresSinceSuccess: 0 });
      expect(done.tokens[0]?.record.factor).to.deep.equal({
        type: 'event',
        nextCounter: AHEAD + 2,
      });
    });

    it('ends the wait with a wrong code, which is all that the token sees of it', () => {
      const subject = eventSubject();
      const asked = verifyByAccount(none, [subject], attempt(codeOf(subject, AHEAD)), env);
      const waiting = resulting(subject, asked.tokens[0] ?? expect.fail('nothing is waited for'));
      const spoilt = verifyByAccount(asked.failures, [waiting], attempt(eventWrong()), env);
      expect(spoilt.tokens[0]?.record).not.to.have.property('nextCode');
      expect(spoilt.tokens[0]?.record.failures).to.equal(subject.record.failures);
      const plain = verifyByAccount(none, [subject], attempt(eventWrong()), env);
      expect(plain.tokens[0]).to.equal(undefined);
    });

    it('begins no wait with the failure that reaches a limit', () => {
      const subject = eventSubject();
      const nine = { ...none, failuresInRow: 9 };
      const verdict = verifyByAccount(nine, [subject], attempt(codeOf(subject, AHEAD), NOW), env);
      expect(verdict.outcome).to.equal('wrongCode');
      expect(verdict.tokens[0]?.holds).to.deep.equal(['locked']);
      expect(verdict.tokens[0]?.record).not.to.have.property('nextCode');
    });

    it('lets a client repeat its code, and asks no more once the budget is spent', () => {
      const subject = eventSubject();
      const code = codeOf(subject, AHEAD);
      const asked = verifyByAccount(none, [subject], attempt(code), env);
      const waiting = resulting(subject, asked.tokens[0] ?? expect.fail('nothing is waited for'));
      const again = verifyByAccount(asked.failures, [waiting], attempt(code, nowPlus(SECOND)), env);
      expect(again).to.deep.equal({
        outcome: 'nextCodeRequired',
        failures: asked.failures,
        tokens: {},
      });

      const spent = eventSubject({ failedPairs: 5 });
      const otp = countingOtp();
      const refused = verifyByAccount(none, [spent], attempt(code), { ...env, otp });
      expect(refused.outcome).to.equal('wrongCode');
      expect(refused.tokens[0]).to.equal(undefined);
      expect(otp.asked.length).to.be.below(40);
    });
  });

  it('costs no search for a follower when it is off', () => {
    expect(followerEffort(DEFAULT_POLICY)).to.equal(0);
    expect(followerEffort(env.policy)).to.equal(NEXT_CODE_FACTORS_MAX * env.policy.pairStepsMax);
  });
});
