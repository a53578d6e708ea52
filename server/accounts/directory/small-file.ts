import { open } from 'node:fs/promises';

/** @throws Error when the file cannot be read, or is longer than `bytesMax` */
export async function readSmallFile(file: string, bytesMax: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(bytesMax + 1), 0, bytesMax + 1, 0);
    if (bytesRead > bytesMax) throw new Error(`${file} is longer than ${bytesMax} bytes`);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
