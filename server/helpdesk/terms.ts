import type { CredentialId, ReplacementReason, Serial, Strength } from '../../shared/types.ts';

/**
 * What exactly a colleague approves, in one line that he can read: whoever acts afterwards does
 * this, and nothing stronger, longer or for another token.
 */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

export interface TemporaryCodeTerms {
  readonly lifeMillis: number;
  readonly strength: Strength;
  readonly uses: number;
}

/** `phoneOtp, 1d, once`; the same life in other units is the same. */
export const temporaryCodeTerms = ({ strength, lifeMillis, uses }: TemporaryCodeTerms): string =>
  `${strength}, ${spanText(lifeMillis)}, ${uses === 1 ? 'once' : `${uses} times`}`;

function spanText(millis: number): string {
  const [unit, size] = UNITS.find(([, each]) => millis % each === 0) ?? ['ms', 1];
  return `${millis / size}${unit}`;
}

export const replacementTerms = ({
  credential,
  why,
}: {
  readonly credential: CredentialId;
  readonly why: ReplacementReason;
}): string => `${credential}, ${why}`;

export const unlockTerms = ({ serial }: { readonly serial: Serial }): string => serial;
