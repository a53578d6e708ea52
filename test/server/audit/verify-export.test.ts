import { expect } from 'chai';
import { emptyHead, stamp } from '../../../server/audit/chain.ts';
import {
  createSigningKey,
  parsePublicKey,
  signCheckpoint,
} from '../../../server/audit/checkpoint.ts';
import type { AuditHead } from '../../../server/audit/entry.ts';
import { exportPieces } from '../../../server/audit/export.ts';
import { EXPORT_LINE_CHARACTERS_MAX, linesOf } from '../../../server/audit/export-lines.ts';
import { verifyExports } from '../../../server/audit/verify-export.ts';
import { draft } from '../../contract/store-fruits.ts';

const LENGTH = 9;
const KEY = createSigningKey(new Uint8Array(32).fill(1));
const OTHER = createSigningKey(new Uint8Array(32).fill(2));
const AT = '2026-01-01T00:00:00.000Z';

const heads: AuditHead[] = [emptyHead('w')];
const stored: { readonly sequence: number; readonly line: string }[] = [];
for (let sequence = 1; sequence <= LENGTH; sequence += 1) {
  const { line, head } = stamp(draft('verify'), heads.at(-1) ?? emptyHead('w'));
  stored.push({ sequence, line });
  heads.push(head);
}
const headAt = (sequence: number): AuditHead => heads[sequence] ?? emptyHead('w');

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function exported(after: number, until: number, key = KEY): Promise<string> {
  let text = '';
  const parts = {
    after: headAt(after),
    until,
    publicKey: key.publicKey,
    sign: (last: AuditHead) => signCheckpoint(last, AT, key),
  };
  for await (const piece of exportPieces(each(stored.slice(after, until)), parts)) text += piece;
  return text;
}

const fileOf = (text: string) => linesOf(each([Buffer.from(text)]));
async function verdictOf(texts: readonly string[], options = {}): Promise<string> {
  const verdict = await verifyExports(texts.map(fileOf), options);
  return verdict.sound ? 'sound' : `${verdict.fault} ${verdict.faultAt} in ${verdict.faultIn}`;
}

describe('an export of the audit log', () => {
  const publicKey = parsePublicKey(KEY.publicKey);
  let whole: string;
  before(async () => {
    whole = await exported(0, LENGTH);
  });
  const edited = (how: (lines: string[]) => readonly string[]) =>
    `${how(whole.trimEnd().split('\n')).join('\n')}\n`;

  it('verifies whole, in pieces and empty', async () => {
    const verdict = await verifyExports([fileOf(whole)], { publicKey });
    expect(verdict).to.deep.include({ sound: true, entries: LENGTH, signedBy: 'givenKey' });
    expect(verdict.head).to.deep.equal(headAt(LENGTH));
    for (const cut of [0, 1, 4, LENGTH]) {
      const files = [await exported(0, cut), await exported(cut, LENGTH)];
      expect(await verdictOf(files, { publicKey })).to.equal('sound');
    }
    expect(await verifyExports([fileOf(whole)])).to.include({ sound: true, signedBy: 'ownKey' });
  });

  it('holds the stored lines exactly', () => {
    const lines = whole.trimEnd().split('\n');
    expect(lines.slice(1, -1)).to.deep.equal(stored.map(({ line }) => line));
  });

  it('counts only the entries before the fault as sound', async () => {
    for (let sequence = 1; sequence <= LENGTH; sequence += 1) {
      const text = edited((lines) =>
        lines.map((line, place) => (place === sequence ? line.replace('verify', 'vorify') : line)),
      );
      const verdict = await verifyExports([fileOf(text)], { publicKey });
      expect(verdict).to.include({ fault: 'changed', faultAt: sequence, entries: sequence - 1 });
    }
  });

  it('finds every changed, removed, doubled and moved line where it is', async () => {
    for (let place = 1; place <= LENGTH; place += 1) {
      const changed = edited((lines) =>
        lines.with(place, (lines[place] ?? '').replace('verify', 'unlock')),
      );
      expect(await verdictOf([changed])).to.equal(`changed ${place} in 0`);
      const removed = edited((lines) => lines.toSpliced(place, 1));
      const fault = place === LENGTH ? 'tailCut' : 'removed';
      expect(await verdictOf([removed])).to.equal(`${fault} ${place} in 0`);
      const doubled = edited((lines) => lines.toSpliced(place, 0, lines[place] ?? ''));
      expect(await verdictOf([doubled])).to.match(/^(changed|checkpointForged)/);
    }
    const moved = edited((lines) => lines.with(3, lines[4] ?? '').with(4, lines[3] ?? ''));
    expect(await verdictOf([moved])).to.equal('removed 3 in 0');
  });

  it('finds a cut at every character', async () => {
    // Less its final end of line nothing is lost.
    for (let length = 0; length < whole.length - 1; length += 1) {
      const verdict = await verdictOf([whole.slice(0, length)]);
      expect(verdict, String(length)).not.to.equal('sound');
    }
    expect(await verdictOf([whole.slice(0, -1)])).to.equal('sound');
    expect(await verdictOf([edited((lines) => lines.slice(0, -1))])).to.equal('tailCut 10 in 0');
    expect(await verdictOf([edited((lines) => lines.slice(0, -3))])).to.equal('tailCut 8 in 0');
  });

  it('finds a checkpoint of another key, of another place and none', async () => {
    const byOther = await exported(0, LENGTH, OTHER);
    expect(await verdictOf([byOther], { publicKey })).to.equal(`checkpointForged ${LENGTH} in 0`);
    expect(await verdictOf([byOther])).to.equal('sound');
    const older = JSON.stringify(signCheckpoint(headAt(4), AT, KEY));
    const swapped = edited((lines) => lines.with(-1, older));
    expect(await verdictOf([swapped])).to.equal(`checkpointForged ${LENGTH} in 0`);
    const foreign = JSON.stringify(signCheckpoint({ ...headAt(LENGTH), writer: 'v' }, AT, KEY));
    const relabelled = edited((lines) => lines.with(-1, foreign));
    expect(await verdictOf([relabelled])).to.equal(`checkpointForged ${LENGTH} in 0`);
  });

  it('finds files that do not follow one another', async () => {
    const [first, second] = [await exported(0, 3), await exported(3, 6)];
    const third = await exported(6, LENGTH);
    expect(await verdictOf([first, second, third])).to.equal('sound');
    expect(await verdictOf([first, third])).to.equal('removed 4 in 1');
    expect(await verdictOf([second, first])).to.equal('changed 0 in 1');
    expect(await verdictOf([first, await exported(3, 6, OTHER)])).to.match(/^checkpointForged/);
    const forgedStart = second.replace(headAt(3).hash, 'f'.repeat(64));
    expect(await verdictOf([first, forgedStart])).to.equal('changed 3 in 1');
    expect(await verdictOf([forgedStart])).to.equal('changed 4 in 0');
  });

  it('is held against a checkpoint', async () => {
    for (const sequence of [0, 1, 5, LENGTH]) {
      const { hash } = headAt(sequence);
      const verdict = await verifyExports([fileOf(whole)], { checkpoint: { sequence, hash } });
      expect(verdict).to.include({ sound: true, checkpoint: 'matched' });
    }
    const other = { sequence: 5, hash: 'f'.repeat(64) };
    expect(await verdictOf([whole], { checkpoint: other })).to.match(/^forked 5/);
    const later = { sequence: LENGTH + 1, hash: 'f'.repeat(64) };
    expect(await verdictOf([whole], { checkpoint: later })).to.match(/^rolledBack 10/);
    const tail = await verifyExports([fileOf(await exported(4, LENGTH))], {
      checkpoint: { sequence: 2, hash: headAt(2).hash },
    });
    expect(tail).to.include({ sound: true, checkpoint: 'beforeBase' });
  });

  it('is not written over what does not follow', async () => {
    const broken = stored.map(({ sequence, line }) =>
      sequence === 4 ? { sequence, line: line.replace('verify', 'unlock') } : { sequence, line },
    );
    const parts = { after: headAt(0), until: LENGTH, publicKey: '', sign: () => expect.fail() };
    const read = async () => {
      for await (const piece of exportPieces(each(broken), parts)) expect(piece).to.be.a('string');
    };
    const failure = await read().catch((error: unknown) => error);
    expect(failure).to.include({ code: 'dataDirectoryDamaged' });
  });

  it('comes in lines, however its pieces are cut', async () => {
    const bytes = Buffer.from(`${whole}é€\n`);
    for (const size of [1, 2, 3, 7, 1000]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      const lines: string[] = [];
      for await (const line of linesOf(each(pieces))) lines.push(line);
      expect(lines).to.deep.equal([...whole.trimEnd().split('\n'), 'é€']);
    }
  });

  it('has lines of a bounded length', async () => {
    const endless = Buffer.alloc(EXPORT_LINE_CHARACTERS_MAX / 2, 'x');
    let read = 0;
    async function* pieces() {
      for (read = 0; read < 100; read += 1) yield endless;
    }
    expect(await verifyExports([linesOf(pieces())])).to.include({ fault: 'unreadable' });
    expect(read).to.be.below(5);
  });
});
