import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  checkpointText,
  createSigningKey,
  signCheckpoint,
} from '../../../server/audit/checkpoint.ts';
import { keepCheckpoint } from '../../../server/audit/checkpoint-place.ts';
import { rejection } from '../../contract/store-fruits.ts';

const KEY = createSigningKey(new Uint8Array(32).fill(9));
const checkpointAt = (sequence: number, writer = 'w') =>
  signCheckpoint({ writer, sequence, hash: 'a'.repeat(64) }, '2026-01-01T00:00:00.000Z', KEY);

describe('where checkpoints are kept', () => {
  let place: string;
  beforeEach(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobtwin-checkpoints-'));
  });
  afterEach(() => rm(place, { recursive: true }));

  it('is a file that has the newest', async () => {
    const file = path.join(place, 'newest');
    for (const sequence of [7, 7, 8]) {
      expect(await keepCheckpoint(file, checkpointAt(sequence))).to.equal(file);
      expect(await readFile(file, 'utf8')).to.equal(`${checkpointText(checkpointAt(sequence))}\n`);
    }
    expect(await readdir(place)).to.deep.equal(['newest']);
  });

  it('keeps the one that a log which was set back is found by', async () => {
    const file = path.join(place, 'newest');
    await keepCheckpoint(file, checkpointAt(9));
    const error = await rejection(keepCheckpoint(file, checkpointAt(8)));
    expect(error).to.have.property('code', 'dataDirectoryDamaged');
    expect(await readFile(file, 'utf8')).to.equal(`${checkpointText(checkpointAt(9))}\n`);
    // Another log's stands in nobody's way.
    await keepCheckpoint(file, checkpointAt(1, 'another'));
  });

  it('is a directory with a file for each', async () => {
    for (const sequence of [8, 9, 9, 10]) await keepCheckpoint(place, checkpointAt(sequence));
    const names = [8, 9, 10].map((n) => `checkpoint-${String(n).padStart(16, '0')}.json`);
    expect((await readdir(place)).sort()).to.deep.equal(names);
  });

  const nameOf = (sequence: number) => `checkpoint-${String(sequence).padStart(16, '0')}.json`;

  it('keeps a directory whose newest are of a log that was set back, and says so', async () => {
    await keepCheckpoint(place, checkpointAt(9));
    await keepCheckpoint(place, checkpointAt(20, 'another'));
    const error = await rejection(keepCheckpoint(place, checkpointAt(8)));
    expect(error).to.have.property('code', 'dataDirectoryDamaged');
    expect((await readdir(place)).sort()).to.deep.equal([nameOf(9), nameOf(20)]);
  });

  it('keeps the newest thousand there, and never removes the one it has just kept', async () => {
    const text = checkpointText(checkpointAt(1, 'another'));
    for (let sequence = 101; sequence <= 1100; sequence += 1) {
      await writeFile(path.join(place, nameOf(sequence)), text);
    }
    await keepCheckpoint(place, checkpointAt(1101));
    expect(await readdir(place))
      .to.have.length(1000)
      .and.not.to.include(nameOf(101));
    const own = createSigningKey(new Uint8Array(32).fill(8));
    const head = { writer: 'third', sequence: 7, hash: 'b'.repeat(64) };
    await keepCheckpoint(place, signCheckpoint(head, '2026-01-01T00:00:00.000Z', own));
    expect(await readdir(place))
      .to.have.length(1000)
      .and.to.include(nameOf(7));
  });
});
