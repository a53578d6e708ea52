import { accountFailuresKey, isDisabled, NO_ACCOUNT_FAILURES } from '../accounts/record.ts';
import { type Decision, put, type Write } from '../store/port.ts';
import { clearFailures, retryAfterSeconds } from '../verification/failures.ts';
import { isWanted, type Question, type Situation, scansFor } from './account-situation.ts';
import { decisionOf, type Finding } from './answer.ts';
import { type CodeSearched, testOnShadow } from './attempt.ts';
import { useWrites, wrongWrites } from './issued.ts';
import type { VerifyAnswer } from './port.ts';
import { done, lacking, type Step } from './settle.ts';
import { currentShadow, type ShadowRecord, shadowWrites, withCounts } from './shadows.ts';
import { refusalOf } from './subject.ts';

/**
 * A code for an account that has no token to test: its shadow counts. What fobd has given out to it
 * is tested whatever the shadow holds, or a stranger's guesses would keep a person out who has no
 * token to resync; each of those codes has attempts of its own.
 */
export function onShadow(
  situation: Situation,
  searched: CodeSearched | undefined,
  question: Question,
): Decision<Step<VerifyAnswer>> {
  const { attempt, caller, deciding, account, now, purpose, credentialType } = question;
  const { record, issued, tokens } = situation;
  const { key, stored } = situation.shadow();
  const before = currentShadow(stored, now);
  if (issued?.match !== undefined && !isWaiting(before, situation, question)) {
    return onIssued(before, situation, question);
  }
  const latest = tokens.at(-1);
  const scans = scansFor(credentialType);
  const tested = testOnShadow(latest, stored, attempt, searched, deciding, scans);
  if ('search' in tested) return lacking(tested.search);
  const { cover, after } = tested;
  const writes = shadowWrites(key, tested.before, after);
  const isRepeat = cover.outcome === 'wrongCode' && after === tested.before;
  const isTried = cover.outcome !== 'throttled' && !isRepeat;
  if (isTried) writes.push(...wrongWrites(account, issued, now));
  const about = latest === undefined ? { account } : { account, serial: latest.token.serial };
  const finding = shadowFinding(cover, situation, question);
  const isEnded = record !== undefined && isDisabled(record);
  const told = isEnded ? { outcome: 'disabled' as const, cover } : finding;
  return done(decisionOf(told, about, writes, caller, purpose));
}

/** The truth of a code that no token was tested for. */
function shadowFinding(
  cover: NonNullable<Finding['cover']>,
  { issued, tokens }: Situation,
  { credentialType, now }: Question,
): Finding {
  if (issued === undefined) {
    const latest = tokens.findLast((detail) => isWanted(detail, credentialType));
    return { outcome: refusalOf(latest, now), cover };
  }
  const { outcome, retryAfterSeconds } = cover;
  return outcome === 'throttled' ? { outcome, retryAfterSeconds } : { outcome: 'wrongCode', cover };
}

/** A wait binds where nothing else does: of the shadow, and of the account's own failures. */
function isWaiting(
  { failures: shadow }: ShadowRecord,
  { failures }: Situation,
  { now, deciding: { env } }: Question,
): boolean {
  const own = (failures ?? NO_ACCOUNT_FAILURES).failures;
  const { waitSecondsMax } = env.policy;
  return [shadow, own].some(
    ({ waitUntil }) => retryAfterSeconds(waitUntil, now, waitSecondsMax) !== undefined,
  );
}

/** A code that fobd gave out, of an account without a token to test: its counts begin anew. */
function onIssued(
  before: ShadowRecord,
  { issued, shadow, failures: stored = NO_ACCOUNT_FAILURES }: Situation,
  { account, caller, now, purpose }: Question,
): Decision<Step<VerifyAnswer>> {
  const writes: Write[] = issued === undefined ? [] : [...useWrites(account, issued)];
  const failures = clearFailures(stored.failures);
  if (failures !== stored.failures) {
    writes.push(put(accountFailuresKey(account), { ...stored, failures }));
  }
  const counts = { failures: clearFailures(before.failures) };
  const after = withCounts(
    before,
    before.holds.length === 0 ? counts : { ...counts, holds: [] },
    now,
  );
  writes.push(...shadowWrites(shadow().key, before, after));
  const finding: Finding = { outcome: 'accepted', issued: issued?.match };
  return done(decisionOf(finding, { account }, writes, caller, purpose));
}
