import { FobtwinError } from '../errors.ts';

/**
 * How often what is safe to repeat is sent again: reads, and operations that take an idempotency
 * key, each attempt under one key of its own. Nothing else is ever sent twice.
 */
export interface Retry {
  /** After the first time; 1 to 10. */
  readonly times: number;
  /** Resolves after so long; rejects with the signal's reason when it is aborted before. */
  wait(millis: number, signal?: AbortSignal): Promise<void>;
  /** 16 to 64 letters, digits, `-` and `_`, never the same twice: `randomUUID` of node:crypto. */
  newKey(): string;
}

const FIRST_WAIT_MILLIS = 100;
const WAIT_MILLIS_MAX = 5_000;
const TIMES_MAX = 10;

/**
 * Repeats while fobd cannot be reached or takes no requests (`unavailable`), waiting 100 ms, then
 * twice as long each time. Every other error says something that a repetition would not change.
 */
export async function withRetries<T>(
  once: () => Promise<T>,
  retry: Retry | undefined,
  signal?: AbortSignal,
): Promise<T> {
  const times = Math.min(retry?.times ?? 0, TIMES_MAX);
  for (let repetition = 0; ; repetition += 1) {
    try {
      return await once();
    } catch (error) {
      const isPassing = error instanceof FobtwinError && error.code === 'unavailable';
      if (!isPassing || retry === undefined || repetition >= times) throw error;
    }
    await retry.wait(Math.min(FIRST_WAIT_MILLIS * 2 ** repetition, WAIT_MILLIS_MAX), signal);
  }
}
