import type { IncomingMessage } from 'node:http';
import { invalidInput } from '../../shared/errors.ts';
import { IDEMPOTENCY_KEY } from '../../shared/wire/idempotency.ts';

/** With the quotes of a structured field's string (RFC 9651 section 3.3.3) or without. */
const QUOTED = /^"(.*)"$/;

/**
 * The idempotency key of a request, if it has one.
 *
 * @throws FobtwinError `invalidInput` when it is none, or two
 */
export function readIdempotencyKey({ headers }: IncomingMessage): string | undefined {
  const header = headers['idempotency-key'];
  if (header === undefined) return undefined;
  const text = String(header);
  const key = QUOTED.exec(text)?.[1] ?? text;
  if (IDEMPOTENCY_KEY.test(key)) return key;
  throw invalidInput('/header/Idempotency-Key', 'badFormat', 'This is no idempotency key.', {
    nextStep: 'Send 16 to 64 letters, digits, - and _ that no other attempt has, such as a UUID.',
  });
}
