import fs from 'node:fs';
import path from 'node:path';

/**
 * A private directory, and those above it that are missing. Not by `recursive: true`, which never
 * ends where a parent is there and takes no directories (/proc).
 */
export function makeDirectory(place: string): void {
  try {
    fs.mkdirSync(place, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'EEXIST' && fs.statSync(place).isDirectory()) return;
    const parent = path.dirname(place);
    if (code !== 'ENOENT' || parent === place || fs.existsSync(parent)) throw error;
    makeDirectory(parent);
    fs.mkdirSync(place, { mode: 0o700 });
  }
}
