import { Token } from '../../../emulator/library/token.ts';
import { FobtwinError } from '../../../shared/errors.ts';

/** RFC 4226 appendix D and RFC 6238 appendix B. */
export const RFC_SEED = new TextEncoder().encode('12345678901234567890');

export const timeToken = (at = '2026-01-01T00:00:00Z'): Token =>
  Token.make({ seed: RFC_SEED, crystal: 'ideal', at });
export const eventToken = (): Token => Token.make({ profile: 'e6', seed: RFC_SEED });

/** What was refused; anything else that is thrown goes on. */
export function refusalOf(work: () => unknown): FobtwinError {
  try {
    work();
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export const fieldOf = (work: () => unknown): string | undefined =>
  refusalOf(work).errors[0]?.field;
