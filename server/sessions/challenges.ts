import type { Rng } from '../../shared/rng.ts';
import type { AccountId } from '../../shared/types.ts';

/** A sign-in that has begun and waits for its code, for protocols that ask twice. */
export interface Challenge {
  /** The edge and its client, such as `radius:vpn`: nobody else may answer. */
  readonly client: string;
  /** As the person typed it. */
  readonly user: string;
  /** Absent: an unknown person's challenge, which looks like every other and comes to nothing. */
  readonly account?: AccountId | undefined;
  /** The password was right; else the code stands alone. */
  readonly passwordGiven: boolean;
}

/**
 * Challenges under way, in memory: a restart ends them, and the person begins again. Their number
 * is bounded in all and for each client, so that one client's flood ends its own first.
 */
export interface Challenges {
  /** @returns 20 digits: what RADIUS calls State and the drop-in API a transaction id */
  begin(challenge: Challenge): string;
  /** The challenge, once: an answer is tried on it and it is over. */
  take(id: string, client: string): Challenge | undefined;
  /** Whether it still waits, without ending it. */
  waits(id: string, client: string): boolean;
}

export interface ChallengeOptions {
  readonly rng: Rng;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
  /** Default 120 s: what privacyIDEA and LinOTP give. */
  readonly lifeMillis?: number;
  /** At a time, of one client. Default 10,000. */
  readonly clientMax?: number;
}

const LIFE_MILLIS = 120_000;
const CLIENT_MAX = 10_000;
/** Clients are named in the configuration; this only bounds a mistake. */
const CLIENTS_MAX = 1000;
const ID_DIGITS = 20;
const ID_BYTES = 9;

interface Waiting {
  readonly challenge: Challenge;
  readonly until: number;
}

export function createChallenges({
  rng,
  elapsedMillis,
  lifeMillis = LIFE_MILLIS,
  clientMax = CLIENT_MAX,
}: ChallengeOptions): Challenges {
  // A map keeps its order, and all live equally long: the first is the first to end.
  const byClient = new Map<string, Map<string, Waiting>>();
  const current = (id: string, client: string): Waiting | undefined => {
    const waiting = byClient.get(client)?.get(id);
    return waiting !== undefined && waiting.until > elapsedMillis() ? waiting : undefined;
  };
  const roomFor = (client: string): Map<string, Waiting> => {
    const own = byClient.get(client) ?? new Map<string, Waiting>();
    byClient.delete(client);
    byClient.set(client, own);
    const now = elapsedMillis();
    for (const [id, { until }] of own) {
      if (until > now && own.size < clientMax) break;
      own.delete(id);
    }
    for (const [name] of byClient) {
      if (byClient.size <= CLIENTS_MAX) break;
      byClient.delete(name);
    }
    return own;
  };
  return {
    begin(challenge) {
      const id = challengeId(rng);
      roomFor(challenge.client).set(id, { challenge, until: elapsedMillis() + lifeMillis });
      return id;
    },
    take(id, client) {
      const waiting = current(id, client);
      byClient.get(client)?.delete(id);
      return waiting?.challenge;
    },
    waits: (id, client) => current(id, client) !== undefined,
  };
}

/** 20 digits of 72 random bits: some 66 of them are left. */
const challengeId = (rng: Rng): string =>
  (BigInt(`0x${Buffer.from(rng.bytes(ID_BYTES)).toString('hex')}`) % 10n ** BigInt(ID_DIGITS))
    .toString()
    .padStart(ID_DIGITS, '0');
