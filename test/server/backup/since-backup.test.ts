import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { emptyHead, stamp } from '../../../server/audit/chain.ts';
import {
  createSigningKey,
  parsePublicKey,
  signCheckpoint,
} from '../../../server/audit/checkpoint.ts';
import type { AuditDraft, AuditHead } from '../../../server/audit/entry.ts';
import { exportPieces } from '../../../server/audit/export.ts';
import { applySince, type SinceOptions, sinceBackup } from '../../../server/backup/since-backup.ts';
import { parseApplicationId, parseSerial, type UnixMillis } from '../../../shared/types.ts';

const KEY = createSigningKey(new Uint8Array(32).fill(1));
const AT = '2026-01-01T00:00:00.000Z';

const about = (action: string, serial?: string, details?: AuditDraft['details']): AuditDraft => {
  const parsed = serial === undefined ? undefined : parseSerial(serial);
  return {
    at: 1_800_000_000_000 as UnixMillis,
    actor: 'localOwner',
    action,
    ...(parsed === undefined ? {} : { serial: parsed }),
    ...(details === undefined ? {} : { details }),
  };
};

describe('what an audit export tells of the time since a backup', () => {
  let place: string;
  beforeEach(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobtwin-since-'));
  });
  afterEach(() => rm(place, { recursive: true }));

  /** Of a backup that ends with the first entry. */
  async function since(drafts: readonly AuditDraft[], options: SinceOptions = {}) {
    const lines: { readonly sequence: number; readonly line: string }[] = [];
    const heads: AuditHead[] = [];
    for (const draft of [about('init'), ...drafts]) {
      const { line, head } = stamp(draft, heads.at(-1) ?? emptyHead('w'));
      lines.push({ sequence: head.sequence, line });
      heads.push(head);
    }
    const parts = {
      after: emptyHead('w'),
      until: lines.length,
      publicKey: KEY.publicKey,
      sign: (last: AuditHead) => signCheckpoint(last, AT, KEY),
    };
    async function* stored() {
      yield* lines;
    }
    const file = path.join(place, 'export');
    await writeFile(file, exportPieces(stored(), parts));
    const publicKey = parsePublicKey(KEY.publicKey);
    return (await sinceBackup(file, heads[0] ?? emptyHead('w'), publicKey, options)).since;
  }

  /** What is set again. */
  async function applied(told: Awaited<ReturnType<typeof since>>) {
    const done: string[] = [];
    const { items } = await applySince(told, {
      changeLife: async (serial, verb) => done.push(`${verb} ${serial}`),
      revokeApplication: async (id) => done.push(`revokeApplication ${id}`),
    });
    return { done, results: items.map(({ result }) => result) };
  }

  it('sets an administrator’s lock again whoever has unlocked the token later', async () => {
    const told = await since([
      about('lock', 'T1'),
      about('suspend', 'T1'),
      about('unlock', 'T1'),
      about('resume', 'T1'),
    ]);
    const { done, results } = await applied(told);
    expect(done).to.deep.equal(['lock T1']);
    expect(results).to.deep.equal(['applied', 'listed', 'listed', 'listed']);
  });

  it('leaves out what is listed only, and nothing else, and says how much', async () => {
    const application = parseApplicationId('0123456789abcdef');
    const told = await since(
      [
        ...['a', 'b', 'c', 'd'].map((serial) => about('import', serial)),
        about('suspend', 'T1'),
        about('suspend', 'T2'),
        about('enable', 'T3'),
        about('resume', 'T2'),
        { ...about('replace', 'T3', { with: 'T4' }), outcome: 'accepted' },
        { ...about('revokeApplication'), ...(application ? { application } : {}) },
        about('revoke', 'T5'),
      ],
      { listedMax: 2 },
    );
    expect(told).to.include({ entries: 11, leftOut: 3 });
    expect(told.items.map(({ action }) => action)).to.deep.equal([
      ...['import', 'import', 'suspend', 'suspend', 'resume'],
      ...['replace', 'revokeApplication', 'revoke'],
    ]);
    const { done } = await applied(told);
    const revoked = ['revoke T3', `revokeApplication ${application}`, 'revoke T5'];
    expect(done).to.deep.equal(['suspend T1', ...revoked]);
  });

  it('leaves out nothing where little is told', async () => {
    expect(await since([about('lock', 'T1'), about('import', 'T2')])).to.include({ leftOut: 0 });
  });
});
