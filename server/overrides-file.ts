import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FobtwinError } from '../shared/errors.ts';

/** Options that a file may change: the flag that names it, an example, and what checks them. */
export interface Overridable<Options> {
  readonly flag: string;
  readonly bounds: Readonly<Record<string, unknown>>;
  readonly example: string;
  /** The defaults with what differs from them. */
  check(overrides: Partial<Options>): Options;
}

const CHARACTERS_MAX = 16 * 1024;

/**
 * The options with what a JSON object in `file` says of them; the defaults without a file.
 *
 * @throws FobtwinError `usage` naming the flag, the file and what is wrong in it
 */
export function readOptions<Options>(
  file: string | undefined,
  { flag, bounds, example, check }: Overridable<Options>,
): Options {
  if (file === undefined) return check({});
  const refuse = (reason: string, cause?: unknown) =>
    new FobtwinError('usage', `${flag} ${file}: ${reason}`, {
      nextStep: `The file is a JSON object such as ${example}.`,
      cause,
    });
  let overrides: unknown;
  try {
    overrides = JSON.parse(readFileSync(file, 'utf8').slice(0, CHARACTERS_MAX));
  } catch (error) {
    throw refuse('cannot be read as JSON', error);
  }
  const names = z.enum(Object.keys(bounds) as [string, ...string[]]);
  const parsed = z.partialRecord(names, z.number()).safeParse(overrides);
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error), parsed.error);
  try {
    return check(parsed.data as Partial<Options>);
  } catch (error) {
    throw error instanceof FobtwinError ? refuse(error.message, error) : error;
  }
}
