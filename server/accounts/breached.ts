import { hash } from 'node:crypto';

/**
 * The commonest passwords that breaches have brought to light, as 32 bits of a hash of each: what
 * NIST SP 800-63B-4 section 3.1.1.2 calls a blocklist. One in forty thousand other passwords is
 * refused with them by chance.
 */

const HASH_BYTES = 4;
const VARINT_BITS = 7;
const VARINT_MORE = 0x80;
const VARINT_VALUE = 0x7f;

let loading: Promise<Uint32Array> | undefined;

/** @param password prepared; its letters' case is not looked at */
export async function isBreached(password: string): Promise<boolean> {
  loading ??= load();
  return holds(await loading, digestOf(password));
}

/** How many are known. */
export async function breachedCount(): Promise<number> {
  loading ??= load();
  return (await loading).length;
}

/** Read when the first password is set, which most commands never do. */
async function load(): Promise<Uint32Array> {
  const { default: list } = await import('./breached-passwords.json', { with: { type: 'json' } });
  return decodeGaps(Buffer.from(list.gaps, 'base64'));
}

const digestOf = (password: string): number =>
  hash('sha256', password.toLowerCase(), 'buffer').readUIntBE(0, HASH_BYTES);

/** @param sorted ascending */
function holds(sorted: Uint32Array, wanted: number): boolean {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const found = sorted[middle] ?? 0;
    if (found === wanted) return true;
    if (found < wanted) from = middle + 1;
    else to = middle;
  }
  return false;
}

function decodeGaps(bytes: Uint8Array): Uint32Array {
  const sorted: number[] = [];
  let last = 0;
  let gap = 0;
  let factor = 1;
  for (const byte of bytes) {
    gap += (byte & VARINT_VALUE) * factor;
    factor *= 2 ** VARINT_BITS;
    if ((byte & VARINT_MORE) !== 0) continue;
    last += gap;
    sorted.push(last);
    gap = 0;
    factor = 1;
  }
  return Uint32Array.from(sorted);
}

/** For whoever makes the list: base64 of what `load` reads. */
export function encodeBreached(passwords: Iterable<string>): string {
  const digests = new Set([...passwords].map(digestOf));
  const sorted = [...digests].sort((a, b) => a - b);
  const bytes: number[] = [];
  let last = 0;
  for (const digest of sorted) {
    let gap = digest - last;
    last = digest;
    while (gap > VARINT_VALUE) {
      bytes.push((gap & VARINT_VALUE) | VARINT_MORE);
      gap = Math.floor(gap / 2 ** VARINT_BITS);
    }
    bytes.push(gap);
  }
  return Buffer.from(bytes).toString('base64');
}
