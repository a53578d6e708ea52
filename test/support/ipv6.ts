import { createServer } from 'node:http';

/** A machine without IPv6 on its loopback can be given none: the test says so, in CI too. */
export async function ipv6OrSkip(test: Mocha.Context): Promise<void> {
  if (await hasIpv6()) return;
  console.warn('\n  SKIPPED: this machine has no IPv6 to listen on.\n');
  test.skip();
}

const hasIpv6 = (): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(0, '::1', () => probe.close(() => resolve(true)));
  });
