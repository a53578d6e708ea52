import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * What of the RADIUS file is about listening: rows for its schema. The rest of that file, and where
 * it is read, stands in `options.ts`.
 */

const PORT_MAX = 65_535;
/** RFC 2865 section 3; RFC 6614 section 2.1. */
export const RADIUS_PORT = 1812;
export const RADSEC_PORT = 2083;
const LOOPBACK = '127.0.0.1';

/** An address and no name: a name may be several, or change. */
const host = z
  .string()
  .max(64, 'is too long')
  .refine((text) => isIP(text) !== 0, { error: 'is an IPv4 or IPv6 address' })
  .default(LOOPBACK);
const portOr = (usual: number) => z.int().min(0).max(PORT_MAX).default(usual);
/** A file's place. */
export const file = z.string().min(1, 'is empty').max(4096, 'is too long');

const FINGERPRINT = /^(?:[0-9a-f]{2}:?){32}$/i;
const HOST_NAME = /^[a-z0-9*](?:[a-z0-9.*-]{0,251}[a-z0-9])?$/i;

/**
 * How a RadSec client's certificate is known: its SHA-256 fingerprint, or a DNS name of its
 * subjectAltName (its subject's CN where it has none).
 */
export const certificateName = z
  .string()
  .max(253, 'is too long')
  .refine((text) => FINGERPRINT.test(text) || HOST_NAME.test(text), {
    error: "is a certificate's SHA-256 fingerprint or host name",
  });

export const LISTEN_SHAPE = {
  /** UDP. Port 0 picks a free one. An empty list: RadSec alone. */
  listen: z
    .array(z.strictObject({ host, port: portOr(RADIUS_PORT) }))
    .max(16, 'has more than 16 addresses')
    .default([{ host: LOOPBACK, port: RADIUS_PORT }]),
  /** RADIUS over TLS. Clients need a certificate that an authority of `caFile` signed. */
  radsec: z
    .strictObject({
      host,
      port: portOr(RADSEC_PORT),
      certificateFile: file,
      keyFile: file,
      caFile: file,
      /** Beyond it connections are closed at once. */
      connectionsMax: z.int().min(1).max(10_000).default(256),
      /** A connection on which nothing has come for so long is closed. */
      idleSeconds: z.int().min(5).max(86_400).default(600),
    })
    .optional(),
  limits: z
    .strictObject({
      /** Requests being decided for one client; more are dropped, and the client asks again. */
      underWayPerClient: z.int().min(1).max(4096).default(256),
      /** The same of all clients together. */
      underWay: z.int().min(1).max(65_536).default(4096),
      /** So long a retransmission gets the reply that the first one got. */
      replySeconds: z.int().min(30).max(300).default(30),
      /** Replies kept for one client; while there are as many, it gets no new ones. */
      repliesPerClient: z.int().min(256).max(1_000_000).default(16_384),
    })
    .prefault({}),
} as const;

const listenOptions = z.strictObject(LISTEN_SHAPE);
/** Files are absolute. */
export type ListenOptions = z.output<typeof listenOptions>;
export type RadsecOptions = NonNullable<ListenOptions['radsec']>;
export type RadiusLimits = ListenOptions['limits'];

/** For tests and tools: defaults where nothing is said. */
export const parseListenOptions = (value: z.input<typeof listenOptions>): ListenOptions =>
  listenOptions.parse(value);
