import { FobtwinError } from '../../../shared/errors.ts';
import type { Code, LifeVerb, Outcome } from '../../../shared/types.ts';
import type { Caller } from '../../access/scopes.ts';
import type { HelpdeskService } from '../../helpdesk/port.ts';
import type { TokenDetail, TokenService, TwoCodesAnswer } from '../../tokens/port.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { viewToken } from '../views.ts';
import type { Call, Handlers } from './handler.ts';

type Verbs =
  | 'lockToken'
  | 'enableToken'
  | 'suspendToken'
  | 'resumeToken'
  | 'loseToken'
  | 'findToken'
  | 'revokeToken'
  | 'resetTokenDrift';
type OwnWords = 'reportTokenLost' | 'reportTokenFound';
type Ids =
  | Verbs
  | OwnWords
  | 'listTokens'
  | 'getToken'
  | 'registerToken'
  | 'resyncToken'
  | 'unlockToken'
  | 'replaceToken';

type View = (detail: TokenDetail, caller: Caller) => ReturnType<typeof viewToken>;

export const tokenView =
  (tokens: Pick<TokenService, 'clock'>): View =>
  (detail, { now }) =>
    viewToken(detail, tokens.clock(detail, now), now);

export function tokenHandlers({
  tokens,
  helpdesk,
}: {
  readonly tokens: TokenService;
  readonly helpdesk: Pick<HelpdeskService, 'unlock'>;
}): Handlers<Ids> {
  const view = tokenView(tokens);
  return {
    ...lifeHandlers(tokens, view),
    ...ownWordHandlers(tokens),
    async unlockToken({ params: { serial }, body: { reason, check, approval }, caller }) {
      if (caller.principal.scopes.has('tokens:admin') && check === undefined) {
        const command = { serial, verb: 'unlock' as const, ...(reason && { reason }) };
        return { token: view(await tokens.changeLife(command, caller), caller) };
      }
      if (check === undefined || reason === undefined) throw uncheckedCaller();
      const detail = await helpdesk.unlock({ serial, check, reason, approval }, caller);
      return { token: view(detail, caller) };
    },
    async listTokens({ query, caller }) {
      const { state, hold, account, cursor, limit } = query;
      const page = await tokens.list({
        ...(state === undefined ? {} : { life: state }),
        ...(hold === undefined ? {} : { hold }),
        ...(account === undefined ? {} : { account }),
        ...afterOf(cursor),
        limit,
      });
      return {
        items: page.items.map((detail) => view(detail, caller)),
        nextCursor: formatCursor(page.next),
      };
    },
    async getToken({ params, caller }) {
      return { token: view(await tokens.get(params.serial), caller) };
    },
    async registerToken({ params, body, caller }) {
      const { account } = body;
      const command = { serial: params.serial, account, ...codesOf(body) };
      return renderTwoCodes(await tokens.register(command, caller), caller, view);
    },
    async replaceToken({ params, body, caller }) {
      const { serial: newSerial, reason } = body;
      const command = { serial: params.serial, newSerial, ...codesOf(body) };
      const answer = await tokens.replace(
        reason === undefined ? command : { ...command, reason },
        caller,
      );
      const { outcome, detail, retryAfterSeconds } = answer;
      return { ...TWO_CODES[outcome](retryAfterSeconds), token: view(detail, caller) };
    },
    async resyncToken({ params, body, caller }) {
      const command = { serial: params.serial, ...codesOf(body) };
      return renderTwoCodes(await tokens.resync(command, caller), caller, view);
    },
  };
}

const uncheckedCaller = (): FobtwinError =>
  new FobtwinError('callerCheckRequired', 'This needs a check of the caller, and a reason.', {
    nextStep: 'Check who calls: fobd helpdesk check ACCOUNT; then give the check and the reason.',
  });

function afterOf(cursor: string | undefined): { readonly after?: string } {
  const after = parseCursor(cursor);
  return after === undefined ? {} : { after };
}

/** The schema has let only six to eight digits through. */
const codesOf = ({ code1, code2 }: { readonly code1: string; readonly code2: string }) => ({
  code1: code1 as Code,
  code2: code2 as Code,
});

type RenderTwoCodes = (retryAfterSeconds: number | undefined) => {
  readonly outcome: Outcome;
  readonly retryAfterSeconds?: number | undefined;
};

const only =
  (outcome: Outcome): RenderTwoCodes =>
  () => ({ outcome });

/** A wait goes out only where there is one to keep. */
const TWO_CODES: Readonly<Record<Outcome, RenderTwoCodes>> = {
  accepted: only('accepted'),
  wrongCode: only('wrongCode'),
  replayed: only('replayed'),
  throttled: (retryAfterSeconds) => ({ outcome: 'throttled', retryAfterSeconds }),
  locked: only('locked'),
  suspended: only('suspended'),
  lost: only('lost'),
  disabled: only('disabled'),
  revoked: only('revoked'),
  notRegistered: only('notRegistered'),
  strengthTooLow: only('strengthTooLow'),
  nextCodeRequired: only('nextCodeRequired'),
};

type OwnWordCall = Pick<Call<'reportTokenLost'>, 'params' | 'body' | 'caller'>;

function ownWordHandlers(tokens: Pick<TokenService, 'changeLife'>): Handlers<OwnWords> {
  const says =
    (verb: 'lost' | 'found') =>
    async ({ params: { id, serial }, body: { reason }, caller }: OwnWordCall) => {
      const command = { account: id, serial, verb, ...(reason && { reason }) };
      const { token } = await tokens.changeLife(command, caller);
      return { token: { serial: token.serial, life: token.life, holds: [...token.holds] } };
    };
  return { reportTokenLost: says('lost'), reportTokenFound: says('found') };
}

/** The service answers what this caller may see, the token only if it may read tokens. */
export function renderTwoCodes(
  { outcome, detail, retryAfterSeconds }: TwoCodesAnswer,
  caller: Caller,
  view: View,
) {
  const reply = TWO_CODES[outcome](retryAfterSeconds);
  return detail === undefined ? reply : { ...reply, token: view(detail, caller) };
}

/** All verbs' calls are one shape. */
type LifeCall = Pick<Call<'lockToken'>, 'params' | 'body' | 'caller'>;

function lifeHandlers(tokens: Pick<TokenService, 'changeLife'>, view: View): Handlers<Verbs> {
  const changes =
    (verb: LifeVerb) =>
    async ({ params, body, caller }: LifeCall) => {
      const reason = body.reason === undefined ? {} : { reason: body.reason };
      const command = { serial: params.serial, verb, ...reason };
      return { token: view(await tokens.changeLife(command, caller), caller) };
    };
  return {
    lockToken: changes('lock'),
    enableToken: changes('enable'),
    suspendToken: changes('suspend'),
    resumeToken: changes('resume'),
    loseToken: changes('lost'),
    findToken: changes('found'),
    revokeToken: changes('revoke'),
    resetTokenDrift: changes('resetDrift'),
  };
}
