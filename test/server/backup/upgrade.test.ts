import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { Level } from 'level';
import { labTimeIn } from '../../../server/backup/lab-time.ts';
import { LAB_CLOCK_KEY } from '../../../server/lab/clock.ts';
import type { Operation, Row } from '../../../server/store/backend.ts';
import { JOURNAL_NAMES } from '../../../server/store/journal.ts';
import { writeRecord } from '../../../server/store/journal-record.ts';
import { recordKey } from '../../../server/store/keys.ts';
import { openLevelBackend } from '../../../server/store/level.ts';
import { createOtp } from '../../../shared/otp.ts';
import { parseSeed, type UnixMillis } from '../../../shared/types.ts';
import {
  type FixtureLedger,
  fixtureLedger,
  unpackFixture,
} from '../../support/fixture-directory.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { changeAudit } from '../../support/tampered-store.ts';

const otp = createOtp(nodeCrypto);
const STEP_MILLIS = 30_000;

function codeOf({ tokens }: FixtureLedger, serial: string, factor: number): string {
  const token = tokens.find((each) => each.serial === serial);
  const seed = parseSeed(Buffer.from(token?.seed ?? '', 'hex'));
  if (token === undefined || seed === undefined) throw new Error(`no token ${serial}`);
  return otp.code(seed, factor, token.parameters);
}

/** Every token decides as it would have decided when the fixture was made. */
async function decisionsOf(ledger: FixtureLedger, data: string): Promise<Record<string, string>> {
  const clock = { now: () => ((ledger.madeAtStep + 1) * STEP_MILLIS) as UnixMillis };
  const served = await serveInProcess(data, ['--log-level', 'silent'], { clock });
  const ask = async (apiKey: string, serial: string, factor: number): Promise<string> => {
    const reply = await fetch(`${served.address}/v1/verify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ serial, code: codeOf(ledger, serial, factor) }),
    });
    return ((await reply.json()) as { outcome: string }).outcome;
  };
  const { administrator, application, nextCounter, lastStep } = ledger;
  const next = nextCounter['FX000001'] ?? -1;
  const last = lastStep['FX000002'] ?? -1;
  const decided = {
    'the last counter': await ask(administrator, 'FX000001', next - 1),
    'the next counter': await ask(administrator, 'FX000001', next),
    'the last step': await ask(administrator, 'FX000002', last),
    'the next step': await ask(administrator, 'FX000002', last + 1),
    'an administrator’s lock': await ask(administrator, 'FX000003', 2),
    'a revoked token': await ask(administrator, 'FX000004', 0),
    'a stocked token': await ask(administrator, 'FX000005', ledger.madeAtStep),
    'the application that may see no detail': await ask(application, 'FX000003', 2),
  };
  await served.stop();
  return decided;
}

const AS_BEFORE = {
  'the last counter': 'replayed',
  'the next counter': 'accepted',
  'the last step': 'replayed',
  'the next step': 'accepted',
  'an administrator’s lock': 'locked',
  'a revoked token': 'revoked',
  'a stocked token': 'notRegistered',
  'the application that may see no detail': 'wrongCode',
};

describe('fobd upgrade', function () {
  this.timeout(60_000);
  let place: string;
  let remove: () => Promise<void>;
  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
  });
  afterEach(() => remove());

  const sound = async (data: string): Promise<{ entries: number }> => {
    const { code, stdout, stderr } = await fobd(['audit', 'verify', '--data', data, '--json']);
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as { entries: number };
  };

  for (const format of [2, 3]) {
    it(`brings a directory of format ${format} up: every token decides as before`, async () => {
      const ledger = await fixtureLedger(format);
      const data = await unpackFixture(format, place);
      const refused = await fobd(['serve', '--data', data, '--port', '0']);
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.contain('[dataDirectoryOlder]').and.to.contain('fobd upgrade');

      const { code, stdout, stderr } = await fobd(['upgrade', '--data', data, '--json']);
      expect(code, stderr).to.equal(0);
      const told = JSON.parse(stdout) as { from: number; to: number; backup: string };
      expect(told).to.include({ from: format, to: 4 });
      expect((await stat(told.backup)).mode & 0o777).to.equal(0o600);
      expect((await sound(data)).entries).to.equal(ledger.audit.entries + 1);
      expect(await decisionsOf(ledger, data)).to.deep.equal(AS_BEFORE);

      const again = await fobd(['upgrade', '--data', data, '--json']);
      expect(JSON.parse(again.stdout)).to.deep.equal({ data, from: 4, to: 4 });
    });
  }

  it('and its log can be asked by application afterwards', async () => {
    const ledger = await fixtureLedger(2);
    const data = await unpackFixture(2, place);
    await fobd(['upgrade', '--data', data]);
    const id = ledger.application.split('_')[1] ?? '';
    const args = ['audit', 'list', '--application', id, '--data', data, '--json'];
    const { stdout, stderr } = await fobd(args);
    const { items } = JSON.parse(stdout || `{"items":"${stderr}"}`) as {
      items: { action: string }[];
    };
    expect(items.map(({ action }) => action)).to.include('addApplication');
  });

  it('the backup from before restores, in the new form', async () => {
    const ledger = await fixtureLedger(2);
    const data = await unpackFixture(2, place);
    const backup = path.join(place, 'before.backup');
    await fobd(['upgrade', '--data', data, '--backup', backup]);
    const where = path.join(place, 'restored');
    const key = path.join(data, 'master.key');
    const args = ['restore', backup, '--data', where, '--master-key-file', key, '--json'];
    const { code, stderr } = await fobd(args);
    expect(code, stderr).to.equal(0);
    await cp(key, path.join(where, 'master.key'));
    expect((await sound(where)).entries).to.equal(ledger.audit.entries + 1);
    expect(JSON.parse(await readFile(path.join(where, 'format.json'), 'utf8'))).to.include({
      format: 4,
    });
  });

  it('broken off before format.json was written, it is run again over its own backup', async () => {
    const ledger = await fixtureLedger(2);
    const data = await unpackFixture(2, place);
    const format = path.join(data, 'format.json');
    const old = await readFile(format, 'utf8');
    await fobd(['upgrade', '--data', data]);
    await writeFile(format, old);
    const { code, stderr } = await fobd(['upgrade', '--data', data]);
    expect(code, stderr).to.equal(0);
    expect((await sound(data)).entries).to.equal(ledger.audit.entries + 2);
    expect(await decisionsOf(ledger, data)).to.deep.equal(AS_BEFORE);
  });

  it('broken off with its entry in the journal, it has not taken place', async () => {
    const ledger = await fixtureLedger(3);
    const [data, upgraded] = [await unpackFixture(3, place), path.join(place, 'upgraded')];
    await cp(data, upgraded, { recursive: true });
    await fobd(['upgrade', '--data', upgraded, '--backup', path.join(place, 'other.backup')]);
    // As a kill leaves it: the entry is durable in the journal, and LevelDB has not got it.
    const entry = await rowsAdded(path.join(data, 'store'), path.join(upgraded, 'store'));
    const bytes = Buffer.alloc(16 * 1024);
    const end = writeRecord(bytes, 0, { sequence: 1, previous: 0, operations: entry }, []);
    await writeFile(path.join(data, 'store', JOURNAL_NAMES[0]), bytes.subarray(0, end));
    await writeFile(path.join(data, 'store', JOURNAL_NAMES[1]), '');

    const { code, stderr } = await fobd(['upgrade', '--data', data]);
    expect(code, stderr).to.equal(0);
    expect((await sound(data)).entries).to.equal(ledger.audit.entries + 1);
  });

  it('changes nothing where it cannot back up, or the log is not sound', async () => {
    const data = await unpackFixture(2, place);
    const format = path.join(data, 'format.json');
    const old = await readFile(format, 'utf8');
    const other = path.join(place, 'other');
    await writeFile(other, 'mine');
    const taken = await fobd(['upgrade', '--data', data, '--backup', other]);
    expect(taken.stderr).to.contain('[exists]');
    expect(await readFile(other, 'utf8')).to.equal('mine');
    const nowhere = path.join(place, 'no', 'where');
    const unwritable = await fobd(['upgrade', '--data', data, '--backup', nowhere]);
    expect(unwritable.stderr).to.contain('[fileUnwritable]');
    const key = path.join(place, 'wrong.key');
    await writeFile(key, 'ab'.repeat(32));
    const wrong = await fobd(['upgrade', '--data', data, '--master-key-file', key]);
    expect(wrong.stderr).to.contain('[wrongMasterKey]');
    expect(await readdir(place)).to.have.members(['data', 'other', 'wrong.key']);

    await changeAudit(data, '"account7"', '"account8"');
    await changeAudit(data, '"bob"', '"bub"');
    const unsound = await fobd(['upgrade', '--data', data]);
    expect(unsound.code).to.equal(1);
    expect(unsound.stderr).to.contain('[dataDirectoryDamaged]');
    expect(await readFile(format, 'utf8')).to.equal(old);
  });

  describe('of a lab', () => {
    const SHOWN = Date.parse('2020-02-03T04:05:06Z');
    const clock = { now: () => Date.parse('2026-01-01T00:00:00Z') as UnixMillis };
    let lab: string;
    beforeEach(async () => {
      lab = path.join(place, 'lab');
      const at = ['--lab', '--lab-clock', '2020-02-03T04:05:06Z'];
      const { code, stderr } = await fobd(['init', '--data', lab, ...at], { clock });
      expect(code, stderr).to.equal(0);
      // Nothing that a lab has was otherwise in format 2.
      const format = path.join(lab, 'format.json');
      await writeFile(format, (await readFile(format, 'utf8')).replace('": 4', '": 2'));
    });

    it('goes by the lab’s clock, in its backup and in its log', async () => {
      const { code, stdout, stderr } = await fobd(['upgrade', '--data', lab, '--json'], { clock });
      expect(code, stderr).to.equal(0);
      const { backup } = JSON.parse(stdout) as { backup: string };
      const [header = ''] = (await readFile(backup, 'utf8')).split('\n');
      expect(JSON.parse(header)).to.include({ madeAt: SHOWN });
      const list = await fobd(['audit', 'list', '--data', lab, '--json'], { clock });
      const { items } = JSON.parse(list.stdout) as { items: { action: string; at: string }[] };
      const entry = items.find(({ action }) => action === 'upgrade');
      expect(Date.parse(entry?.at ?? '')).to.equal(SHOWN);
    });

    it('takes the log’s last moment where the clock cannot be read', async () => {
      const store = path.join(lab, 'store');
      const key = recordKey(LAB_CLOCK_KEY.kind.name, LAB_CLOCK_KEY.id);
      const backend = await openLevelBackend(store, { createIfMissing: false });
      try {
        const later = (clock.now() + 1000) as UnixMillis;
        expect(await labTimeIn(backend, later)).to.equal(SHOWN + 1000);
        for (const value of ['{}', 'null', '{', undefined]) {
          await backend.write([{ key, value }]);
          expect(await labTimeIn(backend, later)).to.equal(SHOWN);
        }
      } finally {
        await backend.close();
      }
    });
  });

  it('has nothing to do to a directory of this format, which decides as it should', async () => {
    const ledger = await fixtureLedger(4);
    const data = await unpackFixture(4, place);
    const before = await readdir(place);
    const { code, stdout } = await fobd(['upgrade', '--data', data]);
    expect(code).to.equal(0);
    expect(stdout).to.contain('nothing is to be done');
    expect(await readdir(place)).to.deep.equal(before);
    expect((await sound(data)).entries).to.equal(ledger.audit.entries);
    expect(await decisionsOf(ledger, data)).to.deep.equal(AS_BEFORE);
  });
});

/** What is in another store that is not in this one, or otherwise. */
async function rowsAdded(before: string, after: string): Promise<readonly Operation[]> {
  const [old, others] = [new Map(await rowsOf(before)), await rowsOf(after)];
  return others
    .filter(([key, value]) => old.get(key) !== value)
    .map(([key, value]) => ({ key, value }));
}

async function rowsOf(place: string): Promise<readonly Row[]> {
  const level = new Level<string, string>(place);
  try {
    return await level.iterator({ lt: '~' }).all();
  } finally {
    await level.close();
  }
}
