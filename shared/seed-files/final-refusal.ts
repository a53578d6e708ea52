import type { SeedFileParser } from './entry.ts';

/** The first refusal is final: whatever is written after it is unread, and throws it again. */
export function withFinalRefusal(parser: SeedFileParser): SeedFileParser {
  let refused: { readonly error: unknown } | undefined;
  const guarded = (step: () => void): void => {
    if (refused !== undefined) throw refused.error;
    try {
      step();
    } catch (error) {
      refused = { error };
      throw error;
    }
  };
  const guardedWait = async (wait: () => Promise<void>): Promise<void> => {
    if (refused !== undefined) throw refused.error;
    try {
      await wait();
    } catch (error) {
      refused = { error };
      throw error;
    }
  };
  return {
    write: (text) => guarded(() => parser.write(text)),
    ...(parser.ready === undefined
      ? {}
      : { ready: () => guardedWait(async () => parser.ready?.()) }),
    end: () => guarded(() => parser.end()),
  };
}
