import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from './checkpoint.ts';

/** The newest that stay in a directory: at one an hour, six weeks of them. */
const CHECKPOINTS_KEPT = 1000;
/** As many digits as the greatest sequence has: names in order are checkpoints in order. */
const SEQUENCE_DIGITS = 16;
const NAME = /^checkpoint-\d{16}\.json$/;

/**
 * Keeps a checkpoint: in `place` itself, which it replaces at one stroke, or, where `place` is a
 * directory, in a file of its own there.
 *
 * @returns the file, absolute
 * @throws FobtwinError `dataDirectoryDamaged` where `place` has a later one of the same log: that
 * is what a rollback is found by, and it stays
 */
export async function keepCheckpoint(place: string, checkpoint: Checkpoint): Promise<string> {
  const isDirectory = (await stat(place).catch(() => undefined))?.isDirectory() === true;
  if (!isDirectory) {
    await refuseEarlier(place, checkpoint);
    return replaceFile(place, `${checkpointText(checkpoint)}\n`);
  }
  const own = `checkpoint-${String(checkpoint.sequence).padStart(SEQUENCE_DIGITS, '0')}.json`;
  const others = (await namesIn(place)).filter((name) => name !== own);
  const later = others.filter((name) => name > own).reverse();
  for (const name of later) await refuseEarlier(path.join(place, name), checkpoint);
  const file = path.join(place, own);
  await replaceFile(file, `${checkpointText(checkpoint)}\n`);
  for (const name of others.slice(0, 1 - CHECKPOINTS_KEPT)) await rm(path.join(place, name));
  return file;
}

/** The checkpoints in a directory, in order. */
const namesIn = async (place: string): Promise<string[]> =>
  (await readdir(place)).filter((name) => NAME.test(name)).sort();

async function refuseEarlier(file: string, { writer, sequence }: Checkpoint): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const kept = parseCheckpoint(text);
  if (kept === undefined || kept.writer !== writer || kept.sequence <= sequence) return;
  throw new FobtwinError(
    'dataDirectoryDamaged',
    `The audit log ends at ${sequence}, before the checkpoint of ${kept.sequence} in ${file}`,
    {
      nextStep:
        'It was set back: fobd audit verify --checkpoint FILE. Move the file away if that was you.',
    },
  );
}

async function replaceFile(file: string, text: string): Promise<string> {
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return file;
}
