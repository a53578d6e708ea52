import { FobtwinError } from '../../shared/errors.ts';
import { PROBLEMS } from '../http/problem.ts';
import type { Page } from './page.ts';
import type { Reply } from './visit.ts';

/** Something was refused: told on the page that it was asked for on. */
export interface Refusal {
  readonly status: number;
  readonly lines: readonly string[];
  readonly retryAfterSeconds?: number | undefined;
  /** A code would suffice. */
  readonly isTooWeak?: boolean;
}

export const refusalOf = (...lines: readonly string[]): Refusal => ({ status: 422, lines });

export type Tried<T> = { readonly done: T } | { readonly refusal: Refusal };

/**
 * What is not there, or somebody else's, has a page of its own.
 *
 * @throws whatever is no refusal, and FobtwinError `notFound`
 */
export async function tryTo<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { done: await work() };
  } catch (error) {
    if (!(error instanceof FobtwinError) || error.code === 'notFound') throw error;
    const { status } = PROBLEMS[error.code];
    if (status >= 500 && error.code !== 'unavailable') throw error;
    const { message, nextStep, retryAfterSeconds } = error;
    return {
      refusal: {
        status,
        lines: nextStep === undefined ? [message] : [message, nextStep],
        retryAfterSeconds,
        isTooWeak: error.code === 'strengthTooLow',
      },
    };
  }
}

export function replyWith(page: Page, refusal: Refusal | undefined): Reply {
  const wait = refusal?.retryAfterSeconds;
  return {
    page,
    status: refusal?.status ?? 200,
    ...(wait === undefined ? {} : { headers: { 'Retry-After': String(wait) } }),
  };
}
