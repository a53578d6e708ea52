import { createHmac, timingSafeEqual } from 'node:crypto';
import type { UnixMillis } from '../../../shared/types.ts';

/**
 * The signature of Stripe's webhooks (docs.stripe.com/webhooks, "Verify manually"):
 *
 *     Stripe-Signature: t=1492774577,v1=5257a8…,v1=6ffbb5…,v0=…
 *
 * Each `v1` is HMAC-SHA-256 over `t`, a dot and the body as it came, in lower-case hexadecimal,
 * under one of the endpoint's signing secrets: several while one takes over from another. Other
 * schemes are not looked at, so that nobody gets by with a weaker one.
 */

/** A message is as old as its `t` says at most so long: a replay later is refused. */
export const TOLERANCE_SECONDS = 300;

const HEADER_MAX = 2048;
/** Compared at most; Stripe sends one for each secret that is in use. */
const SIGNATURES_MAX = 8;
const SECONDS = /^[0-9]{1,12}$/;
const MAC = /^[0-9a-f]{64}$/;

interface Parsed {
  readonly seconds: string;
  readonly macs: readonly string[];
}

/** Undefined for what is no such header. */
export function parseSignature(header: string): Parsed | undefined {
  if (header.length > HEADER_MAX) return undefined;
  const items = header.split(',').map((item) => item.trim().split('='));
  const valuesOf = (name: string) =>
    items.flatMap(([key, value = '', ...rest]) => (key === name && !rest.length ? value : []));
  const [seconds, ...others] = valuesOf('t');
  const macs = valuesOf('v1').filter((value) => MAC.test(value));
  if (seconds === undefined || others.length > 0 || !SECONDS.test(seconds)) return undefined;
  return macs.length > 0 && macs.length <= SIGNATURES_MAX ? { seconds, macs } : undefined;
}

export interface SignatureCheck {
  readonly body: Uint8Array;
  readonly header: string;
  /** As the processor shows them, `whsec_` included; the newest first. */
  readonly secrets: readonly string[];
  readonly now: UnixMillis;
}

/** Every signature is compared under every secret, in constant time, whichever is right. */
export function isSigned({ body, header, secrets, now }: SignatureCheck): boolean {
  const parsed = parseSignature(header);
  if (parsed === undefined) return false;
  const { seconds, macs } = parsed;
  let isRight = false;
  for (const secret of secrets) {
    const expected = macOf(body, seconds, secret);
    for (const mac of macs) {
      if (timingSafeEqual(Buffer.from(mac, 'hex'), expected)) isRight = true;
    }
  }
  const isCurrent = Math.abs(now / 1000 - Number(seconds)) <= TOLERANCE_SECONDS;
  return isRight && isCurrent;
}

const macOf = (body: Uint8Array, seconds: string, secret: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
