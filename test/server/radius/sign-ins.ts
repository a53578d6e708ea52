import { createHash } from 'node:crypto';
import type { PasswordAnswer, PasswordCommand } from '../../../server/accounts/passwords-port.ts';
import { createLimits } from '../../../server/http/limits.ts';
import { createLimitOptions, type LimitOptions } from '../../../server/http/limits-options.ts';
import { createSourceLimit } from '../../../server/http/source-limit.ts';
import { createAnswer } from '../../../server/radius/flow.ts';
import {
  ATTRIBUTE_TYPES,
  type Attribute,
  decodePacket,
  encodePacket,
  type Packet,
} from '../../../server/radius/packet.ts';
import type {
  AccessReply,
  Answer,
  ClientPolicy,
  RadiusClient,
} from '../../../server/radius/port.ts';
import { createProxyClient, type ProxyFailure } from '../../../server/radius/proxy.ts';
import { createChallenges } from '../../../server/sessions/challenges.ts';
import type { Policy } from '../../../server/verification/policy.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { Rng } from '../../../shared/rng.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { Room as PhonesRoom, type RoomOptions } from '../phones/room.ts';
import { openRoom, type Room } from '../tokens/room.ts';
import { clientAt } from './listening.ts';

/** The business half of server/radius over the real token service, without sockets of its own. */

export interface Said {
  readonly code: AccessReply['code'] | 'silence';
  /** Reply-Message, its pieces joined. */
  readonly text: string;
  readonly state: string | undefined;
  readonly attributes: readonly Attribute[];
}

export interface Asked {
  readonly user?: string;
  readonly password?: string | undefined;
  readonly state?: string | undefined;
  readonly client?: string;
  /** Calling-Station-Id. */
  readonly station?: string;
  readonly source?: string;
}

/** Different each time and the same in every run. */
function countingRng(): Rng {
  let count = 0;
  return {
    bytes(length) {
      count += 1;
      const digest = createHash('sha512').update(String(count)).digest();
      return Uint8Array.from(digest.subarray(0, length));
    },
    uniform: () => 0.5,
  };
}

export const textOf = (attributes: readonly Attribute[], wanted: number): string | undefined => {
  const values = attributes.filter(({ type }) => type === wanted).map(({ value }) => value);
  return values.length === 0 ? undefined : Buffer.concat(values).toString();
};

/** An Access-Request as the wire half hands it on; its hidden password is not looked at. */
export function packetOf({ user = 'jennifer', state, station }: Asked): Packet {
  const attributes = [
    [ATTRIBUTE_TYPES.userName, user],
    [ATTRIBUTE_TYPES.userPassword, 'x'.repeat(16)],
    [ATTRIBUTE_TYPES.state, state],
    [ATTRIBUTE_TYPES.callingStationId, station],
  ] as const;
  const bytes = encodePacket(
    { code: 1, identifier: 7 },
    new Uint8Array(16).fill(9),
    attributes.flatMap(([type, text]) =>
      text === undefined ? [] : [{ type, value: Buffer.from(text) }],
    ),
  );
  const packet = decodePacket(bytes);
  if (typeof packet === 'string') throw new Error(packet);
  return packet;
}

export interface SignInWishes {
  readonly policy?: Partial<Policy>;
  readonly limits?: Partial<LimitOptions>;
  readonly phones?: RoomOptions;
}

export class SignIns {
  readonly room: Room;
  /** Over the same tokens: what was sent comes to its list. */
  readonly phones: PhonesRoom;
  /** By account. */
  readonly passwords = new Map<string, string>();
  readonly checked: PasswordCommand[] = [];
  readonly proxyFailures: ProxyFailure[] = [];
  readonly proxied: AccessReply[] = [];
  /** What the next password comes to, whatever it is. */
  passwordAnswer: PasswordAnswer | undefined;
  isDirectoryDown = false;
  elapsed = 0;
  readonly answer: Answer;
  readonly #clients = new Map<string, RadiusClient>();

  constructor(room: Room, { limits = {}, phones = {} }: SignInWishes) {
    const rng = countingRng();
    const elapsedMillis = () => this.elapsed;
    this.room = room;
    this.phones = new PhonesRoom(room, phones);
    this.answer = createAnswer({
      tokens: room.tokens,
      accounts: room.accounts,
      passwords: { check: (command) => this.#check(command) },
      phones: this.phones.phones,
      challenges: createChallenges({ rng, elapsedMillis }),
      proxy: createProxyClient({ rng }),
      limits: createLimits(createLimitOptions(limits), { elapsedMillis, rng }),
      sources: createSourceLimit({ rng, elapsedMillis }),
      clock: { now: () => room.now },
      recordProxied: async (reply) => void this.proxied.push(reply),
      onProxyFailure: (failure) => void this.proxyFailures.push(failure),
    });
  }

  /** Compares with what the test has set: the real hashing is tested where it is. */
  async #check(command: PasswordCommand): Promise<PasswordAnswer> {
    this.checked.push(command);
    if (this.isDirectoryDown) throw new FobtwinError('unavailable', 'no directory');
    if (this.passwordAnswer !== undefined) return this.passwordAnswer;
    const account = await this.room.accounts.resolve(command.user);
    const isRight = account !== undefined && this.passwords.get(account) === command.password;
    return isRight ? { outcome: 'accepted', account } : { outcome: 'wrongPassword' };
  }

  client(policy: ClientPolicy, name = 'vpn'): void {
    this.#clients.set(name, clientAt('127.0.0.0/8', { name, policy }));
  }

  async ask(asked: Asked): Promise<Said> {
    const {
      user = 'jennifer',
      password,
      state,
      client: name = 'vpn',
      source = '192.0.2.1',
    } = asked;
    const client = this.#clients.get(name);
    if (client === undefined) throw new Error(`no client ${name}`);
    const packet = packetOf(asked);
    const reply = await this.answer({ client, packet, userName: user, password, state, source });
    if (reply === undefined) {
      return { code: 'silence', text: '', state: undefined, attributes: [] };
    }
    const { code, attributes } = reply;
    const text = textOf(attributes, ATTRIBUTE_TYPES.replyMessage) ?? '';
    return { code, text, state: textOf(attributes, ATTRIBUTE_TYPES.state), attributes };
  }

  at(text: string): UnixMillis {
    return Date.parse(text) as UnixMillis;
  }
}

/** With an account `jennifer`, her password and, where wanted, an event token. */
export async function openSignIns(wishes: SignInWishes = {}): Promise<SignIns> {
  const room = await openRoom(wishes.policy ?? {});
  await room.account('jennifer');
  const signIns = new SignIns(room, wishes);
  signIns.passwords.set('jennifer', 'hunter2');
  return signIns;
}
