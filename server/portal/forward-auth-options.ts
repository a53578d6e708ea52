import { z } from 'zod';
import { FobtwinError } from '../../shared/errors.ts';
import { isAtLeast, STRENGTHS, type Strength } from '../../shared/types.ts';
import { type AddressRange, parseAddressRange } from '../access/address.ts';

/** Which proxies may ask about a browser, for which hosts, and what those demand. */
export interface ForwardAuthOptions {
  /** The parent domain of the hosts and of the public address: `example.com`. */
  readonly cookieDomain: string;
  /** By address; the first that fits. Nobody else is answered. */
  readonly proxies: readonly AskingProxy[];
  /** By origin, such as `https://wiki.example.com`. */
  readonly hosts: ReadonlyMap<string, HostRule>;
}

/** Which headers it sends; a browser could send the others. */
const PROXY_KINDS = ['nginx', 'traefik', 'caddy'] as const;
export type ProxyKind = (typeof PROXY_KINDS)[number];

export interface AskingProxy {
  readonly address: AddressRange;
  readonly kind: ProxyKind;
}

export interface HostRule {
  readonly requiredStrength: Strength;
  /** By a proofed credential; the strength is that of a code at least. */
  readonly requiresProofing?: boolean;
  /** Whoever gave the password, or the code that is required, longer ago gives it again. */
  readonly maxAgeSeconds: number | undefined;
}

const PROXIES_MAX = 100;
const HOSTS_MAX = 1000;
const AGE_SECONDS_MAX = 366 * 86_400;
/** At least two labels: browsers take no cookie for a whole top-level domain. */
const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/;

const address = z.string().transform((text, context) => {
  const range = parseAddressRange(text);
  if (range !== undefined) return range;
  context.addIssue({ code: 'custom', message: 'is an address or a range: 10.0.0.7, 10.0.0.0/24' });
  return z.NEVER;
});
const origin = z
  .string()
  .max(300, 'is too long')
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, {
    error: 'is an origin such as https://wiki.example.com, without a path',
  });

const FILE = z.strictObject({
  cookieDomain: z
    .string()
    .max(253, 'is too long')
    .regex(DOMAIN, 'is a domain in lower case, such as example.com'),
  proxies: z
    .array(z.strictObject({ address, kind: z.enum(PROXY_KINDS) }))
    .min(1)
    .max(PROXIES_MAX),
  hosts: z
    .array(
      z.strictObject({
        origin,
        requiredStrength: z.enum(STRENGTHS).default('password'),
        requiresProofing: z.boolean().default(false),
        maxAgeSeconds: z.int().min(60).max(AGE_SECONDS_MAX).optional(),
      }),
    )
    .min(1)
    .max(HOSTS_MAX),
});

const EXAMPLE =
  '{"cookieDomain": "example.com", "proxies": [{"address": "127.0.0.1", "kind": "nginx"}], ' +
  '"hosts": [{"origin": "https://wiki.example.com", "requiredStrength": "hardwareToken"}]}';

/** The file of `--forward-auth`. */
export const FORWARD_AUTH_FORM = { name: 'forwardAuth', schema: FILE, example: EXAMPLE } as const;

/**
 * @param publicUrl where people sign in
 * @throws FobtwinError `usage` saying what is wrong in the file
 */
export function createForwardAuthOptions(
  file: z.output<typeof FILE>,
  publicUrl: URL | undefined,
): ForwardAuthOptions {
  const hosts = new Map<string, HostRule>();
  for (const { origin: key, requiredStrength: given, ...rule } of file.hosts) {
    const { requiresProofing, maxAgeSeconds } = rule;
    // No password was ever proofed.
    const isCode = !requiresProofing || isAtLeast(given, 'phoneOtp');
    const requiredStrength = isCode ? given : 'phoneOtp';
    hosts.set(key, { requiredStrength, requiresProofing, maxAgeSeconds });
  }
  const fault =
    publicUrl === undefined
      ? '--public-url is missing: people sign in there'
      : faultOf([...hosts.keys()], file.hosts.length, file.cookieDomain, publicUrl);
  if (fault === undefined) {
    return { cookieDomain: file.cookieDomain, proxies: file.proxies, hosts };
  }
  throw new FobtwinError('usage', `--forward-auth: ${fault}`, {
    nextStep: `The file is a JSON object such as ${EXAMPLE}.`,
  });
}

/** What would leave a browser going in circles: a cookie that does not reach where it is needed. */
function faultOf(
  origins: readonly string[],
  given: number,
  domain: string,
  publicUrl: URL,
): string | undefined {
  if (origins.length < given) return 'an origin stands there twice';
  const isBelow = ({ hostname }: URL) => hostname === domain || hostname.endsWith(`.${domain}`);
  if (!isBelow(publicUrl)) return `--public-url ${publicUrl.origin} is not below ${domain}`;
  for (const text of origins) {
    const url = new URL(text);
    if (!isBelow(url)) return `${text} is not below ${domain}`;
    if (url.protocol !== publicUrl.protocol) return `${text} is not ${publicUrl.protocol}//`;
    if (text === publicUrl.origin) return `${text} is where people sign in`;
  }
  return undefined;
}
