import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { Level } from 'level';
import { readDataDirectory } from '../../../server/data-directory/data-directory.ts';
import { createLevelBackend } from '../../../server/store/backend.ts';
import { openStore } from '../../../server/store/open.ts';
import { deriveKey } from '../../../server/vault/keys.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { crashRuns } from '../../support/crash-runs.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import { type InitResult, startFobd, temporaryDirectory } from '../../support/fobd-process.ts';
import { isSoak } from '../../support/run-settings.ts';
import { seededUniform } from '../../support/seeded-uniform.ts';
import { draftOf } from '../store/long-log.ts';

const ROUNDS = isSoak() ? 20 : 3;
const ENTRIES = 12_000;
/** Few entries a group: many segments, as a server has that is seldom busy. */
const GROUP_ENTRIES = 2;
const BEFORE = 10_000;
const KEEPS_LITTLE = { FOBD_AUDIT_KEEP: '0s', FOBD_AUDIT_KEEP_ENTRIES: '100' };
/** About what a retention of so many entries takes. */
const RETENTION_MILLIS = 300;

/** Entries as years would leave them, put into the store without waiting for the disk. */
async function fill(data: string): Promise<void> {
  const { storePlace, storeId, rootKey } = await readDataDirectory(data);
  const database = new Level<string, string>(storePlace);
  await database.open();
  const backend = createLevelBackend(database);
  const auditKey = deriveKey(rootKey, 'audit');
  const store = await openStore(backend, { kinds: [], writer: storeId, auditKey });
  for (let first = 1; first <= ENTRIES; first += GROUP_ENTRIES) {
    const auditDrafts = Array.from({ length: GROUP_ENTRIES }, (_, place) => ({
      ...draftOf(first + place),
      at: 0 as UnixMillis,
    }));
    await store.transact([], () => ({ writes: [], auditDrafts, reply: undefined }));
  }
  await store.close();
}

interface Verdict {
  readonly sound: boolean;
  readonly entries: number;
  readonly base?: { readonly sequence: number };
  readonly head: { readonly sequence: number };
}

describe('kill -9 during a retention of the audit log', () => {
  it(`${ROUNDS} times: done or not begun, sound, and it can be run again`, async function () {
    this.timeout(60_000 + ROUNDS * 20_000);
    const { seed } = crashRuns(ROUNDS);
    process.stdout.write(`kill -9, retention: FOBTWIN_CRASH_SEED=${seed}\n`);
    const uniform = seededUniform(seed);
    const { place, remove } = await temporaryDirectory();
    const [whole, data] = [path.join(place, 'whole'), path.join(place, 'data')];
    const exported = path.join(place, 'export');
    const { stdout } = await fobd(['init', '--data', whole, '--json']);
    const { apiKey } = (JSON.parse(stdout) as InitResult).administrator;
    await fill(whole);
    const made = await fobd(['audit', 'export', '--data', whole, '--output', exported]);
    expect(made.code, made.stderr).to.equal(0);

    for (let round = 1; round <= ROUNDS; round += 1) {
      await rm(data, { recursive: true, force: true });
      await cp(whole, data, { recursive: true });
      const running = await startFobd(data, ['--log-level', 'error'], { env: KEEPS_LITTLE });
      const client = running.client(apiKey);
      const query = { before: String(BEFORE) };
      const { through, hash } = await client.call('planAuditRetention', { query });
      expect(through).to.be.within(BEFORE - 10, BEFORE);
      const body = { through, hash, exported: true };
      const asking = client.call('retainAudit', { body }).catch(() => undefined);
      // Somewhere within what one takes, so that every part of one is met.
      await new Promise((resolve) => setTimeout(resolve, uniform() * RETENTION_MILLIS));
      running.signal('SIGKILL');
      expect(await running.ended).to.equal('SIGKILL');
      await asking;

      const verdict = await verify(data);
      const base = verdict.base?.sequence ?? 0;
      expect(base, `round ${round}`).to.be.oneOf([0, through]);
      expect(verdict).to.include({ sound: true, entries: verdict.head.sequence - base });

      const again = ['audit', 'retain', '--before', String(BEFORE), '--exported', exported];
      const ran = await fobd([...again, '--data', data], { environment: KEEPS_LITTLE });
      expect(ran.code, ran.stderr).to.equal(0);
      const after = await verify(data);
      expect(after.base?.sequence).to.equal(through);
      expect(after.entries).to.equal(after.head.sequence - through);
    }
    await remove();
  });

  async function verify(data: string): Promise<Verdict> {
    const { code, stdout, stderr } = await fobd(['audit', 'verify', '--data', data, '--json']);
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as Verdict;
  }
});
