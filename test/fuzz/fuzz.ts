import fc from 'fast-check';

/** What is fuzzed, and what came of it. */

export interface FuzzOptions {
  /** Where the random cases begin; the same seed makes the same cases. */
  readonly seed: number;
  readonly millis: number;
}

export interface FuzzResult {
  readonly cases: number;
  /** The first case that went wrong, made as small as could be; absent where none did. */
  readonly finding?: string;
}

export interface FuzzTarget {
  readonly name: string;
  run(options: FuzzOptions): Promise<FuzzResult>;
}

/** As many cases of a property as fit into the time. */
export async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void>,
  { seed, millis }: FuzzOptions,
): Promise<FuzzResult> {
  let cases = 0;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    cases += 1;
    await holds(value);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: millis,
    markInterruptAsFailure: false,
  });
  if (!details.failed) return { cases };
  const finding = fc.defaultReportMessage(details) ?? 'it failed, and nothing is known of it';
  return { cases, finding };
}
