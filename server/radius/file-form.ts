import { isIP } from 'node:net';
import { z } from 'zod';
import { parseTime } from '../../shared/time.ts';
import { ACCOUNT_ROLES, STRENGTHS, type UnixMillis } from '../../shared/types.ts';
import { parseAddressRange } from '../access/address.ts';
import { certificateName, file, LISTEN_SHAPE, RADIUS_PORT } from './listen-options.ts';
import { ATTRIBUTE_HEAD_BYTES, PACKET_BYTES_MAX } from './packet.ts';
import { SIGN_IN_MODES, type SignInMode } from './port.ts';
import { replyRow } from './reply-attributes.ts';

/** The form of the RADIUS file, and what of it cannot be: `options.ts` says what it means. */

/** Of a shared secret, in bytes. RFC 2865 section 3 asks for at least 16. */
export const SECRET_BYTES_MIN = 8;
export const SECRET_BYTES_RECOMMENDED = 16;
const SECRET_BYTES_MAX = 256;
const CLIENTS_MAX = 1000;
const GROUPS_MAX = 100;
const REPLIES_MAX = 64;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** What templates may fill; the rest is for Proxy-State and Message-Authenticator. */
const REPLY_BYTES_MAX = PACKET_BYTES_MAX - 1024;
/** A proxied request comes to an end, answered or not. */
const PROXY_MILLIS_MAX = 30_000;

const name = z.string().regex(NAME, 'is 1 to 64 letters, digits, points, hyphens and underscores');
export const secretText = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= SECRET_BYTES_MIN, {
    error: `is shorter than ${SECRET_BYTES_MIN} bytes; ${SECRET_BYTES_RECOMMENDED} are wanted`,
  })
  .refine((text) => Buffer.byteLength(text) <= SECRET_BYTES_MAX, { error: 'is too long' });
const SECRET_SHAPE = { secret: secretText.optional(), secretFile: file.optional() };

const addressRange = z.string().transform((text, context) => {
  const range = parseAddressRange(text);
  if (range !== undefined) return range;
  context.addIssue({ code: 'custom', message: 'is an address or a range such as 10.0.0.0/8' });
  return z.NEVER;
});

const moment = z.string().transform((text, context) => {
  const at = parseTime(text);
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'is a time such as 2027-01-01T00:00:00Z' });
  return z.NEVER;
});

const proxyTo = z
  .strictObject({
    host: z.string().refine((text) => isIP(text) !== 0, { error: 'is an IPv4 or IPv6 address' }),
    port: z.int().min(1).max(65_535).default(RADIUS_PORT),
    ...SECRET_SHAPE,
    timeoutMillis: z.int().min(100).max(10_000).default(3000),
    retries: z.int().min(0).max(10).default(2),
    requireMessageAuthenticator: z.boolean().default(true),
  })
  .superRefine(oneSecret)
  .refine(({ timeoutMillis, retries }) => timeoutMillis * (retries + 1) <= PROXY_MILLIS_MAX, {
    path: ['retries'],
    error: `makes all tries together last longer than ${PROXY_MILLIS_MAX} ms`,
  });

const POLICY_SHAPE = {
  /** Has to be there, and true, for the mode `code`. */
  codeAlone: z.literal(true, 'is true or absent').optional(),
  requiredStrength: z.enum(STRENGTHS).optional(),
  requiresProofing: z.boolean().optional(),
  passwordOnlyUntil: moment.optional(),
  proxyTo: proxyTo.optional(),
  nextCode: z.boolean().optional(),
};
const mode = z.enum(SIGN_IN_MODES, `is one of ${SIGN_IN_MODES.join(', ')}`);

const group = z
  .strictObject({
    name,
    organisation: z.string().min(1, 'is empty').max(256, 'is too long').optional(),
    role: z.enum(ACCOUNT_ROLES).optional(),
    mode: mode.optional(),
    ...POLICY_SHAPE,
  })
  .refine(({ organisation, role }) => organisation !== undefined || role !== undefined, {
    path: ['organisation'],
    error: 'or a role has to say who is of the group',
  });

const clientRow = z.strictObject({
  name,
  addresses: z.array(addressRange).min(1, 'is empty').max(256, 'has more than 256 ranges'),
  certificates: z.array(certificateName).min(1, 'is empty').max(256).optional(),
  ...SECRET_SHAPE,
  requireMessageAuthenticator: z.boolean().default(true),
  mode,
  ...POLICY_SHAPE,
  wrongCodesPerMinute: z.int().min(1).max(1_000_000).default(30),
  groups: z.array(group).max(GROUPS_MAX, `has more than ${GROUPS_MAX}`).default([]),
  replies: z.array(replyRow).max(REPLIES_MAX, `has more than ${REPLIES_MAX}`).default([]),
});
type ClientRow = z.output<typeof clientRow>;
const client = clientRow
  .superRefine(oneSecret)
  .superRefine(possiblePolicies)
  .superRefine(possibleReplies);

export const radiusFile = z
  .strictObject({
    ...LISTEN_SHAPE,
    clients: z
      .array(client)
      .min(1, 'is empty')
      .max(CLIENTS_MAX, `has more than ${CLIENTS_MAX} clients`),
  })
  .superRefine(({ clients }, context) => differentNames(clients, ['clients'], context));

export type RadiusFile = z.output<typeof radiusFile>;
export type ClientOfFile = RadiusFile['clients'][number];

type Context = z.RefinementCtx;
interface SecretRow {
  readonly secret?: string | undefined;
  readonly secretFile?: string | undefined;
}
interface PolicyRow {
  readonly codeAlone?: true | undefined;
  readonly passwordOnlyUntil?: UnixMillis | undefined;
  readonly proxyTo?: object | undefined;
}
type Place = (string | number)[];
const refuse = (context: Context, place: Place, message: string): void =>
  context.addIssue({ code: 'custom', path: place, message });

function oneSecret({ secret, secretFile }: SecretRow, context: Context): void {
  if ((secret === undefined) !== (secretFile === undefined)) return;
  refuse(context, ['secret'], 'or secretFile has to be there, and not both');
}

function possiblePolicies(given: ClientRow, context: Context): void {
  possiblePolicy(given, given.mode, [], context);
  differentNames(given.groups, ['groups'], context);
  given.groups.forEach((row, index) => {
    possiblePolicy(row, row.mode ?? given.mode, ['groups', index], context, given.codeAlone);
  });
}

function possiblePolicy(
  { codeAlone, passwordOnlyUntil, proxyTo }: PolicyRow,
  mode: SignInMode,
  place: Place,
  context: Context,
  inherited?: true,
): void {
  if (mode === 'code' && codeAlone === undefined && inherited === undefined) {
    const message =
      'has to be true for the mode code: whoever has the token signs in without a password';
    refuse(context, [...place, 'codeAlone'], message);
  }
  if (mode === 'code' && passwordOnlyUntil !== undefined) {
    const message = 'makes no sense where no password is asked for';
    refuse(context, [...place, 'passwordOnlyUntil'], message);
  }
  if (passwordOnlyUntil !== undefined && proxyTo !== undefined) {
    const message = 'and passwordOnlyUntil exclude each other';
    refuse(context, [...place, 'proxyTo'], message);
  }
}

function possibleReplies({ replies, groups }: ClientRow, context: Context): void {
  const known = new Set(groups.map(({ name }) => name));
  replies.forEach((row, index) => {
    const unknown = row.groups?.find((name) => !known.has(name));
    if (unknown === undefined) return;
    refuse(context, ['replies', index, 'groups'], `names ${unknown}, which is no group here`);
  });
  const bytes = replies.reduce((sum, { bytesMax }) => sum + ATTRIBUTE_HEAD_BYTES + bytesMax, 0);
  if (bytes <= REPLY_BYTES_MAX) return;
  refuse(context, ['replies'], `can have ${bytes} bytes, and ${REPLY_BYTES_MAX} fit`);
}

function differentNames(
  rows: readonly { readonly name: string }[],
  place: Place,
  context: Context,
): void {
  const seen = new Set<string>();
  rows.forEach(({ name }, index) => {
    if (seen.has(name)) refuse(context, [...place, index, 'name'], 'stands there twice');
    seen.add(name);
  });
}
