import { FobtwinError } from '../../shared/errors.ts';

/** A caller broke the port's rules: a fault of the program, told to the log alone. */
export const misuse = (detail: string, cause?: unknown): FobtwinError =>
  new FobtwinError('internal', 'An internal error occurred.', {
    detail: `store: ${detail}`,
    cause,
  });

export function checkLimit(limit: number, most: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return;
  throw misuse(`a limit is an integer from 1 to ${most}, not ${limit}`);
}

/** Rows of one page, of records and of audit entries alike. */
export const PAGE_LIMIT_MAX = 500;
