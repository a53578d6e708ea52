import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { FobtwinError } from '../shared/errors.ts';
import { isLoopback } from './http/loopback.ts';
import { createPolicy, POLICY_BOUNDS, type Policy } from './verification/policy.ts';

/**
 * How fobd is set up: flags before the environment before defaults, parsed once and frozen. This
 * is the only file of the server that reads the environment.
 */

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface FobdConfig {
  /** The data directory, absolute. */
  readonly data: string;
  /** Absolute; `master.key` in the data directory when undefined. */
  readonly masterKeyFile: string | undefined;
  readonly policy: Policy;
  readonly host: string;
  /** 0 lets the system pick one. */
  readonly port: number;
  /** A proxy that provides TLS stands in front: the one word that opens a public address. */
  readonly behindProxy: boolean;
  readonly logLevel: LogLevel;
  readonly logRequests: boolean;
  /** Where a socket stands whose path in the data directory would be too long. */
  readonly runtimeDirectory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment, for the edge to hand in. */
export const readEnvironment = (): Environment => Object.freeze({ ...process.env });

const file = z.string().min(1, 'is empty').max(4096, 'is too long');
const yesOrNo = z.enum(['true', 'false'], 'is either true or false');

/** One row a setting: its flag, its variable, and what its text must be. */
const SETTINGS = {
  data: { flag: '--data', variable: 'FOBD_DATA', schema: file },
  masterKeyFile: {
    flag: '--master-key-file',
    variable: 'FOBD_MASTER_KEY_FILE',
    schema: file,
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
  behindProxy: { flag: '--behind-proxy', variable: 'FOBD_BEHIND_PROXY', schema: yesOrNo },
  logLevel: {
    flag: '--log-level',
    variable: 'FOBD_LOG_LEVEL',
    schema: z.enum(LOG_LEVELS, `is one of ${LOG_LEVELS.join(', ')}`),
  },
  logRequests: { flag: '--log-requests', variable: 'FOBD_LOG_REQUESTS', schema: yesOrNo },
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
  const setting = <N extends Name>(name: N): Text<N> | undefined => {
    const { flag, variable, schema } = SETTINGS[name];
    const given = flags[name];
    const text = given ?? (environment[variable] || undefined);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data as Text<N>;
    const source = given === undefined ? variable : flag;
    throw usage(`${source} ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
  };
  const absolute = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : path.resolve(directory, text);

  const host = setting('host') ?? '127.0.0.1';
  const behindProxy = setting('behindProxy') === 'true';
  if (host !== 'localhost' && !isLoopback(host) && !behindProxy) {
    throw usage(`--host ${host} can be reached by others, and fobd speaks plain HTTP`, {
      nextStep: 'Let a proxy provide TLS and say so with --behind-proxy, or keep --host 127.0.0.1.',
    });
  }
  const policyFile = absolute(setting('policy'));
  return Object.freeze({
    data: absolute(setting('data')) ?? envPaths('fobd', { suffix: '' }).data,
    masterKeyFile: absolute(setting('masterKeyFile')),
    policy: Object.freeze(policyFile === undefined ? createPolicy() : readPolicy(policyFile)),
    host,
    port: Number(setting('port') ?? '8080'),
    behindProxy,
    logLevel: setting('logLevel') ?? 'info',
    logRequests: setting('logRequests') === 'true',
    runtimeDirectory: environment['XDG_RUNTIME_DIR'] || tmpdir(),
  });
}

const POLICY_FILE_CHARACTERS_MAX = 16 * 1024;

const policySchema = z.partialRecord(
  z.enum(Object.keys(POLICY_BOUNDS) as [keyof Policy, ...(keyof Policy)[]]),
  z.number(),
);

/** A JSON object of the policy's options that differ from the defaults. */
function readPolicy(policyFile: string): Policy {
  const refuse = (reason: string, cause?: unknown) =>
    usage(`--policy ${policyFile}: ${reason}`, {
      nextStep: 'The file is a JSON object such as {"lookAhead": 20}.',
      cause,
    });
  let overrides: unknown;
  try {
    overrides = JSON.parse(readFileSync(policyFile, 'utf8').slice(0, POLICY_FILE_CHARACTERS_MAX));
  } catch (error) {
    throw refuse('cannot be read as JSON', error);
  }
  const parsed = policySchema.safeParse(overrides);
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error), parsed.error);
  try {
    return createPolicy(parsed.data);
  } catch (error) {
    throw error instanceof FobtwinError ? refuse(error.message, error) : error;
  }
}

function usage(
  message: string,
  options: { readonly nextStep?: string; readonly cause?: unknown } = {},
): FobtwinError {
  return new FobtwinError('usage', message, options);
}
