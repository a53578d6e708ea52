import { createHash } from 'node:crypto';
import { ATTRIBUTE_TYPES, type Packet, soleOf } from './packet.ts';

/**
 * Duplicate detection (RFC 5080 section 2.2.2), for one client. A retransmission has the source,
 * the identifier and the authenticator of the first: it gets the reply of the first, byte for byte,
 * and is decided no second time.
 */
export interface RecentReplies {
  /** What is known of a request; `conflicting` where only its authenticator is the same. */
  find(request: RequestKey): Known;
  /** From now on it is under way. Only after `find` came to `new`. */
  begin(request: RequestKey): void;
  /**
   * It is decided: how many replies are wanted, the retransmissions' among them. Without a reply it
   * is forgotten, and a retransmission is decided anew. 0 for one that was given up meanwhile.
   */
  settle(request: RequestKey, reply: Uint8Array | undefined): number;
  /** Forgets replies that are old, and gives up what has been under way too long. */
  sweep(): { readonly givenUp: number };
  underWay(): number;
}

export type Known = 'new' | 'underWay' | 'conflicting' | 'full' | Uint8Array;

export interface RequestKey {
  /** Socket, address, port and identifier. */
  readonly place: string;
  /** The same, and the authenticator. */
  readonly whole: string;
  /** Of all its bytes. */
  readonly proof: string;
}

/**
 * @param from what tells the sender's sockets apart
 */
export function requestKey(packet: Packet, from: string): RequestKey {
  const place = `${from} ${packet.identifier}`;
  return { place, whole: `${place} ${latin1(packet.authenticator)}`, proof: proofOf(packet) };
}

/** A Message-Authenticator that was found good is over all bytes; without it they are summed. */
function proofOf(packet: Packet): string {
  const authenticator = soleOf(packet, ATTRIBUTE_TYPES.messageAuthenticator);
  if (typeof authenticator === 'object') return latin1(authenticator.value);
  return createHash('sha256').update(packet.bytes).digest().toString('latin1');
}

const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

export interface RecentRepliesOptions {
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
  /** How long a reply is kept, from its decision on. */
  readonly replyMillis: number;
  /** Replies kept, and requests under way. */
  readonly repliesMax: number;
  /** What has not been decided after so long never will be. */
  readonly underWayMillisMax: number;
}

interface UnderWay {
  readonly proof: string;
  readonly since: number;
  readonly order: number;
  /** Replies that are wanted: one for each time it was sent. */
  wanted: number;
}

interface Decided {
  readonly key: RequestKey;
  readonly reply: Uint8Array;
  readonly until: number;
  readonly order: number;
}

/** A client that asks more often than this before its reply has no use for that many. */
const WANTED_MAX = 8;

export function createRecentReplies(options: RecentRepliesOptions): RecentReplies {
  const { elapsedMillis, replyMillis, repliesMax, underWayMillisMax } = options;
  /** In the order in which they began. */
  const underWay = new Map<string, UnderWay>();
  /**
   * In the order in which they are forgotten. One for each place: who uses an identifier again has
   * done with the reply of before (RFC 5080 section 2.2.2).
   */
  const decided = new Map<string, Decided>();
  let order = 0;

  function forgetOld(now: number): void {
    for (const [place, { until }] of decided) {
      if (until > now) return;
      decided.delete(place);
    }
  }

  function find({ place, whole, proof }: RequestKey): Known {
    const pending = underWay.get(whole);
    if (pending !== undefined) {
      if (pending.proof !== proof) return 'conflicting';
      pending.wanted = Math.min(WANTED_MAX, pending.wanted + 1);
      return 'underWay';
    }
    forgetOld(elapsedMillis());
    const past = decided.get(place);
    if (past?.key.whole === whole) return past.key.proof === proof ? past.reply : 'conflicting';
    const isFull = past === undefined && decided.size + underWay.size >= repliesMax;
    return isFull ? 'full' : 'new';
  }

  function begin({ place, whole, proof }: RequestKey): void {
    order += 1;
    decided.delete(place);
    underWay.set(whole, { proof, since: elapsedMillis(), order, wanted: 1 });
  }

  function settle(key: RequestKey, reply: Uint8Array | undefined): number {
    const pending = underWay.get(key.whole);
    if (pending === undefined) return 0;
    underWay.delete(key.whole);
    const past = decided.get(key.place);
    const isNewest = past === undefined || past.order < pending.order;
    if (reply !== undefined && isNewest) {
      // Or it would be forgotten in the other's turn.
      if (past !== undefined) decided.delete(key.place);
      const until = elapsedMillis() + replyMillis;
      decided.set(key.place, { key, reply, until, order: pending.order });
    }
    return pending.wanted;
  }

  function sweep(): { readonly givenUp: number } {
    const now = elapsedMillis();
    forgetOld(now);
    const before = underWay.size;
    for (const [whole, { since }] of underWay) {
      if (now - since < underWayMillisMax) break;
      underWay.delete(whole);
    }
    return { givenUp: before - underWay.size };
  }

  return { find, begin, settle, sweep, underWay: () => underWay.size };
}
