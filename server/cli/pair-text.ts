import type { Hold, Outcome } from '../../shared/types.ts';
import { OUTCOME_TEXTS } from '../../shared/wire/texts.ts';

/** What an operator is told after codes were refused, and what to do next about two of them. */

interface Refused {
  readonly outcome: Outcome;
  /** The token as it is now, where the caller may see it. */
  readonly token?: { readonly type: 'event' | 'time'; readonly holds: readonly Hold[] } | undefined;
}

/** @param options.wrongCode what a wrong code is called; default as everywhere */
export function refusedText(
  {
    outcome,
    retryAfterSeconds,
  }: { readonly outcome: Outcome; readonly retryAfterSeconds?: number | undefined },
  { wrongCode = OUTCOME_TEXTS.wrongCode }: { readonly wrongCode?: string } = {},
): string {
  const text = outcome === 'wrongCode' ? wrongCode : OUTCOME_TEXTS[outcome];
  const wait = retryAfterSeconds === undefined ? '' : ` (${retryAfterSeconds} s)`;
  return `${outcome}: ${text}${wait}`;
}

const TRY_AGAIN =
  'Try again with two new numbers: press, type; wait until the number is gone, press, type the ' +
  'next one. Leave none out between them, and compare the serial with the one on the back.';
const EVENT_HINT =
  ' This token counts its presses: the second number must be that of the very next press.';

/** By outcome; what is not here has no next step that a command could take. */
const NEXT_STEPS: Partial<Record<Outcome, (serial: string) => string>> = {
  locked: (serial) =>
    `The tries are spent, or an administrator locked it: fobd token unlock ${serial}, then again.`,
  disabled: (serial) => `Enable it: fobd token enable ${serial}, then try again.`,
  suspended: (serial) => `End the suspension: fobd token resume ${serial}, then try again.`,
  lost: (serial) =>
    `Found: fobd token found ${serial}. Gone: fobd token replace ${serial} --with NEW.`,
  notRegistered: (serial) => `Register it: fobd token register ${serial} --account ID.`,
};

/**
 * The same words whichever of the two codes was wrong: they tell nothing that the outcome does not.
 */
export function afterFailedPair(serial: string, { outcome, token }: Refused): string | undefined {
  if (outcome !== 'wrongCode') return NEXT_STEPS[outcome]?.(serial);
  if (token?.holds.includes('locked') === true) {
    return `${TRY_AGAIN} If the tries are spent, unlock it first: fobd token unlock ${serial}`;
  }
  return token?.type === 'event' ? TRY_AGAIN + EVENT_HINT : TRY_AGAIN;
}
