import { FobtwinError } from '../../shared/errors.ts';
import type {
  AccountId,
  Outcome,
  Seed,
  Serial,
  TokenParameters,
  UnixMillis,
} from '../../shared/types.ts';
import { put, type Write } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { refusal } from '../verification/holds.ts';
import type { Env, FactorRecord, Subject, Unseeded, Verdict } from '../verification/types.ts';
import type { TokenDetail } from './port.ts';
import { factorKey, type TokenRecord, tokenKey } from './record.ts';
import type { Searches } from './searches.ts';
import { standingAt } from './standing.ts';

/** What decisions about codes are given besides records, command and caller. */
export interface Deciding {
  readonly vault: Vault;
  readonly env: Env;
  readonly searches: Searches;
  /**
   * As the token was that a code came for last: what is unknown is taken for the same, or in a
   * fleet of one type it would be known by the other.
   */
  readonly usual: { parameters: TokenParameters };
  /** See `shadows.ts`. */
  readonly shadowPrefix: string;
  /** What codes are hashed with that fobd gives out itself; absent where it gives out none. */
  readonly issuedCodesKey?: Uint8Array | undefined;
}

/**
 * A token's two records together; `undefined` when there is no such token.
 *
 * @throws FobtwinError `internal` when one of them is missing
 */
export function detailOf(
  token: TokenRecord | undefined,
  factor: FactorRecord | undefined,
): TokenDetail | undefined {
  if (token === undefined && factor === undefined) return undefined;
  if (token !== undefined && factor !== undefined) return { token, factor };
  throw new FobtwinError('internal', 'An internal error occurred.', {
    detail: 'a token has one of its two records only',
  });
}

/** Of token records and then as many factor records in the same order, those that are there. */
export function detailsOf(
  records: readonly (TokenRecord | FactorRecord | undefined)[],
): readonly TokenDetail[] {
  const count = records.length / 2;
  const tokens = records.slice(0, count) as readonly (TokenRecord | undefined)[];
  const factors = records.slice(count) as readonly (FactorRecord | undefined)[];
  const details = tokens.map((token, place) => detailOf(token, factors[place]));
  return details.filter((detail) => detail !== undefined);
}

export const unknownSerial = (serial: Serial): FobtwinError =>
  new FobtwinError('notFound', `There is no token ${serial}.`, {
    nextStep: 'Check the serial on the back of the token.',
  });

export const revokedToken = (serial: Serial): FobtwinError =>
  new FobtwinError('revoked', `Token ${serial} is revoked, and that is final.`, {
    nextStep: 'Use another token.',
  });

export const accountDisabled = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'The account is disabled.', {
    nextStep: 'Enable it first: fobd account enable ID.',
  });

/** Why there is nothing to do with the token any more, for whoever may know. */
export function endOf(
  serial: Serial,
  known: TokenDetail | undefined,
  now: UnixMillis,
): FobtwinError | undefined {
  if (known === undefined) return unknownSerial(serial);
  return standingAt(known.token, now).life === 'revoked' ? revokedToken(serial) : undefined;
}

/**
 * Whether a code for this token is judged by its own counts: it is registered, and what holds it
 * failures have set. Any other is judged by a shadow, like a token that does not exist.
 */
export function countsOnItself(token: TokenRecord, now: UnixMillis): boolean {
  const { life, holds } = standingAt(token, now);
  return life === 'registered' && holds.every((hold) => hold === 'locked' || hold === 'disabled');
}

/** The token as verification sees it, its seed sealed. */
export const unseeded = ({ token, factor }: TokenDetail): Unseeded => ({
  life: token.life,
  holds: token.holds,
  parameters: token.parameters,
  record: factor,
});

/** The plain seed; whoever opens it wipes it. */
export function openSeed({ token }: TokenDetail, vault: Pick<Vault, 'open'>): Seed {
  const { serial, parameters } = token;
  return vault.open(token.sealedSeed, { serial, parameters });
}

/** Opens the seed for one use, then wipes it. */
export function withSubject<R>(known: TokenDetail, vault: Vault, use: (subject: Subject) => R): R {
  const { token, factor } = known;
  const { life, holds, parameters } = token;
  const seed = openSeed(known, vault);
  try {
    return use({ life, holds, parameters, record: factor, decoy: false, seed });
  } finally {
    seed.fill(0);
  }
}

/** The same of several, each wiped after the one use of all. */
export function withSubjects<R>(
  known: readonly TokenDetail[],
  vault: Vault,
  use: (subjects: readonly Subject[]) => R,
  opened: readonly Subject[] = [],
): R {
  const next = known[opened.length];
  if (next === undefined) return use(opened);
  return withSubject(next, vault, (subject) =>
    withSubjects(known, vault, use, [...opened, subject]),
  );
}

/** What there is to say of a token whose code is not judged by its own counts. */
export function refusalOf(known: TokenDetail | undefined, now: UnixMillis): Outcome {
  if (known === undefined) return 'notRegistered';
  const { life, holds } = standingAt(known.token, now);
  return refusal(life, holds) ?? 'notRegistered';
}

/** The token after a verdict; records that do not change are the very objects given. */
export function afterVerdict({ token }: TokenDetail, { record, holds }: Verdict): TokenDetail {
  return { token: holds === token.holds ? token : { ...token, holds }, factor: record };
}

/** What an audit entry tells of what was accepted: its factor, which `restore` burns again. */
export const acceptedDetails = ({ factor }: Pick<FactorRecord, 'factor'>) => ({
  factor: factor.type === 'event' ? factor.nextCounter - 1 : factor.lastStep,
});

/** The writes that lead from `before` to `after`: none for a record that is the same object. */
export function tokenWrites(before: TokenDetail, after: TokenDetail): Write[] {
  const { serial } = before.token;
  const writes = after.factor === before.factor ? [] : [put(factorKey(serial), after.factor)];
  return after.token === before.token ? writes : [...writes, put(tokenKey(serial), after.token)];
}

/** What an audit entry names: the serial, and the account where the token has one. */
export function aboutOf(
  serial: Serial,
  known: TokenDetail | undefined,
): { readonly serial: Serial; readonly account?: AccountId } {
  const account = known?.token.account;
  return account === undefined ? { serial } : { serial, account };
}
