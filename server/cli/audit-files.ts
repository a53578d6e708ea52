import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import {
  type Checkpoint,
  isGenuineCheckpoint,
  parseCheckpoint,
  parsePublicKey,
} from '../audit/checkpoint.ts';
import { parseHeader } from '../audit/export.ts';
import { linesOf } from '../audit/export-lines.ts';
import type { Known } from '../audit/verify.ts';
import { type ExportVerdict, verifyExports } from '../audit/verify-export.ts';
import { readSmallFile } from '../data-directory/durable-files.ts';

/** The files of the audit log that a command is given: exports, checkpoints, public keys. */

const SMALL_FILE_BYTES_MAX = 4096;

/** The lines of an export, as it is read. */
export async function* exportLines(file: string): AsyncGenerator<string> {
  try {
    yield* linesOf(createReadStream(file));
  } catch (error) {
    throw unreadable(file, error);
  }
}

export const verifyFiles = (
  files: readonly string[],
  options: { readonly publicKey?: KeyObject | undefined; readonly checkpoint?: Known | undefined },
): Promise<ExportVerdict> => verifyExports(files.map(exportLines), options);

/** The key that stands in an export itself; `undefined` where it has none. */
export async function keyInExport(file: string): Promise<KeyObject | undefined> {
  for await (const line of exportLines(file)) {
    const header = parseHeader(line);
    return header === undefined ? undefined : parsePublicKey(header.publicKey);
  }
  return undefined;
}

export async function readPublicKey(file: string, directory: string): Promise<KeyObject> {
  const key = parsePublicKey(await readSmall(path.resolve(directory, file)));
  if (key !== undefined) return key;
  throw new FobtwinError('fileUnreadable', `${file} holds no Ed25519 public key`, {
    nextStep: 'Write one with: fobd audit public-key --output FILE',
  });
}

export async function readCheckpoint(file: string, directory: string): Promise<Checkpoint> {
  const checkpoint = parseCheckpoint(await readSmall(path.resolve(directory, file)));
  if (checkpoint !== undefined) return checkpoint;
  throw new FobtwinError('fileUnreadable', `${file} holds no checkpoint`, {
    nextStep: 'Write one with: fobd audit checkpoint --output FILE',
  });
}

export const isGenuine = (checkpoint: Checkpoint, key: KeyObject | undefined): boolean =>
  key !== undefined && isGenuineCheckpoint(checkpoint, key);

async function readSmall(file: string): Promise<string> {
  try {
    return await readSmallFile(file, SMALL_FILE_BYTES_MAX);
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, cause: unknown): FobtwinError =>
  new FobtwinError('fileUnreadable', `${file} cannot be read`, {
    nextStep: 'Check its name and that you may read it.',
    cause,
  });
