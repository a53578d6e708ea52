import type { Adapter, AdapterPayload, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { FobtwinError } from '../../shared/errors.ts';
import { isAtLeast } from '../../shared/types.ts';
import { ID_TOKEN_ALGORITHMS } from '../../shared/wire/oidc-schemas.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { ArtifactStore, Artifacts } from './artifacts.ts';
import { interactionPath } from './interaction.ts';
import type { Library } from './library.ts';
import { refusalPage, sendPage, signedOutPage, signOutPage } from './pages.ts';
import type { OidcClientService } from './port.ts';
import type { OidcClientRecord } from './record.ts';
import { isNative } from './redirect-address.ts';
import { needOfRequest, REQUIRED_STRENGTH, REQUIRES_PROOFING, type SignIns } from './sign-in.ts';
import type { SigningJwk } from './signing-keys.ts';
import { ACR_VALUES, strengthOf } from './strength.ts';

export interface ConfigurationParts {
  readonly library: Library;
  readonly artifacts: ArtifactStore;
  readonly clients: OidcClientService;
  readonly signIns: SignIns;
  readonly keys: readonly SigningJwk[];
  readonly cookieKeys: readonly string[];
  /** `/oidc`. */
  readonly mountPath: string;
  /** The public address has TLS. */
  readonly isSecure: boolean;
}

/** Seconds. An authorization that waits for its person longer than this is begun again. */
const LIVES = {
  AccessToken: 600,
  AuthorizationCode: 60,
  Grant: 30 * 86_400,
  IdToken: 600,
  Interaction: 900,
  RefreshToken: 14 * 86_400,
  Session: 86_400,
};

/** Our hook at the beginning of each authorization: the library has it for parameters. */
const HOOK = 'fobd_sign_in';

/** Scopes and the claims that come with them; `openid` brings how somebody signed in, always. */
const CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time', 'proofed'],
  profile: ['name'],
  email: ['email'],
};

/** Nothing is left to the library's defaults that it calls its own examples. */
export function configurationOf(parts: ConfigurationParts): Configuration {
  const { library, artifacts, clients, signIns, keys, cookieKeys, mountPath, isSecure } = parts;
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, signed: true } as const;
  return {
    adapter: (name) =>
      name === 'Client' ? clientAdapter(clients) : adapterOf(artifacts.model(name), library),
    acrValues: [...ACR_VALUES],
    claims: { ...CLAIMS, acr: null, amr: null, auth_time: null, iss: null, sid: null },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    cookies: {
      keys: [...cookieKeys],
      long: cookie,
      names: {
        session: isSecure ? '__Host-fobd-oidc' : 'fobd-oidc',
        interaction: 'fobd-oidc-interaction',
        resume: 'fobd-oidc-resume',
      },
      short: cookie,
    },
    enabledJWA: {
      idTokenSigningAlgValues: [...ID_TOKEN_ALGORITHMS],
      userinfoSigningAlgValues: [...ID_TOKEN_ALGORITHMS],
    },
    expiresWithSession: (_ctx, source) => !source.scopes.has('offline_access'),
    extraClientMetadata: { properties: [REQUIRED_STRENGTH, REQUIRES_PROOFING, 'secrets'] },
    extraParams: { [HOOK]: (context) => beginAuthorization(context, parts) },
    extraTokenClaims: async ({ oidc }) => {
      const { RefreshToken, AuthorizationCode } = oidc.entities;
      const source = RefreshToken ?? AuthorizationCode;
      if (source === undefined) return undefined;
      const { acr, amr, authTime, grantId } = source;
      return { acr, amr, auth_time: authTime, ...(await proofedClaim(grantId, artifacts)) };
    },
    features: featuresOf(library),
    findAccount: async (_ctx, id, token) => {
      const { grantId } = { grantId: undefined, ...token } as { readonly grantId?: string };
      return accountOf(await signIns.account(id), await proofedClaim(grantId, artifacts));
    },
    interactions: {
      policy: policyOf(parts),
      url: (_ctx, { uid }) => mountPath + interactionPath(uid),
    },
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    jwks: { keys: [...keys] },
    loadExistingGrant: (context) => signIns.loadGrant(context),
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    renderError: (context, { error, error_description: description = '' }) => {
      if (context.accepts('json', 'html') === 'html') {
        sendPage(context, refusalPage({ code: error, description }), context.status);
      } else context.body = { error, error_description: description };
    },
    responseTypes: ['code'],
    revokeGrantPolicy: () => true,
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    ttl: LIVES,
  };
}

/** What a request asks for that nobody can have is refused before anybody is asked. */
async function beginAuthorization(
  context: KoaContextWithOIDC,
  { library, signIns }: ConfigurationParts,
): Promise<void> {
  if (needOfRequest(context).unknown) {
    throw new library.errors.UnmetAuthenticationRequirements('none of the requested acr is known');
  }
  await signIns.mirror(context);
}

function featuresOf({ errors }: Library): NonNullable<Configuration['features']> {
  return {
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    introspection: {
      enabled: true,
      // A resource server asks of tokens that others were given, a public client of its own alone.
      allowedPolicy: async ({ oidc }, client, token) => {
        const isOwn = token.clientId === client.clientId;
        if (isOwn) return true;
        if (client.clientAuthMethod === 'none' || token.clientId === undefined) return false;
        return (await oidc.provider.Client.find(token.clientId)) !== undefined;
      },
    },
    pushedAuthorizationRequests: { enabled: false },
    resourceIndicators: { enabled: false },
    revocation: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => {
        if (token.clientId === client.clientId) return true;
        throw new errors.InvalidRequest('the token is another client’s');
      },
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        const { client } = context.oidc;
        sendPage(context, signOutPage({ markup: form }, client?.clientName), 200);
      },
      postLogoutSuccessSource: (context) => sendPage(context, signedOutPage, 200),
    },
    userinfo: { enabled: true },
  };
}

/** When somebody is asked. Nobody is asked for consent: `prompt=consent` is granted unasked. */
function policyOf({ library, signIns }: ConfigurationParts) {
  const { base, Check, Prompt } = library.interactionPolicy;
  const policy = base();
  const login = policy.get('login');
  for (const reason of ['no_session', 'max_age', 'essential_acrs', 'essential_acr']) {
    login?.checks.remove(reason);
  }
  login?.checks.add(
    new Check('not_signed_in', 'somebody has to sign in', 'login_required', (context) => {
      return !signIns.stands(context) || context.oidc.account === undefined;
    }),
  );
  login?.checks.add(
    new Check('too_weak', 'a stronger sign-in is needed', 'login_required', (context) => {
      const strength = strengthOf(context.oidc.session?.acr) ?? 'password';
      const need = needOfRequest(context);
      if (need.proofed === true && !signIns.isProofed(context)) return true;
      return !isAtLeast(strength, need.strength);
    }),
  );
  policy.remove('consent');
  policy.add(new Prompt({ name: 'consent', requestable: true }));
  return policy;
}

interface Proofed {
  readonly proofed?: boolean;
}

/** Whether a proofed credential stands behind what the grant rests on. */
async function proofedClaim(
  grantId: string | undefined,
  artifacts: Pick<ArtifactStore, 'basisOf'>,
): Promise<Proofed> {
  const basis = grantId === undefined ? undefined : await artifacts.basisOf(grantId);
  return basis?.proofed === undefined ? {} : { proofed: basis.proofed };
}

function accountOf(account: AccountRecord | undefined, proofed: Proofed) {
  if (account === undefined) return undefined;
  const { id, email } = account;
  const name = account.name ?? account.legalName;
  return {
    accountId: id,
    claims: () => ({
      sub: id,
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...proofed,
    }),
  };
}

/**
 * What works once and was used before is an error of the client's, not of the server's. The token
 * endpoint learns of it as it uses it, and not before: it would end the grant without a word in the
 * audit log.
 */
function adapterOf(artifacts: Artifacts, { errors, Provider }: Library): Adapter {
  const usesArtifacts = (): boolean => {
    const context: KoaContextWithOIDC | undefined = Reflect.get(Provider, 'ctx');
    return context?.oidc.route === 'token';
  };
  return {
    ...artifacts,
    async find(id) {
      const payload = await artifacts.find(id);
      if (payload !== undefined && usesArtifacts()) delete payload['consumed'];
      return payload as AdapterPayload | undefined;
    },
    findByUid: (uid) => artifacts.findByUid(uid) as Promise<AdapterPayload | undefined>,
    async consume(id) {
      try {
        await artifacts.consume(id);
      } catch (error) {
        if (!(error instanceof FobtwinError) || error.code !== 'revoked') throw error;
        throw new errors.InvalidGrant({ cause: error });
      }
    },
  };
}

/** Clients are read from their own records, and written by nobody here. */
function clientAdapter(clients: OidcClientService): Adapter {
  const refuse = () => Promise.reject(new FobtwinError('internal', 'Clients are not made here.'));
  return {
    async find(id) {
      try {
        return metadataOf(await clients.get(id));
      } catch (error) {
        if (error instanceof FobtwinError && error.code === 'notFound') return undefined;
        throw error;
      }
    },
    upsert: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}

function metadataOf(client: OidcClientRecord): AdapterPayload {
  const { id, name, secrets, redirectUris, postLogoutRedirectUris } = client;
  const newest = secrets.at(-1);
  const isPublic = newest === undefined;
  return {
    client_id: id,
    client_name: name,
    application_type: isPublic && isNative(redirectUris) ? 'native' : 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: client.idTokenAlgorithm ?? 'RS256',
    post_logout_redirect_uris: [...postLogoutRedirectUris],
    redirect_uris: [...redirectUris],
    require_auth_time: true,
    response_modes: ['query'],
    response_types: ['code'],
    // What is compared are hashes: see `isSecretOf`. The library only wants one to be there.
    ...(isPublic ? {} : { client_secret: newest.hash, secrets }),
    token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
    [REQUIRED_STRENGTH]: client.requiredStrength,
    [REQUIRES_PROOFING]: client.requiresProofing,
  };
}
