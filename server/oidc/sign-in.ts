import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { isAtLeast, parseAccountId, STRENGTHS, type Strength } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { passwordKey } from '../accounts/password-record.ts';
import { type AccountRecord, accountKey, isDisabled } from '../accounts/record.ts';
import { phonesKey } from '../phones/record.ts';
import type { BrowserSessions } from '../portal/port.ts';
import type { Session } from '../sessions/port.ts';
import { whatOf } from '../sessions/record.ts';
import { replyOnly, type Store } from '../store/port.ts';
import { tokenKey } from '../tokens/record.ts';
import type { ArtifactStore } from './artifacts.ts';
import type { GrantBasis } from './record.ts';
import {
  acrOf,
  amrOf,
  type Means,
  type Need,
  needOf,
  type Standing,
  standingOf,
  strengthOf,
} from './strength.ts';

/**
 * Who is signed in, for the provider. It has sessions of its own, which remember what applications
 * were signed in to; who somebody is and how strong, they copy at each request from fobd's session,
 * which alone knows what still stands.
 */
export interface SignIns {
  /** Whoever has signed in with this browser, and how strongly, by what was proved since. */
  find(request: IncomingMessage, notBefore: number): Promise<SignedIn | undefined>;
  /** Copies fobd's session into the provider's, at the beginning of an authorization. */
  mirror(context: KoaContextWithOIDC): Promise<void>;
  /** Whether the provider's session is what fobd's says, and fresh enough for this request. */
  stands(context: KoaContextWithOIDC): boolean;
  /** Whether what it says was proved by a proofed credential. */
  isProofed(context: KoaContextWithOIDC): boolean;
  /** This authorization's grant, made or found; undefined where somebody must be asked first. */
  loadGrant(context: KoaContextWithOIDC): Promise<Grant | undefined>;
  /** What the provider is told of a login. */
  loginOf(signedIn: SignedIn): Promise<Login>;
  /** The account itself, unless it is disabled. */
  account(id: string): Promise<AccountRecord | undefined>;
}

type ProviderSession = NonNullable<KoaContextWithOIDC['oidc']['session']>;
type Grant = NonNullable<KoaContextWithOIDC['oidc']['grant']>;

export interface SignedIn {
  readonly session: Session;
  /** Undefined: all of it is too old. */
  readonly standing: Standing | undefined;
}

/** A proof that is too old is no proof of anything. */
export const isProofed = ({ session, standing }: SignedIn): boolean =>
  session.proofed === true && standing !== undefined && standing.strength === session.strength;

/** Written as the provider wants it. */
export interface Login {
  readonly accountId: string;
  readonly acr: string;
  readonly amr: string[];
  /** Seconds, by the provider's clock. */
  readonly ts: number;
  /** Its cookie ends with the browser. */
  readonly remember: false;
  /** What was proved, by a proofed credential. */
  readonly proofed: boolean;
}

export interface SignInParts {
  readonly store: Pick<Store, 'transact'>;
  readonly browser: Pick<BrowserSessions, 'find'>;
  readonly artifacts: ArtifactStore;
  /** The time that decisions are taken at; sessions have theirs from it. */
  readonly clock: Clock;
  /** The computer's: what the provider counts by. */
  readonly systemClock: Clock;
}

/** Clients of ours have this beside what the library knows of them. */
export const REQUIRED_STRENGTH = 'required_strength';

export const REQUIRES_PROOFING = 'requires_proofing';

export const requiredStrengthOf = (client: object | undefined): Strength | undefined =>
  STRENGTHS.find((strength) => client && Reflect.get(client, REQUIRED_STRENGTH) === strength);

export const needOfRequest = ({ oidc }: KoaContextWithOIDC): Need =>
  clientNeed(oidc.params ?? {}, oidc.client);

/** What the request asks for, and what its client needs in any case. */
export function clientNeed(params: object, client: object | undefined): Need {
  const need = needOf({ ...params }, requiredStrengthOf(client));
  const isProofed = client !== undefined && Reflect.get(client, REQUIRES_PROOFING) === true;
  if (!isProofed) return need;
  // No password was ever proofed: a code is asked for, whatever else would do.
  const strength = isAtLeast(need.strength, 'phoneOtp') ? need.strength : 'phoneOtp';
  return { ...need, strength, proofed: true };
}

export function createSignIns(parts: SignInParts): SignIns {
  const { store, browser, clock, systemClock } = parts;
  const standing = new WeakSet<KoaContextWithOIDC>();
  const proofed = new WeakSet<KoaContextWithOIDC>();

  const find = async (request: IncomingMessage, notBefore: number) => {
    const session = await browser.find(request);
    return session && { session, standing: standingOf(session, notBefore) };
  };

  const loginOf = async (signedIn: SignedIn): Promise<Login> => {
    const { session, standing: reached } = signedIn;
    const { strength, provedAt } = reached ?? { strength: 'password', provedAt: 0 };
    const means = strength === 'password' ? {} : await meansOf(session, store);
    return {
      accountId: session.account,
      acr: acrOf(strength),
      amr: amrOf(strength, means),
      // In a lab sessions live by another clock than the provider: their age is what counts.
      ts: Math.floor((provedAt - clock.now() + systemClock.now()) / 1000),
      remember: false,
      proofed: isProofed(signedIn),
    };
  };

  const stands = (context: KoaContextWithOIDC): boolean =>
    standing.has(context) || context.oidc.result?.login !== undefined;

  return {
    find,
    loginOf,
    stands,
    // Right after an interaction nothing has been mirrored yet: its own word counts, and the
    // session is looked at again where the grant is given.
    isProofed: (context) =>
      proofed.has(context) || Reflect.get(context.oidc.result?.login ?? {}, 'proofed') === true,

    async mirror(context) {
      const { session: own } = context.oidc;
      if (own === undefined) return;
      const { maxAgeMillis = Number.POSITIVE_INFINITY } = needOfRequest(context);
      const found = await find(context.req, clock.now() - maxAgeMillis);
      if (own.accountId !== undefined && own.accountId !== found?.session.account) {
        forget(own);
        own.resetIdentifier();
      }
      if (found?.standing === undefined) return;
      const { accountId, acr, amr, ts } = await loginOf(found);
      own.loginAccount({ accountId, acr, amr, loginTs: ts, transient: true });
      standing.add(context);
      if (isProofed(found)) proofed.add(context);
    },

    async loadGrant(context) {
      const { oidc } = context;
      const isAsked = oidc.promptPending('login') || oidc.promptPending('consent');
      if (!stands(context) || isAsked) return undefined;
      const basis = basisOf(context, await browser.find(context.req));
      return basis && givenGrant(context, await withPassword(basis, store), parts);
    },

    async account(id) {
      const account = parseAccountId(id);
      if (account === undefined) return undefined;
      const record = await store.transact([accountKey(account)], ([found]) => replyOnly(found));
      return record !== undefined && !isDisabled(record) ? record : undefined;
    },
  };
}

/** The person whom the provider's session spoke of has gone: nothing of him is left in it. */
export function forget(session: ProviderSession): void {
  delete session.accountId;
  delete session.acr;
  delete session.amr;
  delete session.loginTs;
  delete session.authorizations;
}

/** What the code came from, as far as it is told apart. */
async function meansOf(
  { account, serial, issued }: Session,
  store: SignInParts['store'],
): Promise<Means> {
  if (serial !== undefined) {
    const token = await store.transact([tokenKey(serial)], ([record]) => replyOnly(record));
    const isDevice = token?.emulated === undefined && token?.mobileId === undefined;
    return { hardware: token !== undefined && isDevice };
  }
  if (issued?.by !== 'phone') return {};
  const known = await store.transact([phonesKey(account)], ([record]) => replyOnly(record));
  return { phone: known?.phones.find(({ id }) => id === issued.phone)?.kind };
}

/** Undefined where the session does not reach what is needed: somebody will be asked. */
function basisOf(
  context: KoaContextWithOIDC,
  session: Session | undefined,
): GrantBasis | undefined {
  const { oidc } = context;
  const strength = strengthOf(oidc.session?.acr);
  if (session === undefined || strength === undefined) return undefined;
  if (session.account !== oidc.session?.accountId) return undefined;
  if (!isAtLeast(session.strength, strength)) return undefined;
  const need = needOfRequest(context);
  if (!isAtLeast(strength, need.strength)) return undefined;
  if (need.proofed === true && session.proofed !== true) return undefined;
  const { account, id } = session;
  return {
    account,
    session: id,
    offline: oidc.requestParamOIDCScopes.has('offline_access'),
    strength,
    ...(strength === 'password' ? {} : whatOf(session)),
  };
}

/** The session stands, so the password is the one that it rests on. */
async function withPassword(basis: GrantBasis, store: SignInParts['store']): Promise<GrantBasis> {
  const password = await store.transact([passwordKey(basis.account)], ([record]) =>
    replyOnly(record),
  );
  return password === undefined ? basis : { ...basis, passwordSetAt: password.setAt };
}

/** Clients are the operator's: nobody is asked whether they may know what they ask for. */
async function givenGrant(
  { oidc }: KoaContextWithOIDC,
  basis: GrantBasis,
  { artifacts, clock }: SignInParts,
): Promise<Grant> {
  const { provider, client, session } = oidc;
  if (client === undefined) throw new FobtwinError('internal', 'A request without a client.');
  const known = session?.grantIdFor(client.clientId);
  const isSame = known !== undefined && isDeepStrictEqual(await artifacts.basisOf(known), basis);
  const found = isSame ? await provider.Grant.find(known) : undefined;
  const grant =
    found ?? new provider.Grant({ clientId: client.clientId, accountId: basis.account });
  grant.addOIDCScope([...oidc.requestParamOIDCScopes]);
  grant.addOIDCClaims([...oidc.requestParamClaims]);
  const id = await grant.save();
  const { account, serial, strength, offline } = basis;
  const principal = { actor: `oidc:${client.clientId}`, scopes: new Set<never>() };
  const draft = draftOf({ principal, now: clock.now() }, 'authorizeOidc', {
    account,
    ...(serial === undefined ? {} : { serial }),
    details: { client: client.clientId, strength, offline },
  });
  await artifacts.rest(id, basis, draft);
  return grant;
}
