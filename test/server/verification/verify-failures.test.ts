import { expect } from 'chai';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { Env, Subject } from '../../../server/verification/types.ts';
import { verify } from '../../../server/verification/verify.ts';
import {
  attempt,
  codeOf,
  countingOtp,
  DAY,
  eventSubject,
  NOW,
  nowPlus,
  realOtp,
  SECOND,
  STEP,
  timeSubject,
  wrongFor,
} from '../../support/verification.ts';

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };

describe('verification: verify, failures', () => {
  for (const subject of [eventSubject(), timeSubject()]) {
    const { type } = subject.parameters;

    it(`waits, locks at ten and disables at a hundred (${type} token)`, () => {
      let current = subject;
      let now = 0;
      const answers: string[] = [];
      for (let n = 0; n < 12; n += 1) {
        const verdict = verify(current, attempt(wrongFor(subject, n), nowPlus(now)), env);
        answers.push(verdict.outcome);
        const { waitUntil } = verdict.record.failures;
        const waitSeconds = waitUntil === 0 ? 0 : (waitUntil - NOW - now) / SECOND;
        if (verdict.outcome === 'wrongCode') answers.push(String(waitSeconds));
        current = { ...current, record: verdict.record, holds: verdict.holds };
        now += waitSeconds * SECOND;
      }
      expect(answers.join(' ')).to.equal(
        'wrongCode 0 wrongCode 0 wrongCode 5 wrongCode 10 wrongCode 20 wrongCode 40 ' +
          'wrongCode 80 wrongCode 160 wrongCode 300 wrongCode 0 locked locked',
      );
      expect(current.holds).to.deep.equal(['locked']);
      expect(current.record.failures).to.deep.include({
        failuresInRow: 10,
        failuresSinceSuccess: 10,
      });
    });

    it(`disables at the hundredth failure, which answers wrongCode (${type} token)`, () => {
      const failures = { failuresInRow: 3, failuresSinceSuccess: 99 };
      const worn = {
        ...subject,
        record: { ...subject.record, failures: { ...failures, waitUntil: 0 } },
      };
      const verdict = verify(worn, attempt(wrongFor(subject)), env);
      expect(verdict.outcome).to.equal('wrongCode');
      expect(verdict.holds).to.deep.equal(['disabled']);
      const later = { ...worn, ...verdict };
      expect(verify(later, attempt(wrongFor(subject), nowPlus(DAY)), env).outcome).to.equal(
        'disabled',
      );
    });

    it(`clears counts, wait and budget with a success, not the last wrong code (${type})`, () => {
      const lastWrong = { hash: 'hash', at: NOW };
      const failures = { failuresInRow: 9, failuresSinceSuccess: 99, waitUntil: NOW, lastWrong };
      const worn = { ...subject, record: { ...subject.record, failures, failedPairs: 4 } };
      const good = codeOf(subject, type === 'event' ? 20 : STEP);
      const verdict = verify(worn, attempt(good), env);
      expect(verdict.outcome).to.equal('accepted');
      expect(verdict.record).to.deep.include({ failedPairs: 0, lastAcceptedAt: NOW });
      expect(verdict.record.failures).to.deep.equal({
        failuresInRow: 0,
        failuresSinceSuccess: 0,
        waitUntil: 0,
        lastWrong,
      });
    });

    it(`neither tests nor counts nor lengthens while throttled (${type} token)`, () => {
      const failures = { failuresInRow: 3, failuresSinceSuccess: 3, waitUntil: NOW + 1 };
      const waiting = { ...subject, record: { ...subject.record, failures } };
      const good = codeOf(subject, type === 'event' ? 20 : STEP);
      for (const code of [good, wrongFor(subject)]) {
        const otp = countingOtp();
        const verdict = verify(waiting, attempt(code), { ...env, otp });
        expect(verdict.outcome).to.equal('throttled');
        expect(verdict.retryAfterSeconds).to.equal(1);
        expect(verdict.record).to.equal(waiting.record);
        expect(verdict.holds).to.equal(waiting.holds);
        expect(otp.asked).to.deep.equal([]);
      }
      expect(verify(waiting, attempt(good, nowPlus(1)), env).outcome).to.equal('accepted');
    });
  }

  it('does not count a replay, nor a code that a replay could be', () => {
    for (const subject of [eventSubject(), timeSubject()]) {
      const old = codeOf(subject, subject.parameters.type === 'event' ? 19 : STEP - 1);
      const verdict = verify(subject, attempt(old), env);
      expect(verdict).to.deep.equal({ outcome: 'replayed', record: subject.record, holds: [] });
      expect(verdict.record).to.equal(subject.record);
    }
  });

  it('counts a code of another length', () => {
    for (const text of ['75522', '7552244', '']) {
      const verdict = verify(eventSubject(), attempt(text as never), env);
      expect(verdict.outcome).to.equal('wrongCode');
      expect(verdict.record.failures.failuresInRow).to.equal(1);
    }
  });
});

describe('verification: verify, the sixty-second rule', () => {
  const subject = eventSubject();
  const wrong = wrongFor(subject, 0);
  const other = wrongFor(subject, 1);
  /** Gives `codes` at their seconds and lists the outcomes with failures in a row. */
  const play = (codes: readonly (readonly [seconds: number, code: string])[]): string => {
    let current: Subject = subject;
    return codes
      .map(([seconds, code]) => {
        const verdict = verify(current, attempt(code as never, nowPlus(seconds * SECOND)), env);
        current = { ...current, record: verdict.record, holds: verdict.holds };
        return `${verdict.outcome} ${verdict.record.failures.failuresInRow}`;
      })
      .join(', ');
  };

  it('tests the same wrong code again within 60 s and does not count it', () => {
    expect(
      play([
        [0, wrong],
        [1, wrong],
        [59, wrong],
      ]),
    ).to.equal('wrongCode 1, wrongCode 1, wrongCode 1');
  });

  it('counts it from 60 s on: repeats do not renew the minute', () => {
    expect(
      play([
        [0, wrong],
        [40, wrong],
        [60, wrong],
        [80, wrong],
        [120, wrong],
      ]),
    ).to.equal('wrongCode 1, wrongCode 1, wrongCode 2, wrongCode 2, wrongCode 3');
  });

  it('knows the last counted wrong code only', () => {
    expect(
      play([
        [0, wrong],
        [1, other],
        [2, wrong],
      ]),
    ).to.equal('wrongCode 1, wrongCode 2, wrongCode 3');
  });

  it('checks the wait first', () => {
    const third = wrongFor(subject, 2);
    expect(
      play([
        [0, wrong],
        [1, other],
        [2, third],
        [3, third],
        [7, third],
        [8, other],
      ]),
    ).to.equal('wrongCode 1, wrongCode 2, wrongCode 3, throttled 3, wrongCode 3, wrongCode 4');
  });

  it('accepts the last wrong code once it has become right', () => {
    const token = timeSubject();
    const early = codeOf(token, STEP + 2);
    const first = verify(token, attempt(early), env);
    expect(first.outcome).to.equal('wrongCode');
    const later = verify({ ...token, ...first }, attempt(early, nowPlus(30 * SECOND)), env);
    expect(later.outcome).to.equal('accepted');
  });

  it('survives a success and a lock between', () => {
    const good = codeOf(subject, 20);
    expect(
      play([
        [0, wrong],
        [1, good],
        [2, wrong],
        [60, wrong],
      ]),
    ).to.equal('wrongCode 1, accepted 0, wrongCode 0, wrongCode 1');
  });

  it('asks for the keyed hash only when the code is wrong', () => {
    const neverHashed = (code: string) => ({
      code: code as never,
      now: NOW,
      codeHash: (): string => {
        throw new Error('hashed');
      },
    });
    expect(verify(subject, neverHashed(codeOf(subject, 20)), env).outcome).to.equal('accepted');
    expect(verify(subject, neverHashed(codeOf(subject, 19)), env).outcome).to.equal('replayed');
    expect(() => verify(subject, neverHashed(wrong), env)).to.throw('hashed');
  });
});
