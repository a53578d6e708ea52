import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseCountry } from '../../shared/countries.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { isThisMachine, parseServiceUrl } from '../access/address.ts';
import { SMTP_SECURITIES } from '../notices/smtp.ts';
import type { HttpGatewayOptions } from './gateway-http.ts';
import type { MailGatewayOptions } from './gateway-mail.ts';
import { PHONE_KINDS } from './record.ts';
import { DEFAULT_SENDING_LIMITS, SENDING_LIMIT_MAX, type SendingLimits } from './spending.ts';

/** The file of `--phones`: gateways that bring codes to phones, and what they may cost. */

export type GatewayOptions = HttpGatewayOptions | MailGatewayOptions;

export interface PhonesOptions {
  /** In the order in which they are tried. */
  readonly gateways: readonly GatewayOptions[];
  /** Numbers of other countries are not taken. Undefined: every country's. */
  readonly countries: readonly string[] | undefined;
  readonly limits: SendingLimits;
}

/** Without the file: nothing can be sent, and in a lab everything is captured. */
export const DEFAULT_PHONES_OPTIONS: PhonesOptions = {
  gateways: [],
  countries: undefined,
  limits: DEFAULT_SENDING_LIMITS,
};

const GATEWAYS_MAX = 8;
const COUNTRIES_MAX = 249;
const TRIES_MAX = 5;
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;
/** Of a file with a key or a password. */
const SECRET_BYTES_MAX = 1024;

const text = z.string().min(1, 'is empty').max(2048, 'is too long');
const line = text.regex(/^[^\p{Cc}]*$/u, 'has a control character');
const gatewayName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'is 1 to 32 of a-z, 0-9 and -, the first no hyphen');
const country = z.string().refine((code) => parseCountry(code) === code, {
  error: 'is a country of ISO 3166-1 in upper case, such as US',
});
const countries = z.array(country).min(1).max(COUNTRIES_MAX);
const timeoutMillis = z.int().min(100).max(5_000).default(2_500);

const httpGateway = z.strictObject({
  type: z.literal('http'),
  name: gatewayName,
  url: text.refine((given) => parseServiceUrl(given) !== undefined, {
    error: 'is an https address without a password, or http on this machine',
  }),
  keyFile: text,
  kinds: z
    .array(z.enum(PHONE_KINDS))
    .min(1)
    .default([...PHONE_KINDS]),
  countries: countries.optional(),
  timeoutMillis,
  tries: z.int().min(1).max(TRIES_MAX).default(2),
});

const mailGateway = z
  .strictObject({
    type: z.literal('mail'),
    name: gatewayName,
    host: line,
    port: z.int().min(1).max(65_535).default(587),
    security: z.enum(SMTP_SECURITIES).default('starttls'),
    user: line.optional(),
    passwordFile: text.optional(),
    from: line.regex(/^[^\s@]+@[^\s@]+$/, 'is an address such as codes@example.com'),
    to: line.regex(/^[^\s@]*\{(number|national)\}[^\s@]*@[^\s@]+$/, {
      error: 'is an address with {number} or {national} in it: {national}@texts.example.com',
    }),
    countries: countries.optional(),
    timeoutMillis,
  })
  .refine(({ security, host }) => security !== 'none' || isThisMachine(host), {
    path: ['security'],
    error: 'may be none on this machine alone',
  });

const limit = z.strictObject({
  hour: z.int().min(1).max(SENDING_LIMIT_MAX),
  day: z.int().min(1).max(SENDING_LIMIT_MAX),
});
const FILE = z.strictObject({
  gateways: z
    .array(z.discriminatedUnion('type', [httpGateway, mailGateway]))
    .min(1)
    .max(GATEWAYS_MAX)
    .refine((rows) => new Set(rows.map(({ name }) => name)).size === rows.length, {
      error: 'have a name each',
    }),
  countries: countries.optional(),
  limits: z
    .strictObject({
      account: limit.default(DEFAULT_SENDING_LIMITS.account),
      number: limit.default(DEFAULT_SENDING_LIMITS.number),
      range: limit.default(DEFAULT_SENDING_LIMITS.range),
      source: limit.default(DEFAULT_SENDING_LIMITS.source),
      country: limit.default(DEFAULT_SENDING_LIMITS.country),
      all: limit.default(DEFAULT_SENDING_LIMITS.all),
    })
    .default(DEFAULT_SENDING_LIMITS),
});

/** The file of `--phones`. */
export const PHONES_FORM = {
  name: 'phones',
  schema: FILE,
  example:
    '{"gateways": [{"type": "http", "name": "main", "url": "https://texts.example.com/send", ' +
    '"keyFile": "texts.key"}], "countries": ["US", "CA"]}',
} as const;

/**
 * What the file means, its keys and passwords read.
 *
 * @param place of the file, absolute; what relative paths in it are relative to
 * @throws FobtwinError `usage` naming the file of a key or a password that is none
 */
export function createPhonesOptions(
  { gateways, countries: allowed, limits }: z.output<typeof FILE>,
  place: string,
): PhonesOptions {
  const absolute = (file: string): string => path.resolve(path.dirname(place), file);
  return {
    countries: allowed,
    limits,
    gateways: gateways.map((row): GatewayOptions => {
      if (row.type === 'http') {
        const { keyFile, ...rest } = row;
        return { ...rest, key: readKey(absolute(keyFile)) };
      }
      const { user, passwordFile, ...rest } = row;
      const password = passwordFile === undefined ? '' : readText(absolute(passwordFile));
      return {
        ...rest,
        kinds: ['text'],
        login: user === undefined ? undefined : { user, password },
      };
    }),
  };
}

/** Base64, with or without the prefix that Standard Webhooks has. */
const KEY_TEXT = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/;

function readKey(file: string): Uint8Array {
  const encoded = KEY_TEXT.exec(readText(file).trim())?.[1] ?? '';
  const key = Buffer.from(encoded, 'base64');
  if (key.length >= KEY_BYTES_MIN && key.length <= KEY_BYTES_MAX) return key;
  throw new FobtwinError('usage', `--phones: the key in ${file} is none`, {
    nextStep: `Write ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} random bytes there as base64.`,
  });
}

/** Less one final newline. */
function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= SECRET_BYTES_MAX) return bytes.toString('utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new FobtwinError('usage', `--phones: ${file} cannot be read`, { cause: error });
  }
  throw new FobtwinError('usage', `--phones: ${file} is too long for a key or a password`);
}
