import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { attributesOf, decodePacket } from '../../server/radius/packet.ts';
import type { AccessReply, AccessRequest } from '../../server/radius/port.ts';
import {
  type ClientSocket,
  clientAt,
  type Listening,
  openClient,
  reply,
  SECRET,
  startListening,
} from '../server/radius/listening.ts';
import { makeAuthority } from '../support/certificate-authority.ts';
import { PeerUnavailable } from '../support/debian.ts';
import {
  attribute,
  makeCrowdedRequest,
  makeRequest,
  makeStatusServer,
  readReply,
} from '../support/radius-packets.ts';
import { check, type FuzzTarget } from './fuzz.ts';

/**
 * The wire half of server/radius over real sockets: good packets with harm done to them, alone and
 * in streams. Whatever comes, the next honest request is answered, nothing stays under way, and the
 * heap stays within bounds.
 */
export const fuzzRadius: FuzzTarget = {
  name: 'radius',
  async run(options) {
    const directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-fuzz-radius-'));
    const world = await openWorld(directory);
    try {
      let heapAtFirst: number | undefined;
      let cases = 0;
      const result = await check(
        bursts,
        async (burst) => {
          await survives(world, burst);
          cases += 1;
          if (cases === WARM_UP_CASES) heapAtFirst = heapBytes();
        },
        options,
      );
      const grown = heapAtFirst === undefined ? 0 : heapBytes() - heapAtFirst;
      if (result.finding !== undefined || grown < HEAP_GROWTH_MAX) return result;
      return { cases, finding: `the heap has grown by ${grown} bytes in ${cases} cases` };
    } finally {
      await world.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

const WARM_UP_CASES = 500;
/** Replies of the last 30 seconds are remembered, and are well below it. */
const HEAP_GROWTH_MAX = 48 * 1024 * 1024;
const ANSWER_MILLIS_MAX = 5_000;
const RADSEC = new TextEncoder().encode('radsec');

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

interface World {
  readonly listening: Listening;
  readonly mutated: ClientSocket;
  readonly honest: ClientSocket;
  /** Where openssl can be had. */
  readonly tls: { readonly port: number; readonly files: Tls } | undefined;
  close(): Promise<void>;
}

interface Tls {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function openWorld(directory: string): Promise<World> {
  const made = await certificates(directory);
  const listening = await startListening({
    clients: [
      clientAt('127.0.0.1', { name: 'honest' }),
      clientAt('127.0.0.2', { name: 'fuzzed', requireMessageAuthenticator: false }),
    ],
    options: { listen: [{ port: 0 }], ...(made && { radsec: { port: 0, ...made.options } }) },
    answer: decide,
  });
  const mutated = await openClient('127.0.0.2');
  const honest = await openClient('127.0.0.1');
  const tls = made && { port: listening.server.listeners[1]?.port() ?? 0, files: made.files };
  return {
    listening,
    mutated,
    honest,
    tls,
    async close() {
      mutated.close();
      honest.close();
      await listening.close();
    },
  };
}

async function certificates(directory: string) {
  try {
    const { caFile, issue } = await makeAuthority(directory);
    const server = await issue('server.example.com', ['server.example.com']);
    const client = await issue('client.example.com', ['client.example.com']);
    const files: Tls = {
      ca: await readFile(caFile),
      cert: await readFile(client.certificateFile),
      key: await readFile(client.keyFile),
    };
    return { options: { caFile, ...server }, files };
  } catch (error) {
    if (!(error instanceof PeerUnavailable) || process.env['CI']) throw error;
    console.warn(`without RadSec, for want of openssl: ${error.message}`);
    return undefined;
  }
}

/** All that a flow may do, by what it is asked. */
async function decide({
  client,
  userName,
  packet,
}: AccessRequest): Promise<AccessReply | undefined> {
  if (client.name === 'honest') return reply('accessAccept', attribute(18, userName));
  const kind = (packet.authenticator[0] ?? 0) % 6;
  if (kind === 0) throw new Error('a flow that fails');
  if (kind === 1) return undefined;
  if (kind === 2) await new Promise((resolve) => setImmediate(resolve));
  if (kind === 3) return reply('accessChallenge', attribute(24, 'state'), attribute(18, 'Code?'));
  if (kind === 4) return reply('accessReject', ...Array(16).fill(attribute(18, 'x'.repeat(253))));
  return reply('accessAccept', attribute(25, userName));
}

const value = fc.uint8Array({ maxLength: 253 });
const attributes = fc.array(
  fc
    .tuple(fc.constantFrom(1, 2, 3, 18, 24, 26, 31, 33, 79, 80), value)
    .map(([type, bytes]) => attribute(type, bytes)),
  { maxLength: 8 },
);

const good = fc
  .record({
    isStatus: fc.boolean(),
    identifier: fc.integer({ min: 0, max: 255 }),
    authenticator: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    userName: fc.string({ unit: 'binary', maxLength: 60 }),
    password: fc.string({ maxLength: 60 }),
    signed: fc.boolean(),
    attributes,
    /** So that hardly anything fits into its reply. */
    isCrowded: fc.boolean(),
  })
  .map(({ isStatus, isCrowded, ...wishes }) => (secret: Uint8Array) => {
    const { identifier } = wishes;
    if (isStatus) return makeStatusServer(secret, { identifier });
    return (isCrowded ? makeCrowdedRequest : makeRequest)({ secret, ...wishes });
  });

type Harm = (bytes: Buffer) => Buffer;
const share = fc.double({ min: 0, max: 1, noNaN: true });
const at = (bytes: Buffer, where: number): number => Math.floor(where * bytes.length);

const harms: fc.Arbitrary<Harm> = fc.oneof(
  fc.tuple(share, fc.integer({ min: 1, max: 255 })).map(
    ([where, by]): Harm =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        const place = Math.min(at(bytes, where), bytes.length - 1);
        if (place >= 0) changed[place] = (changed[place] ?? 0) ^ by;
        return changed;
      },
  ),
  share.map(
    (where): Harm =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  fc.tuple(share, fc.uint8Array({ maxLength: 40 })).map(
    ([where, more]): Harm =>
      (bytes) => {
        const place = at(bytes, where);
        return Buffer.concat([bytes.subarray(0, place), more, bytes.subarray(place)]);
      },
  ),
  fc.integer({ min: 0, max: 65_535 }).map(
    (length): Harm =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        if (changed.length >= 4) changed.writeUInt16BE(length, 2);
        return changed;
      },
  ),
  // The length made right again, and then the signature: harm that comes further in.
  fc.constant<Harm>((bytes) => {
    const changed = Buffer.from(bytes);
    if (changed.length >= 4) changed.writeUInt16BE(Math.min(changed.length, 65_535), 2);
    return changed;
  }),
  fc.constant<Harm>((bytes) => signAgain(bytes)),
);

function signAgain(bytes: Buffer): Buffer {
  const packet = decodePacket(bytes);
  if (typeof packet === 'string') return bytes;
  const [found] = attributesOf(packet, 80);
  if (found?.value.length !== 16) return bytes;
  const changed = Buffer.from(packet.bytes);
  changed.fill(0, found.at, found.at + 16);
  changed.set(createHmac('md5', SECRET).update(changed).digest(), found.at);
  return changed;
}

const packets = fc.tuple(good, fc.array(harms, { maxLength: 5 })).map(
  ([packet, all]) =>
    (secret: Uint8Array) =>
      all.reduce<Buffer>((bytes, harm) => harm(bytes), Buffer.from(packet(secret))),
);

const bursts = fc.record({
  packets: fc.array(packets, { minLength: 1, maxLength: 12 }),
  isOverTls: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  cuts: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }),
});
type Burst = typeof bursts extends fc.Arbitrary<infer B> ? B : never;

let honestRequests = 0;

async function survives(world: World, burst: Burst): Promise<void> {
  const { listening, honest } = world;
  if (burst.isOverTls && world.tls !== undefined) await stream(world.tls, burst);
  else await datagrams(world, burst);
  honestRequests += 1;
  const request = makeRequest({ secret: SECRET, identifier: honestRequests % 256 });
  const answered = honest.next();
  await honest.send(request, listening.port);
  const bytes = await within(answered, 'an honest request');
  readReply(bytes, request, SECRET);
  await within(untilIdle(listening), 'what is under way');
  await forget(world);
}

/** What the test itself has gathered is no leak of the server's. */
async function forget({ listening, mutated }: World): Promise<void> {
  while (mutated.unread > 0) await mutated.next();
  listening.logged.length = 0;
}

async function datagrams({ listening, mutated }: World, { packets: all }: Burst): Promise<void> {
  for (const packet of all) await mutated.send(packet(SECRET), listening.port, '127.0.0.1');
}

/** One connection, cut anywhere; whether it is closed for it or not, it ends. */
async function stream({ port, files }: NonNullable<World['tls']>, burst: Burst): Promise<void> {
  const servername = 'server.example.com';
  const socket = connect({ host: '127.0.0.1', port, servername, ...files });
  socket.on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close');
  let rest: Uint8Array = Buffer.concat(burst.packets.map((packet) => packet(RADSEC)));
  for (let turn = 0; rest.length > 0; turn += 1) {
    const size = burst.cuts[turn % burst.cuts.length] ?? 1;
    socket.write(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  socket.end();
  await within(closed, 'a connection');
}

async function untilIdle({ server }: Listening): Promise<void> {
  while (server.underWay() > 0) await new Promise((resolve) => setImmediate(resolve));
}

async function within<T>(wanted: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} is stuck`)), ANSWER_MILLIS_MAX);
  });
  try {
    return await Promise.race([wanted, late]);
  } finally {
    clearTimeout(timer);
  }
}
