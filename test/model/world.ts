import fc from 'fast-check';
import { createPolicy, type Policy } from '../../server/verification/policy.ts';
import type { Otp } from '../../shared/otp.ts';
import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { Code, Seed, Serial, TokenParameters } from '../../shared/types.ts';
import { NOW, realOtp, tinyOtp } from '../support/verification.ts';
import { ACCOUNTS, MOBILE_IDS, SERIALS } from './commands.ts';
import { NaiveServer } from './naive.ts';

/** What a run begins with; the same for the model and for what is held against it. */
export interface Setting {
  readonly policy: Policy;
  readonly otp: Otp;
  readonly entries: readonly SeedFileEntry[];
}

const event = { type: 'event', algorithm: 'SHA1', digits: 6 } as const;
const time = { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 } as const;
const slow = { type: 'time', algorithm: 'SHA256', digits: 8, stepSeconds: 60 } as const;
const TOKENS: Readonly<Record<(typeof SERIALS)[number], readonly [TokenParameters, number]>> = {
  'EVENT-A': [event, 0],
  'EVENT-B': [event, 1_000_000],
  'TIME-A': [time, 0],
  'TIME-B': [time, 0],
  SLOW: [slow, 0],
};

const ENTRIES: readonly SeedFileEntry[] = SERIALS.map((serial, place) => {
  const [parameters, nextCounter] = TOKENS[serial];
  const seed = Uint8Array.from({ length: 20 }, (_, i) => (37 * (place + 1) + i) % 256) as Seed;
  return { serial: serial as string as Serial, seed, parameters, nextCounter };
});

/** Every limit is met in a few commands. */
const SHORT: Partial<Policy> = {
  lookAhead: 3,
  replayedCounters: 4,
  resyncCounters: 12,
  windowStepsMax: 4,
  windowDeviations: 2,
  resyncSteps: 9,
  pairStepsMax: 2,
  waitAfterFailures: 2,
  waitSeconds: 8,
  waitSecondsMax: 13,
  lockAfterFailures: 4,
  disableAfterFailures: 9,
  repeatSeconds: 30,
  resyncFailedPairs: 3,
  registrationFailedPairsPerAccountDay: 3,
  registrationFailedPairsPerSerial: 4,
};

/** The defaults and the short one, each without next-code mode and with it. */
const POLICIES: readonly Policy[] = [
  createPolicy(),
  createPolicy(SHORT),
  createPolicy({ nextCodeSeconds: 120 }),
  createPolicy({ ...SHORT, nextCodeSeconds: 40 }),
];

/** Codes are made once for all runs: a thousand counters a pair would cost more than the rest. */
const CODES_MAX = 500_000;

interface Known {
  readonly code: Code;
  readonly number: number;
}

function remembering(otp: Otp): Otp {
  const bySeed = new Map<number, Map<number, Known>>();
  let size = 0;
  const know = (...[seed, movingFactor, parameters]: Parameters<Otp['code']>): Known => {
    const name = firstBytes(seed);
    const known = bySeed.get(name)?.get(movingFactor);
    if (known !== undefined) return known;
    if (size >= CODES_MAX) {
      bySeed.clear();
      size = 0;
    }
    const code = otp.code(seed, movingFactor, parameters);
    const made = { code, number: Number(code) };
    bySeed.set(name, (bySeed.get(name) ?? new Map<number, Known>()).set(movingFactor, made));
    size += 1;
    return made;
  };
  return { code: (...given) => know(...given).code, number: (...given) => know(...given).number };
}

/** Four tell every seed here from the others. A text of them would cost more than all lookups. */
function firstBytes(seed: Seed): number {
  let name = 0;
  for (let place = 0; place < 4; place += 1) name = (name << 8) | (seed[place] ?? 0);
  return name;
}

/** Real codes, and so few that they collide in every window and every search. */
const OTPS = { real: remembering(realOtp), tiny: tinyOtp(7) } as const;

export const settings: fc.Arbitrary<Setting> = fc
  .record({
    policy: fc.nat(POLICIES.length - 1),
    codes: fc.constantFrom<(keyof typeof OTPS)[]>('real', 'tiny'),
  })
  .map(({ policy, codes }) => ({
    policy: POLICIES[policy] ?? createPolicy(),
    otp: OTPS[codes],
    entries: ENTRIES,
    toString: () => `policy ${policy}, ${codes} codes`,
  }));

export function naiveServer({ policy, otp, entries }: Setting): NaiveServer {
  const bySerial = new Map(entries.map((entry) => [entry.serial as string, entry]));
  const tokens = entries.map(({ serial, parameters, nextCounter }) => ({
    serial,
    nextCounter,
    madeFor: MOBILE_IDS[serial] ?? null,
    stepSeconds: parameters.type === 'time' ? parameters.stepSeconds : null,
  }));
  const codeOf = (serial: string, movingFactor: number): string => {
    const entry = bySerial.get(serial);
    if (entry === undefined) throw new Error(`no token ${serial}`);
    return otp.code(entry.seed, movingFactor, entry.parameters);
  };
  return new NaiveServer(NOW, policy, codeOf, tokens, ACCOUNTS);
}
