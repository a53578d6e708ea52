import type { IncomingMessage } from 'node:http';
import { FobtwinError } from '../../shared/errors.ts';

const LOOPBACK = /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/i;

/** Whether a socket's remote address is this machine itself: 127.0.0.0/8 or ::1. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && LOOPBACK.test(address);

/** Not so for what a proxy of this machine forwards and says so: that may come from anywhere. */
export const isDirectLoopback = ({ socket, headers }: IncomingMessage): boolean =>
  isLoopback(socket.remoteAddress) &&
  headers['x-forwarded-for'] === undefined &&
  headers['forwarded'] === undefined;

/**
 * The lab's endpoints answer this machine only. The socket's own address counts, never a header.
 *
 * @throws FobtwinError `forbidden`
 */
export function requireLoopback({ socket }: IncomingMessage): void {
  if (isLoopback(socket.remoteAddress)) return;
  throw new FobtwinError('forbidden', 'The lab answers requests from its own machine only.', {
    nextStep: 'Send the request from the machine that fobd runs on, to its loopback address.',
  });
}
