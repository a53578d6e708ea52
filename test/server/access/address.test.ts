import { BlockList, isIPv4 } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  isAllowed,
  parseAddressRange,
  parseServiceUrl,
  sourceOf,
} from '../../../server/access/address.ts';

const rangesOf = (...texts: string[]) =>
  texts.map((text) => {
    const range = parseAddressRange(text);
    if (range === undefined) throw new Error(`${text} is no range`);
    return range;
  });

describe('ranges of addresses', () => {
  const canonical: Readonly<Record<string, string>> = {
    '10.0.0.0/8': '10.0.0.0/8',
    '10.1.2.3/8': '10.0.0.0/8',
    '192.0.2.7': '192.0.2.7/32',
    '0.0.0.0/0': '0.0.0.0/0',
    '2001:DB8::1/32': '2001:db8::/32',
    '::1': '::1/128',
    '::/0': '::/0',
    '::ffff:10.0.0.1': '10.0.0.1/32',
    '::ffff:10.0.0.0/104': '10.0.0.0/8',
  };
  for (const [text, expected] of Object.entries(canonical)) {
    it(`read ${text} as ${expected}`, () => {
      expect(parseAddressRange(text)?.text).to.equal(expected);
      // What is kept reads as itself.
      expect(parseAddressRange(expected)?.text).to.equal(expected);
    });
  }

  const bad = [
    '',
    '/',
    '10',
    '10.0.0/8',
    '010.0.0.1',
    '0x0a.0.0.1',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/1e1',
    '::/129',
    '::ffff:10.0.0.0/95',
    'fe80::1%eth0',
    'localhost',
    ' 10.0.0.1',
    `${'1'.repeat(70)}`,
  ];
  for (const text of bad) {
    it(`do not read ${JSON.stringify(text)}`, () => {
      expect(parseAddressRange(text)).to.equal(undefined);
    });
  }

  it('hold what lies in them, whatever dress it comes in', () => {
    const ranges = rangesOf('10.0.0.0/8', '2001:db8::/32', 'fe80::/10');
    for (const address of ['10.255.0.1', '::ffff:10.0.0.1', '2001:db8:ffff::1', 'fe80::1%eth0']) {
      expect(isAllowed(address, ranges), address).to.equal(true);
    }
    for (const address of ['11.0.0.1', '::ffff:11.0.0.1', '2001:db9::1', 'x', '', undefined]) {
      expect(isAllowed(address, ranges), String(address)).to.equal(false);
    }
    expect(isAllowed('10.0.0.1', [])).to.equal(false);
  });

  it('agree with those of node:net, both families', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const cases = fc.tuple(address, fc.nat(128), address, fc.boolean());
    fc.assert(
      fc.property(cases, ([network, bits, other, isNear]) => {
        const family = isIPv4(network) ? 'ipv4' : 'ipv6';
        const prefix = family === 'ipv4' ? bits % 33 : bits;
        const candidate = isNear ? network : other;
        // Across families node:net has IPv4 lie in IPv6; and here ::ffff:… is IPv4 altogether.
        fc.pre(isIPv4(network) === isIPv4(candidate));
        fc.pre(![network, candidate].some((text) => /^[0:]*:ffff:|:.*\./i.test(text)));
        const list = new BlockList();
        list.addSubnet(network, prefix, family);
        const expected = list.check(candidate, isIPv4(candidate) ? 'ipv4' : 'ipv6');
        const ranges = rangesOf(`${network}/${prefix}`);
        expect(isAllowed(candidate, ranges), `${candidate} in ${network}/${prefix}`).to.equal(
          expected,
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('what limits by source count by', () => {
  it('is the IPv4 address, and the /64 of an IPv6 one', () => {
    expect(sourceOf('192.0.2.7')).to.equal('192.0.2.7');
    expect(sourceOf('::ffff:192.0.2.7')).to.equal('192.0.2.7');
    expect(sourceOf('2001:db8:1:2:3:4:5:6')).to.equal(sourceOf('2001:db8:1:2::9'));
    expect(sourceOf('2001:db8:1:2::1')).not.to.equal(sourceOf('2001:db8:1:3::1'));
    expect(sourceOf('not an address')).to.equal('unknown');
  });
});

describe('services that fobd sends to', () => {
  const taken = ['https://example.com/x', 'https://10.0.0.1/', 'http://localhost:9/'];
  for (const text of [...taken, 'http://127.3.2.1/', 'http://[::1]:8080/']) {
    it(`are reached at ${text}`, () => {
      expect(parseServiceUrl(text)?.href).to.equal(text);
    });
  }

  for (const text of [
    ...['http://example.com/', 'http://192.168.0.1/', 'http://localhost.example.com/'],
    ...['https://user@example.com/', 'https://:word@example.com/', 'ftp://localhost/'],
    ...['localhost', 'http://0.0.0.0/', 'http://[::2]/', ''],
  ]) {
    it(`are not reached at ${JSON.stringify(text)}`, () => {
      expect(parseServiceUrl(text)).to.equal(undefined);
    });
  }
});
