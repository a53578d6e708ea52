import path from 'node:path';
import { z } from 'zod';
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
import { fileOptions } from './settings-file.ts';

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
  const given = { settings, rows: EDGE_SETTINGS, directory };
  return {
    publicUrl,
    directory: fileOptions(DIRECTORY_FORM, given, (file, place) =>
      createDirectoryOptions(file, path.dirname(place)),
    ),
    compat: fileOptions(COMPAT_FORM, given, (options) => options),
    forwardAuth: fileOptions(FORWARD_AUTH_FORM, given, (file) =>
      createForwardAuthOptions(file, publicUrl),
    ),
    radius: fileOptions(RADIUS_FILE, given, createRadiusOptions),
  };
}

/** Plain HTTP is for this machine alone. */
function parsePublicUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.origin !== text.replace(/\/$/, '')) return undefined;
  const isHere = url.hostname === 'localhost' || isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
  return url.protocol === 'https:' || (url.protocol === 'http:' && isHere) ? url : undefined;
}
