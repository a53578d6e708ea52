import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Digits, TokenParameters } from '../../shared/types.ts';

/** Data directories of each format, as fobd of its time has made them, and what they hold. */

export const FIXTURES = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../fixtures/data-directory',
);

export interface FixtureLedger {
  readonly format: number;
  /** API keys. */
  readonly administrator: string;
  readonly application: string;
  /** The time step of 30 s that it was made at. */
  readonly madeAtStep: number;
  readonly audit: { readonly entries: number; readonly head: { readonly hash: string } };
  readonly tokens: readonly {
    readonly serial: string;
    /** Hexadecimal. */
    readonly seed: string;
    readonly parameters: TokenParameters & { readonly digits: Digits };
  }[];
  /** Event tokens that are registered and free. */
  readonly nextCounter: Readonly<Record<string, number>>;
  /** Time tokens likewise. */
  readonly lastStep: Readonly<Record<string, number>>;
}

export async function fixtureLedger(format: number): Promise<FixtureLedger> {
  const text = await readFile(path.join(FIXTURES, `format-${format}.json`), 'utf8');
  return JSON.parse(text) as FixtureLedger;
}

/** Puts a data directory of this format at `place`/data. */
export async function unpackFixture(format: number, place: string): Promise<string> {
  const archive = path.join(FIXTURES, `format-${format}.tar.gz`);
  await promisify(execFile)('tar', ['xzf', archive, '-C', place, '--no-same-owner']);
  return path.join(place, 'data');
}
