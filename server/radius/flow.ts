import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { type AccountId, type Code, parseCode } from '../../shared/types.ts';
import { SIGN_IN_TEXTS } from '../../shared/wire/texts.ts';
import { parseAddress, sourceOf } from '../access/address.ts';
import type { Caller } from '../access/scopes.ts';
import { standInFor } from '../accounts/names.ts';
import type { PasswordAnswer, PasswordService } from '../accounts/passwords-port.ts';
import type { AccountService } from '../accounts/port.ts';
import { testWithinLimits } from '../http/limited-code.ts';
import type { Limits } from '../http/limits.ts';
import type { SourceLimit } from '../http/source-limit.ts';
import type { PhoneService } from '../phones/port.ts';
import { asksForCode, sendSignInCode } from '../phones/sign-in-code.ts';
import type { Challenge, Challenges } from '../sessions/challenges.ts';
import type { TokenService, VerifyAnswer } from '../tokens/port.ts';
import { ATTRIBUTE_TYPES } from './packet.ts';
import {
  codeDigits,
  hasToken,
  isStillElsewhere,
  type Person,
  passwordSuffices,
  personOf,
  readAccount,
} from './person.ts';
import type { AccessReply, AccessRequest, Answer, SignInMode, SignInPolicy } from './port.ts';
import { actorOf, principalOf } from './principal.ts';
import type { ProxyClient, ProxyFailure } from './proxy.ts';
import {
  accept,
  BEGIN_AGAIN,
  challenge,
  replyToCode,
  replyToPassword,
  WRONG_PASSWORD_OR_CODE,
} from './replies.ts';

/** How a request is decided: who asks, what his client and group ask of him, and what is given. */

export interface FlowParts {
  readonly tokens: Pick<TokenService, 'get' | 'verify'>;
  readonly accounts: Pick<AccountService, 'find' | 'get'>;
  readonly passwords: Pick<PasswordService, 'check'>;
  readonly phones: Pick<PhoneService, 'usable' | 'send'>;
  readonly challenges: Challenges;
  readonly proxy: ProxyClient;
  /** By account, as for every other edge; absent in a lab, where nothing is limited. */
  readonly limits?: Pick<Limits, 'attempt'> | undefined;
  /** Where a code alone is asked for; absent in a lab. */
  readonly sources?: SourceLimit | undefined;
  readonly clock: Clock;
  /** Told how the other server decided, durable before the reply. */
  readonly recordProxied: (reply: AccessReply, request: AccessRequest) => Promise<void>;
  /** Told why the other server was not asked, or did not answer. */
  readonly onProxyFailure: (failure: ProxyFailure, request: AccessRequest) => void;
}

/**
 * Requests are decided side by side: those that come together share one group commit of the store.
 * Where fobd itself cannot decide (a directory that does not answer, a store that is full) nothing
 * is answered, so that the client asks again or asks another server.
 */
export function createAnswer(parts: FlowParts): Answer {
  return (request) => decide({ request, parts });
}

interface SignIn {
  readonly request: AccessRequest;
  readonly parts: FlowParts;
}

const callerOf = ({ request, parts }: SignIn, policy: SignInPolicy): Caller => ({
  principal: principalOf(request, policy),
  now: parts.clock.now(),
});

/** The person's address where the client tells it. */
const addressIn = (request: AccessRequest): string => stationIn(request) ?? request.source;

function stationIn({ packet }: AccessRequest): string | undefined {
  const station = packet.attributes.find(({ type }) => type === ATTRIBUTE_TYPES.callingStationId);
  if (station === undefined) return undefined;
  const said = Buffer.from(station.value).toString('latin1');
  return parseAddress(said) === undefined ? undefined : said;
}

async function decide(signIn: SignIn): Promise<AccessReply | undefined> {
  const { request, parts } = signIn;
  const { client, userName, password, state } = request;
  try {
    const waiting =
      state === undefined ? undefined : parts.challenges.take(state, actorOf(request));
    if (waiting !== undefined) {
      return waiting.user === userName ? await answerChallenge(signIn, waiting) : BEGIN_AGAIN;
    }
    const person = personOf(await parts.accounts.find(userName), client.policy);
    const { proxyTo, mode } = person.policy;
    if (
      proxyTo !== undefined &&
      (await isStillElsewhere(person, parts.clock.now(), parts.phones))
    ) {
      return await askElsewhere(signIn, proxyTo);
    }
    // Not a challenge of ours, or not any more: it has been answered, or its time is over.
    if (state !== undefined) return BEGIN_AGAIN;
    return await BY_MODE[mode](signIn, person, password ?? '');
  } catch (error) {
    if (error instanceof FobtwinError && error.code === 'unavailable') return undefined;
    throw error;
  }
}

type Decide = (signIn: SignIn, person: Person, given: string) => Promise<AccessReply | undefined>;

const BY_MODE: Readonly<Record<SignInMode, Decide>> = {
  code: (signIn, person, code) => replyToCodeOf(signIn, person, code, { passwordGiven: false }),
  challenge: passwordThenCode,
  appended: passwordWithCode,
};

async function passwordThenCode(signIn: SignIn, person: Person, password: string) {
  const { request, parts } = signIn;
  const answer = await checkPassword(signIn, person, password);
  if (answer.outcome !== 'accepted') return replyToPassword(answer);
  const known = await personWith(answer.account, signIn);
  if (known === undefined) return BEGIN_AGAIN;
  if (await passwordSuffices(known, parts.clock.now(), parts.phones)) {
    return acceptPassword(signIn, known);
  }
  const begun = { account: answer.account, passwordGiven: true };
  const sent = hasToken(known) ? undefined : await sendCode(signIn, known);
  return ask(sent ?? SIGN_IN_TEXTS.enterCode, request, begun, parts.challenges);
}

/** What came of it, in words; undefined where there is no phone to send it to. */
async function sendCode(signIn: SignIn, { account, policy }: Person): Promise<string | undefined> {
  if (account === undefined) return undefined;
  // The client's own address is nobody's whereabouts: all who sign in by it would count as one.
  const station = stationIn(signIn.request);
  const source = station === undefined ? undefined : sourceOf(station);
  const sending = { account: account.id, source };
  return sendSignInCode(sending, callerOf(signIn, policy), signIn.parts.phones);
}

/**
 * The field is split once, by the digits of the token that would be tested. A wrong password has
 * its code tried as well, for nobody: so neither reply nor time tells which of the two was wrong,
 * and no account's counts are touched without its password.
 */
async function passwordWithCode(signIn: SignIn, person: Person, given: string) {
  const { request, parts } = signIn;
  const now = parts.clock.now();
  if (await passwordSuffices(person, now, parts.phones)) {
    return passwordAlone(signIn, person, given);
  }
  const digits = await codeDigits(person, now, parts.tokens);
  const code = parseCode(given.slice(-digits));
  const password = given.slice(0, -digits);
  // Without a code at its end nothing is tested, and nothing counted.
  if (code === undefined || password === '') return WRONG_PASSWORD_OR_CODE;
  const answer = await checkPassword(signIn, person, password);
  if (answer.outcome === 'throttled') return replyToPassword(answer);
  const known =
    answer.outcome === 'accepted' ? await personWith(answer.account, signIn) : undefined;
  if (known === undefined) {
    await verifyCode(signIn, person, standInFor(request.userName), code);
    return WRONG_PASSWORD_OR_CODE;
  }
  return replyToCodeOf(signIn, known, code, { passwordGiven: true, isAppended: true });
}

/** In a roll-out whoever has no token yet, or is not known yet, gives the password alone. */
async function passwordAlone(signIn: SignIn, person: Person, password: string) {
  const answer = await checkPassword(signIn, person, password);
  if (answer.outcome === 'throttled') return replyToPassword(answer);
  if (answer.outcome !== 'accepted') return WRONG_PASSWORD_OR_CODE;
  const known = await personWith(answer.account, signIn);
  const { clock, phones } = signIn.parts;
  const suffices = known !== undefined && (await passwordSuffices(known, clock.now(), phones));
  return suffices ? acceptPassword(signIn, known) : WRONG_PASSWORD_OR_CODE;
}

async function checkPassword(
  signIn: SignIn,
  { policy }: Person,
  password: string,
): Promise<PasswordAnswer> {
  const { request, parts } = signIn;
  // None, or none that the shared secret opens: an operator's slip or a forger's bytes, for which
  // nobody's account is to wait.
  if (request.password === undefined) return { outcome: 'wrongPassword' };
  const command = { user: request.userName, password, source: sourceOf(addressIn(request)) };
  return parts.passwords.check(command, callerOf(signIn, policy));
}

/** As the records stand after the password: a directory's account may just have been made. */
async function personWith(id: AccountId, { request, parts }: SignIn): Promise<Person | undefined> {
  const account = await readAccount(id, parts.accounts);
  return account && personOf(account, request.client.policy);
}

async function answerChallenge(signIn: SignIn, { account: id, passwordGiven }: Challenge) {
  const { request, parts } = signIn;
  const known = id === undefined ? undefined : await personWith(id, signIn);
  const person =
    known ?? personOf(await parts.accounts.find(request.userName), request.client.policy);
  const isAsked = passwordGiven && asksForCode(request.password ?? '');
  const sent = isAsked ? await sendCode(signIn, person) : undefined;
  if (sent !== undefined) {
    return ask(sent, request, { account: id, passwordGiven }, parts.challenges);
  }
  return replyToCodeOf(signIn, person, request.password ?? '', { passwordGiven });
}

interface How {
  /** Else the code stands alone, and its source is limited. */
  readonly passwordGiven: boolean;
  readonly isAppended?: boolean;
}

/** Tries a code for a person, and says what came of it. */
async function replyToCodeOf(
  signIn: SignIn,
  person: Person,
  given: string,
  { passwordGiven, isAppended = false }: How,
): Promise<AccessReply> {
  const { request, parts } = signIn;
  const account = person.account?.id ?? standInFor(request.userName);
  const limit = passwordGiven ? undefined : parts.sources;
  const perMinute = request.client.policy.wrongCodesPerMinute;
  const counted =
    perMinute === undefined
      ? undefined
      : limit?.count(request.client.name, addressIn(request), perMinute);
  const waits = counted?.retryAfterSeconds;
  const answer: VerifyAnswer =
    waits === undefined
      ? await verifyCode(signIn, person, account, given)
      : { outcome: 'throttled', retryAfterSeconds: waits };
  // The next code is asked for because this one was nearly right: it was no guess.
  if (answer.outcome === 'accepted') counted?.giveBack?.();
  return replyToCode(answer, {
    isAppended,
    accepted: ({ serial, strength = 'password' }) =>
      accept({ account, strength, serial, group: person.group }, request.client.policy.replies),
    askOn: (text) => ask(text, request, { account, passwordGiven }, parts.challenges),
  });
}

function verifyCode(
  signIn: SignIn,
  { policy }: Person,
  account: AccountId,
  given: string,
): Promise<VerifyAnswer> {
  const { tokens, limits } = signIn.parts;
  const code: Code | undefined = parseCode(given.trim());
  // What is no code at all is tested against nothing.
  if (code === undefined) return Promise.resolve({ outcome: 'wrongCode' });
  const command = { account, code };
  return testWithinLimits(command, limits, () => tokens.verify(command, callerOf(signIn, policy)));
}

const acceptPassword = ({ request }: SignIn, { account, group }: Person): AccessReply =>
  account === undefined
    ? BEGIN_AGAIN
    : accept({ account: account.id, strength: 'password', group }, request.client.policy.replies);

/** A challenge that this client alone may answer, for this name alone, once. */
function ask(
  text: string,
  request: AccessRequest,
  begun: Pick<Challenge, 'account' | 'passwordGiven'>,
  challenges: Challenges,
): AccessReply {
  const state = challenges.begin({ client: actorOf(request), user: request.userName, ...begun });
  return challenge(text, state);
}

async function askElsewhere(
  { request, parts }: SignIn,
  target: NonNullable<SignInPolicy['proxyTo']>,
): Promise<AccessReply | undefined> {
  const reply = await parts.proxy.ask(request, target);
  if (typeof reply === 'string') {
    parts.onProxyFailure(reply, request);
    // Another try would fare no better; a server that is silent or busy may answer the next one.
    return reply === 'looped' || reply === 'unfit' ? BEGIN_AGAIN : undefined;
  }
  await parts.recordProxied(reply, request);
  return reply;
}
