import { z } from 'zod';
import { type AddressRange, parseAddressRange } from '../access/address.ts';

/**
 * Who may use the drop-in API, and how people sign in there: the JSON file of `--compat`. The API
 * is off without it.
 */

/**
 * What stands in `pass`: a code alone (an explicit choice, limited by source), the account's
 * password with the code behind it, or the password first and the code in answer to a challenge.
 */
export const PASS_MODES = ['code', 'appended', 'challenge'] as const;
export type PassMode = (typeof PASS_MODES)[number];

export interface CompatOptions {
  /** Callers outside are refused. Empty: any address, with a key. */
  readonly addresses: readonly AddressRange[];
  /** Callers send an API key in `PI-Authorization`. */
  readonly requireKey: boolean;
  readonly mode: PassMode;
  /** Lets service accounts make new tokens (`/token/init`): their seed is in the reply. */
  readonly tokenInit: boolean;
}

const ADDRESSES_MAX = 1000;

const range = z.string().transform((text, context) => {
  const parsed = parseAddressRange(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'is an address or a range such as 10.0.0.0/8' });
  return z.NEVER;
});

const COMPAT_FILE = z
  .strictObject({
    addresses: z.array(range).max(ADDRESSES_MAX).default([]),
    requireKey: z.boolean().default(false),
    mode: z.enum(PASS_MODES),
    codeAlone: z.boolean().default(false),
    tokenInit: z.boolean().default(false),
  })
  .superRefine(({ addresses, requireKey, mode, codeAlone }, context) => {
    if (addresses.length === 0 && !requireKey) {
      const message = 'names who may ask; or set requireKey';
      context.addIssue({ code: 'custom', path: ['addresses'], message });
    }
    if (mode === 'code' && !codeAlone) {
      const message =
        'must be true where mode is code: whoever has the token alone then signs in, without a ' +
        'password';
      context.addIssue({ code: 'custom', path: ['codeAlone'], message });
    }
  })
  .transform(({ codeAlone: _, ...options }): CompatOptions => options);

/** For the server's settings. */
export const COMPAT_FORM = {
  name: 'compat',
  schema: COMPAT_FILE,
  example: '{"addresses": ["10.1.2.3"], "mode": "appended"}',
} as const;
