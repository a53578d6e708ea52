import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';

/** A file that is whole beside its place, and not yet in it. */
export interface PreparedFile {
  /** Puts it in its place, unless something is there that is not to be replaced. */
  place(): void;
  /** Forgets it; nothing to do once it is in its place. */
  discard(): void;
}

export interface NewFileOptions {
  /** Whether a file that is there already is replaced. Default false. */
  readonly replace?: boolean;
}

/**
 * Writes a file that only its owner can read, durably, in a temporary place beside its own: so that
 * a seed file is there whole or not at all, and replaces another only where that is asked for.
 *
 * @throws FobtwinError `exists` when the place is taken, `fileUnwritable` when it cannot be written
 */
export function prepareNewFile(
  file: string,
  content: string | Uint8Array,
  rng: Rng,
  { replace = false }: NewFileOptions = {},
): PreparedFile {
  const target = path.resolve(file);
  if (!replace && fs.existsSync(target)) throw exists(target);
  const mark = Buffer.from(rng.bytes(6)).toString('hex');
  const draft = path.join(path.dirname(target), `.${path.basename(target)}.${mark}.tmp`);
  const discard = () => fs.rmSync(draft, { force: true });
  try {
    writeDurably(draft, content);
  } catch (error) {
    discard();
    throw unwritable(target, error);
  }
  return {
    discard,
    place() {
      try {
        if (replace) fs.renameSync(draft, target);
        else placeWithoutReplacing(draft, target);
      } catch (error) {
        throw hasCode(error, 'EEXIST') ? exists(target) : unwritable(target, error);
      } finally {
        discard();
      }
    },
  };
}

function writeDurably(file: string, content: string | Uint8Array): void {
  const descriptor = fs.openSync(file, 'wx', 0o600);
  try {
    fs.writeFileSync(descriptor, content);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A second name for the file is refused when the name is taken; a rename would replace. */
function placeWithoutReplacing(draft: string, target: string): void {
  try {
    fs.linkSync(draft, target);
  } catch (error) {
    // File systems of memory sticks have no second names.
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
    fs.copyFileSync(draft, target, fs.constants.COPYFILE_EXCL);
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function exists(file: string): FobtwinError {
  return new FobtwinError('exists', `${file} is already there and is not overwritten`, {
    nextStep: 'Name another file, or move that one away.',
  });
}

function unwritable(file: string, cause: unknown): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('fileUnwritable', `${file} cannot be written${why}`, {
    cause,
    nextStep: 'Look at the directory, its permissions and the space left.',
  });
}
