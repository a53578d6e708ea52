import { createHash } from 'node:crypto';
import { parseSeed, parseSerial, type Seed, type Serial } from '../../shared/types.ts';

/** The tokens of the benchmarks: seeds and serials that load and server derive alike. */
export function benchSeed(index: number): Seed {
  const bytes = createHash('sha1').update(`bench ${index}`).digest();
  const seed = parseSeed(new Uint8Array(bytes));
  if (seed === undefined) throw new Error('a SHA-1 is a fit seed');
  return seed;
}

export function benchSerial(index: number): Serial {
  const serial = parseSerial(`BENCH${String(index).padStart(8, '0')}`);
  if (serial === undefined) throw new Error('a fit serial');
  return serial;
}
