import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { FobtwinError } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import {
  type ApplicationId,
  type LifeVerb,
  parseApplicationId,
  parseSerial,
  type Serial,
} from '../../shared/types.ts';
import type { AuditEntry, AuditHead } from '../audit/entry.ts';
import { parseHeader } from '../audit/export.ts';
import { linesOf } from '../audit/export-lines.ts';
import { verifyExports } from '../audit/verify-export.ts';

/** What became of something that was done after the backup. */
export type SinceResult = 'listed' | 'applied' | 'alreadySo' | 'notThere';

export interface SinceItem {
  readonly sequence: number;
  /** RFC 3339. */
  readonly at: string;
  readonly action: string;
  readonly serial?: string | undefined;
  readonly account?: string | undefined;
  readonly application?: string | undefined;
  /** The serial that took this one's place, which revoked it. */
  readonly replacedBy?: string;
  readonly result: SinceResult;
}

/** What an audit export tells of the time after a backup. */
export interface Since {
  /** Entries after the backup. */
  readonly entries: number;
  /** The latest moment of any entry: Unix milliseconds. */
  readonly lastAt: number;
  /**
   * Whether the export was signed by the key that the backup has; else it is only known to be whole
   * and to go on from the backup.
   */
  readonly signed: boolean;
  /** Holds, revocations, registrations and applications, in order. */
  readonly items: readonly SinceItem[];
  /** How many more there are that would be listed only: `items` has the first `LISTED_MAX`. */
  readonly leftOut: number;
}

/** The same with what was accepted, by serial: the factor; `undefined` where it is not told. */
export interface SinceBackup {
  readonly since: Since;
  readonly used: ReadonlyMap<string, number | undefined>;
}

/**
 * Verbs that make a token refuse, and the verb that lifts what each of them sets. No entry proves
 * that an administrator's lock was lifted: an unlock by whoever is no administrator leaves it.
 */
const HOLDING: Readonly<Record<string, LifeVerb | undefined>> = {
  lock: undefined,
  suspend: 'resume',
  lost: 'found',
  revoke: undefined,
};
/** What is listed besides: it is not in the restored store, or not as it was. */
const LISTED = new Set([
  ...['unlock', 'enable', 'resume', 'found'],
  ...['addAccount', 'import', 'addApplication', 'rotateApplication'],
  ...['disableAccount', 'enableAccount', 'setPassword', 'removePassword'],
]);
/** More that is listed only would be an export of years; the rest is counted in `leftOut`. */
const LISTED_MAX = 100_000;

export interface SinceOptions {
  /** Of what is listed only; what is set again and what lifts it is all told. Default 100,000. */
  readonly listedMax?: number;
}

/**
 * Verifies an audit export, that it is of the backup's log, and that it goes on where the backup
 * ends, and reads what it tells.
 *
 * @param publicKey of the backup's checkpoints, where it has one
 * @throws FobtwinError `fileUnreadable`, `invalidInput`
 */
export async function sinceBackup(
  file: string,
  head: AuditHead,
  publicKey: KeyObject | undefined,
  { listedMax = LISTED_MAX }: SinceOptions = {},
): Promise<SinceBackup> {
  try {
    await checkExport(file, head, publicKey);
    const { entries, lastAt, told, used } = await readEntries(file, head, listedMax);
    return { since: { entries, lastAt, signed: publicKey !== undefined, ...told }, used };
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    throw new FobtwinError('fileUnreadable', `The audit export ${file} cannot be read`, {
      nextStep: 'Check its name and that you may read it.',
      cause: error,
    });
  }
}

const readLines = (file: string): AsyncGenerator<string> => linesOf(createReadStream(file));

async function checkExport(
  file: string,
  head: AuditHead,
  publicKey: KeyObject | undefined,
): Promise<void> {
  const verdict = await verifyExports([readLines(file)], { publicKey, checkpoint: head });
  if (!verdict.sound) throw unfit(file, `it is not sound (${verdict.fault ?? 'unknown'})`);
  if (verdict.head?.writer !== head.writer) throw unfit(file, "it is another data directory's");
  if (verdict.checkpoint === 'matched') return;
  throw unfit(file, 'it does not go on where the backup ends');
}

const unfit = (file: string, why: string): FobtwinError =>
  new FobtwinError('invalidInput', `The audit export ${file} cannot be used: ${why}`, {
    nextStep: 'Give an export of the lost store that begins no later than the backup ends.',
  });

async function readEntries(file: string, head: AuditHead, listedMax: number) {
  const told = { items: [] as SinceItem[], leftOut: 0 };
  let listed = 0;
  const used = new Map<string, number | undefined>();
  let entries = 0;
  let lastAt = 0;
  for await (const line of readLines(file)) {
    const entry = parseEntry(line);
    if (entry === undefined) continue;
    lastAt = Math.max(lastAt, entry.at);
    if (entry.sequence <= head.sequence) continue;
    entries += 1;
    noteUse(entry, used);
    if (!isTold(entry)) continue;
    const item = itemOf(entry);
    if (!decides(item)) listed += 1;
    if (decides(item) || listed <= listedMax) told.items.push(item);
    else told.leftOut += 1;
  }
  return { entries, lastAt, told, used };
}

const USES = new Set(['verify', 'callerCheck', 'register', 'resync', 'replace']);

/** That of a replaced token tells of the other, which has an entry of its own. */
const isUse = (entry: AuditEntry): entry is AuditEntry & { readonly serial: Serial } =>
  USES.has(entry.action) &&
  (entry.outcome === 'accepted' || entry.outcome === 'strengthTooLow') &&
  entry.serial !== undefined &&
  entry.details?.['with'] === undefined;

/** Writes down what an entry tells was accepted. */
export function noteUse(entry: AuditEntry, used: Map<string, number | undefined>): void {
  if (isUse(entry)) used.set(entry.serial, factorOf(entry, used.get(entry.serial)));
}

/** Each accepted one is greater than those before: the last tells of all. Older logs tell none. */
function factorOf({ details }: AuditEntry, before: number | undefined): number | undefined {
  const factor = details?.['factor'];
  if (typeof factor !== 'number' || !Number.isSafeInteger(factor + 1)) return undefined;
  return Math.max(factor, before ?? 0);
}

/** The export was verified: what is neither its header nor its checkpoint is an entry. */
function parseEntry(line: string): AuditEntry | undefined {
  if (line === '' || parseHeader(line) !== undefined) return undefined;
  const value = JSON.parse(line) as Partial<AuditEntry>;
  return value.action === undefined ? undefined : (value as AuditEntry);
}

function isTold({ action, outcome }: AuditEntry): boolean {
  if (action === 'register') return outcome === 'accepted';
  // Both tokens' entries: the one was revoked by it, the other is registered since.
  if (action === 'replace') return outcome === 'accepted';
  return action in HOLDING || action === 'revokeApplication' || LISTED.has(action);
}

/** Whether what is set again depends on it. */
const decides = ({ action, replacedBy }: SinceItem): boolean =>
  action in HOLDING ||
  Object.values(HOLDING).some((lift) => lift === action) ||
  action === 'revokeApplication' ||
  replacedBy !== undefined;

function itemOf(entry: AuditEntry): SinceItem {
  const { sequence, at, action, serial, account, application, details } = entry;
  const replacedBy = action === 'replace' ? details?.['with'] : undefined;
  const about = {
    serial,
    account,
    application,
    ...(replacedBy ? { replacedBy: String(replacedBy) } : {}),
  };
  return { sequence, at: formatTime(at), action, ...about, result: 'listed' };
}

export interface Apply {
  /** @throws FobtwinError `notFound`, `revoked`, `notAllowedNow` */
  readonly changeLife: (serial: Serial, verb: LifeVerb, reason: string) => Promise<unknown>;
  /** @throws FobtwinError `notFound`, `revoked` */
  readonly revokeApplication: (id: ApplicationId) => Promise<unknown>;
}

/**
 * Sets again what refused a token or an application when the export ended. It only ever takes away:
 * what was lifted after the backup stays as the backup has it, and is listed.
 */
export async function applySince(since: Since, apply: Apply): Promise<Since> {
  const lifted = new Map<string, number>();
  for (const { action, serial, sequence } of since.items) {
    if (serial !== undefined) lifted.set(`${action} ${serial}`, sequence);
  }
  const items: SinceItem[] = [];
  for (const item of since.items) {
    const lift = HOLDING[item.action];
    const isLifted = (lifted.get(`${lift ?? ''} ${item.serial ?? ''}`) ?? 0) > item.sequence;
    const result = isLifted ? 'listed' : await applyOne(item, apply);
    items.push({ ...item, result });
  }
  return { ...since, items };
}

async function applyOne(item: SinceItem, apply: Apply): Promise<SinceResult> {
  const { sequence } = item;
  const action = item.replacedBy === undefined ? item.action : 'revoke';
  const serial = item.serial === undefined ? undefined : parseSerial(item.serial);
  const application =
    item.application === undefined ? undefined : parseApplicationId(item.application);
  try {
    if (action in HOLDING && serial !== undefined) {
      await apply.changeLife(
        serial,
        action as LifeVerb,
        `audit entry ${sequence} after the backup`,
      );
      return 'applied';
    }
    if (action === 'revokeApplication' && application !== undefined) {
      await apply.revokeApplication(application);
      return 'applied';
    }
    return 'listed';
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    if (error.code === 'notFound') return 'notThere';
    if (error.code === 'notAllowedNow' || error.code === 'revoked') return 'alreadySo';
    throw error;
  }
}
