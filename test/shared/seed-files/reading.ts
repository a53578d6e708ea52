import { expect } from 'chai';
import { type FieldErrorCode, FobtwinError } from '../../../shared/errors.ts';
import type { OnEntry, SeedFileEntry, SeedFileParser } from '../../../shared/seed-files/entry.ts';
import { SEED_BYTES_MAX, SEED_BYTES_MIN } from '../../../shared/types.ts';

export type CreateParser = (onEntry: OnEntry) => SeedFileParser;

export interface Reading {
  readonly entries: readonly SeedFileEntry[];
  /** What `write` or `end` threw. */
  readonly error: unknown;
}

/** Feeds the pieces and ends the file, up to the first refusal. */
export function readPieces(create: CreateParser, pieces: readonly string[]): Reading {
  const entries: SeedFileEntry[] = [];
  const parser = create((entry) => entries.push(entry));
  try {
    for (const piece of pieces) parser.write(piece);
    parser.end();
  } catch (error) {
    return { entries, error };
  }
  return { entries, error: undefined };
}

/** The entries of a file that must be whole. */
export function readAll(create: CreateParser, pieces: readonly string[]): readonly SeedFileEntry[] {
  const { entries, error } = readPieces(create, pieces);
  if (error !== undefined) throw error;
  return entries;
}

/** A refusal of this field with this code, which says what to do next and no seed. */
export function expectRefusal(error: unknown, field: string, code: FieldErrorCode): void {
  if (!(error instanceof FobtwinError))
    throw new Error('not refused as bad input', { cause: error });
  expect(error.code).to.equal('invalidInput');
  expect(error.errors).to.deep.equal([{ field, code }]);
  expect(error.message)
    .to.match(/\.$/)
    .and.to.include(field.split('/')[0] ?? field);
  expect(error.nextStep).to.match(/\.$/);
}

/**
 * What must hold after one changed character: a refusal, if any, is one of ours; every entry keeps
 * the limits; and at most one differs from those that were written. (Plain files carry no checksum,
 * so the one that was hit may differ.)
 */
export function expectHarmless(reading: Reading, written: readonly SeedFileEntry[]): void {
  if (reading.error !== undefined) expect(reading.error).to.be.instanceOf(FobtwinError);
  const originals = new Set(written.map(fingerprint));
  const strange = reading.entries.filter((entry) => !originals.has(fingerprint(entry)));
  expect(strange.length).to.be.at.most(1);
  expect(reading.entries.length).to.be.at.most(written.length);
  for (const { seed, parameters, nextCounter, serial } of strange) {
    expect(serial).to.match(/^[A-Z0-9][A-Z0-9._-]{0,63}$/);
    expect(seed.length).to.be.within(SEED_BYTES_MIN, SEED_BYTES_MAX);
    expect(parameters.digits).to.be.within(6, 8);
    expect(nextCounter).to.satisfy(Number.isSafeInteger);
    if (parameters.type === 'time') expect(parameters.stepSeconds).to.be.within(1, 3600);
  }
}

export function thrown(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function fingerprint(entry: SeedFileEntry): string {
  return JSON.stringify({ ...entry, seed: Array.from(entry.seed) });
}
