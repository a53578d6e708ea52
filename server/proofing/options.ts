import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FobtwinError } from '../../shared/errors.ts';
import { parseServiceUrl } from '../access/address.ts';

/** The file of `--proofing`: who asks the questions of instant proofing (PROVIDER.md). */

export interface ProofingOptions {
  /** https, or http on this machine; without a slash at its end. */
  readonly url: string;
  /** What requests and replies are signed with. */
  readonly key: Uint8Array;
  /** For a whole exchange. */
  readonly timeoutMillis: number;
}

const KEY_BYTES_MIN = 32;
const KEY_BYTES_MAX = 64;
const KEY_TEXT_MAX = 1024;

function isPrefix(text: string): boolean {
  const url = parseServiceUrl(text);
  return url !== undefined && url.search === '' && url.hash === '';
}

const PROOFING_FILE = z.strictObject({
  url: z.string().max(2048, 'is too long').refine(isPrefix, {
    error: 'is an https address without password and query, or http on this machine',
  }),
  keyFile: z.string().min(1, 'is empty').max(4096, 'is too long'),
  timeoutMillis: z.int().min(100).max(30_000).default(10_000),
});

/** For the server's settings. */
export const PROOFING_FORM = {
  name: 'proofing',
  schema: PROOFING_FILE,
  example: '{"url": "https://questions.example.com/v1", "keyFile": "proofing.key"}',
} as const;

/**
 * @param place absolute; the directory of the file, which the paths in it are relative to
 * @throws FobtwinError `usage` naming the key's file
 */
export const createProofingOptions = (
  { url, keyFile, timeoutMillis }: z.output<typeof PROOFING_FILE>,
  place: string,
): ProofingOptions =>
  Object.freeze({
    url: url.replace(/\/+$/, ''),
    key: readProviderKey(path.resolve(place, keyFile)),
    timeoutMillis,
  });

/**
 * Hexadecimal text of 32 to 64 bytes, white space ignored.
 *
 * @throws FobtwinError `usage` naming the file
 */
export function readProviderKey(file: string): Uint8Array {
  const nextStep = 'Make one: openssl rand -hex 32 > proofing.key; the provider has the same.';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FobtwinError('usage', `The key in ${file} cannot be read.`, { nextStep, cause });
  }
  const digits = text.length > KEY_TEXT_MAX ? '' : text.replace(/\s+/g, '');
  const isKey =
    /^([0-9A-Fa-f]{2})+$/.test(digits) &&
    digits.length >= KEY_BYTES_MIN * 2 &&
    digits.length <= KEY_BYTES_MAX * 2;
  if (isKey) return Buffer.from(digits, 'hex');
  throw new FobtwinError('usage', `${file} is no key: 32 to 64 bytes as hexadecimal digits.`, {
    nextStep,
  });
}
