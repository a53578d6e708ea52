import type { IncomingMessage } from 'node:http';
import type { Rng } from '../../shared/rng.ts';

const SANE = /^[A-Za-z0-9._-]{1,64}$/;
const PREFIX_BYTES = 6;

/**
 * Names requests: the caller's own `X-Request-Id` where it is sane, else a random prefix of this
 * process and a count. It is a label, not a secret, so it costs no randomness a request.
 */
export function createRequestIds(rng: Rng): (request: IncomingMessage) => string {
  const prefix = Buffer.from(rng.bytes(PREFIX_BYTES)).toString('hex');
  let count = 0;
  return (request) => {
    const given = request.headers['x-request-id'];
    if (typeof given === 'string' && SANE.test(given)) return given;
    count += 1;
    return `${prefix}-${count}`;
  };
}
