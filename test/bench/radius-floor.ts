import { createHmac, createSecretKey, hash } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';
import {
  checkMessageAuthenticator,
  revealPassword,
  signReply,
} from '../../server/radius/authenticity.ts';
import {
  ATTRIBUTE_TYPES,
  decodePacket,
  PACKET_CODES,
  type Packet,
  soleOf,
} from '../../server/radius/packet.ts';
import { JournalFile } from '../../server/store/journal-file.ts';
import { decrypt, encrypt } from '../../server/vault/keys.ts';
import { createPlace } from '../../server/vault/place.ts';
import { createOtp } from '../../shared/otp.ts';
import { parseSeed } from '../../shared/types.ts';
import { benchSeed } from './population.ts';

/**
 * What no durable, replay-safe accept on this runtime goes without, and nothing else: a datagram
 * in, its Message-Authenticator verified and its password opened; one sealed seed opened, one HMAC,
 * one SHA-256 for the audit chain; a share of a write that is on the disk; a reply signed, and out.
 * It looks nothing up, remembers and refuses nothing: not a server, but what bounds one.
 *
 * Arguments: the file to write to, and the secret of its client.
 */

const [place = '', secretText = ''] = process.argv.slice(2);
const secret = Buffer.from(secretText);

/** As the server's own, about which see `server/services.ts`. */
const digestBytes = createPlace('latin1', (bytes) => bytes);
const otp = createOtp({
  hmac: (algorithm, key, message) =>
    digestBytes(createHmac(algorithm, key).update(message).digest('binary')),
});
const PARAMETERS = { algorithm: 'SHA1', digits: 6 } as const;

const key = createSecretKey(Buffer.alloc(32, 1));
const CONTEXT =
  '{"parameters":{"algorithm":"SHA1","digits":6,"type":"event"},"serial":"BENCH00000001",' +
  '"version":1}';
const sealed = encrypt(key, benchSeed(1), CONTEXT, {
  bytes: (length) => new Uint8Array(length),
  uniform: () => 0,
});
/** About as long as the entry of an accept. */
const ENTRY = 'x'.repeat(300);

const FILE_BYTES = 4 * 1024 * 1024;
const BLOCK_BYTES = 4096;
/** About what an accept of the server adds to the journal: its token's new counter, its entry. */
const ACCEPT_BYTES = 600;
const journal = await JournalFile.open(place, { create: true });
const journaled = Buffer.alloc(FILE_BYTES, 1);

interface Accept {
  readonly packet: Packet;
  readonly from: RemoteInfo;
}

let group: Accept[] = [];
let isFlushing = false;
let writtenTo = 0;
let counter = 0;
let previousHash = '';

const socket = createSocket({
  type: 'udp4',
  recvBufferSize: FILE_BYTES,
  sendBufferSize: FILE_BYTES,
  lookup: (address, _options, found) => found(null, address, 4),
});

socket.on('message', (bytes, from) => {
  const packet = decodePacket(bytes);
  if (typeof packet === 'string') return;
  if (checkMessageAuthenticator(packet, secret) !== 'good') return;
  const hidden = soleOf(packet, ATTRIBUTE_TYPES.userPassword);
  if (hidden === undefined || hidden === 'twice') return;
  const given = revealPassword(hidden.value, packet, secret);
  const opened = decrypt(key, sealed, CONTEXT);
  const seed = opened && parseSeed(opened);
  if (given === undefined || seed === undefined) return;
  counter += 1;
  const code = otp.code(seed, counter, PARAMETERS);
  seed.fill(0);
  previousHash = hash('sha256', `${previousHash}${code === given}${ENTRY}`);
  group.push({ packet, from });
  if (group.length === 1 && !isFlushing) gather();
});

/** As the store does: those that have arrived have their turn, and those that come meanwhile. */
const gather = () => setImmediate(() => setImmediate(() => void flush()));

async function flush(): Promise<void> {
  const accepts = group;
  group = [];
  isFlushing = true;
  const length = Math.ceil((accepts.length * ACCEPT_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  if (writtenTo + length > FILE_BYTES) writtenTo = 0;
  await journal.write(journaled.subarray(writtenTo, writtenTo + length), writtenTo);
  writtenTo += length;
  isFlushing = false;
  if (group.length > 0) gather();
  for (const { packet, from } of accepts) {
    const reply = signReply({ code: PACKET_CODES.accessAccept, attributes: [] }, packet, secret);
    socket.send(reply, from.port, from.address);
  }
}

socket.bind(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: socket.address().port })}\n`);
});
