import { type ErrorCode, type FieldError, FobtwinError } from '../../shared/errors.ts';
import { PROBLEMS } from '../http/problem.ts';
import type { Page } from './page.ts';
import type { Reply } from './visit.ts';

/** Something was refused: told on the page that it was asked for on. */
export interface Refusal {
  readonly status: number;
  readonly lines: readonly string[];
  readonly retryAfterSeconds?: number | undefined;
  /** Of the service that refused it. */
  readonly code?: ErrorCode;
  /** By the names of the service's request. */
  readonly errors?: readonly FieldError[];
  /** Names of the form's fields that it is about. */
  readonly fields?: ReadonlySet<string>;
}

export const refusalOf = (...lines: readonly string[]): Refusal => ({ status: 422, lines });

/** Who asked can do something about it, or try again. */
export const isToldOf = ({ code }: FobtwinError): boolean =>
  PROBLEMS[code].status < 500 || code === 'unavailable';

export const linesOf = ({ message, nextStep = '' }: FobtwinError): readonly string[] =>
  [message, nextStep].filter(Boolean);

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
    if (!isToldOf(error)) throw error;
    const { retryAfterSeconds, code, errors } = error;
    return {
      refusal: {
        status: PROBLEMS[code].status,
        lines: linesOf(error),
        retryAfterSeconds,
        code,
        errors,
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
