import type { FuzzTarget } from './fuzz.ts';
import { fuzzHttp } from './http.ts';
import { fuzzRadius } from './radius.ts';
import { fuzzSeedFiles } from './seed-files.ts';
import { fuzzServices, fuzzVerification } from './verification.ts';

const seedFiles: FuzzTarget = {
  name: 'seed-files',
  async run({ seed, millis }) {
    try {
      const { files } = await fuzzSeedFiles({ seed, seconds: millis / 1000 });
      return { cases: files };
    } catch (error) {
      return { cases: 0, finding: error instanceof Error ? error.message : String(error) };
    }
  },
};

/** Everything that is fuzzed. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  fuzzHttp,
  fuzzVerification,
  fuzzServices,
  fuzzRadius,
  seedFiles,
];
