import type { CredentialId, ReplacementReason, Serial, Strength } from '../../shared/types.ts';

/** An action, and what exactly: what a colleague approves, and whoever acts then does. */
export type Intent =
  | {
      readonly action: 'temporaryCode';
      readonly lifeMillis: number;
      readonly strength: Strength;
      readonly uses: number;
    }
  | {
      readonly action: 'replacement';
      readonly credential: CredentialId;
      readonly why: ReplacementReason;
    }
  | { readonly action: 'unlock'; readonly serial: Serial };

/**
 * What exactly, in one line that a colleague can read: whoever acts afterwards does this, and
 * nothing stronger, longer or for another token. `phoneOtp, 1d, once`: the same life in other units
 * is the same.
 */
export function termsOf(intent: Intent): string {
  switch (intent.action) {
    case 'temporaryCode': {
      const { strength, lifeMillis, uses } = intent;
      return `${strength}, ${spanText(lifeMillis)}, ${uses === 1 ? 'once' : `${uses} times`}`;
    }
    case 'replacement':
      return `${intent.credential}, ${intent.why}`;
    case 'unlock':
      return intent.serial;
  }
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

function spanText(millis: number): string {
  const [unit, size] = UNITS.find(([, each]) => millis % each === 0) ?? ['ms', 1];
  return `${millis / size}${unit}`;
}
