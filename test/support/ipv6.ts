import { createServer } from 'node:http';

/** Whether this machine has IPv6 on its loopback. */
export const hasIpv6 = (): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(0, '::1', () => probe.close(() => resolve(true)));
  });
