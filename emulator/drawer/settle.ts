import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Serial } from '../../shared/types.ts';
import { findFile } from './device-store.ts';
import type { DrawerParts } from './drawer-parts.ts';
import { serialOfFileName } from './file-names.ts';
import { type DrawerHeader, hasStopped } from './header.ts';
import { isSystemError, type LockEnv } from './lock.ts';
import type { FoundFile } from './sealed-file.ts';

/**
 * Undoes what died half-way: devices of a batch that never became whole, and a move that had not
 * yet been decided. Only a writer does so; a reader sees neither anyway.
 */
export async function settle(parts: DrawerParts): Promise<void> {
  const { keyring, env } = parts;
  if (!hasLeftOver(keyring.peek(), env)) return;
  // Confirmed by its mark first: what stands in it is about to be removed.
  const header = keyring.open()?.header;
  if (header === undefined) return;
  const dead = new Set(header.arriving.filter((work) => hasStopped(work, env)).map(({ id }) => id));
  const { leaving } = header;
  const isLeft = leaving !== undefined && hasStopped(leaving, env);
  for (const { serial, found } of deviceFiles(parts.directory)) {
    const batch = 'plain' in found ? undefined : found.envelope.batch;
    if (batch !== undefined && dead.has(batch)) await parts.store.takeBack(serial);
  }
  if (isLeft) fs.rmSync(leaving.draft, { force: true });
  await keyring.change(({ header: now }) => {
    const arriving = now.arriving.filter(({ id }) => !dead.has(id));
    if (now.leaving === undefined || now.leaving.id !== leaving?.id || !isLeft) {
      return { ...now, arriving };
    }
    const { leaving: _leaving, ...rest } = now;
    return { ...rest, arriving };
  });
}

function hasLeftOver(header: DrawerHeader | undefined, env: LockEnv): boolean {
  if (header === undefined) return false;
  const { arriving, leaving } = header;
  return [...arriving, ...(leaving === undefined ? [] : [leaving])].some((work) =>
    hasStopped(work, env),
  );
}

/** Seals what is left of the old plain format, the first time a drawer of it is changed. */
export async function sealPlainFiles(parts: DrawerParts): Promise<void> {
  const { keyring, store, directory, env } = parts;
  if (keyring.peek()?.plain !== true) return;
  let isWhole = true;
  const onProblem = () => {
    isWhole = false;
  };
  for (const { serial, found } of deviceFiles(directory, onProblem)) {
    if (!('plain' in found)) continue;
    await store.sealPlain(serial);
    // Lets signals in.
    await env.pause(0);
  }
  if (isWhole) await keyring.change(({ header }) => ({ ...header, plain: false }));
}

/** @param onProblem told of each that cannot be read; default: nobody is */
export function* deviceFiles(
  directory: string,
  onProblem: (problem: FobtwinError) => void = () => {},
): Generator<{ readonly serial: Serial; readonly file: string; readonly found: FoundFile }> {
  for (const name of readNames(directory)) {
    const serial = serialOfFileName(name);
    if (serial === undefined) continue;
    const file = path.join(directory, name);
    let found: FoundFile | undefined;
    try {
      found = findFile(file, serial);
    } catch (error) {
      if (!(error instanceof FobtwinError)) throw error;
      onProblem(error);
    }
    if (found !== undefined) yield { serial, file, found };
  }
}

/** @returns none for a directory that is not there */
export function readNames(directory: string): string[] {
  try {
    return fs.readdirSync(directory).sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
