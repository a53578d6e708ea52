import { TYPING_SECONDS } from '../../server/verification/drift.ts';
import { NO_FAILURES } from '../../server/verification/failures.ts';
import type {
  Attempt,
  DriftEstimate,
  FactorRecord,
  Subject,
  TwoCodes,
} from '../../server/verification/types.ts';
import { createOtp, type Otp } from '../../shared/otp.ts';
import type {
  Code,
  EventParameters,
  Seed,
  TimeParameters,
  UnixMillis,
} from '../../shared/types.ts';
import { nodeCrypto } from './node-crypto.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** RFC 4226 appendix D, RFC 6238 appendix B: "12345678901234567890". */
export const SEED = Uint8Array.from('12345678901234567890', (c) => c.charCodeAt(0)) as Seed;
export const EVENT: EventParameters = { type: 'event', algorithm: 'SHA1', digits: 6 };
export const TIME: TimeParameters = { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 };

/** 2026-01-01T00:00:00Z, the beginning of a step. */
export const NOW = 1_767_225_600_000 as UnixMillis;
export const STEP = NOW / 30_000;

export const at = (millis: number): UnixMillis => millis as UnixMillis;
export const nowPlus = (millis: number): UnixMillis => at(NOW + millis);
export const digits = (text: string): Code => text as Code;

export const realOtp: Otp = createOtp(nodeCrypto);

/** An Otp of codes alone: the number is what their digits say, -2 where they are none. */
export const otpOf = (code: Otp['code']): Otp => ({
  code,
  number(...given) {
    const text = code(...given);
    return /^[0-9]+$/.test(text) ? Number(text) : -2;
  },
});

/** Counts what it is asked for, so that a test can say what a decision may cost. */
export function countingOtp(otp: Otp = realOtp): Otp & { readonly asked: number[] } {
  const asked: number[] = [];
  const counting: Otp['code'] = (seed, movingFactor, parameters) => {
    asked.push(movingFactor);
    return otp.code(seed, movingFactor, parameters);
  };
  return { asked, ...otpOf(counting) };
}

/**
 * An Otp whose codes are so few that they collide all the time: the last digits say one of `space`
 * values, mixed from the seed's first byte and the moving factor.
 */
export function tinyOtp(space: number): Otp {
  const number: Otp['number'] = (seed, movingFactor) => {
    const mixed = Math.imul(movingFactor ^ ((seed[0] ?? 0) << 8), 2654435761) >>> 7;
    return mixed % space;
  };
  return {
    number,
    code: (seed, movingFactor, parameters) =>
      String(number(seed, movingFactor, parameters)).padStart(parameters.digits, '0') as Code,
  };
}

/** An Otp that shows exactly what the table says, and a code that nobody gives elsewhere. */
export const scriptedOtp = (codes: Readonly<Record<number, string>>): Otp =>
  otpOf((_, movingFactor) => (codes[movingFactor] ?? '------') as Code);

export const codeOf = (subject: Subject, movingFactor: number, otp: Otp = realOtp): Code =>
  otp.code(subject.seed, movingFactor, subject.parameters);

/** A code that none of `wrongFor` moving factors shows: a wrong code that stays wrong. */
export function wrongCode(subject: Subject, from: number, to: number, nth = 0): Code {
  const shown = new Set<string>();
  for (let movingFactor = Math.max(0, from); movingFactor <= to; movingFactor += 1) {
    shown.add(codeOf(subject, movingFactor));
  }
  let found = -1;
  for (let value = 0; ; value += 1) {
    const text = String(value).padStart(subject.parameters.digits, '0');
    if (!shown.has(text)) found += 1;
    if (found === nth) return digits(text);
  }
}

/** The nth code that is wrong for a subject of this file, wherever a scan of it may look. */
export const wrongFor = (subject: Subject, nth = 0): Code =>
  subject.parameters.type === 'event'
    ? wrongCode(subject, 0, 60, nth)
    : wrongCode(subject, STEP - 60, STEP + 60, nth);

export const attempt = (code: Code, now: UnixMillis = NOW): Attempt => ({
  code,
  codeHash: () => `hash of ${code}`,
  now,
});

export const twoCodes = (code1: Code, code2: Code, now: UnixMillis = NOW): TwoCodes => ({
  code1,
  code2,
  now,
});

type RecordChanges = Partial<Omit<FactorRecord, 'factor' | 'failures'>> & {
  readonly failures?: Partial<FactorRecord['failures']>;
};
type SubjectChanges = Partial<Omit<Subject, 'record' | 'parameters'>>;

function recordOf(factor: FactorRecord['factor'], changes: RecordChanges): FactorRecord {
  const failures = { ...NO_FAILURES, ...changes.failures };
  return { version: 1, failedPairs: 0, lastAcceptedAt: NOW, ...changes, factor, failures };
}

/** A registered event token that will accept counter 20 next. */
export function eventSubject(
  record: RecordChanges & { readonly nextCounter?: number } = {},
  subject: SubjectChanges = {},
): Subject {
  const { nextCounter = 20, ...changes } = record;
  return {
    life: 'registered',
    holds: [],
    parameters: EVENT,
    seed: SEED,
    ...subject,
    record: recordOf({ type: 'event', nextCounter }, changes),
  };
}

/**
 * A clock so many steps ahead and sure of it to about half a step: at a step's beginning its window
 * is one step each way of it.
 */
export const driftOf = (offsetSteps: number, at: UnixMillis = NOW): DriftEstimate => {
  const offsetSeconds = (offsetSteps + 0.5) * TIME.stepSeconds + TYPING_SECONDS;
  const variances = { offsetVariance: 71, covariance: 0, rateVariance: 0 };
  return {
    offsetSeconds,
    secondsPerDay: 0,
    ...variances,
    at,
    anchorSeconds: offsetSeconds,
    anchorAt: at,
  };
};

/** A registered time token that accepted the step before `NOW`, on time. */
export function timeSubject(
  record: RecordChanges & {
    readonly lastStep?: number;
    readonly offsetSteps?: number;
    /** Instead of what `offsetSteps` makes. */
    readonly drift?: DriftEstimate;
  } = {},
  subject: SubjectChanges = {},
): Subject {
  const { lastStep = STEP - 1, offsetSteps = 0, drift = driftOf(offsetSteps), ...changes } = record;
  return {
    life: 'registered',
    holds: [],
    parameters: TIME,
    seed: SEED,
    ...subject,
    record: recordOf({ type: 'time', lastStep, drift }, changes),
  };
}
