import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';

/** The files of the page, read once: nothing that is asked for is ever looked up on a disk. */
export interface Files {
  /** @param place path and query below the access token; `/` is the page */
  find(place: string): ServedFile | undefined;
}

export interface ServedFile {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const PAGE = 'index.html';
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Without a page: only the control interface is served. */
export const NO_FILES: Files = { find: () => undefined };

/** @throws FobtwinError `fileUnreadable` where the page was not built */
export async function readFiles(directory: string): Promise<Files> {
  const files = new Map<string, ServedFile>();
  for (const name of await namesIn(directory)) {
    const mediaType = MEDIA_TYPES[path.extname(name)];
    if (mediaType === undefined) continue;
    files.set(`/${name}`, { mediaType, bytes: await readFile(path.join(directory, name)) });
  }
  const page = files.get(`/${PAGE}`);
  if (page === undefined) throw notBuilt(directory);
  files.set('/', page);
  return { find: (place) => files.get(place.split('?', 1)[0] ?? '') };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    throw notBuilt(directory, cause);
  }
}

function notBuilt(directory: string, cause?: unknown): FobtwinError {
  return new FobtwinError('fileUnreadable', `The page of the token is not in ${directory}`, {
    cause,
    nextStep: 'Build it with `npm run build`.',
  });
}
