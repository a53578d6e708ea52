import fs from 'node:fs';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import type { Operation } from '../../../server/store/backend.ts';
import { JOURNAL_NAMES } from '../../../server/store/journal.ts';
import { JournalFile } from '../../../server/store/journal-file.ts';
import { BLOCK_BYTES } from '../../../server/store/journal-record.ts';
import { JOURNAL_KEY } from '../../../server/store/keys.ts';
import { openLevelBackend } from '../../../server/store/level.ts';
import { refusal } from '../../contract/store-fruits.ts';
import {
  type Crashed,
  FILE_BYTES,
  leftBy,
  makeRigs,
  numbered,
  openRig,
  type Rigs,
  rowsOf,
} from './journal-rig.ts';

describe('store journal, damage and failures', function () {
  this.timeout(60_000);
  let rigs: Rigs;
  beforeEach(async () => {
    rigs = await makeRigs();
  });
  afterEach(async () => {
    sinon.restore();
    syncBuiltinESMExports();
    await rigs.remove();
  });

  it('refuses a store where a write is missing between others, and changes nothing', async () => {
    const rig = await rigs.open();
    for (const number of [1, 2, 3]) await rig.backend.write(numbered(number));
    const whole = await rig.crash();
    const [bytes = Buffer.alloc(0), other = Buffer.alloc(0)] = whole.files;
    const damagedAt = (at: number) => {
      const changed = Buffer.concat([bytes]);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      return { rows: whole.rows, files: [changed, other] };
    };
    for (const at of [0, 5, 9, 14, 22, 30, 900, BLOCK_BYTES, BLOCK_BYTES + 500]) {
      const crashed = damagedAt(at);
      const error = await refusal(openRig(rigs.directory, crashed), 'dataDirectoryDamaged');
      expect(error.detail).to.match(/^write [12] of the journal cannot be read/);
      const left = await readFile(path.join(rigs.directory, JOURNAL_NAMES[0]));
      expect(left.equals(crashed.files[0] ?? left)).to.equal(true);
    }
    // Nothing comes after the last: nobody can tell damage from a write that was broken off.
    const last = await rigs.open(damagedAt(2 * BLOCK_BYTES + 500));
    expect(await rowsOf(last.backend)).to.deep.equal(leftBy([numbered(1), numbered(2)]));
  });

  it('refuses a journal of another store, or of a copy that went its own way', async () => {
    const common = await rigs.open();
    for (const number of [1, 2]) await common.backend.write(numbered(number));
    await rigs.close(common);
    const closed = await common.crash();
    // Both have a third write and a fourth; one of them has got the third into its database.
    const lives = { kept: [3, 4], another: [33, 4] };
    const crashed: Record<string, Crashed> = {};
    for (const [name, writes] of Object.entries(lives)) {
      let rig = await rigs.open(closed);
      await rig.backend.write(numbered(writes[0] ?? 0));
      if (name === 'kept') {
        await rigs.close(rig);
        rig = await rigs.open(await rig.crash());
      }
      await rig.backend.write(numbered(writes[1] ?? 0));
      crashed[name] = await rig.crash();
      await rigs.close(rig);
    }
    const { kept = closed, another = closed } = crashed;
    expect(await rigs.reopened(kept)).to.deep.equal(leftBy([1, 2, 3, 4].map((n) => numbered(n))));
    expect(await rigs.reopened(another)).to.deep.equal(
      leftBy([1, 2, 33, 4].map((n) => numbered(n))),
    );
    const mixed = { rows: kept.rows, files: another.files };
    const error = await refusal(openRig(rigs.directory, mixed), 'dataDirectoryDamaged');
    expect(error.detail).to.equal('write 4 of the journal does not follow on what is before it');
    expect(await readFile(path.join(rigs.directory, JOURNAL_NAMES[0]))).to.deep.equal(
      another.files[0],
    );
  });

  it('refuses a store whose journal, or whose row, is gone or wrong', async () => {
    const rig = await rigs.open();
    await rig.backend.write(numbered(1));
    await rigs.close(rig);
    const whole = await rig.crash();
    await rm(path.join(rigs.directory, JOURNAL_NAMES[1]));
    const lost = openRig(rigs.directory, { ...whole, files: [] });
    expect((await refusal(lost, 'dataDirectoryDamaged')).message).to.equal(
      'The store in the data directory has lost its journal-1.',
    );
    for (const wrong of [
      ...['', '{}', '{"sequence":"1"}', 'null', '{"sequence":1.5}'],
      '{"sequence":1,"checksum":"0"}',
    ]) {
      const rows = whole.rows.map(
        ([key, value]) => [key, key === JOURNAL_KEY ? wrong : value] as const,
      );
      await refusal(openRig(rigs.directory, { ...whole, rows }), 'dataDirectoryDamaged');
    }
  });

  it('what is forgotten is so on the disk, before anything else is written', async () => {
    const rig = await rigs.open();
    await rig.backend.write(numbered(1));
    const { files } = await rig.crash();
    await rigs.close(rig);
    const directory = path.join(rigs.directory, 'store');
    await (await openLevelBackend(directory, { createIfMissing: true })).close();
    const places = JOURNAL_NAMES.map((name) => path.join(directory, name));
    for (const [index, place] of places.entries()) {
      await writeFile(place, files[index] ?? Buffer.alloc(0));
    }
    const handle = await open(places[0] ?? '', 'r');
    const handles = Object.getPrototypeOf(handle) as Pick<typeof handle, 'sync' | 'truncate'>;
    await handle.close();
    const [emptied, flushed] = [sinon.spy(handles, 'truncate'), sinon.spy(handles, 'sync')];
    const forgetful = { createIfMissing: false, forgetJournal: true };
    const backend = await openLevelBackend(directory, forgetful);
    expect(await rowsOf(backend)).to.deep.equal([]);
    for (const call of emptied.getCalls()) {
      expect(flushed.getCalls().some((flush) => flush.thisValue === call.thisValue)).to.equal(true);
    }
    expect(emptied.callCount).to.equal(2);
    await backend.close();
  });

  it('continues a write that was cut short, and fails with one that fails', async () => {
    const rig = await rigs.open();
    const { write } = fs;
    const stubbed = sinon.stub(fs, 'write');
    const cut = (length: number) =>
      stubbed.callsFake(((...args: Parameters<typeof write>) => {
        const [fd, bytes, offset, , at, done] = args as unknown as [
          number,
          Buffer,
          number,
          number,
          number,
          () => void,
        ];
        write(fd, bytes, offset, Math.min(length, bytes.length), at, done);
      }) as typeof write);
    cut(700);
    syncBuiltinESMExports();
    await rig.backend.write(numbered(1));
    expect(stubbed.callCount).to.equal(Math.ceil(BLOCK_BYTES / 700));
    const written = await rig.crash();

    const cause = new Error('EIO: i/o error, write');
    stubbed.callsFake(((...args: unknown[]) =>
      (args.at(-1) as (error: Error) => void)(cause)) as typeof write);
    const failing = rig.backend.write(numbered(2));
    expect(await failing.catch((error: unknown) => error)).to.equal(cause);
    stubbed.restore();
    syncBuiltinESMExports();
    expect(await rig.backend.write(numbered(3)).catch((error: unknown) => error)).to.equal(cause);
    expect(await rowsOf(rig.backend)).to.deep.equal(leftBy([numbered(1)]));
    await rigs.close(rig);
    expect((await rig.crash()).files).to.deep.equal(written.files);
    expect(await rigs.reopened(written)).to.deep.equal(leftBy([numbered(1)]));
  });

  it('closes its other file and the database where a file cannot be closed', async () => {
    const databaseClosed = sinon.fake.resolves(undefined);
    const rig = await rigs.open(undefined, (same) => ({ ...same, close: databaseClosed }));
    const cause = new Error('EIO: i/o error, close');
    const closed = sinon.stub(JournalFile.prototype, 'close');
    closed.callThrough();
    closed.onFirstCall().callsFake(async function (this: JournalFile) {
      await closed.wrappedMethod.call(this);
      throw cause;
    });
    expect(await rigs.close(rig).catch((error: unknown) => error)).to.equal(cause);
    expect(closed.callCount).to.equal(2);
    expect(databaseClosed.callCount).to.equal(1);
  });

  it('loses nothing where a checkpoint fails: the next write does', async () => {
    const cause = new Error('no space left');
    const rig = await rigs.open(undefined, (database) => ({
      ...database,
      write: () => Promise.reject(cause),
    }));
    const done: Operation[][] = [];
    let failure: unknown;
    while (failure === undefined) {
      const one = numbered(done.length);
      await rig.backend.write(one).then(
        () => void done.push(one),
        (error: unknown) => {
          failure = error;
        },
      );
    }
    expect(failure).to.equal(cause);
    expect(done.length).to.be.at.least(FILE_BYTES / BLOCK_BYTES);
    expect(await rowsOf(rig.backend)).to.deep.equal(leftBy(done));
    await rigs.close(rig);
    expect(await rigs.reopened(await rig.crash())).to.deep.equal(leftBy(done));
  });
});
