import { expect } from 'chai';
import fc from 'fast-check';
import { emptyHead, sealHead, stamp } from '../../../server/audit/chain.ts';
import type { AuditDraft, AuditHead } from '../../../server/audit/entry.ts';
import { verifyChain } from '../../../server/audit/verify.ts';
import type { StoredLine } from '../../../server/audit/walk.ts';

const OPTIONS = { writer: 'w', auditKey: new Uint8Array(32).fill(3) };

interface Log {
  readonly lines: readonly string[];
  readonly heads: readonly AuditHead[];
}

function logOf(length: number, writer = 'w'): Log {
  const lines: string[] = [];
  const heads = [emptyHead(writer)];
  for (let place = 0; place < length; place += 1) {
    const draft: AuditDraft = { at: place as AuditDraft['at'], actor: 'system', action: 'verify' };
    const { line, head } = stamp(draft, heads[place] ?? emptyHead(writer));
    lines.push(line);
    heads.push(head);
  }
  return { lines, heads };
}

async function* stored(lines: readonly string[], first = 1): AsyncGenerator<StoredLine> {
  for (const [place, line] of lines.entries()) yield { sequence: first + place, line };
}

const sealed = (head: AuditHead | undefined): string =>
  JSON.stringify(sealHead(head ?? emptyHead('w'), OPTIONS.auditKey));

const faultOf = async (
  lines: readonly string[] | AsyncIterable<StoredLine>,
  headText: string | undefined,
) => {
  const given = Symbol.asyncIterator in lines ? lines : stored(lines);
  const verdict = await verifyChain(given, headText, OPTIONS);
  return verdict.sound ? 'sound' : `${verdict.fault} ${verdict.faultAt}`;
};

const LENGTH = 7;
const { lines, heads } = logOf(LENGTH);
const head = sealed(heads[LENGTH]);
const changed = (place: number, change: (line: string) => string) =>
  lines.map((line, at) => (at === place ? change(line) : line));
const everyPlace = Array.from({ length: LENGTH }, (_, place) => place);

describe('audit verification', () => {
  it('holds a log of any length that nobody touched', async () => {
    for (const length of [0, 1, 2, 50]) {
      const log = logOf(length);
      const last = log.heads[length];
      expect(await verifyChain(stored(log.lines), sealed(last), OPTIONS)).to.deep.equal({
        sound: true,
        entries: length,
        head: last,
      });
    }
  });

  it('finds a changed entry, the last and the first too', async () => {
    for (const place of everyPlace) {
      const touched = changed(place, (line) => line.replace('verify', 'unlock'));
      expect(await faultOf(touched, head)).to.equal(`changed ${place + 1}`);
    }
  });

  it('finds a changed link where it was changed', async () => {
    for (const place of everyPlace) {
      const hash = heads[place]?.hash ?? '';
      const touched = changed(place, (line) => line.replace(hash, 'f'.repeat(64)));
      expect(await faultOf(touched, head)).to.equal(`changed ${place + 1}`);
    }
  });

  it('finds a changed sequence or writer', async () => {
    for (const place of everyPlace) {
      const number = `"sequence":${place + 1}`;
      const later = changed(place, (line) => line.replace(number, '"sequence":9'));
      expect(await faultOf(later, head)).to.equal(`changed ${place + 1}`);
      const another = changed(place, (line) => line.replace('"writer":"w"', '"writer":"v"'));
      expect(await faultOf(another, head)).to.equal(`changed ${place + 1}`);
    }
  });

  it('finds any changed character at its entry', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(LENGTH - 1), fc.nat(), fc.string(), async (place, at, other) => {
        const line = lines[place] ?? '';
        const position = at % line.length;
        const touched = `${line.slice(0, position)}${other}${line.slice(position + 1)}`;
        fc.pre(touched !== line);
        const fault = await faultOf(
          changed(place, () => touched),
          head,
        );
        expect(fault).to.be.oneOf([`changed ${place + 1}`, `unreadable ${place + 1}`]);
      }),
      { numRuns: 500 },
    ));

  it('finds what is no entry', async () => {
    for (const bad of ['', '{', 'null', '[1]', '{"sequence":3}', lines[2]?.slice(0, -1) ?? '']) {
      expect(
        await faultOf(
          changed(2, () => bad),
          head,
        ),
      ).to.equal('unreadable 3');
    }
  });

  it('finds a removed entry, whether the later ones close up or not', async () => {
    for (const place of everyPlace.slice(0, -1)) {
      const closedUp = lines.filter((_, at) => at !== place);
      expect(await faultOf(closedUp, head)).to.equal(`removed ${place + 1}`);
      async function* gap() {
        yield* stored(lines.slice(0, place));
        yield* stored(lines.slice(place + 1), place + 2);
      }
      const fault = place === 0 ? 'frontCut' : 'removed';
      expect(await faultOf(gap(), head)).to.equal(`${fault} ${place + 1}`);
    }
  });

  it('finds entries that change places, stand twice or were put in between', async () => {
    const [one = '', two = '', three = ''] = lines;
    expect(await faultOf([two, one, ...lines.slice(2)], head)).to.equal('removed 1');
    expect(await faultOf([one, one, ...lines.slice(1)], head)).to.equal('changed 2');
    async function* overlapping() {
      yield* stored([one, two, three]);
      yield* stored(lines.slice(2), 3);
    }
    expect(await faultOf(overlapping(), head)).to.equal('changed 4');
  });

  it('finds a cut tail', async () => {
    for (const left of everyPlace) {
      expect(await faultOf(lines.slice(0, left), head)).to.equal(`tailCut ${left + 1}`);
    }
  });

  it('finds a forged, an older and a missing head', async () => {
    const forged = JSON.stringify(sealHead(heads[LENGTH] ?? emptyHead('w'), new Uint8Array(32)));
    expect(await faultOf(lines, forged)).to.equal('headForged 1');
    expect(await faultOf(lines, sealed(heads[4]))).to.equal('headForged 5');
    expect(await faultOf(lines, undefined)).to.equal('headForged 1');
    expect(await faultOf([], undefined)).to.equal('headForged 1');
    expect(await faultOf(lines, '{}')).to.equal('headForged 1');
  });

  it('finds a log rewritten from some entry on, and one by another writer', async () => {
    const rewritten = [...lines.slice(0, 4)];
    let last = heads[4] ?? emptyHead('w');
    for (let place = 4; place < LENGTH; place += 1) {
      const draft: AuditDraft = { at: 0 as AuditDraft['at'], actor: 'system', action: 'nothing' };
      const next = stamp(draft, last);
      rewritten.push(next.line);
      last = next.head;
    }
    expect(await faultOf(rewritten, head)).to.equal(`changed ${LENGTH}`);
    const other = logOf(LENGTH, 'v');
    expect(await faultOf(other.lines, sealed(other.heads[LENGTH]))).to.equal('changed 1');
  });

  it('tells what it found before the fault', async () => {
    const touched = changed(4, (line) => line.replace('verify', 'unlock'));
    expect(await verifyChain(stored(touched), head, OPTIONS)).to.deep.equal({
      sound: false,
      entries: 4,
      head: heads[LENGTH],
      fault: 'changed',
      faultAt: 5,
    });
  });
});
