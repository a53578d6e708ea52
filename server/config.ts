import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { FobtwinError } from '../shared/errors.ts';
import { type AddressRange, parseAddressRange } from './access/address.ts';
import { AUDIT_SETTINGS, type AuditOptions, createAuditOptions } from './audit/settings.ts';
import {
  BUSINESS_SETTINGS,
  type BusinessOptions,
  createBusinessOptions,
} from './business-settings.ts';
import { commandWords } from './data-directory/command-words.ts';
import type { MasterKeyOptions } from './data-directory/master-key.ts';
import { masterKeyOptions } from './data-directory/master-key-settings.ts';
import { createEdgeOptions, EDGE_SETTINGS, type EdgeOptions } from './edge-settings.ts';
import type { CertificateFiles } from './http/certificate.ts';
import { createLimitOptions, LIMIT_BOUNDS, type LimitOptions } from './http/limits-options.ts';
import { isLoopback } from './http/loopback.ts';
import { createSessionOptions, SESSION_BOUNDS, type SessionOptions } from './sessions/options.ts';
import { readOptions } from './settings-file.ts';
import { createPolicy, POLICY_BOUNDS, type Policy } from './verification/policy.ts';

/**
 * How fobd is set up: flags before the environment before defaults, parsed once and frozen. This
 * is the only file of the server that reads the environment.
 */

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** With where the master key comes from: at most one of a file, a command and the environment. */
export interface FobdConfig extends MasterKeyOptions {
  /** The data directory, absolute. */
  readonly data: string;
  /** Likewise the master key that is to take the place of the other (`fobd key rewrap`). */
  readonly newMasterKey: MasterKeyOptions;
  readonly policy: Policy;
  readonly host: string;
  /** 0 lets the system pick one. */
  readonly port: number;
  /** Serve HTTPS with this certificate; undefined: plain HTTP. */
  readonly tls: CertificateFiles | undefined;
  /** A proxy that provides TLS stands in front: like TLS of its own, it opens a public address. */
  readonly behindProxy: boolean;
  /** Peers whose X-Forwarded-For is believed: none unless `behindProxy`. */
  readonly trustedProxies: readonly AddressRange[];
  readonly limits: LimitOptions;
  /** How long people stay signed in. */
  readonly sessions: Required<SessionOptions>;
  readonly audit: AuditOptions;
  /** RADIUS, sign-in pages and the like: each off until it is asked for. */
  readonly edges: EdgeOptions;
  /** Mail, payments, texts, proofing and the helpdesk. */
  readonly business: BusinessOptions;
  readonly logLevel: LogLevel;
  readonly logRequests: boolean;
  /** With less than so much of the disk left, fobd is not ready. */
  readonly diskReserveBytes: number;
  /** This machine's, for messages that go to others. */
  readonly hostName: string;
  /** Where a socket stands whose path in the data directory would be too long. */
  readonly runtimeDirectory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that hold a master key itself. There is no such flag: others could read it. */
const KEY_VARIABLES = {
  masterKey: 'FOBD_MASTER_KEY',
  newMasterKey: 'FOBD_NEW_MASTER_KEY',
} as const;

/** The process's environment, for the edge to hand in; no child of it inherits a master key. */
export function readEnvironment(): Environment {
  const environment = Object.freeze({ ...process.env });
  for (const variable of Object.values(KEY_VARIABLES)) delete process.env[variable];
  return environment;
}

const file = z.string().min(1, 'is empty').max(4096, 'is too long');
const command = z
  .string()
  .max(4096, 'is too long')
  .transform((text, context) => {
    const words = commandWords(text);
    if (words !== undefined) return words;
    context.addIssue({ code: 'custom', message: 'is a program and its arguments, quotes closed' });
    return z.NEVER;
  });
const yesOrNo = z.enum(['true', 'false'], 'is either true or false');

/** Addresses and ranges with commas between them. */
function proxyRanges(text: string, context: z.RefinementCtx): readonly AddressRange[] {
  const ranges = text.split(',').map((part) => parseAddressRange(part.trim()));
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === ranges.length) return known;
  context.addIssue({ code: 'custom', message: 'is a list such as 10.0.0.7,2001:db8::/64' });
  return z.NEVER;
}

/** One row a setting: its flag, its variable, and what its text must be. */
const SETTINGS = {
  data: { flag: '--data', variable: 'FOBD_DATA', schema: file },
  masterKeyFile: {
    flag: '--master-key-file',
    variable: 'FOBD_MASTER_KEY_FILE',
    schema: file,
  },
  masterKeyCommand: {
    flag: '--master-key-command',
    variable: 'FOBD_MASTER_KEY_COMMAND',
    schema: command,
  },
  newMasterKeyFile: {
    flag: '--new-master-key-file',
    variable: 'FOBD_NEW_MASTER_KEY_FILE',
    schema: file,
  },
  newMasterKeyCommand: {
    flag: '--new-master-key-command',
    variable: 'FOBD_NEW_MASTER_KEY_COMMAND',
    schema: command,
  },
  policy: { flag: '--policy', variable: 'FOBD_POLICY', schema: file },
  host: {
    flag: '--host',
    variable: 'FOBD_HOST',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'is a host name or an address'),
  },
  port: {
    flag: '--port',
    variable: 'FOBD_PORT',
    schema: z
      .string()
      .regex(/^[0-9]{1,5}$/, 'is a number from 0 to 65535')
      .refine((text) => Number(text) <= 65_535, 'is a number from 0 to 65535'),
  },
  tlsCertificate: { flag: '--tls-certificate', variable: 'FOBD_TLS_CERTIFICATE', schema: file },
  tlsKey: { flag: '--tls-key', variable: 'FOBD_TLS_KEY', schema: file },
  behindProxy: { flag: '--behind-proxy', variable: 'FOBD_BEHIND_PROXY', schema: yesOrNo },
  trustedProxy: {
    flag: '--trusted-proxy',
    variable: 'FOBD_TRUSTED_PROXY',
    schema: z.string().max(4096, 'is too long').transform(proxyRanges),
  },
  limits: { flag: '--limits', variable: 'FOBD_LIMITS', schema: file },
  sessions: { flag: '--sessions', variable: 'FOBD_SESSIONS', schema: file },
  logLevel: {
    flag: '--log-level',
    variable: 'FOBD_LOG_LEVEL',
    schema: z.enum(LOG_LEVELS, `is one of ${LOG_LEVELS.join(', ')}`),
  },
  logRequests: { flag: '--log-requests', variable: 'FOBD_LOG_REQUESTS', schema: yesOrNo },
  ...AUDIT_SETTINGS,
  ...EDGE_SETTINGS,
  ...BUSINESS_SETTINGS,
  diskReserve: {
    flag: '--disk-reserve',
    variable: 'FOBD_DISK_RESERVE',
    schema: z.string().regex(/^[0-9]{1,9}$/, 'is a whole number of MiB, at most 9 digits'),
  },
} as const;

type Name = keyof typeof SETTINGS;
type Text<N extends Name> = z.output<(typeof SETTINGS)[N]['schema']>;

/** What the command line said, as text; what it left out is undefined. */
export type Flags = { readonly [N in Name]?: string | undefined };

/**
 * @param directory absolute; what relative paths are relative to
 * @throws FobtwinError `usage` naming the flag or the variable at fault
 */
export function readConfig(
  flags: Flags,
  environment: Environment,
  { directory }: { readonly directory: string },
): FobdConfig {
  const sourceOf = (name: Name): string =>
    flags[name] === undefined ? SETTINGS[name].variable : SETTINGS[name].flag;
  const setting = <N extends Name>(name: N): Text<N> | undefined => {
    const { variable, schema } = SETTINGS[name];
    const given = flags[name];
    const text = given ?? (environment[variable] || undefined);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data as Text<N>;
    throw usage(`${sourceOf(name)} ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
  };
  const absolute = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : path.resolve(directory, text);
  const keyOptions = (which: keyof typeof KEY_VARIABLES): MasterKeyOptions => {
    const [file, command, text] = [
      `${which}File`,
      `${which}Command`,
      KEY_VARIABLES[which],
    ] as const;
    return masterKeyOptions({
      file: { source: sourceOf(file), value: absolute(setting(file)) },
      command: { source: sourceOf(command), value: setting(command) },
      text: { source: text, value: environment[text] || undefined },
    });
  };

  const host = setting('host') ?? '127.0.0.1';
  const behindProxy = setting('behindProxy') === 'true';
  const tls = certificateFiles(absolute(setting('tlsCertificate')), absolute(setting('tlsKey')));
  if (!behindProxy && tls === undefined) refusePublic(host);
  const policyFile = absolute(setting('policy'));
  const limitsFile = absolute(setting('limits'));
  const sessionsFile = absolute(setting('sessions'));
  return Object.freeze({
    data: absolute(setting('data')) ?? envPaths('fobd', { suffix: '' }).data,
    ...keyOptions('masterKey'),
    newMasterKey: Object.freeze(keyOptions('newMasterKey')),
    policy: Object.freeze(readOptions(policyFile, OVERRIDABLE.policy)),
    host,
    port: Number(setting('port') ?? '8080'),
    tls,
    behindProxy,
    trustedProxies: trustedProxies(behindProxy, setting('trustedProxy')),
    limits: Object.freeze(readOptions(limitsFile, OVERRIDABLE.limits)),
    sessions: Object.freeze(readOptions(sessionsFile, OVERRIDABLE.sessions)),
    audit: createAuditOptions(ownSettings(AUDIT_SETTINGS, setting), directory),
    edges: createEdgeOptions(ownSettings(EDGE_SETTINGS, setting), directory),
    business: createBusinessOptions(ownSettings(BUSINESS_SETTINGS, setting), directory),
    logLevel: setting('logLevel') ?? 'info',
    logRequests: setting('logRequests') === 'true',
    diskReserveBytes: Number(setting('diskReserve') ?? DISK_RESERVE_MIB) * 1024 * 1024,
    hostName: hostname(),
    runtimeDirectory: environment['XDG_RUNTIME_DIR'] || tmpdir(),
  });
}

/** What was given of the settings that a room has of its own. */
function ownSettings<Names extends Name>(
  rows: { readonly [N in Names]: unknown },
  setting: <N extends Name>(name: N) => Text<N> | undefined,
): { readonly [N in Names]: Text<N> | undefined } {
  const names = Object.keys(rows) as Names[];
  const given = names.map((name) => [name, setting(name)] as const);
  return Object.fromEntries(given) as { readonly [N in Names]: Text<N> | undefined };
}

/** Plain HTTP is spoken to this machine alone. */
function refusePublic(host: string): void {
  if (host === 'localhost' || isLoopback(host)) return;
  throw usage(`--host ${host} can be reached by others, and fobd speaks plain HTTP`, {
    nextStep:
      'Give --tls-certificate and --tls-key, or let a proxy provide TLS and say so with ' +
      '--behind-proxy, or keep --host 127.0.0.1.',
  });
}

/** A proxy is believed on this machine, or where the operator says that it stands. */
function trustedProxies(
  behindProxy: boolean,
  named: readonly AddressRange[] | undefined,
): readonly AddressRange[] {
  if (behindProxy) return named ?? LOOPBACK_RANGES;
  if (named === undefined) return [];
  throw usage('--trusted-proxy names a proxy, and fobd is not behind one', {
    nextStep: 'Add --behind-proxy, or leave --trusted-proxy out.',
  });
}

const LOOPBACK_RANGES = ['127.0.0.0/8', '::1'].flatMap((text) => parseAddressRange(text) ?? []);

/** Room for what waits, and for what an administrator needs to make more. */
const DISK_RESERVE_MIB = 256;

function certificateFiles(
  certificateFile: string | undefined,
  keyFile: string | undefined,
): CertificateFiles | undefined {
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile !== undefined && keyFile !== undefined) return { certificateFile, keyFile };
  const missing = keyFile === undefined ? '--tls-key' : '--tls-certificate';
  throw usage(`TLS needs a certificate and its key, and ${missing} is missing`, {
    nextStep: 'Give both --tls-certificate and --tls-key, or neither.',
  });
}

/** Options that a file may change. */
const OVERRIDABLE = {
  policy: {
    flag: SETTINGS.policy.flag,
    bounds: POLICY_BOUNDS,
    example: '{"lookAhead": 20}',
    check: createPolicy,
  },
  limits: {
    flag: SETTINGS.limits.flag,
    bounds: LIMIT_BOUNDS,
    example: '{"wrongKeysPerMinute": 10}',
    check: createLimitOptions,
  },
  sessions: {
    flag: SETTINGS.sessions.flag,
    bounds: SESSION_BOUNDS,
    example: '{"idleMillis": 900000, "lifeMillis": 28800000}',
    check: createSessionOptions,
  },
} as const;

function usage(
  message: string,
  options: { readonly nextStep?: string; readonly cause?: unknown } = {},
): FobtwinError {
  return new FobtwinError('usage', message, options);
}
