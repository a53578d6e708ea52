import type Koa from 'koa';
import type Provider from 'oidc-provider';
import type { Clock } from '../../shared/clock.ts';
import { type AccountId, isAtLeast, type UnixMillis } from '../../shared/types.ts';
import { signInAddress } from '../portal/port.ts';
import { clientNeed, forget, isProofed, type SignedIn, type SignIns } from './sign-in.ts';
import { acrOf, type Need } from './strength.ts';

/** Below the mount: where an authorization waits for its person. */
export const interactionPath = (uid: string): string => `/interaction/${uid}`;

const INTERACTION = /^\/interaction\/([A-Za-z0-9_-]{1,64})$/;

export interface InteractionParts {
  /** `/oidc`. */
  readonly mountPath: string;
  readonly signIns: SignIns;
  readonly clock: Clock;
  readonly systemClock: Clock;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The interaction that a request is about, where it is about one. */
export const interactionOf = ({ method, path }: Koa.Context): string | undefined =>
  method === 'GET' ? INTERACTION.exec(path)?.[1] : undefined;

/**
 * Looks whether whoever has come is who is needed, and strong enough: if so the authorization goes
 * on, else the person is sent to sign in, once; who comes back no stronger is refused, and the
 * application is told so (OpenID Connect Core Unmet Authentication Requirements 1.0).
 *
 * @throws the library's `SessionNotFound` where there is no such interaction in this browser
 */
export async function interact(
  context: Koa.Context,
  uid: string,
  provider: Provider,
  parts: InteractionParts,
): Promise<void> {
  const { req, res, query } = context;
  const { signIns, mountPath } = parts;
  const interaction = await provider.interactionDetails(req, res);
  const { params, prompt } = interaction;
  const client = await provider.Client.find(String(params['client_id']));
  const need = clientNeed(params, client);
  const notBefore = notBeforeOf(interaction, need, parts);
  const found = await signIns.find(req, notBefore);
  const wanted = wantedSubject(interaction);
  const refusal = await refusalOf(found, wanted, signIns);
  const finish = async (result: Record<string, unknown>) => {
    const next = await provider.interactionResult(req, res, result, {
      mergeWithLastSubmission: false,
    });
    if (found !== undefined) await forgetOther(context, provider, found.session.account);
    context.status = 303;
    context.redirect(next);
  };
  if (refusal !== undefined) return finish({ ...refusal });
  if (found !== undefined && meets(found, need)) {
    return finish({ login: await signIns.loginOf(found), consent: { prompt: prompt.name } });
  }
  if (query['signIn'] === 'skipped' || query['returned'] !== undefined) {
    return finish({ ...unmet(found, need) });
  }
  context.status = 303;
  context.redirect(
    signInAddress({
      returnTo: `${mountPath}${interactionPath(uid)}?returned=yes`,
      strength: need.strength,
      ...(Number.isFinite(notBefore) ? { authenticatedAfter: notBefore as UnixMillis } : {}),
      user: wanted ?? textOf(params['login_hint']),
    }),
  );
}

/** Somebody else has signed in meanwhile: the provider's session goes on without who was in it. */
async function forgetOther(
  context: Koa.Context,
  provider: Provider,
  account: AccountId,
): Promise<void> {
  const session = await provider.Session.get(context);
  if (session.accountId === undefined || session.accountId === account) return;
  forget(session);
  await session.persist();
}

/** What was proved before this moment does not count; by fobd's clock. */
function notBeforeOf(
  { iat, params }: Interaction,
  { maxAgeMillis = Number.POSITIVE_INFINITY }: Need,
  { clock, systemClock }: InteractionParts,
): number {
  const oldest = clock.now() - maxAgeMillis;
  const prompts = textOf(params['prompt'])?.split(' ') ?? [];
  if (!prompts.includes('login')) return oldest;
  return Math.max(oldest, iat * 1000 - systemClock.now() + clock.now());
}

interface Refusal {
  readonly error: string;
  readonly error_description: string;
}

/** Who is there cannot be who is needed, whatever he proves. */
async function refusalOf(
  found: SignedIn | undefined,
  wanted: string | undefined,
  signIns: SignIns,
): Promise<Refusal | undefined> {
  if (found === undefined) return undefined;
  const { account } = found.session;
  if (wanted !== undefined && wanted !== account) {
    return { error: 'login_required', error_description: 'somebody else is signed in' };
  }
  if ((await signIns.account(account)) !== undefined) return undefined;
  return { error: 'access_denied', error_description: 'the account is not active' };
}

const meets = (found: SignedIn, { strength, proofed }: Need): boolean =>
  found.standing !== undefined &&
  isAtLeast(found.standing.strength, strength) &&
  (proofed !== true || isProofed(found));

function unmet(found: SignedIn | undefined, { strength, proofed }: Need): Refusal {
  if (found === undefined) {
    return { error: 'access_denied', error_description: 'nobody signed in' };
  }
  const also = proofed === true ? ' of a proofed credential' : '';
  const has = found.standing === undefined ? 'one that is too old' : acrOf(found.standing.strength);
  return {
    error: 'unmet_authentication_requirements',
    error_description: `${acrOf(strength)}${also} is needed, and the sign-in has ${has}`,
  };
}

/** The subject of `id_token_hint` or of the `sub` claim, which the provider has checked. */
function wantedSubject({ prompt }: Interaction): string | undefined {
  const { reasons, details } = prompt;
  if (reasons.includes('claims_id_token_sub_value')) return textOf(memberValue(details['sub']));
  if (!reasons.includes('id_token_hint')) return undefined;
  const [, payload = ''] = textOf(details['id_token_hint'])?.split('.') ?? [];
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}');
  return textOf(Reflect.get(Object(claims), 'sub'));
}

const memberValue = (member: unknown): unknown => Reflect.get(Object(member), 'value');

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
