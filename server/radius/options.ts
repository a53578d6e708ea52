import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { type ClientOfFile, type RadiusFile, radiusFile, secretText } from './file-form.ts';
import type { ListenOptions } from './listen-options.ts';
import type { ClientPolicy, GroupPolicy, ProxyTarget, RadiusClient, SignInPolicy } from './port.ts';

/** The file of `--radius`: what listens, who may ask, and how people of each client sign in. */

export interface RadiusOptions extends ListenOptions {
  /** In the order of the file: the first whose addresses fit is it. */
  readonly clients: readonly RadiusClient[];
  /** Files in which secrets stand: nobody else ought to read them. */
  readonly secretPlaces: readonly string[];
}

/** For the server's settings. */
export const RADIUS_FILE = {
  name: 'radius',
  schema: radiusFile,
  example:
    '{"clients": [{"name": "vpn", "addresses": ["10.0.0.7"], "secretFile": "vpn.secret", ' +
    '"mode": "challenge"}]}',
} as const;

type PolicyOfFile = Pick<
  ClientOfFile,
  'requiredStrength' | 'requiresProofing' | 'passwordOnlyUntil' | 'proxyTo' | 'nextCode'
>;
type SecretOfFile = Pick<ClientOfFile, 'secret' | 'secretFile'>;

/**
 * What the file means, its secrets read.
 *
 * @param place of the file, absolute; what relative paths in it are relative to
 * @throws FobtwinError `usage` naming the file of a secret that is none
 */
export function createRadiusOptions(
  { clients, ...listening }: RadiusFile,
  place: string,
): RadiusOptions {
  const secrets = new SecretReader(place);
  return Object.freeze({
    ...withAbsoluteFiles(listening, path.dirname(place)),
    clients: clients.map((given) => clientOf(given, secrets)),
    secretPlaces: secrets.places(),
  });
}

function clientOf(given: ClientOfFile, secrets: SecretReader): RadiusClient {
  const { name, addresses, certificates, requireMessageAuthenticator } = given;
  const own = policyOf(given, given.mode, secrets);
  const policy: ClientPolicy = {
    ...own,
    groups: given.groups.map((row): GroupPolicy => {
      const { name, organisation, role } = row;
      const who = { name, ...(organisation && { organisation }), ...(role && { role }) };
      // Whoever has no token: the group's own word for it, or the client's.
      const { passwordOnlyUntil, proxyTo, ...rest } = own;
      const inherited = row.passwordOnlyUntil || row.proxyTo ? rest : own;
      return { ...inherited, ...policyOf(row, row.mode ?? given.mode, secrets), ...who };
    }),
    replies: given.replies,
    wrongCodesPerMinute: given.wrongCodesPerMinute,
  };
  return {
    name,
    addresses,
    ...(certificates && { certificates }),
    secret: secrets.of(given),
    requireMessageAuthenticator,
    policy,
  };
}

function policyOf(given: PolicyOfFile, mode: SignInPolicy['mode'], secrets: SecretReader) {
  const { requiredStrength, requiresProofing, passwordOnlyUntil, proxyTo, nextCode } = given;
  const target = (row: NonNullable<typeof proxyTo>): ProxyTarget => {
    const { host, port, timeoutMillis, retries, requireMessageAuthenticator } = row;
    const secret = secrets.of(row);
    return { host, port, secret, timeoutMillis, retries, requireMessageAuthenticator };
  };
  return {
    mode,
    ...(requiredStrength && { requiredStrength }),
    ...(requiresProofing === undefined ? {} : { requiresProofing }),
    ...(passwordOnlyUntil && { passwordOnlyUntil }),
    ...(proxyTo && { proxyTo: target(proxyTo) }),
    ...(nextCode === undefined ? {} : { nextCode }),
  } satisfies SignInPolicy;
}

const withAbsoluteFiles = (listening: ListenOptions, directory: string): ListenOptions => {
  const { radsec } = listening;
  if (radsec === undefined) return listening;
  const absolute = (file: string): string => path.resolve(directory, file);
  return {
    ...listening,
    radsec: {
      ...radsec,
      certificateFile: absolute(radsec.certificateFile),
      keyFile: absolute(radsec.keyFile),
      caFile: absolute(radsec.caFile),
    },
  };
};

/** Reads each secret, and remembers in which files they stand. */
class SecretReader {
  readonly #place: string;
  readonly #places = new Set<string>();

  constructor(place: string) {
    this.#place = place;
  }

  /** The text less one final newline, as for every file of this kind. */
  of({ secret, secretFile }: SecretOfFile): Uint8Array {
    if (secretFile === undefined) {
      this.#places.add(this.#place);
      return Buffer.from(secret ?? '');
    }
    const file = path.resolve(path.dirname(this.#place), secretFile);
    this.#places.add(file);
    return Buffer.from(readSecret(file));
  }

  places(): readonly string[] {
    return [...this.#places];
  }
}

/** @throws FobtwinError `usage` */
function readSecret(file: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw refuseSecret(file, 'cannot be read as UTF-8', error);
  }
  const parsed = secretText.safeParse(text.replace(/\r?\n$/, ''));
  if (parsed.success) return parsed.data;
  throw refuseSecret(file, parsed.error.issues[0]?.message ?? 'is wrong');
}

const refuseSecret = (file: string, reason: string, cause?: unknown): FobtwinError =>
  new FobtwinError('usage', `--radius: the secret in ${file} ${reason}`, {
    nextStep: 'Write the shared secret there, and nothing else: openssl rand -hex 16.',
    cause,
  });
