import { formatTime } from '../../shared/time.ts';
import type { LifeVerb, Outcome, RecordedOutcome, UnixMillis } from '../../shared/types.ts';
import type { PasswordOutcome } from '../accounts/passwords-port.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { Fit } from './explain-search.ts';
import { SEED_READING_TEXTS } from './explain-seeds.ts';
import type { TokenDetail } from './port.ts';
import { expiryAt, standingAt } from './standing.ts';

/** What happened, or how something stands, and what to do about it; a sentence each. */
export interface Explanation {
  readonly sentence: string;
  readonly nextStep: string;
}

const NOTHING = 'Nothing is to be done.';

/** What sentences there are for one kind of attempt; every outcome that it can have is a row. */
type Explanations<O extends RecordedOutcome> = Readonly<Record<O, Explanation>>;

/** Of a single code. */
const CODE: Explanations<Outcome> = {
  accepted: { sentence: 'A code was accepted.', nextStep: NOTHING },
  wrongCode: {
    sentence: 'A code was wrong, and was counted unless it repeated the one before.',
    nextStep: 'Read a new code off the token; if that is wrong too, resync with two codes.',
  },
  replayed: {
    sentence: 'A code was given that had been used already, or that came before a used one.',
    nextStep: 'Wait for the next code, or press again: each code works once.',
  },
  throttled: {
    sentence: 'A code came too soon after several wrong ones, and was not tested.',
    nextStep: 'Wait as long as fobd says, or unlock the token.',
  },
  locked: {
    sentence: 'A code was refused untested because the token is locked.',
    nextStep:
      'Resync with two codes; after five failed pairs, or an administrator, unlock it first.',
  },
  suspended: {
    sentence: 'A code was refused untested because the token is suspended.',
    nextStep: 'Renew its subscription where that has ended; else an administrator resumes it.',
  },
  lost: {
    sentence: 'A code was refused untested because the token is reported lost.',
    nextStep: 'If it was found, its person or an administrator reports that; else revoke it.',
  },
  disabled: {
    sentence: 'A code was refused untested: too many codes were wrong since the last good one.',
    nextStep: 'Find out who tried; then an administrator enables the token.',
  },
  revoked: {
    sentence: 'A code was refused untested because the token is revoked, which is final.',
    nextStep: 'Register another token.',
  },
  notRegistered: {
    sentence: 'A code was given for a token or an account that has no registration.',
    nextStep: 'Register a token with two codes, or check the spelling of the serial or account.',
  },
  strengthTooLow: {
    sentence: 'A good code was not enough for what the application demands.',
    nextStep: 'Use an authenticator of greater strength.',
  },
  nextCodeRequired: {
    sentence: 'A code was right but far off; the one after it is waited for.',
    nextStep: 'Give the next code of the token.',
  },
};

/** Of a password; `locked` is what only the log sees. */
const PASSWORD: Explanations<PasswordOutcome | 'locked'> = {
  accepted: { sentence: 'The password was right.', nextStep: NOTHING },
  wrongPassword: {
    sentence: 'A password was wrong, and was counted unless it repeated the one before.',
    nextStep: 'Try again; a password that is forgotten or was disabled is set anew.',
  },
  throttled: {
    sentence: 'A password came too soon after several wrong ones, and was not tested.',
    nextStep: 'Wait as long as fobd says, or set the password anew.',
  },
  disabled: {
    sentence: 'The password was right, but the account is disabled, here or in its directory.',
    nextStep: 'Enable it where it is disabled, if it is to be used again.',
  },
  locked: {
    sentence: 'A password was refused untested: a hundred were wrong since the last right one.',
    nextStep: 'Find out who tried; then set the password anew.',
  },
};

const isOfPasswords = (outcome: RecordedOutcome): outcome is keyof typeof PASSWORD =>
  Object.hasOwn(PASSWORD, outcome);

const isOfCodes = (outcome: RecordedOutcome): outcome is Outcome => Object.hasOwn(CODE, outcome);

const WRONG_PAIR: Explanation = {
  sentence: 'Two codes were given that do not follow each other within the resync window.',
  nextStep: 'Try again with two new codes in the order shown; then let fobd explain such a pair.',
};

/** A resync never waits: this is an account's limit on registrations. */
const TOO_MANY_PAIRS: Explanation = {
  sentence: 'Too many pairs of codes have failed for this account within a day.',
  nextStep: 'Wait until a day has passed since the oldest of them, then try again.',
};

/** What the verbs of a token's life did. */
const LIFE: Readonly<Record<LifeVerb, Explanation>> = {
  unlock: { sentence: 'It was unlocked.', nextStep: NOTHING },
  lock: { sentence: 'An administrator locked it.', nextStep: 'Only an unlock lifts that.' },
  enable: { sentence: 'It was enabled again.', nextStep: NOTHING },
  suspend: { sentence: 'It was suspended.', nextStep: 'Resume it when it may be used again.' },
  resume: { sentence: 'Its suspension was ended.', nextStep: NOTHING },
  lost: { sentence: 'It was reported lost.', nextStep: 'Report it as found, or revoke it.' },
  found: { sentence: 'It was reported as found.', nextStep: NOTHING },
  revoke: { sentence: 'It was revoked for good.', nextStep: 'Register another token.' },
  resetDrift: {
    sentence: 'What was learnt of its clock was forgotten.',
    nextStep: 'The next code that is accepted teaches it anew.',
  },
};

const DONE: Readonly<Record<string, Explanation>> = {
  ...LIFE,
  addAccount: { sentence: 'The account was added.', nextStep: 'Register a token to it.' },
  changeAccount: { sentence: 'What is known of its person was changed.', nextStep: NOTHING },
  disableAccount: {
    sentence: 'The account was disabled.',
    nextStep: 'Enable it when its person may sign in again.',
  },
  enableAccount: { sentence: 'The account was enabled again.', nextStep: NOTHING },
  setPassword: { sentence: 'Its password was set.', nextStep: NOTHING },
  removePassword: {
    sentence: 'Its password was taken away.',
    nextStep: 'Set one, if its person is to sign in with a password.',
  },
  explain: {
    sentence: 'Two codes were compared with what would fit them; nothing was accepted.',
    nextStep: 'Do what that explanation said.',
  },
};

/** One decision of the audit log, with who asked for it. */
export function explainEntry(entry: AuditEntry): Explanation {
  const { sentence, nextStep } = explainDecision(entry);
  const reason = entry.details?.['reason'];
  const why = typeof reason === 'string' ? ` The reason given: ${reason}` : '';
  return { sentence: `${sentence}${why}`, nextStep };
}

const isOfOneCode = (action: string): boolean => action === 'verify' || action === 'callerCheck';

function explainDecision({ action, outcome, details }: AuditEntry): Explanation {
  if (isOfPairs(action)) return explainPair(action, outcome, details);
  if (outcome !== undefined) {
    if (isOfOneCode(action) && isOfCodes(outcome)) return CODE[outcome];
    if (action === 'signIn' && isOfPasswords(outcome)) return PASSWORD[outcome];
  }
  return DONE[action] ?? { sentence: `The action ${action} was recorded.`, nextStep: NOTHING };
}

/** What two good codes did, by the action that asked for them. */
const PAIR_DONE = {
  register: 'It was registered by two codes.',
  resync: 'It was found again by two codes.',
  replace: 'A new token took the place of an old one, by two codes of the new.',
} as const;

const isOfPairs = (action: string): action is keyof typeof PAIR_DONE =>
  Object.hasOwn(PAIR_DONE, action);

function explainPair(
  action: keyof typeof PAIR_DONE,
  outcome: RecordedOutcome | undefined,
  details: AuditEntry['details'],
): Explanation {
  if (outcome === 'accepted') return { sentence: PAIR_DONE[action], nextStep: NOTHING };
  if (outcome === 'wrongCode') return WRONG_PAIR;
  if (outcome === 'throttled') return TOO_MANY_PAIRS;
  if (outcome !== undefined && isOfCodes(outcome)) {
    const { sentence, nextStep } = CODE[outcome];
    return { sentence: sentence.replace('A code was', 'Two codes were'), nextStep };
  }
  const refused = String(details?.['refused'] ?? 'unknown');
  return {
    sentence: `A ${action === 'register' ? 'registration' : 'resync'} was refused: ${refused}.`,
    nextStep: 'Look at the token: fobd token show SERIAL.',
  };
}

/** How a token stands now: the strongest reason that would refuse its next code. */
export function explainToken({ token, factor }: TokenDetail, now: UnixMillis): Explanation {
  const { life, holds } = standingAt(token, now);
  const expiry = expiryAt(token, now);
  if (expiry === 'revoked') {
    return stands(
      'Its subscription ended more than a year ago, which is final.',
      'Purchase a new credential, and register another token.',
    );
  }
  if (life === 'revoked')
    return stands('It is revoked, which is final.', 'Register another token.');
  if (holds.includes('lost')) {
    return token.ownWord?.lostAt === undefined
      ? stands('It is reported lost.', 'If it was found, report that; else revoke it.')
      : stands(
          'Its person has reported it lost, and may report it found.',
          'If it was stolen, revoke it, or lock it so that its person cannot bring it back.',
        );
  }
  const isRestored = factor.restoredAt !== undefined;
  if (holds.includes('disabled') && isRestored) {
    return stands(
      'It came back with a backup: codes that were used since could be used again.',
      'Replace it; or an administrator who knows that none was used enables it with a reason.',
    );
  }
  if (holds.includes('disabled')) {
    return stands('It is disabled after too many wrong codes.', CODE.disabled.nextStep);
  }
  if (holds.includes('adminLocked')) {
    return stands(
      'An administrator has locked it.',
      'Only an unlock by an administrator lifts that.',
    );
  }
  if (token.holds.includes('suspended')) {
    return stands('It is suspended.', CODE.suspended.nextStep);
  }
  if (expiry === 'suspended') {
    return stands('It is suspended: its subscription has ended.', RENEW);
  }
  if (isRestored && life === 'registered') {
    return stands(
      'It came back with a backup, and its counter may be further on than is known.',
      'Resync it with two new codes; an unlock alone does not help.',
    );
  }
  if (holds.includes('locked')) return stands('It is locked.', CODE.locked.nextStep);
  if (life === 'stocked') return stands('It is in stock.', 'Register it with two codes.');
  const { waitUntil } = factor.failures;
  if (waitUntil > now) {
    const until = formatTime(waitUntil as UnixMillis);
    return stands(`It waits until ${until} after wrong codes.`, CODE.throttled.nextStep);
  }
  return stands('It is registered, and nothing holds it.', NOTHING);
}

const RENEW = 'Renew the subscription: the same token works on.';

const stands = (sentence: string, nextStep: string): Explanation => ({ sentence, nextStep });

/** What a fit means, and how to make the token work again. */
export function explainFit(fit: Fit, { token, factor }: TokenDetail): Explanation {
  const kind = kindText(fit);
  const where = fit.type === 'time' ? offsetText(fit) : `at counter ${fit.counter ?? 0}`;
  const seed = SEED_READING_TEXTS[fit.reading];
  const sentence = `The codes fit ${kind}, ${where}: ${seed}.`;
  if (!isAsStored(fit, token.parameters)) {
    return {
      sentence,
      nextStep: 'Import the token anew, under another serial, with these values.',
    };
  }
  const isUsed = factor.factor.type === 'event' && (fit.counter ?? 0) < factor.factor.nextCounter;
  if (isUsed) return { sentence, nextStep: 'These codes came before used ones: give newer ones.' };
  return { sentence, nextStep: 'Resync the token with its next two codes.' };
}

function isAsStored(fit: Fit, parameters: TokenDetail['token']['parameters']): boolean {
  const { type, algorithm, digits } = parameters;
  const same = fit.type === type && fit.algorithm === algorithm && fit.digits === digits;
  const step = type === 'time' ? fit.stepSeconds === parameters.stepSeconds : true;
  return same && step && fit.reading === 'asStored';
}

const kindText = ({ type, algorithm, digits, stepSeconds }: Fit): string =>
  type === 'time'
    ? `a time token of ${stepSeconds ?? 0} s, ${algorithm}, ${digits} digits`
    : `an event token, ${algorithm}, ${digits} digits`;

function offsetText({ offsetSteps = 0, stepSeconds = 0 }: Fit): string {
  if (offsetSteps === 0) return 'with its clock right';
  const direction = offsetSteps > 0 ? 'ahead' : 'behind';
  const steps = Math.abs(offsetSteps);
  return `with its clock ${steps} steps (${steps * stepSeconds} s) ${direction}`;
}
