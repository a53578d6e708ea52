import type { Clock } from '../../shared/clock.ts';
import type { Rng } from '../../shared/rng.ts';
import { draftOf } from '../access/draft.ts';
import type { PasswordService } from '../accounts/passwords-port.ts';
import type { AccountService } from '../accounts/port.ts';
import type { Limits } from '../http/limits.ts';
import { createSourceLimit } from '../http/source-limit.ts';
import type { PhoneService } from '../phones/port.ts';
import type { Challenges } from '../sessions/challenges.ts';
import type { Store } from '../store/port.ts';
import type { TokenService } from '../tokens/port.ts';
import { createCalmLog, type RadiusLog } from './calm-log.ts';
import { createAnswer, type FlowParts } from './flow.ts';
import type { RadiusOptions } from './options.ts';
import type { AccessReply, AccessRequest } from './port.ts';
import { actorOf } from './principal.ts';
import { createProxyClient } from './proxy.ts';
import type { PacketObserver } from './results.ts';
import { createRadiusServer, type RadiusListener } from './server.ts';

/** What the RADIUS edge is put together from. */
export interface RadiusParts {
  readonly store: Pick<Store, 'transact'>;
  readonly tokens: Pick<TokenService, 'get' | 'verify'>;
  readonly accounts: Pick<AccountService, 'find' | 'get' | 'resolve'>;
  readonly passwords: Pick<PasswordService, 'check'>;
  readonly phones: Pick<PhoneService, 'usable' | 'send'>;
  readonly challenges: Challenges;
  /** The time that decisions are taken at. */
  readonly clock: Clock;
  /** Milliseconds that only go forward, by the computer's clock. */
  readonly elapsedMillis: () => number;
  readonly rng: Rng;
  readonly log: RadiusLog;
  /** Absent in a lab, where years pass in seconds: nothing is limited there. */
  readonly limits: Pick<Limits, 'attempt'> | undefined;
  /** Told of every packet. Default: nobody. */
  readonly observe?: PacketObserver | undefined;
}

/** Nothing listens yet. */
export function openRadius(options: RadiusOptions, parts: RadiusParts): readonly RadiusListener[] {
  const { clock, elapsedMillis, log, observe } = parts;
  const { listeners } = createRadiusServer({
    options,
    clients: options.clients,
    answer: createAnswer(flowParts(parts)),
    elapsedMillis,
    now: () => clock.now(),
    log,
    ...(observe === undefined ? {} : { observe }),
  });
  return listeners;
}

function flowParts(parts: RadiusParts): FlowParts {
  const { tokens, accounts, passwords, phones, challenges, clock } = parts;
  const { elapsedMillis, rng, limits } = parts;
  const say = createCalmLog(parts.log, elapsedMillis);
  return {
    tokens,
    accounts,
    passwords,
    phones,
    challenges,
    clock,
    proxy: createProxyClient({ rng }),
    limits,
    sources: limits === undefined ? undefined : createSourceLimit({ rng, elapsedMillis }),
    recordProxied: (reply, request) => recordProxied(reply, request, parts),
    onProxyFailure: (failure, { client }) =>
      say('warn', 'the other server was not asked about somebody, or did not answer', {
        client: client.name,
        failure,
      }),
  };
}

const PROXIED_OUTCOMES = {
  accessAccept: 'accepted',
  accessReject: 'wrongPassword',
  // Comes to something with its answer.
  accessChallenge: undefined,
} as const;

/** Somebody was let in, or not, by another server's word: that is a decision of this one too. */
async function recordProxied(
  { code }: AccessReply,
  request: AccessRequest,
  { store, accounts, clock }: RadiusParts,
): Promise<void> {
  const outcome = PROXIED_OUTCOMES[code];
  if (outcome === undefined) return;
  const caller = { principal: { actor: actorOf(request), scopes: new Set([]) }, now: clock.now() };
  const account = await accounts.resolve(request.userName);
  const subject = account === undefined ? { outcome } : { outcome, account };
  await store.transact([], () => ({
    writes: [],
    auditDrafts: [draftOf(caller, 'proxySignIn', subject)],
    reply: undefined,
  }));
}
