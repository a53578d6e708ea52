import type { IncomingMessage } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import type { Clock } from '../../shared/clock.ts';
import { type ErrorCode, FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { isAllowed } from '../access/address.ts';
import type { Principal, Scope } from '../access/scopes.ts';
import type { HttpLog } from '../http/dependencies.ts';
import { isBrokenOff } from '../http/request-body.ts';
import type { Source } from '../http/source.ts';
import { type Asker, type CheckParts, challengeClient, check, trigger } from './check.ts';
import { type Answer, answerBody, errorBody, OTHER_ID } from './envelope.ts';
import { CompatError, type CompatErrorCode } from './errors.ts';
import { type Parameters, readParameters, required } from './parameters.ts';
import { answerOf, triggeredAnswer } from './replies.ts';
import {
  principalOfKey,
  requireServiceAccount,
  type ServiceAccountParts,
  signInServiceAccount,
} from './service-account.ts';
import { initToken, resyncToken, type TokenChangeParts } from './token-changes.ts';
import { listTokens, type TokenListParts } from './token-list.ts';

/** The drop-in API: the part of privacyIDEA's that its clients speak. */

export type CompatParts = CheckParts &
  ServiceAccountParts &
  TokenListParts &
  TokenChangeParts & {
    readonly clock: Clock;
    readonly log: HttpLog;
    readonly sourceOf: (request: IncomingMessage) => Source;
  };

/** A request that may ask: its parameters, and who sent it. */
interface Asked {
  readonly parameters: Parameters;
  readonly asker: Asker;
  readonly address: string | undefined;
  /** `Authorization`, as it is. */
  readonly token: string | undefined;
}

type Handle = (asked: Asked, parts: CompatParts) => Promise<Answer>;

const NOBODY_KNOWN: Principal = { actor: 'compat', scopes: new Set(['verify']) };

export function createCompatApp(parts: CompatParts): Koa {
  const app = new Koa();
  const router = new Router({ sensitive: true, strict: true });
  const both = ['GET', 'POST'];
  const answer = (handle: Handle) => (context: Koa.Context) => render(context, handle, parts);
  router.register('/validate/check', both, answer(checkUser));
  router.register('/validate/radiuscheck', both, (context) => renderRadius(context, parts));
  router.register('/validate/triggerchallenge', both, answer(triggerChallenge));
  router.register('/validate/polltransaction', ['GET'], answer(pollTransaction));
  router.register('/validate/polltransaction/:id', ['GET'], answer(pollTransaction));
  router.register('/auth', ['POST'], answer(signIn));
  router.register('/token/', ['GET'], answer(tokenList));
  router.register('/token/init', ['POST'], answer(tokenInit));
  router.register('/token/resync', ['POST'], answer(tokenResync));
  app.use(router.routes());
  return app;
}

const checkUser: Handle = async ({ parameters, asker }, parts) =>
  answerOf(await check(parameters, asker, parts));

const triggerChallenge: Handle = async (asked, parts) => {
  const asker = await asService(asked, ['verify', 'verify:detail'], parts);
  return triggeredAnswer(await trigger(asked.parameters, asker, parts));
};

const pollTransaction: Handle = async ({ parameters, asker }, { challenges }) => {
  const id = required(parameters, 'transaction_id');
  // A code is typed, nothing is pressed elsewhere: a challenge is never answered behind a poll.
  const isOpen = challenges.waits(id, challengeClient(asker));
  const detail = { challenge_status: isOpen ? 'pending' : 'declined' };
  return { id: OTHER_ID, value: false, detail };
};

const signIn: Handle = async ({ parameters, asker, address }, parts) => {
  const { now } = asker;
  const { token, username } = await signInServiceAccount(parameters, { now, address }, parts);
  const value = {
    auth: 'password',
    log_level: 30,
    menus: [],
    realm: '',
    rights: [],
    role: 'admin',
  };
  return { id: OTHER_ID, value: { ...value, token, username } };
};

const tokenList: Handle = async (asked, parts) => {
  await asService(asked, ['tokens:read'], parts);
  return { id: OTHER_ID, value: await listTokens(asked.parameters, parts) };
};

const tokenInit: Handle = async (asked, parts) => {
  if (!parts.options.tokenInit) throw new CompatError(303, 'Making tokens is not switched on.');
  const caller = await asService(asked, ['seed-files:import'], parts);
  const detail = await initToken(asked.parameters, caller, parts);
  return { id: OTHER_ID, value: true, detail };
};

const tokenResync: Handle = async (asked, parts) => {
  const caller = await asService(asked, ['tokens:resync', 'tokens:admin'], parts);
  return { id: OTHER_ID, value: await resyncToken(asked.parameters, caller, parts) };
};

async function asService(
  { asker, address, token }: Asked,
  scopes: readonly Scope[],
  parts: CompatParts,
): Promise<Asker> {
  const caller = { now: asker.now, address };
  const principal = await requireServiceAccount(token, caller, scopes, parts);
  return { ...asker, principal };
}

async function render(context: Koa.Context, handle: Handle, parts: CompatParts): Promise<void> {
  const now = parts.clock.now();
  try {
    context.body = answerBody(await handle(await admit(context, parts), parts), now);
  } catch (error) {
    const shown = shownOf(error, parts.log);
    context.status = shown.status;
    context.body = errorBody(shown, now);
  }
}

/** For rlm_rest: 204 lets in, 400 does not, and neither has a body. */
async function renderRadius(context: Koa.Context, parts: CompatParts): Promise<void> {
  try {
    const { parameters, asker } = await admit(context, parts);
    const { came } = await check(parameters, asker, parts);
    context.status = came === 'accepted' ? 204 : 400;
  } catch (error) {
    context.status = shownOf(error, parts.log).status;
  }
  if (context.status !== 204) context.body = '';
}

/**
 * Who may ask at all: by address, by key, or both; then what was asked.
 *
 * @throws CompatError 303, 4031, 905
 */
async function admit(context: Koa.Context, parts: CompatParts): Promise<Asked> {
  const { req } = context;
  const { options, clock, sourceOf } = parts;
  const { address, countedAs } = sourceOf(req);
  const now = clock.now();
  if (options.addresses.length > 0 && !isAllowed(address, options.addresses)) {
    throw new CompatError(303, 'This address may not ask.');
  }
  const principal = options.requireKey
    ? await keyHolder(req, { now, address }, parts)
    : NOBODY_KNOWN;
  const { authorization } = req.headers;
  const parameters = withPath(await readParameters(req), context);
  // Kept apart from who asks: a service account may ask in the name of another application.
  const asker = { principal, now, source: countedAs, keyHolder: principal.application };
  return { parameters, asker, address, token: authorization };
}

/** `/validate/polltransaction/ID` says in its path what others say in a parameter. */
function withPath(parameters: Parameters, context: Koa.Context): Parameters {
  const id: unknown = context['params']?.id;
  return typeof id === 'string' ? new Map([...parameters, ['transaction_id', id]]) : parameters;
}

async function keyHolder(
  { headers }: IncomingMessage,
  caller: { readonly now: UnixMillis; readonly address: string | undefined },
  parts: CompatParts,
): Promise<Principal> {
  const header = headers['pi-authorization'];
  const apiKey = String(header ?? '').replace(/^Bearer /, '');
  const principal = apiKey === '' ? undefined : await principalOfKey(apiKey, caller, parts);
  if (principal === undefined) {
    throw new CompatError(4031, 'Send an API key in the header PI-Authorization.');
  }
  const scopes: readonly Scope[] = ['verify', 'verify:detail', 'verify:nextCode'];
  if (scopes.some((scope) => principal.scopes.has(scope))) return principal;
  throw new CompatError(303, 'This API key lacks scope verify.');
}

/** All others are 401. */
const CODES: { readonly [Code in ErrorCode]?: CompatErrorCode } = {
  forbidden: 303,
  unavailable: -500,
};

function shownOf(error: unknown, log: HttpLog): CompatError {
  if (error instanceof CompatError) return error;
  if (error instanceof FobtwinError && error.code !== 'internal') {
    return new CompatError(CODES[error.code] ?? 401, error.message);
  }
  // A caller that hung up has lost its reply; that is its own affair.
  if (!isBrokenOff(error)) log.error({ err: error }, 'the drop-in API failed');
  return new CompatError(-500, 'Something failed inside fobd.');
}
