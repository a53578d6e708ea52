import { FobtwinError } from '../../shared/errors.ts';

export interface SessionOptions {
  /** A session that nobody has used for so long is over. Default 30 minutes; 1 minute to 1 hour. */
  readonly idleMillis?: number;
  /** However much it is used. Default 12 hours; 5 minutes to 24 hours. */
  readonly lifeMillis?: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * The most are what NIST SP 800-63B-4 section 2.2.3 (AAL2) recommends at most; the defaults are the
 * limits of its third revision, section 4.2.3: 30 minutes without use, 12 hours in all.
 */
export const SESSION_BOUNDS = {
  idleMillis: { least: MINUTE, most: HOUR, standard: 30 * MINUTE },
  lifeMillis: { least: 5 * MINUTE, most: 24 * HOUR, standard: 12 * HOUR },
} as const;

/** @throws FobtwinError `usage` naming the option and its bounds */
export function createSessionOptions(given: SessionOptions = {}): Required<SessionOptions> {
  const idleMillis = within('idleMillis', given.idleMillis);
  const lifeMillis = within('lifeMillis', given.lifeMillis);
  if (idleMillis <= lifeMillis) return { idleMillis, lifeMillis };
  throw new FobtwinError('usage', 'A session cannot wait longer for its use than it lives', {
    nextStep: 'Make idleMillis no greater than lifeMillis.',
  });
}

function within(name: keyof typeof SESSION_BOUNDS, given: number | undefined): number {
  const { least, most, standard } = SESSION_BOUNDS[name];
  const value = given ?? standard;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new FobtwinError('usage', `${name} is not an integer from ${least} to ${most}`, {
    nextStep: `Leave it out for ${standard}.`,
  });
}
