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
import { readAccessRequest, reasonToDrop, type Sender } from './request.ts';
import type { PacketObserver, PacketResult } from './results.ts';

/** Where a packet came from, and how it is answered. */
export interface Origin extends Sender {
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

export function createIntake(options: IntakeOptions): Intake {
  return new DeskIntake(options);
}

interface Place {
  readonly key: RequestKey;
  readonly desk: RecentReplies;
  readonly origin: Origin;
}

/** Every client has a desk, where its requests wait and its replies are kept. */
class DeskIntake implements Intake {
  readonly #options: IntakeOptions;
  readonly #desks = new Map<RadiusClient, RecentReplies>();
  readonly #onIdle: (() => void)[] = [];
  #underWay = 0;
  #isStopping = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  receive(bytes: Uint8Array, origin: Origin): PacketResult | Promise<PacketResult> {
    const { client, secret } = origin;
    const packet = decodePacket(bytes);
    if (typeof packet === 'string') return this.drop(packet, client);
    const reason = reasonToDrop(packet, origin);
    if (reason !== undefined) return this.drop(reason, client);
    if (packet.code === PACKET_CODES.statusServer) {
      origin.send(bytesOf(STATUS_REPLY, packet, secret));
      return this.#count('statusServer');
    }
    const key = requestKey(packet, origin.from);
    const desk = this.#deskOf(client);
    const known = desk.find(key);
    if (typeof known !== 'string') origin.send(known);
    if (typeof known !== 'string' || known === 'underWay') return this.#count('repeated');
    if (known === 'conflicting') return this.drop('conflicting', client);
    const { request, refusal } = readAccessRequest(packet, origin);
    if (refusal !== undefined) return this.#refuse(refusal, packet, origin);
    const full = known === 'full' ? 'repliesFull' : this.#noRoomFor(desk);
    if (full !== undefined) return this.drop(full, client);
    desk.begin(key);
    this.#underWay += 1;
    return this.#decide(request, { key, desk, origin });
  }

  drop(result: PacketResult, client?: RadiusClient): PacketResult {
    const about = { reason: result, client: client?.name };
    this.#options.log('debug', 'a RADIUS packet was dropped', about);
    return this.#count(result);
  }

  underWay(): number {
    return this.#underWay;
  }

  sweep(): void {
    for (const [client, desk] of this.#desks) {
      const { givenUp } = desk.sweep();
      if (givenUp === 0) continue;
      this.#release(givenUp);
      const about = { client: client.name, givenUp };
      this.#options.log('error', 'RADIUS requests were never decided', about);
    }
  }

  finish(): Promise<void> {
    this.#isStopping = true;
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #deskOf(client: RadiusClient): RecentReplies {
    const known = this.#desks.get(client);
    if (known !== undefined) return known;
    const { limits, elapsedMillis } = this.#options;
    const desk = createRecentReplies({
      elapsedMillis,
      replyMillis: limits.replySeconds * 1000,
      repliesMax: limits.repliesPerClient,
      underWayMillisMax: UNDER_WAY_MILLIS_MAX,
    });
    this.#desks.set(client, desk);
    return desk;
  }

  #noRoomFor(desk: RecentReplies): PacketResult | undefined {
    const { limits } = this.#options;
    if (this.#isStopping) return 'stopping';
    if (desk.underWay() >= limits.underWayPerClient) return 'clientBusy';
    return this.#underWay >= limits.underWay ? 'busy' : undefined;
  }

  /** It comes out the same each time: there is nothing to remember. */
  #refuse(refusal: AccessReply, packet: Packet, origin: Origin): PacketResult {
    const reply = this.#fittingBytes(refusal, packet, origin);
    if (reply === undefined) return this.#count('failed');
    origin.send(reply);
    return this.#count(refusal.code);
  }

  async #decide(request: AccessRequest, { key, desk, origin }: Place): Promise<PacketResult> {
    let result: PacketResult = 'failed';
    let reply: Uint8Array | undefined;
    try {
      const decided = await this.#options.answer(request);
      reply = decided && this.#fittingBytes(decided, request.packet, origin);
      if (decided === undefined) result = 'unanswered';
      else if (reply !== undefined) result = decided.code;
    } catch (error) {
      const about = { err: error, client: origin.client.name };
      this.#options.log('error', 'a RADIUS request could not be decided', about);
    }
    const wanted = desk.settle(key, reply);
    if (wanted > 0) this.#release(1);
    if (reply !== undefined) for (let sent = 0; sent < wanted; sent += 1) origin.send(reply);
    return this.#count(result);
  }

  /**
   * Where the attributes do not fit beside the Proxy-State of the request, access is refused; where
   * that alone leaves no room (only without a Message-Authenticator), nothing is answered.
   */
  #fittingBytes(reply: AccessReply, packet: Packet, { secret, client }: Origin) {
    for (const attempt of [reply, BARE_REJECT]) {
      try {
        return bytesOf(attempt, packet, secret);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        const about = { err: error, client: client.name };
        this.#options.log('error', 'a RADIUS reply is too long', about);
      }
    }
    return undefined;
  }

  #release(requests: number): void {
    this.#underWay -= requests;
    if (this.#underWay === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #count(result: PacketResult): PacketResult {
    this.#options.observe(result);
    return result;
  }
}

/** RFC 5997 section 3: an Access-Accept without anything is the sign of life. */
const STATUS_REPLY: AccessReply = { code: 'accessAccept', attributes: [] };
const BARE_REJECT: AccessReply = { code: 'accessReject', attributes: [] };

/** Proxy-State comes back as it was sent, in its order, behind all else (RFC 2865 section 5.33). */
function bytesOf(reply: AccessReply, packet: Packet, secret: Uint8Array): Uint8Array {
  const attributes = [...reply.attributes, ...attributesOf(packet, ATTRIBUTE_TYPES.proxyState)];
  return signReply({ code: PACKET_CODES[reply.code], attributes }, packet, secret);
}
