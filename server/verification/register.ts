import type { UnixMillis } from '../../shared/types.ts';
import { acceptFactor } from './factor.ts';
import { refusal } from './holds.ts';
import { findPair, refuseEqualCodes } from './pair.ts';
import type { Env, Subject, TwoCodes, Unseeded, Verdict } from './types.ts';

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
  const refused = registerRefused(subject, env);
  if (refused !== undefined) return refused;
  return registerDecided(subject, findPair(subject, codes, env), codes.now, env);
}

const isStocked = ({ life, decoy }: Unseeded): boolean => life === 'stocked' || decoy === true;

/** What is refused before the pair is looked for; `undefined` where it must be. */
export function registerRefused(subject: Unseeded, env: Env): Verdict | undefined {
  if (!isStocked(subject)) return undefined;
  const { record, holds } = subject;
  const refused = refusal('registered', holds);
  if (refused !== undefined) return { outcome: refused, record, holds };
  if (record.failedPairs >= env.policy.registrationFailedPairsPerSerial) {
    return { outcome: 'locked', record, holds };
  }
  return undefined;
}

/** What the search's finding leads to. */
export function registerDecided(
  subject: Unseeded,
  second: number | undefined,
  now: UnixMillis,
  env: Env,
): Verdict {
  const { record, holds } = subject;
  if (!isStocked(subject)) return { outcome: 'wrongCode', record, holds };
  if (second !== undefined) {
    const found = acceptFactor(subject, second, { now, proof: 'pair', env });
    return { outcome: 'accepted', record: found, holds };
  }
  const counted = { ...record, failedPairs: record.failedPairs + 1 };
  return { outcome: 'wrongCode', record: counted, holds };
}
