import Koa from 'koa';
import mount from 'koa-mount';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AddressRange } from '../access/address.ts';
import type { HttpLog, Mount } from '../http/dependencies.ts';
import { createSources } from '../http/source.ts';
import type { BrowserSessions } from '../portal/port.ts';
import type { SessionService } from '../sessions/port.ts';
import type { Store } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';
import { createArtifactStore } from './artifacts.ts';
import { basisStands } from './basis.ts';
import { createOidcClientService, isSecretOf } from './clients.ts';
import { configurationOf } from './configuration.ts';
import { createIntake } from './intake.ts';
import { interact, interactionOf } from './interaction.ts';
import { loadLibrary } from './library.ts';
import { createOutages, isOutage, type Outages, sendOutage } from './outages.ts';
import { leavingPage, refusalPage, sendPage } from './pages.ts';
import type { OidcAdministration } from './port.ts';
import type { ClientSecret } from './record.ts';
import { createSignIns } from './sign-in.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';

const OIDC_PATH = '/oidc';

export interface OidcAdministrationParts {
  readonly store: Store;
  readonly rng: Rng;
  /** 32 bytes: what seals the signing keys is derived from it. */
  readonly rootKey: Uint8Array;
}

/** Clients and keys, which are managed whether or not the provider is on. */
export function openOidcAdministration({
  store,
  rng,
  rootKey,
}: OidcAdministrationParts): OidcAdministration & { readonly keys: SigningKeys } {
  const sealingKey = deriveKey(rootKey, 'oidcSigning');
  return {
    clients: createOidcClientService({ store, rng }),
    keys: createSigningKeys({ store, sealingKey, rng }),
  };
}

/**
 * What the provider's cookies are signed with. They hold random ids that the store knows by their
 * hashes, so that the signature is a second lock; the key changes with the root key alone.
 */
export const oidcCookieKeys = (rootKey: Uint8Array): readonly string[] => [
  Buffer.from(deriveKey(rootKey, 'oidcCookies')).toString('hex'),
];

export interface OidcParts {
  readonly store: Store;
  readonly administration: OidcAdministration & { readonly keys: SigningKeys };
  readonly browser: BrowserSessions;
  readonly sessions: Pick<SessionService, 'list'>;
  readonly publicUrl: URL;
  /** The outer application's: that one signs the cookies. */
  readonly cookieKeys: readonly string[];
  readonly trustedProxies: readonly AddressRange[];
  /** The time that decisions are taken at. */
  readonly clock: Clock;
  /** The computer's: tokens live by it, as their readers do. */
  readonly systemClock: Clock;
  readonly rng: Rng;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
  readonly log: HttpLog;
}

/** The provider, below `/oidc` of the public address. Made when it is first asked. */
export function openOidc(parts: OidcParts): Mount {
  const { publicUrl, clock, browser, log } = parts;
  const sourceOf = createSources(parts.trustedProxies);
  const intake = createIntake(parts);
  const outages = createOutages();
  const { provide, signIns } = createProviders(parts, outages);
  const interactions = {
    mountPath: OIDC_PATH,
    signIns,
    clock,
    systemClock: parts.systemClock,
  };
  const app = new Koa();
  app.use(async (context, next) => {
    try {
      await next();
      outages.settle(context);
    } catch (error) {
      if (!isOutage(error)) throw error;
      log.error({ err: error }, 'an OpenID Connect request failed');
      sendOutage(context, error);
    }
  });
  app.use(async (context, next) => {
    speakPublicly(context, publicUrl);
    const wait = isCounted(context) ? intake.count(sourceOf(context.req).countedAs) : undefined;
    if (wait !== undefined) return refuseForNow(context, wait);
    if (wantsOtherMode(context)) {
      const description = 'A code travels in the query of an address, and in no other way.';
      return sendPage(
        context,
        refusalPage({ code: 'unsupported_response_mode', description }),
        400,
      );
    }
    const provider = await provide();
    const uid = interactionOf(context);
    if (uid === undefined) {
      await mount(provider)(context, next);
      return settleReply(context, { publicUrl, browser });
    }
    try {
      await interact(context, uid, provider, interactions);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      log.warn?.({ code: error.error }, 'an interaction is not possible');
      const description = 'This sign-in is over, or was begun in another browser.';
      sendPage(context, refusalPage({ code: error.error, description }), 400);
    }
  });
  return { path: OIDC_PATH, app };
}

/** One provider for one set of keys: another takes its place when they change. */
function createProviders(parts: OidcParts, outages: Outages) {
  const { store, sessions, clock, systemClock, administration, browser, log } = parts;
  const { clients, keys } = administration;
  const artifacts = createArtifactStore({
    store,
    clock,
    systemClock,
    stands: (basis) => basisStands(basis, { store, sessions, clock }),
  });
  const signIns = createSignIns({ store, browser, artifacts, clock, systemClock });
  const make = async (): Promise<Made> => {
    const library = await loadLibrary(log);
    const generation = keys.generation();
    const set = await keys.current(clock.now());
    const configuration = configurationOf({
      ...{ library, artifacts, clients, signIns, keys: set.keys, mountPath: OIDC_PATH },
      cookieKeys: parts.cookieKeys,
      isSecure: parts.publicUrl.protocol === 'https:',
    });
    const provider = new library.Provider(`${parts.publicUrl.origin}${OIDC_PATH}`, configuration);
    compareHashes(provider, clock);
    provider.on('server_error', (context, error) => {
      outages.note(context, error);
      log.error({ err: error }, 'an OpenID Connect request failed');
    });
    return { provider, generation, until: set.until };
  };
  let making: Promise<Made> | undefined;
  let made: Made | undefined;
  const provide = async (): Promise<Provider> => {
    const now = clock.now();
    const isRight = made !== undefined && made.generation === keys.generation() && now < made.until;
    if (made !== undefined && isRight) return made.provider;
    making ??= make().finally(() => {
      making = undefined;
    });
    made = await making;
    return made.provider;
  };
  return { provide, signIns };
}

interface Made {
  readonly provider: Provider;
  readonly generation: number;
  readonly until: number;
}

/** Secrets are known by their hashes alone. */
function compareHashes(provider: Provider, clock: Clock): void {
  Object.defineProperty(provider.Client.prototype, 'compareClientSecret', {
    value(this: { readonly secrets?: readonly ClientSecret[] }, text: string): boolean {
      return isSecretOf(this.secrets ?? [], text, clock.now());
    },
  });
}

/**
 * Addresses in what the provider says are the public one's, whatever the request's Host header, its
 * absolute target or the hop from a proxy say.
 */
function speakPublicly({ request, originalUrl }: Koa.Context, publicUrl: URL): void {
  const target = originalUrl.startsWith('/') ? originalUrl : OIDC_PATH;
  const said = {
    protocol: publicUrl.protocol.slice(0, -1),
    secure: publicUrl.protocol === 'https:',
    host: publicUrl.host,
    hostname: publicUrl.hostname,
    origin: publicUrl.origin,
    href: publicUrl.origin + target,
  };
  for (const [name, value] of Object.entries(said)) {
    Object.defineProperty(request, name, { value, configurable: true });
  }
}

/** What writes a record for whoever comes. */
const isCounted = ({ path }: Koa.Context): boolean => /^\/(auth|session|interaction)\b/.test(path);

/** The library would answer in the way that it refuses: with a form and a script, or a fragment. */
const wantsOtherMode = ({ path, query }: Koa.Context): boolean =>
  path === '/auth' && ![undefined, 'query'].includes(query['response_mode'] as string | undefined);

function refuseForNow(context: Koa.Context, seconds: number): void {
  context.set('Retry-After', String(seconds));
  const description = `Too many sign-ins come from your network. Try again in ${seconds} seconds.`;
  sendPage(context, refusalPage({ code: 'temporarily_unavailable', description }), 429);
}

interface Settling {
  readonly publicUrl: URL;
  readonly browser: BrowserSessions;
}

/** What the library leaves to do once it has answered. */
async function settleReply(context: Koa.Context, { publicUrl, browser }: Settling): Promise<void> {
  const oidc: KoaContextWithOIDC['oidc'] | undefined = Reflect.get(context, 'oidc');
  if (oidc?.route === 'discovery' && context.status === 200) {
    // Redirects by the address's query alone: nothing else is registered for any client.
    context.body = { ...Object(context.body), response_modes_supported: ['query'] };
  }
  if (oidc?.route !== 'end_session_confirm' || context.status !== 303) return;
  // Without an account nobody was asked: such a sign-out ends nothing of fobd's.
  const isWhole = oidc.params?.['logout'] === 'yes' && oidc.session?.accountId !== undefined;
  if (isWhole) await browser.end(context.req);
  const address = context.response.get('Location');
  if (new URL(address, publicUrl).origin === publicUrl.origin) return;
  context.remove('Location');
  sendPage(context, leavingPage(address), 200);
  context.set('Refresh', `0; url=${address}`);
}

/** An error of the library's that is the request's own fault. */
const isRefusal = (error: unknown): error is { readonly error: string } =>
  error instanceof Error &&
  'error' in error &&
  typeof error.error === 'string' &&
  'expose' in error &&
  error.expose === true;
