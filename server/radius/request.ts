import { type Authenticity, checkMessageAuthenticator, revealPassword } from './authenticity.ts';
import { ATTRIBUTE_TYPES, decodeText, PACKET_CODES, type Packet, soleOf } from './packet.ts';
import type { AccessReply, AccessRequest, RadiusClient } from './port.ts';
import type { PacketResult } from './results.ts';

/** Whom a packet is from. */
export interface Sender {
  readonly client: RadiusClient;
  /** What it is signed with: the client's own secret, or RadSec's. */
  readonly secret: Uint8Array;
  /** Address of the other end. */
  readonly source: string;
  /** TLS vouches for every byte: then Message-Authenticator may be left out (RFC 6614). */
  readonly isOverTls: boolean;
}

const AUTHENTICITY_RESULTS = {
  absent: 'authenticatorAbsent',
  bad: 'authenticatorBad',
  twice: 'authenticatorTwice',
  malformed: 'authenticatorMalformed',
} as const satisfies Readonly<Record<Exclude<Authenticity, 'good'>, PacketResult>>;

/**
 * Why a packet is dropped before anything in it is looked at; undefined for one that may be read.
 *
 * Whoever has opted out may leave Message-Authenticator away, but not with Proxy-State, where a
 * forger would hide what makes two MD5 sums equal (CVE-2024-3596), not with EAP-Message (RFC 3579
 * section 3.1), and not in Status-Server (RFC 5997 section 3).
 */
export function reasonToDrop(
  packet: Packet,
  { client, secret, isOverTls }: Sender,
): PacketResult | undefined {
  const isStatus = packet.code === PACKET_CODES.statusServer;
  if (!isStatus && packet.code !== PACKET_CODES.accessRequest) return 'unsupportedCode';
  const authenticity = checkMessageAuthenticator(packet, secret);
  if (authenticity === 'good') return undefined;
  if (authenticity !== 'absent' || isStatus) return AUTHENTICITY_RESULTS[authenticity];
  if (has(packet, ATTRIBUTE_TYPES.eapMessage)) return 'unprotectedEap';
  if (isOverTls) return undefined;
  if (client.requireMessageAuthenticator) return 'authenticatorAbsent';
  return has(packet, ATTRIBUTE_TYPES.proxyState) ? 'unprotectedProxyState' : undefined;
}

const has = ({ attributes }: Packet, wanted: number): boolean =>
  attributes.some(({ type }) => type === wanted);

/** A request that can be decided, or the reply to one that cannot. */
export type Read =
  | { readonly request: AccessRequest; readonly refusal?: never }
  | { readonly refusal: AccessReply; readonly request?: never };

/** What an Access-Request asks, once `reasonToDrop` has found none. */
export function readAccessRequest(packet: Packet, { client, secret, source }: Sender): Read {
  const eap = packet.attributes.find(({ type }) => type === ATTRIBUTE_TYPES.eapMessage);
  if (eap !== undefined) return { refusal: refuseEap(eap.value) };
  if (has(packet, ATTRIBUTE_TYPES.chapPassword)) return { refusal: REFUSALS.chap };
  const name = soleOf(packet, ATTRIBUTE_TYPES.userName);
  const hidden = soleOf(packet, ATTRIBUTE_TYPES.userPassword);
  const challenge = soleOf(packet, ATTRIBUTE_TYPES.state);
  if (name === 'twice' || hidden === 'twice' || challenge === 'twice') {
    return { refusal: REFUSALS.twice };
  }
  const user = name && decodeText(name.value);
  if (user === undefined || user === '') return { refusal: REFUSALS.userName };
  return {
    request: {
      client,
      packet,
      userName: user,
      password: hidden && revealPassword(hidden.value, packet, secret),
      state: challenge && Buffer.from(challenge.value).toString('latin1'),
      source,
    },
  };
}

const rejectSaying = (text: string): AccessReply => ({
  code: 'accessReject',
  attributes: [{ type: ATTRIBUTE_TYPES.replyMessage, value: new TextEncoder().encode(text) }],
});

const REFUSALS = {
  chap: rejectSaying('CHAP cannot be checked here: use PAP.'),
  twice: rejectSaying('User-Name, User-Password and State may each be sent once.'),
  userName: rejectSaying('User-Name is missing, or is not UTF-8.'),
};

/** RFC 3748 section 4: code 4, the identifier answered, and the length of four. */
const EAP_FAILURE_CODE = 4;
const EAP_FAILURE_BYTES = 4;

/**
 * EAP is not spoken here. It is rejected and not dropped, so that the client does not take this
 * server for dead; an EAP-Failure goes with it (RFC 3579 section 2.6.3) and no Reply-Message, which
 * may not stand beside EAP-Message (section 2.6.5).
 */
function refuseEap(message: Uint8Array): AccessReply {
  const failure = Uint8Array.from([EAP_FAILURE_CODE, message[1] ?? 0, 0, EAP_FAILURE_BYTES]);
  const attribute = { type: ATTRIBUTE_TYPES.eapMessage, value: failure };
  return { code: 'accessReject', attributes: [attribute] };
}
