import type { UnixMillis } from '../../shared/types.ts';
import type { PhonesRecord } from '../phones/record.ts';
import type { CallBackNumber } from './port.ts';

/** Which numbers a caller may be called back at: pure. */

const DAY_MILLIS = 86_400_000;
/** A number that was given up becomes somebody else's. */
const GIVEN_UP_DAYS_MAX = 90;

/**
 * Numbers that were proved, and held since or for so many days: whoever has taken an account over
 * has added his own number a moment ago.
 *
 * @returns the longest held first
 */
export function callBackNumbers(
  { phones, earlier }: Pick<PhonesRecord, 'phones' | 'earlier'>,
  now: UnixMillis,
  heldDays: number,
): readonly CallBackNumber[] {
  const heldMillis = heldDays * DAY_MILLIS;
  const present = phones.flatMap(({ number, verifiedAt: since }): CallBackNumber[] =>
    since !== undefined && now - since >= heldMillis ? [{ number, since }] : [],
  );
  const past = earlier.flatMap(
    ({ number, verifiedAt: since, removedAt: until }): CallBackNumber[] => {
      const isRecent = now - until < GIVEN_UP_DAYS_MAX * DAY_MILLIS;
      const wasHeld = since !== undefined && until - since >= heldMillis;
      return isRecent && wasHeld ? [{ number, since, until }] : [];
    },
  );
  return [...present, ...past].toSorted((a, b) => a.since - b.since);
}

/** Separators do not matter: `+1 (202) 555-0123` is `+12025550123`. */
export const isSameNumber = (number: string, typed: string): boolean =>
  digitsOf(number) === digitsOf(typed);

const digitsOf = (text: string): string => text.replace(/\D+/gu, '');
