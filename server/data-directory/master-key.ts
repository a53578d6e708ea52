import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { createPrivateFile, readSmallFile, systemErrorCode } from './durable-files.ts';

export const MASTER_KEY_BYTES = 32;
/** A key file with comfortable room for white space. */
const KEY_FILE_BYTES_MAX = 1024;
const MASTER_KEY_TEXT = /^[0-9a-f]{64}$/i;

/**
 * The master key in `file`: 32 bytes as 64 hexadecimal digits, white space ignored.
 *
 * @throws FobtwinError `fileUnreadable`, or `wrongMasterKey` when the file holds something else
 */
export async function readMasterKey(file: string): Promise<Uint8Array> {
  const text = (await readKeyFile(file)).replace(/\s+/g, '');
  if (MASTER_KEY_TEXT.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'));
  throw new FobtwinError('wrongMasterKey', `${file} holds no master key`, {
    nextStep: 'A master key is 64 hexadecimal digits; name its file with --master-key-file.',
  });
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readSmallFile(file, KEY_FILE_BYTES_MAX);
  } catch (error) {
    const missing = systemErrorCode(error) === 'ENOENT';
    const message = missing
      ? `There is no master key at ${file}`
      : `The master key at ${file} cannot be read`;
    throw new FobtwinError('fileUnreadable', message, {
      nextStep: 'Name the file that holds it with --master-key-file or FOBD_MASTER_KEY_FILE.',
      cause: error,
    });
  }
}

/** Makes a new master key in `file`, which must not exist; mode 0600. */
export async function createMasterKey(file: string, rng: Rng): Promise<Uint8Array> {
  const key = rng.bytes(MASTER_KEY_BYTES);
  await createPrivateFile(file, `${Buffer.from(key).toString('hex')}\n`);
  return key;
}
