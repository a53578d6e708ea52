import { expect } from 'chai';
import { LOCAL_OWNER } from '../../../server/access/scopes.ts';
import { parseHeader } from '../../../server/backup/backup-file.ts';
import { createBackupService } from '../../../server/backup/service.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { type Kind, keyOf, put, type Store } from '../../../server/store/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { UnixMillis } from '../../../shared/types.ts';

interface Pair {
  readonly version: 1;
  readonly count: number;
}
const PAIRS: Kind<Pair> = { name: 'pair', indexes: [], indexValues: () => [] };
const CALLER = { principal: LOCAL_OWNER, now: 1_767_225_615_000 as UnixMillis };
const PAIR_COUNT = 200;

describe('backup: the service', () => {
  let store: Store;
  const service = (under: Pick<Store, 'transact' | 'dump'> = store) =>
    createBackupService({
      store: under,
      readDirectory: async () => ({ format: 4 }),
      whileKeysStay: (work) => work(),
      prepare: async () => undefined,
      key: new Uint8Array(32),
    });
  const text = async (lines: AsyncIterable<string>): Promise<string> => {
    let all = '';
    for await (const line of lines) all += line;
    return all;
  };

  beforeEach(async () => {
    const kinds = [PAIRS] as readonly Kind<unknown>[];
    store = await openMemoryStore({ kinds, writer: 'test', auditKey: new Uint8Array(32) });
  });
  afterEach(() => store.close());

  /** Both ends of the key space in one commit: a torn copy would show different counts. */
  const write = (count: number): Promise<undefined> => {
    const keys = Array.from({ length: PAIR_COUNT }, (_, index) => keyOf(PAIRS, `p${index}`));
    return store.transact(keys, () => ({
      writes: keys.map((key) => put(key, { version: 1, count })),
      auditDrafts: [{ at: CALLER.now, actor: 'system', action: `write${count}` }],
      reply: undefined,
    }));
  };

  it('is one moment, whatever is written while it is read', async () => {
    await write(1);
    const lines = await service().create(CALLER);
    let count = 2;
    let all = '';
    for await (const line of lines) {
      all += line;
      await write(count);
      count += 1;
    }
    expect(count).to.be.greaterThan(4);
    const counts = [...all.matchAll(/\\"count\\":(\d+)/g)].map(([, digits]) => digits);
    expect(counts).to.have.length(PAIR_COUNT);
    expect(new Set(counts)).to.deep.equal(new Set(['1']));
    expect(all).not.to.contain('write2');
    expect(parseHeader(all.split('\n')[0] ?? '').auditHead.sequence).to.equal(2);
  });

  it('is recorded in the audit log, and in itself', async () => {
    const all = await text(await service().create(CALLER));
    expect(all).to.contain('\\"action\\":\\"backup\\"');
    const { items } = await store.auditPage({ after: 0, limit: 10 });
    expect(items.map(({ action, actor }) => [action, actor])).to.deep.equal([
      ['backup', 'localOwner'],
    ]);
  });

  it('is made one at a time, until its reader is done or has left', async () => {
    const backups = service();
    const code = async (): Promise<string> => {
      const error = await backups.create(CALLER).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return error instanceof FobtwinError ? error.code : 'made';
    };
    const never = (await backups.create(CALLER))[Symbol.asyncIterator]();
    expect(await code()).to.equal('notAllowedNow');
    await never.return?.();
    const broken = await backups.create(CALLER);
    for await (const _ of broken) break;
    await text(await backups.create(CALLER));
    expect(await code()).to.equal('made');
  });

  it('lets go of its moment when the store cannot be read', async () => {
    const damaged = new FobtwinError('dataDirectoryDamaged', 'The store is damaged.');
    const backups = service({
      transact: (keys, decide) => store.transact(keys, decide),
      dump: () => Promise.reject(damaged),
    });
    for (const _ of [1, 2]) {
      const error: unknown = await backups.create(CALLER).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(FobtwinError).with.property('code', 'dataDirectoryDamaged');
    }
  });
});
