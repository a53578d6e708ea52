import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { createSourceLimit } from '../../../server/http/source-limit.ts';

function open() {
  const rng = {
    bytes: (length: number) => createHash('sha256').update('salt').digest().subarray(0, length),
    uniform: () => 0.5,
  };
  return createSourceLimit({ rng, elapsedMillis: () => 0 });
}

describe('the limit by source', () => {
  it('counts an IPv4 address in whatever dress, and a /64 of IPv6, as one source', () => {
    const limit = open();
    for (const [one, other] of [
      ['192.0.2.7', '::ffff:192.0.2.7'],
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
    ] as const) {
      expect(limit.count('vpn', one, 2)).to.have.property('giveBack');
      expect(limit.count('vpn', other, 2)).to.have.property('giveBack');
      expect(limit.count('vpn', one, 2).retryAfterSeconds).to.equal(60);
      expect(limit.count('other', one, 2)).to.have.property('giveBack');
    }
    expect(limit.count('vpn', '2001:db8:1:3::1', 2)).to.have.property('giveBack');
  });

  it('loses no count when more addresses have come than it remembers', () => {
    const limit = open();
    limit.count('vpn', '192.0.2.7', 1);
    for (let n = 0; n < 5000; n += 1) limit.count('flood', `198.51.${n >> 8}.${n & 255}`, 1e6);
    expect(limit.count('vpn', '192.0.2.7', 1).retryAfterSeconds).to.equal(60);
  });

  it('gives back what was accepted', () => {
    const limit = open();
    for (let n = 0; n < 5; n += 1) limit.count('vpn', '192.0.2.7', 1).giveBack?.();
    expect(limit.count('vpn', '192.0.2.7', 1)).to.have.property('giveBack');
  });
});
