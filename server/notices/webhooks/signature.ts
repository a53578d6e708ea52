import { createHmac } from 'node:crypto';

/** Signatures of the Standard Webhooks specification, version 1: HMAC-SHA-256. */

/** 256 bits. */
export const WEBHOOK_SECRET_BYTES = 32;
const SECRET_PREFIX = 'whsec_';

/** A secret as its receiver is shown it: `whsec_` and base64. */
export const formatSecret = (secret: Uint8Array): string =>
  SECRET_PREFIX + Buffer.from(secret).toString('base64');

/**
 * @param secrets each signs: while a secret is rotated, receivers know one or the other
 * @param timestamp whole seconds since 1970
 * @returns `v1,BASE64`, several with spaces between
 */
export function signatures(
  secrets: readonly Uint8Array[],
  {
    id,
    timestamp,
    body,
  }: { readonly id: string; readonly timestamp: number; readonly body: string },
): string {
  const signed = `${id}.${timestamp}.${body}`;
  return secrets
    .map((secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`)
    .join(' ');
}
