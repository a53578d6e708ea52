import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  canonicalEntry,
  emptyHead,
  hashLine,
  isGenuineHead,
  parseSealedHead,
  sealHead,
  stamp,
} from '../../../server/audit/chain.ts';
import type { AuditEntry } from '../../../server/audit/entry.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }));
const entries = fc.record(
  {
    at: fc.integer({ min: -8.64e15, max: 8.64e15 }),
    actor: text,
    action: text,
    outcome: fc.constantFrom('accepted', 'wrongCode'),
    serial: text,
    account: text,
    application: text,
    details: fc.oneof(
      fc.dictionary(text, fc.oneof(text, fc.double({ noNaN: true }), fc.boolean())),
      fc.record({ factor: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(-0, 1.5, '7', null)) }),
    ),
    writer: text,
    sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    previousHash: fc.constant('0'.repeat(64)),
  },
  { requiredKeys: ['at', 'actor', 'action', 'writer', 'sequence', 'previousHash'] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<AuditEntry>;

/** What the library takes: it refuses lone surrogates and infinities. */
function canonicalOrNone(value: object): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}

describe('audit chain', () => {
  it('writes entries as canonical JSON, as the library does', () =>
    fc.assert(
      fc.property(entries, (entry) => {
        const expected = canonicalOrNone(entry);
        if (expected === undefined) expect(() => canonicalEntry(entry, entry)).to.throw();
        else expect(canonicalEntry(entry, entry)).to.equal(expected);
      }),
      { numRuns: 1000 },
    ));

  it('refuses a time that is no integer', () => {
    const [entry] = fc.sample(entries, 1);
    if (entry === undefined) throw new Error('there is a sample');
    for (const at of [Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      expect(() => canonicalEntry({ ...entry, at } as AuditEntry, entry)).to.throw(TypeError);
    }
  });

  it('hashes with SHA-256', () => {
    // FIPS 180-2, appendix B.1.
    expect(hashLine('abc')).to.equal(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('stamps each entry with the hash of the one before', () => {
    const draft = { at: 1 as AuditEntry['at'], actor: 'system', action: 'import' };
    const first = stamp(draft, emptyHead('w'));
    const second = stamp(draft, first.head);
    expect(JSON.parse(second.line)).to.deep.equal({
      ...draft,
      writer: 'w',
      sequence: 2,
      previousHash: hashLine(first.line),
    });
    expect(second.head).to.deep.equal({ writer: 'w', sequence: 2, hash: hashLine(second.line) });
  });
});

describe('sealed audit head', () => {
  const key = new Uint8Array(32).fill(1);
  const sealed = sealHead({ writer: 'w', sequence: 5, hash: 'a'.repeat(64) }, key);

  it('seals the canonical JSON of a head, and of a base with what it is for', () =>
    fc.assert(
      fc.property(entries, fc.string(), fc.nat(), ({ writer }, hash, sequence) => {
        for (const purpose of ['head', 'base'] as const) {
          const head = { writer, sequence, hash };
          const text = canonicalOrNone(purpose === 'head' ? head : { ...head, purpose });
          if (text === undefined) continue;
          const mac = createHmac('sha256', key).update(text).digest('hex');
          expect(sealHead(head, key, purpose)).to.deep.equal({ ...head, mac });
        }
      }),
    ));

  it('is genuine as it was sealed, also after storage', () => {
    expect(isGenuineHead(sealed, key)).to.equal(true);
    expect(parseSealedHead(JSON.stringify(sealed))).to.deep.equal(sealed);
  });

  it('is not genuine with any member changed or another key', () => {
    const other = 'b'.repeat(64);
    for (const change of [{ writer: 'v' }, { sequence: 4 }, { hash: other }, { mac: other }]) {
      expect(isGenuineHead({ ...sealed, ...change }, key)).to.equal(false);
    }
    expect(isGenuineHead({ ...sealed, mac: '' }, key)).to.equal(false);
    expect(isGenuineHead(sealed, new Uint8Array(32))).to.equal(false);
  });

  it('is not read from what is none', () => {
    const { mac: _, ...unsealed } = sealed;
    const wrong = { ...sealed, sequence: '5' };
    for (const bad of ['', '{', 'null', '[]', JSON.stringify(unsealed), JSON.stringify(wrong)]) {
      expect(parseSealedHead(bad)).to.equal(undefined);
    }
  });
});
