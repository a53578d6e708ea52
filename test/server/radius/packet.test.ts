import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodePacket,
  encodePacket,
  PACKET_BYTES_MAX,
  soleOf,
} from '../../../server/radius/packet.ts';

const head = (length: number): number[] => [1, 7, length >> 8, length & 255, ...Array(16).fill(9)];

const attribute = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  value: fc.uint8Array({ maxLength: 253 }),
});

describe('radius: packet', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.array(attribute, { maxLength: 15 }),
        fc.uint8Array({ maxLength: 30 }),
        (code, identifier, authenticator, attributes, padding) => {
          const bytes = encodePacket({ code, identifier }, authenticator, attributes);
          const packet = decodePacket(Uint8Array.from([...bytes, ...padding]));
          if (typeof packet === 'string') throw new Error(packet);
          expect(packet.code).to.equal(code);
          expect(packet.identifier).to.equal(identifier);
          expect([...packet.authenticator]).to.deep.equal([...authenticator]);
          expect([...packet.bytes]).to.deep.equal([...bytes]);
          const read = packet.attributes.map(({ type, value }) => ({ type, value: [...value] }));
          const written = attributes.map(({ type, value }) => ({ type, value: [...value] }));
          expect(read).to.deep.equal(written);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('tells an attribute that stands once from one that stands twice, or not at all', () => {
    const attributes = [1, 2, 1].map((type, at) => ({ type, at, value: Uint8Array.of(at) }));
    expect(soleOf({ attributes }, 1)).to.equal('twice');
    expect(soleOf({ attributes }, 2)).to.equal(attributes[1]);
    expect(soleOf({ attributes }, 3)).to.equal(undefined);
  });

  const cases: readonly (readonly [string, number[], string])[] = [
    ['no byte', [], 'tooShort'],
    ['nineteen bytes', head(20).slice(1), 'tooShort'],
    ['a length under twenty', head(19), 'lengthLies'],
    ['a length beyond the datagram', head(21), 'lengthLies'],
    ['a length over 4096', [...head(4097), ...Array(5000).fill(0)], 'tooLong'],
    ['half an attribute head', [...head(21), 1], 'attributeLies'],
    ['an attribute of length 0', [...head(22), 1, 0], 'attributeLies'],
    ['an attribute of length 1', [...head(22), 1, 1], 'attributeLies'],
    ['an attribute beyond the packet', [...head(22), 1, 3, 0, 0], 'attributeLies'],
  ];
  for (const [name, bytes, malformation] of cases) {
    it(`names ${name} ${malformation}`, () => {
      expect(decodePacket(Uint8Array.from(bytes))).to.equal(malformation);
    });
  }

  it('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, lengthIsRight) => {
        if (lengthIsRight && bytes.length >= 4) bytes.set([bytes.length >> 8, bytes.length], 2);
        const packet = decodePacket(bytes);
        if (typeof packet === 'string') return;
        expect(packet.bytes.length).to.be.at.most(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads a packet full of empty attributes, and writes none that is too long', () => {
    const flood = Uint8Array.from([...head(4096), ...Array(2038).fill([26, 2]).flat()]);
    const packet = decodePacket(flood);
    expect(typeof packet === 'string' ? packet : packet.attributes.length).to.equal(2038);
    const value = new Uint8Array(253);
    const many = Array.from({ length: 17 }, () => ({ type: 18, value }));
    expect(() => encodePacket({ code: 2, identifier: 0 }, new Uint8Array(16), many)).to.throw(
      `at most ${PACKET_BYTES_MAX} bytes`,
    );
    const long = [{ type: 18, value: new Uint8Array(254) }];
    expect(() => encodePacket({ code: 2, identifier: 0 }, new Uint8Array(16), long)).to.throw(
      '253',
    );
  });
});
