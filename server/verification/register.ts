import { acceptFactor } from './factor.ts';
import { refusal } from './holds.ts';
import { findPair, refuseEqualCodes } from './pair.ts';
import type { Env, Subject, TwoCodes, Verdict } from './types.ts';

/**
 * The serial's side of a registration: is the pair of this stocked token? With `accepted` both
 * codes are burnt and the caller binds the token to the account (the life is the caller's).
 *
 * Only a stocked token without a hold can be registered, and no failure here ever sets a hold or
 * nears one: a stranger who tries serials must not lock what is still in its box. Twenty failed
 * pairs are answered `locked`, untested, until the helpdesk unlocks the serial. A token that is
 * not stocked does the same work, matches nothing and is left as it was, so that registered and
 * stocked serials cannot be told apart.
 *
 * @throws FobtwinError `invalidInput`, `equalCodes`, before anything is tested or counted
 */
export function register(subject: Subject, codes: TwoCodes, env: Env): Verdict {
  refuseEqualCodes(codes);
  const { record, holds } = subject;
  const stocked = subject.life === 'stocked' || subject.decoy === true;
  if (!stocked) {
    findPair(subject, codes, env);
    return { outcome: 'wrongCode', record, holds };
  }
  const refused = refusal('registered', holds);
  if (refused !== undefined) return { outcome: refused, record, holds };
  if (record.failedPairs >= env.policy.registrationFailedPairsPerSerial) {
    return { outcome: 'locked', record, holds };
  }
  const second = findPair(subject, codes, env);
  if (second !== undefined) {
    return {
      outcome: 'accepted',
      record: acceptFactor(subject, second, { now: codes.now, proof: 'pair', env }),
      holds,
    };
  }
  const counted = { ...record, failedPairs: record.failedPairs + 1 };
  return { outcome: 'wrongCode', record: counted, holds };
}
