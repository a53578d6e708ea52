import { parseCode, type Serial } from '../../shared/types.ts';

/** As `parseSerial` leaves it: nothing to drop, nothing to fold. */
const SERIAL = /^[A-Z0-9][A-Z0-9._-]{0,63}$/;

/**
 * The body of a verification as clients mostly send it, a normalised serial and a code and nothing
 * else, without the schema, which costs some 2 µs of the 60 that a verification has. Everything
 * else is the schema's to read; a test holds the two to each other.
 */
export function quickVerify(
  value: unknown,
): { readonly serial: Serial; readonly code: string } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { serial, code } = value as { readonly serial?: unknown; readonly code?: unknown };
  if (typeof serial !== 'string' || typeof code !== 'string') return undefined;
  if (!SERIAL.test(serial) || parseCode(code) === undefined) return undefined;
  let names = 0;
  for (const _ in value) names += 1;
  return names === 2 ? { serial: serial as Serial, code } : undefined;
}
