import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FobtwinError } from '../../shared/errors.ts';
import { parseServiceUrl } from '../access/address.ts';

/**
 * Who tells fobd of payments by card: the JSON file of `--payments`. Without it nobody does, and
 * somebody of billing marks orders paid.
 */
export interface PaymentsOptions {
  readonly processor: 'stripe';
  /** What the processor signs with, the newest first. */
  readonly secrets: readonly string[];
  /** Where orders by card are paid. Default: nowhere that fobd knows of. */
  readonly paymentLink?: URL | undefined;
}

/** Two while one takes over from the other. */
const SECRETS_MAX = 4;
const LINK_CHARACTERS_MAX = 2048;

const link = z
  .string()
  .max(LINK_CHARACTERS_MAX, 'is too long')
  .refine((text) => parseServiceUrl(text) !== undefined, {
    error: 'is an https address, without a user or password',
  });

export const PAYMENTS_FORM = {
  name: 'payments',
  example: '{"processor": "stripe", "secretFiles": ["stripe-webhook.secret"]}',
  schema: z.strictObject({
    processor: z.literal('stripe', { error: 'is stripe: no other processor is known' }),
    secretFiles: z
      .array(z.string().min(1, 'is empty').max(4096, 'is too long'))
      .min(1, 'names at least one file')
      .max(SECRETS_MAX, `names at most ${SECRETS_MAX} files`),
    paymentLink: link.optional(),
  }),
} as const;

/** As Stripe makes them; other characters are most likely another file's. */
const SECRET = /^whsec_[\x21-\x7e]{16,200}$/;
const SECRET_BYTES_MAX = 1024;

/**
 * @param place the options' own file: relative paths are relative to where it lies
 * @throws FobtwinError `usage` naming the file that holds no such secret
 */
export const createPaymentsOptions = (
  { processor, secretFiles, paymentLink }: z.output<(typeof PAYMENTS_FORM)['schema']>,
  place: string,
): PaymentsOptions => ({
  processor,
  secrets: secretFiles.map((file) => readSecret(path.resolve(path.dirname(place), file))),
  ...(paymentLink === undefined ? {} : { paymentLink: new URL(paymentLink) }),
});

function readSecret(file: string): string {
  const refuse = (reason: string, cause?: unknown) =>
    new FobtwinError('usage', `--payments: ${file} ${reason}`, {
      nextStep: "It holds an endpoint's signing secret, whsec_…, and nothing else.",
      cause,
    });
  let text: string;
  try {
    text = readFileSync(file, { encoding: 'utf8' }).slice(0, SECRET_BYTES_MAX);
  } catch (error) {
    throw refuse('cannot be read', error);
  }
  const secret = text.trim();
  if (SECRET.test(secret)) return secret;
  throw refuse('holds no signing secret');
}
