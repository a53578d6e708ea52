import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FobtwinError } from '../shared/errors.ts';
import {
  createDirectoryOptions,
  DIRECTORY_FORM,
  type DirectoryOptions,
} from './accounts/directory/options.ts';
import { COMPAT_FORM, type CompatOptions } from './compat/options.ts';
import { isLoopback } from './http/loopback.ts';
import {
  createForwardAuthOptions,
  FORWARD_AUTH_FORM,
  type ForwardAuthOptions,
} from './portal/forward-auth-options.ts';
import { createRadiusOptions, RADIUS_FILE, type RadiusOptions } from './radius/options.ts';

/**
 * What can be chosen of the edges beside /v1: rows for the server's settings. Each edge is off
 * until its setting is given, and has a JSON file of its own where it has more than one choice.
 */

const file = z.string().min(1, 'is empty').max(4096, 'is too long');

export const EDGE_SETTINGS = {
  publicUrl: {
    flag: '--public-url',
    variable: 'FOBD_PUBLIC_URL',
    schema: z
      .string()
      .max(2048, 'is too long')
      .refine((text) => parsePublicUrl(text) !== undefined, {
        error: 'is an https address without a path, such as https://login.example.com',
      }),
  },
  directory: { flag: '--directory', variable: 'FOBD_DIRECTORY', schema: file },
  radius: { flag: '--radius', variable: 'FOBD_RADIUS', schema: file },
  compat: { flag: '--compat', variable: 'FOBD_COMPAT', schema: file },
  forwardAuth: { flag: '--forward-auth', variable: 'FOBD_FORWARD_AUTH', schema: file },
} as const;

type Name = keyof typeof EDGE_SETTINGS;
/** What each setting was given as; undefined where it was not. */
export type EdgeSettings = { readonly [N in Name]: string | undefined };

export interface EdgeOptions {
  /** Where browsers reach fobd: opens the pages that people sign in on. */
  readonly publicUrl: URL | undefined;
  /** Whose passwords people have: a directory's; undefined: fobd's own alone. */
  readonly directory: DirectoryOptions | undefined;
  /** Who may use the drop-in API, and how. */
  readonly compat: CompatOptions | undefined;
  /** Proxies that ask who a browser is; only with a public address. */
  readonly forwardAuth: ForwardAuthOptions | undefined;
  readonly radius: RadiusOptions | undefined;
}

/**
 * @param directory absolute; what relative paths are relative to
 * @throws FobtwinError `usage` naming the flag, the file and what is wrong in it
 */
export function createEdgeOptions(settings: EdgeSettings, directory: string): EdgeOptions {
  const publicUrl = settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl);
  return {
    publicUrl,
    directory: directoryOptions(settings.directory, directory),
    compat: compatOptions(settings.compat, directory),
    forwardAuth: forwardAuthOptions(settings.forwardAuth, directory, publicUrl),
    radius: radiusOptions(settings.radius, directory),
  };
}

const compatOptions = (
  setting: string | undefined,
  directory: string,
): CompatOptions | undefined =>
  setting === undefined ? undefined : readEdgeFile(path.resolve(directory, setting), COMPAT_FORM);

function forwardAuthOptions(
  setting: string | undefined,
  directory: string,
  publicUrl: URL | undefined,
): ForwardAuthOptions | undefined {
  if (setting === undefined) return undefined;
  const file = readEdgeFile(path.resolve(directory, setting), FORWARD_AUTH_FORM);
  return createForwardAuthOptions(file, publicUrl);
}

function directoryOptions(
  setting: string | undefined,
  directory: string,
): DirectoryOptions | undefined {
  if (setting === undefined) return undefined;
  const place = path.resolve(directory, setting);
  return createDirectoryOptions(readEdgeFile(place, DIRECTORY_FORM), path.dirname(place));
}

function radiusOptions(setting: string | undefined, directory: string): RadiusOptions | undefined {
  if (setting === undefined) return undefined;
  const place = path.resolve(directory, setting);
  return createRadiusOptions(readEdgeFile(place, RADIUS_FILE), place);
}

/** Plain HTTP is for this machine alone. */
function parsePublicUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.origin !== text.replace(/\/$/, '')) return undefined;
  const isHere = url.hostname === 'localhost' || isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
  return url.protocol === 'https:' || (url.protocol === 'http:' && isHere) ? url : undefined;
}

/** A thousand clients have room in it. */
const CHARACTERS_MAX = 1024 * 1024;

/** A setting whose file is a JSON object of one form. */
export interface FileForm<Form extends z.ZodType> {
  readonly name: Exclude<Name, 'publicUrl'>;
  readonly schema: Form;
  /** For whoever got it wrong. */
  readonly example: string;
}

/** @throws FobtwinError `usage` naming the flag, the file and what is wrong in it */
export function readEdgeFile<Form extends z.ZodType>(
  place: string,
  { name, schema, example }: FileForm<Form>,
): z.output<Form> {
  const refuse = (reason: string, cause?: unknown) =>
    new FobtwinError('usage', `${EDGE_SETTINGS[name].flag} ${place}: ${reason}`, {
      nextStep: `The file is a JSON object such as ${example}.`,
      cause,
    });
  let value: unknown;
  try {
    const text = readFileSync(place, 'utf8');
    if (text.length > CHARACTERS_MAX) throw refuse('is too long');
    value = JSON.parse(text);
  } catch (error) {
    throw error instanceof FobtwinError ? error : refuse('cannot be read as JSON', error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(z.prettifyError(parsed.error), parsed.error);
}
