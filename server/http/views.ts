import type { z } from 'zod';
import { formatTime } from '../../shared/time.ts';
import type { AccountRole, UnixMillis } from '../../shared/types.ts';
import type * as accounts from '../../shared/wire/accounts-schemas.ts';
import type * as wire from '../../shared/wire/schemas.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { statusAt } from '../subscriptions/terms.ts';
import type { TokenClock, TokenDetail } from '../tokens/port.ts';
import { timeOrNone } from './moment.ts';

/** From records to what /v1 shows of them. A sealed seed and a key's hash are shown to nobody. */

type View<Schema extends z.ZodType> = z.output<Schema>;

export function viewToken(
  { token, factor: record }: TokenDetail,
  clock: TokenClock | undefined,
  now: UnixMillis,
): View<typeof wire.tokenView> {
  const { parameters, entitlement } = token;
  const { factor, failures } = record;
  return {
    serial: token.serial,
    life: token.life,
    holds: [...token.holds],
    type: parameters.type,
    algorithm: parameters.algorithm,
    digits: parameters.digits,
    stepSeconds: parameters.type === 'time' ? parameters.stepSeconds : undefined,
    account: token.account,
    intendedAccount: token.account === undefined ? token.intendedAccount : undefined,
    manufacturer: token.manufacturer,
    model: token.model,
    emulated: token.emulated,
    importedAt: formatTime(token.importedAt),
    registeredAt: timeOrNone(token.registeredAt),
    revokedAt: timeOrNone(token.revokedAt),
    lastAcceptedAt: timeOrNone(record.lastAcceptedAt),
    clock: clock && viewClock(clock),
    nextCounter: factor.type === 'event' ? factor.nextCounter : undefined,
    failuresInRow: failures.failuresInRow,
    failuresSinceSuccess: failures.failuresSinceSuccess,
    failedPairs: record.failedPairs,
    waitUntil: failures.waitUntil > 0 ? formatTime(failures.waitUntil as UnixMillis) : undefined,
    mobileId: token.mobileId,
    entitlement: entitlement && {
      credential: entitlement.credential,
      until: formatTime(entitlement.until),
      proofed: entitlement.proofed,
      status: statusAt({ expiresAt: entitlement.until }, now),
    },
  };
}

/** To a tenth of a second and a hundredth of a ppm: more would be noise. */
const viewClock = (clock: TokenClock): View<typeof wire.tokenClock> => ({
  offsetSeconds: rounded(clock.offsetSeconds, 10),
  ppm: rounded(clock.ppm, 100),
  uncertaintySeconds: rounded(clock.uncertaintySeconds, 10),
  learntAt: formatTime(clock.learntAt),
  stepsBefore: clock.stepsBefore,
  stepsAfter: clock.stepsAfter,
});

/** Never -0, which JSON has no sign for. */
const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts + 0;

const DEFAULT_ROLES: readonly AccountRole[] = ['user'];

export const viewAccount = (record: AccountRecord): View<typeof accounts.accountView> => ({
  id: record.id,
  name: record.name,
  legalName: record.legalName,
  organisation: record.organisation,
  email: record.email,
  country: record.country,
  roles: [...(record.roles ?? DEFAULT_ROLES)],
  createdAt: formatTime(record.createdAt),
  disabledAt: timeOrNone(record.disabledAt),
  directoryDisabledAt: timeOrNone(record.directoryDisabledAt),
  directory: record.directoryId !== undefined,
  otherNames: record.otherNames && [...record.otherNames],
  serials: [...record.serials],
});

export const viewAuditEntry = (entry: AuditEntry): View<typeof wire.auditEntryView> => ({
  writer: entry.writer,
  sequence: entry.sequence,
  previousHash: entry.previousHash,
  at: formatTime(entry.at),
  actor: entry.actor,
  action: entry.action,
  outcome: entry.outcome,
  serial: entry.serial,
  account: entry.account,
  application: entry.application,
  details: entry.details === undefined ? undefined : { ...entry.details },
});
