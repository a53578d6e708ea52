import type { Rng } from '../shared/rng.ts';
import { openCompat } from './compat/open.ts';
import type { FobdConfig } from './config.ts';
import type { HttpLog, Mount } from './http/dependencies.ts';
import type { Limits } from './http/limits.ts';
import type { Metrics } from './metrics/metrics.ts';
import { oidcCookieKeys, openOidc, openOidcAdministration } from './oidc/open.ts';
import type { OidcAdministration } from './oidc/port.ts';
import { openPortal } from './portal/open.ts';
import { openRadius } from './radius/open.ts';
import type { Services } from './services.ts';
import type { Challenges } from './sessions/challenges.ts';

/** The edges beside /v1, put together over the services: each off until its setting is given. */

/** What every edge is made from: the services, and what only edges need. */
export interface EdgeParts
  extends Omit<Services, 'audit' | 'chores' | 'dueJobs' | 'isClockSteady' | 'queues'> {
  readonly config: FobdConfig;
  /** Milliseconds that only go forward, by the computer's clock. */
  readonly elapsedMillis: () => number;
  /** Sign-ins that wait for their code. */
  readonly challenges: Challenges;
  /** Absent in a lab. */
  readonly limits: Limits | undefined;
  readonly rng: Rng;
  /** 32 bytes, wiped once this has returned: keys are derived from it. */
  readonly rootKey: Uint8Array;
  readonly log: HttpLog;
  /** Only where it serves. */
  readonly metrics: Metrics | undefined;
}

/** What listens on an address of its own. */
export interface EdgeListener {
  /** For people: `radius, port 1812`. */
  readonly name: string;
  /** @throws FobtwinError `unavailable` when the address cannot be had */
  listen(): Promise<void>;
  /** Takes no more; resolves when what is under way has been answered. */
  close(): Promise<void>;
}

export interface Edges {
  readonly mounts: readonly Mount[];
  /** What cookies are signed with, the newest first; undefined where no edge has any. */
  readonly cookieKeys: readonly string[] | undefined;
  readonly listeners: readonly EdgeListener[];
  /** Clients and keys of the OpenID Connect provider, whether it is on or not. */
  readonly oidc: OidcAdministration;
}

export function openEdges(parts: EdgeParts): Edges {
  const { radius } = parts.config.edges;
  const { mounts, ...pages } = openPages(parts);
  return {
    ...pages,
    mounts: [...compatMounts(parts), ...mounts],
    listeners:
      radius === undefined ? [] : openRadius(radius, { ...parts, observe: parts.metrics?.radius }),
  };
}

function compatMounts(parts: EdgeParts): readonly Mount[] {
  const { edges, trustedProxies, policy } = parts.config;
  const { compat: options } = edges;
  return options === undefined ? [] : [openCompat({ ...parts, options, policy, trustedProxies })];
}

/** What browsers reach: the pages people sign in on, and OpenID Connect in front of them. */
function openPages(parts: EdgeParts): Pick<Edges, 'mounts' | 'cookieKeys' | 'oidc'> {
  const { publicUrl, forwardAuth } = parts.config.edges;
  const { trustedProxies } = parts.config;
  const administration = openOidcAdministration(parts);
  if (publicUrl === undefined) return { mounts: [], cookieKeys: undefined, oidc: administration };
  const cookieKeys = oidcCookieKeys(parts.rootKey);
  const portal = openPortal({ ...parts, publicUrl, forwardAuth, trustedProxies });
  const browser = portal.browserSessions;
  const shared = { publicUrl, trustedProxies, cookieKeys, administration, browser };
  const oidc = openOidc({ ...parts, ...shared });
  return { mounts: [oidc, portal.mount], cookieKeys, oidc: administration };
}
