import { signReply } from './authenticity.ts';
import type { CalmLog } from './calm-log.ts';
import type { RadiusLimits } from './listen-options.ts';
import {
  ATTRIBUTE_TYPES,
  attributesOf,
  decodePacket,
  PACKET_CODES,
  type Packet,
} from './packet.ts';
import type { AccessReply, AccessRequest, Answer, RadiusClient } from './port.ts';
import {
  createRecentReplies,
  type RecentReplies,
  type RequestKey,
  requestKey,
} from './recent-replies.ts';
import { type Received, readAccessRequest, reasonToDrop } from './request.ts';
import type { PacketObserver, PacketResult } from './results.ts';

/** Where a packet came from, and how it is answered. */
export interface Origin extends Omit<Received, 'packet'> {
  /** Tells sockets and connections of the same client apart. */
  readonly from: string;
  send(reply: Uint8Array): void;
}

/** What UDP and TLS have in common: from the bytes of a packet to the bytes of its reply. */
export interface Intake {
  /** What came of it; a promise while it is decided, which never rejects. */
  receive(bytes: Uint8Array, origin: Origin): PacketResult | Promise<PacketResult>;
  /** Counts one that was dropped before it could be read. */
  drop(result: PacketResult, client?: RadiusClient): PacketResult;
  /** Requests being decided, of all clients. */
  underWay(): number;
  /** To be called now and then: lets go of what nobody will ask for again. */
  sweep(): void;
  /** Takes no new request from now on; resolves when none is under way. */
  finish(): Promise<void>;
}

export interface IntakeOptions {
  readonly limits: RadiusLimits;
  readonly answer: Answer;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
  readonly log: CalmLog;
  readonly observe: PacketObserver;
}

/** Longer than any client waits and any proxied server takes: such a request is given up. */
const UNDER_WAY_MILLIS_MAX = 60_000;

export function createIntake({
  limits,
  answer,
  elapsedMillis,
  log,
  observe,
}: IntakeOptions): Intake {
  const desks = new Map<RadiusClient, RecentReplies>();
  let underWay = 0;
  let isStopping = false;
  const onIdle: (() => void)[] = [];

  function deskOf(client: RadiusClient): RecentReplies {
    const known = desks.get(client);
    if (known !== undefined) return known;
    const desk = createRecentReplies({
      elapsedMillis,
      replyMillis: limits.replySeconds * 1000,
      repliesMax: limits.repliesPerClient,
      underWayMillisMax: UNDER_WAY_MILLIS_MAX,
    });
    desks.set(client, desk);
    return desk;
  }

  function count(result: PacketResult): PacketResult {
    observe(result);
    return result;
  }

  function drop(result: PacketResult, client?: RadiusClient): PacketResult {
    log('debug', 'a RADIUS packet was dropped', { reason: result, client: client?.name });
    return count(result);
  }

  function receive(bytes: Uint8Array, origin: Origin): PacketResult | Promise<PacketResult> {
    const packet = decodePacket(bytes);
    if (typeof packet === 'string') return drop(packet, origin.client);
    const reason = reasonToDrop({ ...origin, packet });
    if (reason !== undefined) return drop(reason, origin.client);
    if (packet.code === PACKET_CODES.statusServer) {
      origin.send(bytesOf(STATUS_REPLY, packet, origin.secret));
      return count('statusServer');
    }
    const key = requestKey(packet, origin.from);
    const desk = deskOf(origin.client);
    const known = desk.find(key);
    if (typeof known !== 'string') origin.send(known);
    if (typeof known !== 'string' || known === 'underWay') return count('repeated');
    if (known === 'conflicting') return drop('conflicting', origin.client);
    const { request, refusal } = readAccessRequest({ ...origin, packet });
    if (refusal !== undefined) {
      // It comes out the same each time: there is nothing to remember.
      origin.send(bytesOf(refusal, packet, origin.secret));
      return count(refusal.code);
    }
    const full = known === 'full' ? 'repliesFull' : noRoomFor(desk);
    if (full !== undefined) return drop(full, origin.client);
    desk.begin(key);
    underWay += 1;
    return decide(request, { key, desk, origin });
  }

  function noRoomFor(desk: RecentReplies): PacketResult | undefined {
    if (isStopping) return 'stopping';
    if (desk.underWay() >= limits.underWayPerClient) return 'clientBusy';
    return underWay >= limits.underWay ? 'busy' : undefined;
  }

  async function decide(request: AccessRequest, { key, desk, origin }: Place) {
    let result: PacketResult = 'failed';
    let reply: Uint8Array | undefined;
    try {
      const decided = await answer(request);
      result = decided?.code ?? 'unanswered';
      if (decided !== undefined) {
        reply = fittingBytes(decided, request.packet, origin);
      }
    } catch (error) {
      result = 'failed';
      log('error', 'a RADIUS request could not be decided', {
        err: error,
        client: origin.client.name,
      });
    }
    const wanted = desk.settle(key, reply);
    if (wanted > 0) release(1);
    if (reply !== undefined) for (let sent = 0; sent < wanted; sent += 1) origin.send(reply);
    return count(result);
  }

  /** Where the attributes do not fit beside the Proxy-State of the request, access is refused. */
  function fittingBytes(reply: AccessReply, packet: Packet, { secret, client }: Origin) {
    try {
      return bytesOf(reply, packet, secret);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      log('error', 'a RADIUS reply is too long', { err: error, client: client.name });
      return bytesOf(BARE_REJECT, packet, secret);
    }
  }

  function release(requests: number): void {
    underWay -= requests;
    if (underWay === 0) for (const resolve of onIdle.splice(0)) resolve();
  }

  function sweep(): void {
    for (const [client, desk] of desks) {
      const { givenUp } = desk.sweep();
      if (givenUp === 0) continue;
      release(givenUp);
      log('error', 'RADIUS requests were never decided', { client: client.name, givenUp });
    }
  }

  return {
    receive,
    drop,
    underWay: () => underWay,
    sweep,
    finish() {
      isStopping = true;
      if (underWay === 0) return Promise.resolve();
      return new Promise((resolve) => onIdle.push(resolve));
    },
  };
}

interface Place {
  readonly key: RequestKey;
  readonly desk: RecentReplies;
  readonly origin: Origin;
}

/** RFC 5997 section 3: an Access-Accept without anything is the sign of life. */
const STATUS_REPLY: AccessReply = { code: 'accessAccept', attributes: [] };
const BARE_REJECT: AccessReply = { code: 'accessReject', attributes: [] };

/** Proxy-State comes back as it was sent, in its order, behind all else (RFC 2865 section 5.33). */
function bytesOf(reply: AccessReply, packet: Packet, secret: Uint8Array): Uint8Array {
  const attributes = [...reply.attributes, ...attributesOf(packet, ATTRIBUTE_TYPES.proxyState)];
  return signReply({ code: PACKET_CODES[reply.code], attributes }, packet, secret);
}
