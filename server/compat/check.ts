import { type ApplicationId, type Code, parseCode } from '../../shared/types.ts';
import type { Caller, Principal } from '../access/scopes.ts';
import { standInFor } from '../accounts/names.ts';
import type { PasswordAnswer, PasswordService } from '../accounts/passwords-port.ts';
import type { AccountService } from '../accounts/port.ts';
import { testWithinLimits } from '../http/limited-code.ts';
import type { Limits } from '../http/limits.ts';
import type { SourceLimit } from '../http/source-limit.ts';
import type { PhoneService } from '../phones/port.ts';
import { asksForCode, sendSignInCode } from '../phones/sign-in-code.ts';
import type { Challenge, Challenges } from '../sessions/challenges.ts';
import type { TokenDetail, TokenService, VerifyAnswer } from '../tokens/port.ts';
import { CompatError } from './errors.ts';
import type { CompatOptions } from './options.ts';
import type { Parameters } from './parameters.ts';
import { type Subject, subjectOf, tokenOf } from './subject.ts';

/** `/validate/check`: whether somebody may sign in. */

export interface CheckParts {
  readonly options: CompatOptions;
  readonly tokens: Pick<TokenService, 'get' | 'list' | 'verify'>;
  readonly accounts: Pick<AccountService, 'resolve'>;
  readonly passwords: Pick<PasswordService, 'check'>;
  readonly phones: Pick<PhoneService, 'usable' | 'send'>;
  readonly challenges: Challenges;
  readonly sourceLimit: SourceLimit;
  /** By serial and by account, as for every other edge; absent in a lab. */
  readonly limits?: Pick<Limits, 'attempt'> | undefined;
}

/** Who asks. */
export interface Asker extends Caller {
  readonly principal: Principal;
  /** What limits by source count by. */
  readonly source: string;
  /** The application whose API key came along; absent where none is asked for. */
  readonly keyHolder?: ApplicationId | undefined;
}

export type Checked =
  | { readonly came: 'accepted'; readonly token: TokenDetail | undefined }
  | Asking
  | { readonly came: 'refused'; readonly message: string };

/** A code is asked for: of a token, or the one on its way to a phone. */
export interface Asking {
  readonly came: 'challenge';
  readonly id: string;
  readonly token: TokenDetail | undefined;
  /** What became of the code to a phone, in words. */
  readonly sent?: string;
}

/** Codes that were not accepted, from one source a minute, where a code alone signs in. */
const CODES_PER_MINUTE_OF_SOURCE = 60;
const DIGITS_BY_DEFAULT = 6;

/** privacyIDEA's words, which people know from their log-in pages. */
const WRONG_CODE = 'wrong otp value';
const WRONG_PASSWORD = 'wrong otp pin';
const NO_CHALLENGE = 'Response did not match the challenge.';

const refused = (message: string): Checked => ({ came: 'refused', message });
const waiting = (seconds: number): Checked =>
  refused(`Too many wrong codes. Try again in ${seconds} s.`);

/** @throws CompatError 905 */
export async function check(
  parameters: Parameters,
  asker: Asker,
  parts: CheckParts,
): Promise<Checked> {
  const transaction = parameters.get('transaction_id') ?? parameters.get('state') ?? '';
  const pass = parameters.get('pass') ?? '';
  if (transaction !== '') return answerChallenge(transaction, pass, parameters, asker, parts);
  const subject = await subjectOf(parameters, parts);
  const { mode } = parts.options;
  if (mode === 'code') return codeAlone(subject, pass, asker, parts);
  return mode === 'appended'
    ? appended(subject, pass, asker, parts)
    : passwordFirst(subject, pass, asker, parts);
}

/**
 * Who may answer a challenge: the application whose key came along, from whichever of its machines
 * and behind whatever proxy; without keys the machine that asked.
 */
export const challengeClient = ({
  source,
  keyHolder,
}: Pick<Asker, 'source' | 'keyHolder'>): string =>
  keyHolder === undefined ? `compat:${source}` : `compat:application:${keyHolder}`;

async function codeAlone(
  subject: Subject,
  pass: string,
  asker: Asker,
  parts: CheckParts,
): Promise<Checked> {
  const { sourceLimit } = parts;
  const perMinute = CODES_PER_MINUTE_OF_SOURCE;
  const counted = sourceLimit.count('compat', asker.source, perMinute);
  if (counted.giveBack === undefined) return waiting(counted.retryAfterSeconds);
  const checked = await testCode(subject, pass, asker, parts);
  if (checked.came === 'accepted') counted.giveBack();
  return checked;
}

/**
 * Password and code in one: which of them is wrong is not told, and neither is it by time or work:
 * a wrong password has its code tried for nobody.
 */
async function appended(
  subject: Subject,
  pass: string,
  asker: Asker,
  parts: CheckParts,
): Promise<Checked> {
  const digits =
    (await tokenOf(subject, parts.tokens, asker.now))?.token.parameters.digits ?? DIGITS_BY_DEFAULT;
  const [password, code] = [pass.slice(0, -digits), pass.slice(-digits)];
  // Without a code at its end nothing is tested, and nothing counted.
  if (password === '' || parseCode(code) === undefined) return refused(WRONG_CODE);
  const answer = await checkPassword(subject, password, asker, parts);
  if (answer.outcome === 'throttled') return refused(WRONG_CODE);
  if (answer.outcome === 'accepted') {
    const { account } = answer;
    return testCode({ ...subject, account }, code, asker, parts, { tells: false });
  }
  await testCode({ account: undefined, user: subject.user }, code, asker, parts);
  return refused(WRONG_CODE);
}

async function passwordFirst(
  subject: Subject,
  pass: string,
  asker: Asker,
  parts: CheckParts,
): Promise<Checked> {
  const answer = await checkPassword(subject, pass, asker, parts);
  if (answer.outcome === 'throttled') return waiting(answer.retryAfterSeconds);
  if (answer.outcome !== 'accepted') return refused(WRONG_PASSWORD);
  const { account } = answer;
  const known = { ...subject, account };
  const token = await tokenOf(known, parts.tokens, asker.now);
  const sent = token === undefined ? await sendCode(known, asker, parts) : undefined;
  const begun = { user: subject.user, account, passwordGiven: true };
  return ask(begun, { token, sent }, asker, parts);
}

/**
 * What came of it, in words; undefined where there is no phone to send it to, or where a token was
 * named, since only its codes count then. By source it is not limited: the caller's machine is no
 * person's, and all who sign in there would share what one may have.
 */
async function sendCode(
  { account, serial }: Pick<Subject, 'account' | 'serial'>,
  asker: Asker,
  { phones }: CheckParts,
): Promise<string | undefined> {
  if (account === undefined || serial !== undefined) return undefined;
  return sendSignInCode({ account, source: undefined }, asker, phones);
}

function ask(
  begun: Omit<Challenge, 'client'>,
  { token, sent }: { readonly token: TokenDetail | undefined; readonly sent: string | undefined },
  asker: Asker,
  { challenges }: CheckParts,
): Asking {
  const id = challenges.begin({ client: challengeClient(asker), ...begun });
  return { came: 'challenge', id, token, ...(sent === undefined ? {} : { sent }) };
}

async function answerChallenge(
  id: string,
  pass: string,
  parameters: Parameters,
  asker: Asker,
  parts: CheckParts,
): Promise<Checked> {
  const challenge = parts.challenges.take(id, challengeClient(asker));
  if (challenge === undefined) return refused(NO_CHALLENGE);
  const { account, user, passwordGiven } = challenge;
  // A client names the person again: another name means another person's challenge.
  const isNamed = Boolean(parameters.get('user') || parameters.get('serial'));
  const again: Subject = isNamed ? await subjectOf(parameters, parts) : { account, user };
  if (again.account !== account) return refused(NO_CHALLENGE);
  const isAsked = passwordGiven && asksForCode(pass);
  const sent = isAsked ? await sendCode(again, asker, parts) : undefined;
  if (sent !== undefined) {
    return ask({ user, account, passwordGiven }, { token: undefined, sent }, asker, parts);
  }
  return testCode({ ...again, user }, pass, asker, parts);
}

const checkPassword = (
  { user, account, serial }: Subject,
  password: string,
  asker: Asker,
  { passwords }: CheckParts,
): Promise<PasswordAnswer> => {
  const name = serial === undefined ? user : (account ?? standInFor(serial));
  return passwords.check({ user: name, password, source: asker.source }, asker);
};

async function testCode(
  subject: Subject,
  text: string,
  asker: Asker,
  parts: CheckParts,
  { tells = true }: { readonly tells?: boolean } = {},
): Promise<Checked> {
  // What has not the form of a code is no attempt, as over /v1.
  const code = parseCode(text);
  if (code === undefined) return refused(WRONG_CODE);
  const answer = await verify(subject, code, asker, parts);
  if (answer.outcome === 'accepted') {
    const token = answer.serial && (await parts.tokens.get(answer.serial).catch(() => undefined));
    return { came: 'accepted', token };
  }
  const { outcome, retryAfterSeconds } = answer;
  if (tells && outcome === 'throttled') return waiting(retryAfterSeconds ?? 1);
  if (outcome === 'strengthTooLow') {
    const { requiredStrength, requiredProofing } = answer;
    const wanted = [requiredStrength, requiredProofing && 'a proofed credential'];
    const needs = wanted.filter((each) => each !== undefined).join(' and ');
    return refused(`This needs ${needs}: the code was right, and not enough.`);
  }
  return refused(WRONG_CODE);
}

function verify(
  { serial, account, user }: Subject,
  code: Code,
  asker: Asker,
  { tokens, limits }: CheckParts,
): Promise<VerifyAnswer> {
  const command =
    serial === undefined ? { account: account ?? standInFor(user), code } : { serial, code };
  return testWithinLimits(command, limits, () => tokens.verify(command, asker));
}

/** privacyIDEA's name of what comes to a phone. */
export const PHONE_TYPE = 'sms';

/**
 * Begins a challenge for somebody whom a service account vouches for: of his token, or of a phone
 * where `type` says so, or says nothing and he has no token.
 */
export async function trigger(
  parameters: Parameters,
  asker: Asker,
  parts: CheckParts,
): Promise<Checked> {
  const subject = await subjectOf(parameters, parts);
  const { account, user } = subject;
  if (account === undefined) throw new CompatError(904, 'User does not exist.');
  const type = parameters.get('type')?.toLowerCase() ?? '';
  const token = type === PHONE_TYPE ? undefined : await tokenOf(subject, parts.tokens, asker.now);
  const mayBePhone = token === undefined && (type === '' || type === PHONE_TYPE);
  const sent = mayBePhone ? await sendCode(subject, asker, parts) : undefined;
  if (token === undefined && sent === undefined) {
    return refused('The user has no token, and no phone that a code can be sent to.');
  }
  return ask({ user, account, passwordGiven: false }, { token, sent }, asker, parts);
}
