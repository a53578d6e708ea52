import { FobtwinError } from '../../shared/errors.ts';
import type { Hold, Life, LifeVerb, TokenParameters, UnixMillis } from '../../shared/types.ts';
import type { Scope } from '../access/scopes.ts';
import { forgetClock } from '../verification/factor.ts';
import { enable, liftLock, withHold, withoutHold } from '../verification/holds.ts';
import type { FactorRecord } from '../verification/types.ts';
import type { TokenDetail } from './port.ts';
import type { TokenRecord } from './record.ts';
import { expiryAt } from './standing.ts';
import { revokedToken } from './subject.ts';

/**
 * The table of a token's life: verbs by life by holds (DESIGN section 5). Holds are independent of
 * the life and of each other, so a row looks at one hold at most. Whatever has no row is refused:
 * `revoked` for a token that has ended, `notAllowedNow` for the rest. Registration and resync,
 * which need codes, are decisions of their own.
 */
export interface LifeRow {
  readonly from: readonly Life[];
  /** Only tokens of this type; the others' next step. */
  readonly type?: { readonly is: TokenParameters['type']; readonly nextStep: string };
  /** Only while this hold is set. */
  readonly needs?: Hold;
  /** Only while this hold is not set. */
  readonly lacks?: Hold;
  readonly sets?: Hold;
  readonly lifts?: Hold;
  /** Lifted as well for a caller with `tokens:admin`. */
  readonly liftsForAdministrator?: Hold;
  readonly to?: Life;
  /** What becomes of the counts. */
  readonly factor?: (record: FactorRecord) => FactorRecord;
}

const NOT_REVOKED = ['stocked', 'registered'] as const;

/** The verb is also the action in the audit log. */
export const LIFE_TABLE: Readonly<Record<LifeVerb, LifeRow>> = {
  // Not only a lock: a wait and a spent budget (also a stocked token's) are lifted by it too.
  unlock: {
    from: NOT_REVOKED,
    lifts: 'locked',
    liftsForAdministrator: 'adminLocked',
    factor: liftLock,
  },
  lock: { from: NOT_REVOKED, lacks: 'adminLocked', sets: 'adminLocked' },
  enable: { from: NOT_REVOKED, needs: 'disabled', lifts: 'disabled', factor: enable },
  suspend: { from: NOT_REVOKED, lacks: 'suspended', sets: 'suspended' },
  resume: { from: NOT_REVOKED, needs: 'suspended', lifts: 'suspended' },
  lost: { from: NOT_REVOKED, lacks: 'lost', sets: 'lost' },
  found: { from: NOT_REVOKED, needs: 'lost', lifts: 'lost' },
  revoke: { from: NOT_REVOKED, to: 'revoked' },
  // The next code within the window of a token's first use teaches anew; what is burnt stays so.
  resetDrift: {
    from: ['registered'],
    type: {
      is: 'time',
      nextStep: 'Two codes find its counter again: fobd token resync SERIAL.',
    },
    factor: forgetClock,
  },
};

/**
 * What `verb` makes of a token; records that do not change are the very objects given.
 *
 * @throws FobtwinError `revoked` or `notAllowedNow` where the table has no row
 */
export function changedLife(
  { token, factor }: TokenDetail,
  verb: LifeVerb,
  { now, scopes }: { readonly now: UnixMillis; readonly scopes: ReadonlySet<Scope> },
): TokenDetail {
  const row = LIFE_TABLE[verb];
  refuseExpired(token, verb, now);
  refuseWithoutRow(token, verb);
  let holds = token.holds;
  if (row.sets) holds = withHold(holds, row.sets);
  if (row.lifts && !needsResync(row.lifts, factor)) holds = withoutHold(holds, row.lifts);
  if (row.liftsForAdministrator && scopes.has('tokens:admin')) {
    holds = withoutHold(holds, row.liftsForAdministrator);
  }
  const ended = row.to === 'revoked' ? { life: row.to, revokedAt: now } : {};
  const unchanged = holds === token.holds && row.to === undefined;
  return {
    token: unchanged ? token : { ...token, holds, ...ended },
    factor: row.factor ? row.factor(factor) : factor,
  };
}

/** The lock that a restore has set says that codes may have been used: two new ones lift it. */
const needsResync = (lifted: Hold, { restoredAt }: FactorRecord): boolean =>
  lifted === 'locked' && restoredAt !== undefined;

function refuseWithoutRow({ serial, life, holds, parameters }: TokenRecord, verb: LifeVerb): void {
  const { from, type, needs, lacks } = LIFE_TABLE[verb];
  if (!from.includes(life)) {
    throw life === 'revoked'
      ? revokedToken(serial)
      : new FobtwinError('notAllowedNow', `This token is ${life}: it has no ${verb}.`);
  }
  if (type !== undefined && parameters.type !== type.is) {
    const message = `This is an ${parameters.type} token: it has no ${verb}.`;
    throw new FobtwinError('notAllowedNow', message, { nextStep: type.nextStep });
  }
  if (needs !== undefined && !holds.includes(needs)) {
    throw new FobtwinError('notAllowedNow', `This token is not ${HOLD_TEXTS[needs]}.`);
  }
  if (lacks !== undefined && holds.includes(lacks)) {
    throw new FobtwinError('notAllowedNow', `This token is ${HOLD_TEXTS[lacks]} already.`);
  }
}

/**
 * A token whose subscription has been over for a year has ended, though that may not be written
 * down yet; which a `revoke` does. What time has suspended nobody resumes.
 */
function refuseExpired(token: TokenRecord, verb: LifeVerb, now: UnixMillis): void {
  const expiry = expiryAt(token, now);
  if (verb !== 'revoke' && expiry === 'revoked') throw revokedToken(token.serial);
  if (verb !== 'resume' || expiry === undefined || token.holds.includes('suspended')) return;
  throw new FobtwinError('notAllowedNow', 'It is suspended because its subscription has ended.', {
    nextStep: 'Renew the subscription.',
  });
}

const HOLD_TEXTS: Readonly<Record<Hold, string>> = {
  locked: 'locked',
  adminLocked: 'locked by an administrator',
  disabled: 'disabled',
  suspended: 'suspended',
  lost: 'reported lost',
};
