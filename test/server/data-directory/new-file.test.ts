import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { refuseTaken, writeNewFile } from '../../../server/data-directory/new-file.ts';
import { FobtwinError } from '../../../shared/errors.ts';

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => 'done',
    (reason: unknown) => reason,
  );
  return error instanceof FobtwinError ? error.code : String(error);
};

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array | string> {
  for (const text of texts) {
    await Promise.resolve();
    yield text.length % 2 === 0 ? text : Buffer.from(text);
  }
}

describe('a new file', () => {
  let place: string;
  let file: string;
  beforeEach(async () => {
    place = await mkdtemp(path.join(os.tmpdir(), 'fobd-new-file-'));
    file = path.join(place, 'out');
  });
  afterEach(() => rm(place, { recursive: true, force: true }));

  it('is all there, for its owner alone, and nothing beside it', async () => {
    const large = 'ä'.repeat(3_000_001);
    expect(await writeNewFile(file, pieces('abc', large))).to.equal(6_000_005);
    expect(await readFile(file, 'utf8')).to.equal(`abc${large}`);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(await readdir(place)).to.deep.equal(['out']);
  });

  it('never takes the place of another, also of one that comes meanwhile', async () => {
    async function* late(): AsyncGenerator<string> {
      yield 'abc';
      await writeFile(file, 'mine');
    }
    expect(await codeOf(writeNewFile(file, late()))).to.equal('exists');
    expect(await codeOf(writeNewFile(file, pieces('abc')))).to.equal('exists');
    expect(await codeOf(refuseTaken(file))).to.equal('exists');
    expect(await readFile(file, 'utf8')).to.equal('mine');
    const dangling = path.join(place, 'dangling');
    await symlink(path.join(place, 'nowhere'), dangling);
    expect(await codeOf(refuseTaken(dangling))).to.equal('exists');
    expect(await readdir(place)).to.deep.equal(['dangling', 'out']);
  });

  it('is not there where its pieces fail; what a killed one left is removed', async () => {
    await writeFile(`${file}.unfinished-${process.pid}`, 'a part');
    async function* broken(): AsyncGenerator<string> {
      yield 'abc';
      throw new FobtwinError('unavailable', 'It broke off');
    }
    expect(await codeOf(writeNewFile(file, broken()))).to.equal('unavailable');
    expect(await readdir(place)).to.deep.equal([]);
    const nowhere = path.join(place, 'no', 'where');
    expect(await codeOf(writeNewFile(nowhere, pieces('abc')))).to.equal('fileUnwritable');
  });
});
