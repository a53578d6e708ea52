import { open } from 'node:fs/promises';

/** Puts the names in `directory` on disk; a system that cannot (Windows) keeps them by itself. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
