import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AddressRange } from '../access/address.ts';
import type { HttpLog, Mount } from '../http/dependencies.ts';
import { createSources } from '../http/source.ts';
import { deriveKey } from '../vault/keys.ts';
import { createPortalApp } from './app.ts';
import { createCookies } from './cookies.ts';
import { createForms } from './forms.ts';
import { createForwardAuth } from './forward-auth.ts';
import type { ForwardAuthOptions } from './forward-auth-options.ts';
import type { BrowserSessions } from './port.ts';
import { callerAt, type PortalParts, sessionToken } from './visit.ts';

/** What the portal is put together from. */
export interface PortalSurroundings
  extends Pick<
    PortalParts,
    | 'tokens'
    | 'accounts'
    | 'passwords'
    | 'sessions'
    | 'credentials'
    | 'phones'
    | 'proofing'
    | 'mobileIds'
    | 'orders'
    | 'applications'
    | 'subscriptions'
    | 'limits'
  > {
  readonly publicUrl: URL;
  readonly forwardAuth: ForwardAuthOptions | undefined;
  readonly trustedProxies: readonly AddressRange[];
  readonly clock: Clock;
  readonly rng: Rng;
  /** 32 bytes: keys are derived from it at once. */
  readonly rootKey: Uint8Array;
  readonly log: HttpLog;
}

export interface Portal {
  /** At `/`, after the edges that have a path of their own. */
  readonly mount: Mount;
  readonly browserSessions: BrowserSessions;
}

export function openPortal(surroundings: PortalSurroundings): Portal {
  const { publicUrl, forwardAuth: options, trustedProxies, rootKey, ...shared } = surroundings;
  const { rng, clock, sessions } = shared;
  const cookies = createCookies(publicUrl, options?.cookieDomain);
  const forms = createForms({
    key: deriveKey(rootKey, 'portal/forms'),
    cookie: cookies.form,
    rng,
    publicUrl,
  });
  const forwardAuth =
    options === undefined || cookies.forward === undefined
      ? undefined
      : createForwardAuth({
          options,
          publicUrl,
          cookie: cookies.forward,
          sessions,
          key: deriveKey(rootKey, 'portal/forward'),
          rng,
          now: () => clock.now(),
        });
  const sourceOf = createSources(trustedProxies);
  const parts = { ...shared, publicUrl, sourceOf, cookies, forms, forwardAuth };
  return {
    mount: { path: '/', app: createPortalApp(parts) },
    browserSessions: openBrowserSessions(parts),
  };
}

function openBrowserSessions(parts: PortalParts): BrowserSessions {
  const { sessions, clock } = parts;
  return {
    async find(request) {
      const token = sessionToken(parts, request);
      return token === undefined ? undefined : await sessions.find(token, clock.now());
    },
    async end(request) {
      const token = sessionToken(parts, request);
      if (token !== undefined) await sessions.end(token, callerAt(clock.now()));
    },
  };
}
