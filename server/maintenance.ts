import { FobtwinError } from '../shared/errors.ts';
import type { Rng } from '../shared/rng.ts';
import type { UnixMillis } from '../shared/types.ts';
import { draftOf } from './access/draft.ts';
import { LOCAL_OWNER } from './access/scopes.ts';
import { forgetIssuedCodes } from './accounts/forget-issued-codes.ts';
import { createApplicationService } from './applications/service.ts';
import { parsePublicKey } from './audit/checkpoint.ts';
import { AUDIT_KEY } from './audit/record.ts';
import type { BackupHeader } from './backup/backup-file.ts';
import { checkRestored, type Forgotten, forgetNothing, recordRestore } from './backup/restore.ts';
import { restoreDirectory } from './backup/restore-directory.ts';
import { applySince, type Since, type SinceBackup, sinceBackup } from './backup/since-backup.ts';
import { UPGRADE_ACTION, type Upgraded, upgradeDirectory } from './backup/upgrade-directory.ts';
import { openStore, type Surroundings } from './compose.ts';
import type { FobdConfig } from './config.ts';
import type { DataDirectory } from './data-directory/data-directory.ts';
import { forgetGrounds } from './helpdesk/forget-grounds.ts';
import { KINDS } from './kinds.ts';
import { createLabClock } from './lab/clock.ts';
import { endRestoredSetups } from './mobile-ids/expire.ts';
import { endRestoredArtifacts } from './oidc/artifacts.ts';
import { endRestored } from './sessions/sweep.ts';
import { replyOnly, type Store } from './store/port.ts';
import { changeLife } from './tokens/change-life.ts';
import { wipe } from './vault/keys.ts';
import { openVault } from './vault/open.ts';

/** Restores and upgrades: what is done to a data directory that nobody serves. */

export interface RestoreFobdOptions {
  /** Absolute. */
  readonly file: string;
  /** An audit export that is newer than the backup, absolute. */
  readonly auditExport?: string | undefined;
  /** Set again the holds and revocations that the export tells of. */
  readonly apply: boolean;
  /**
   * The operator's word that no code was accepted after the end of the audit export, or without one
   * after the backup.
   */
  readonly unusedSince: boolean;
  readonly onStage?: (text: string) => void;
}

export interface RestoredFobd extends Forgotten {
  readonly data: string;
  readonly lab: boolean;
  readonly madeAt: UnixMillis;
  readonly auditHead: BackupHeader['auditHead'];
  /** The moment up to which codes may have been accepted. */
  readonly at: UnixMillis;
  readonly records: number;
  readonly tokens: number;
  /** What was done between the backup and the end of the audit export. */
  readonly since: Since | undefined;
}

/** Makes a data directory of a backup, whole or not at all. */
export async function restoreFobd(
  config: FobdConfig,
  { file, auditExport, apply, unusedSince, onStage }: RestoreFobdOptions,
  { clock: systemClock, rng }: Surroundings,
): Promise<RestoredFobd> {
  const options = { ...config, file, place: config.data, ...(onStage ? { onStage } : {}) };
  return restoreDirectory(options, async (staged, header) => {
    const store = await openStore(staged, { createIfMissing: false });
    try {
      const { vault } = await openVault(staged, { store, rng, place: staged.place });
      const clock = staged.lab ? await createLabClock({ store, systemClock }) : systemClock;
      const restored = { store, vault, clock, kinds: KINDS, policy: config.policy };
      const counts = await checkRestored(restored, header.auditHead);
      const { since, used } = auditExport
        ? await readSince(auditExport, header, store)
        : { since: undefined, used: new Map<string, number>() };
      if (since?.signed === false && (apply || unusedSince)) throw unsigned();
      // Codes may have been accepted up to the last moment that anybody knows of.
      const now = Math.max(clock.now(), header.madeAt, since ? since.lastAt : 0) as UnixMillis;
      const burnt = await forgetNothing(restored, now, { used, isAll: unusedSince });
      await recordRestore(store, detailsOf(header, since, { apply, unusedSince }), now);
      await endRestored(store, now);
      await endRestoredArtifacts(store);
      await forgetIssuedCodes(store);
      await forgetGrounds(store);
      await endRestoredSetups(store, now);
      const done = since && apply ? await applyAgain(since, { store, rng, now }) : since;
      const { lab } = staged;
      const madeAt = header.madeAt as UnixMillis;
      const { auditHead } = header;
      const told = { ...counts, ...burnt, since: done };
      return { data: config.data, lab, madeAt, auditHead, at: now, ...told };
    } finally {
      wipe(staged.rootKey);
      await store.close();
    }
  });
}

/** By the key that the backup has for checkpoints, which every backup makes sure of. */
async function readSince(
  file: string,
  { auditHead }: BackupHeader,
  store: Store,
): Promise<SinceBackup> {
  const record = await store.transact([AUDIT_KEY], ([key]) => replyOnly(key));
  const publicKey = record && parsePublicKey(record.publicKey);
  return sinceBackup(file, auditHead, publicKey);
}

const unsigned = (): FobtwinError =>
  new FobtwinError(
    'invalidInput',
    'This audit export cannot be trusted: whose it is is not known',
    {
      nextStep: 'Restore without --apply and --unused-since: what it tells is then listed.',
    },
  );

function applyAgain(
  since: Since,
  { store, rng, now }: { readonly store: Store; readonly rng: Rng; readonly now: UnixMillis },
): Promise<Since> {
  const caller = { principal: LOCAL_OWNER, now };
  const applications = createApplicationService({ store, rng });
  return applySince(since, {
    changeLife: (serial, verb, reason) => changeLife({ serial, verb, reason }, caller, store),
    revokeApplication: (id) => applications.revoke(id, {}, caller),
  });
}

const detailsOf = (
  { madeAt, auditHead }: BackupHeader,
  since: Since | undefined,
  { apply, unusedSince }: Pick<RestoreFobdOptions, 'apply' | 'unusedSince'>,
) => ({
  backupMadeAt: madeAt,
  backupSequence: auditHead.sequence,
  backupHash: auditHead.hash,
  lostEntries: since?.entries ?? null,
  applied: since !== undefined && apply,
  unusedSince,
});

/** Brings a data directory of an older form up to this version's. */
export function upgradeFobd(
  config: FobdConfig,
  {
    backup,
    onStage,
  }: { readonly backup?: string | undefined; readonly onStage?: (text: string) => void },
  surroundings: Surroundings,
): Promise<Upgraded> {
  const now = surroundings.clock.now();
  const stage = onStage ? { onStage } : {};
  const options = { ...config, place: config.data, backup, now, ...stage };
  return upgradeDirectory(options, (upgraded, from) => checkUpgraded(upgraded, from, surroundings));
}

async function checkUpgraded(
  directory: DataDirectory,
  from: number,
  { clock: systemClock, rng }: Surroundings,
): Promise<void> {
  const store = await openStore(directory, { createIfMissing: false });
  try {
    const verdict = await store.verifyAudit();
    if (!verdict.sound) {
      throw new FobtwinError('dataDirectoryDamaged', 'The audit log is not sound', {
        detail: verdict.fault,
        nextStep: 'Keep this data directory as evidence, and restore a backup elsewhere.',
      });
    }
    await openVault(directory, { store, rng, place: directory.place });
    const clock = directory.lab ? await createLabClock({ store, systemClock }) : systemClock;
    const caller = { principal: LOCAL_OWNER, now: clock.now() };
    const draft = draftOf(caller, UPGRADE_ACTION, { details: { from } });
    await store.transact([], () => ({ ...replyOnly(undefined), auditDrafts: [draft] }));
  } finally {
    await store.close();
  }
}
