import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { parseAddressRange } from '../../../server/access/address.ts';
import { createSources } from '../../../server/http/source.ts';

const ranges = (...texts: string[]) => texts.flatMap((text) => parseAddressRange(text) ?? []);

/** As much of a request as tells where it comes from. */
const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('where a request comes from', () => {
  const direct = createSources([]);
  const behind = createSources(ranges('127.0.0.0/8', '::1', '10.0.0.7'));

  it('is the peer, whatever a header says, where no proxy is trusted', () => {
    expect(direct(request('192.0.2.1', '203.0.113.9')).address).to.equal('192.0.2.1');
    expect(direct(request('127.0.0.1', '203.0.113.9')).address).to.equal('127.0.0.1');
  });

  it('is the peer where the peer is no trusted proxy', () => {
    expect(behind(request('192.0.2.1', '203.0.113.9')).address).to.equal('192.0.2.1');
    expect(behind(request('10.0.0.8', '203.0.113.9')).address).to.equal('10.0.0.8');
  });

  it('is what the trusted proxy itself added: the last entry', () => {
    for (const proxy of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.7']) {
      const forged = request(proxy, '127.0.0.1, 10.9.9.9,203.0.113.9 ');
      expect(behind(forged).address, proxy).to.equal('203.0.113.9');
    }
    expect(behind(request('::1', '2001:db8::7')).address).to.equal('2001:db8::7');
    const long = `${'10.9.9.9, '.repeat(10_000)}203.0.113.9`;
    expect(behind(request('::1', long)).address).to.equal('203.0.113.9');
  });

  for (const header of [undefined, '', 'unknown', '203.0.113.9:80', '203.0.113.9,', '1', ',']) {
    it(`is the trusted proxy where its header is ${JSON.stringify(header)}`, () => {
      expect(behind(request('127.0.0.1', header)).address).to.equal('127.0.0.1');
    });
  }

  it('is told anew for each request of one connection', () => {
    const { socket } = request('127.0.0.1');
    const over = (forwarded: string) =>
      behind({ socket, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage);
    expect(over('203.0.113.9').address).to.equal('203.0.113.9');
    expect(over('203.0.113.10').address).to.equal('203.0.113.10');
  });

  it('is counted by the /64 in IPv6, and by one name without an address', () => {
    const [one, two] = ['2001:db8::1', '2001:db8::ffff'].map((peer) => direct(request(peer)));
    expect(one?.countedAs).to.equal(two?.countedAs);
    expect(direct(request(undefined))).to.deep.include({ address: undefined });
    expect(direct(request(undefined)).countedAs).to.equal('unknown');
  });
});
