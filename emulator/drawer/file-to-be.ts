import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { isSystemError } from './lock.ts';
import { syncDirectory, writeDurably } from './stored-file.ts';

/** A file that is whole under a name of its own, and then gets its name, replacing nothing. */
export interface FileToBe {
  /** Where it is whole first; absolute. */
  readonly draft: string;
  /** Where it is to stand; absolute. */
  readonly file: string;
  /** For its owner alone; durable when it returns. */
  write(text: string): void;
  /** What was written stays under its draft's name until this has worked. */
  place(): void;
  /** Forgets what was written. */
  discard(): void;
}

/**
 * @param draft what was written before, by a process that did not come to give it its name;
 * default: nothing was
 * @throws FobtwinError `exists` when the name is taken
 */
export function createFileToBe(file: string, rng: Rng, draft?: string): FileToBe {
  const target = path.resolve(file);
  const directory = path.dirname(target);
  if (draft === undefined && fs.existsSync(target)) throw exists(target);
  const mark = Buffer.from(rng.bytes(6)).toString('hex');
  const before = draft ?? path.join(directory, `.${path.basename(target)}.${mark}.tmp`);
  const readably = (work: () => void) => {
    try {
      work();
    } catch (error) {
      throw isSystemError(error, 'EEXIST') ? exists(target) : unwritable(target, error);
    }
  };
  return {
    draft: before,
    file: target,
    write: (text) =>
      readably(() => {
        writeDurably(before, text);
        syncDirectory(directory);
      }),
    place: () =>
      readably(() => {
        nameWithoutReplacing(before, target);
        fs.rmSync(before, { force: true });
        syncDirectory(directory);
      }),
    discard: () => fs.rmSync(before, { force: true }),
  };
}

/** A second name for a file is refused when the name is taken; a rename would replace. */
function nameWithoutReplacing(draft: string, target: string): void {
  try {
    fs.linkSync(draft, target);
  } catch (error) {
    if (isSystemError(error, 'EEXIST') && isSameFile(draft, target)) return;
    // File systems of memory sticks have no second names.
    if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
    if (fs.existsSync(target)) throw exists(target);
    fs.renameSync(draft, target);
  }
}

/** Killed between giving it its name and taking the draft's away. */
function isSameFile(one: string, other: string): boolean {
  const [first, second] = [fs.statSync(one), fs.statSync(other)];
  return first.ino === second.ino && first.dev === second.dev;
}

function exists(file: string): FobtwinError {
  return new FobtwinError('exists', `${file} is already there and is not overwritten`, {
    nextStep: 'Name another file, or move that one away.',
  });
}

function unwritable(file: string, cause: unknown): FobtwinError {
  if (cause instanceof FobtwinError) return cause;
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('fileUnwritable', `${file} cannot be written${why}`, {
    cause,
    nextStep: 'Look at the directory, its permissions and the space left.',
  });
}
