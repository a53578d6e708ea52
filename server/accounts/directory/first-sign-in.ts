import { parseCountry } from '../../../shared/countries.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { isMailAddress } from '../../../shared/mail-address.ts';
import { withoutDirectionSigns } from '../../../shared/text-direction.ts';
import { type AccountId, parseAccountId } from '../../../shared/types.ts';
import { nameField } from '../../../shared/wire/fields.ts';
import { draftOf } from '../../access/draft.ts';
import {
  type Decision,
  type Key,
  put,
  replyOnly,
  type Store,
  type Write,
} from '../../store/port.ts';
import {
  type AccountNameRecord,
  directoryIdKey,
  type FoldedName,
  foldedId,
  foldName,
  nameKey,
  nameWrite,
  removeName,
} from '../names.ts';
import {
  answered,
  type Count,
  type PasswordAttempt,
  type PasswordDeciding,
  rightWrites,
  signInDraft,
  standing,
} from '../password-attempt.ts';
import {
  type PasswordFailuresRecord,
  type PasswordRecord,
  passwordKey,
} from '../password-record.ts';
import type { PasswordAnswer } from '../passwords-port.ts';
import { type AccountProfile, type AccountRecord, accountKey, OTHER_NAMES_MAX } from '../record.ts';
import type { DirectoryEntry } from './port.ts';

/**
 * The account of an entry that a directory has accepted: found by the entry's id, which never
 * changes, or made now. What the directory calls the person by now is written down beside it, and
 * what it called him before is let go of.
 */

/** How often names may change hands while they are read. */
const ROUNDS_MAX = 8;

/** What is read before the decision, and must still be so in it. */
interface Plan {
  /** The entry's account; undefined where it has none yet. */
  readonly known: AccountId | undefined;
  /** The account, or those that it could be, the best first. */
  readonly candidates: readonly AccountId[];
  readonly otherNames: readonly FoldedName[];
}

interface Found {
  readonly account: AccountRecord | undefined;
  readonly password: PasswordRecord | undefined;
}

/** @throws FobtwinError `unavailable` when names never stood still */
export async function acceptEntry(
  entry: DirectoryEntry,
  count: Count,
  attempt: PasswordAttempt,
  deciding: PasswordDeciding,
): Promise<PasswordAnswer> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const plan = await planFor(entry, attempt, deciding.store);
    const answer = await carryOut(plan, { entry, count, attempt, deciding });
    if (answer !== undefined) return answer;
  }
  throw new FobtwinError('unavailable', 'Names are changing hands just now.', {
    nextStep: 'Try again.',
  });
}

async function planFor(
  entry: DirectoryEntry,
  { user }: PasswordAttempt,
  store: Pick<Store, 'transact'>,
): Promise<Plan> {
  const [userName, principalName] = [entry.userName, entry.principalName ?? ''].map(foldName);
  const keys = [
    directoryIdKey(entry.id),
    ...[userName, principalName].filter((name) => name !== undefined).map(nameKey),
  ];
  const [known, ...named] = await store.transact(keys, (records) => replyOnly(records));
  const account = known && (await read(known.account, store));
  const wanted = namesOf(entry, user, account?.otherNames ?? []);
  if (known !== undefined) {
    return { known: known.account, candidates: [known.account], otherNames: wanted };
  }
  const ids = [
    ...named.map((record) => record?.account),
    ...[entry.userName, entry.principalName ?? ''].map(parseAccountId),
    parseAccountId(`directory-${entry.id.replace(/[^A-Za-z0-9._@-]/g, '-')}`.slice(0, 128)),
  ];
  const candidates = [...new Set(ids.filter((id) => id !== undefined))];
  return { known: undefined, candidates, otherNames: wanted };
}

const read = (id: AccountId, store: Pick<Store, 'transact'>): Promise<AccountRecord | undefined> =>
  store.transact([accountKey(id)], ([record]) => replyOnly(record));

/**
 * What the directory calls the person, folded: its own names, what was typed where it tells a
 * domain, and what was typed so before, as long as the name in it is still the same.
 */
function namesOf(
  { userName, principalName = '' }: DirectoryEntry,
  typed: string,
  before: readonly FoldedName[],
): readonly FoldedName[] {
  const own = [userName, principalName].map(foldName).filter((name) => name !== undefined);
  const withDomain = [foldName(typed), ...before].filter(
    (name) => name !== undefined && own.includes(userPart(name) ?? ''),
  );
  return [...new Set([...own, ...withDomain])]
    .filter((name) => name !== undefined)
    .slice(0, OTHER_NAMES_MAX);
}

/** `user` of `domain\user` and of `user@domain`; undefined of any other name. */
const userPart = (name: FoldedName): string | undefined =>
  /^[^\\]+\\(.+)$/.exec(name)?.[1] ?? /^(.+)@[^@]+$/.exec(name)?.[1];

interface Case {
  readonly entry: DirectoryEntry;
  readonly count: Count;
  readonly attempt: PasswordAttempt;
  readonly deciding: PasswordDeciding;
}

/** The answer, or `undefined` when something is not as it was planned with. */
async function carryOut(
  plan: Plan,
  { entry, count, attempt, deciding }: Case,
): Promise<PasswordAnswer | undefined> {
  const { store } = deciding;
  const { known, candidates } = plan;
  const before = known && (await read(known, store));
  const names = [
    ...new Set([...plan.otherNames, ...(before?.otherNames ?? []), ...candidates.map(foldedId)]),
  ];
  const keys: readonly Key<unknown>[] = [
    directoryIdKey(entry.id),
    count.key,
    ...names.map(nameKey),
    ...candidates.map(accountKey),
    ...candidates.map(passwordKey),
  ];
  return store.transact(keys, ([directory, stored, ...rest]) => {
    const owners = new Map(
      names.map((name, place) => [name, rest[place] as AccountNameRecord | undefined]),
    );
    const found = candidates.map((_, place) => ({
      account: rest[names.length + place] as AccountRecord | undefined,
      password: rest[names.length + candidates.length + place] as PasswordRecord | undefined,
    }));
    const isAsPlanned =
      (directory as AccountNameRecord | undefined)?.account === known &&
      (known === undefined || sameNames(found[0]?.account, before));
    const failures = standing(
      stored as PasswordFailuresRecord | undefined,
      count,
      attempt.caller.now,
      deciding,
    );
    const chosen = isAsPlanned ? choose(plan, found, owners) : undefined;
    if (chosen === undefined) return replyOnly(undefined);
    const right = rightWrites(failures.failures, count, attempt.caller.now);
    return signedIn(chosen, { entry, plan, owners, attempt, right });
  });
}

const sameNames = (a: AccountRecord | undefined, b: AccountRecord | undefined): boolean =>
  a?.id === b?.id && (a?.otherNames ?? []).join('\n') === (b?.otherNames ?? []).join('\n');

type Owners = ReadonlyMap<FoldedName, AccountNameRecord | undefined>;

/** The account that it is, or the id of the one to be made; `undefined` where none is free. */
type Chosen =
  | { readonly account: AccountRecord; readonly id: AccountId }
  | { readonly account: undefined; readonly id: AccountId };

/**
 * Whoever was added here under the entry's own name, without a password ever, was added for it.
 * Else a new one is made, under the first id that nobody has.
 */
function choose(
  { known, candidates }: Plan,
  found: readonly Found[],
  owners: Owners,
): Chosen | undefined {
  const first = found[0]?.account;
  if (known !== undefined) return first && { account: first, id: first.id };
  const waiting = found.find(
    ({ account, password }) =>
      account !== undefined && account.directoryId === undefined && password === undefined,
  )?.account;
  if (waiting !== undefined) return { account: waiting, id: waiting.id };
  const id = candidates.find(
    (candidate, place) =>
      found[place]?.account === undefined && owners.get(foldedId(candidate)) === undefined,
  );
  return id === undefined ? undefined : { account: undefined, id };
}

interface SigningIn {
  readonly entry: DirectoryEntry;
  readonly plan: Plan;
  readonly owners: Owners;
  readonly attempt: PasswordAttempt;
  /** What a right password writes. */
  readonly right: readonly Write[];
}

function signedIn(
  { account, id }: Chosen,
  { entry, plan, owners, attempt, right }: SigningIn,
): Decision<PasswordAnswer> {
  const { caller } = attempt;
  const isFree = (name: FoldedName): boolean => {
    const owner = owners.get(name)?.account;
    // Another's id stays his; another's name from the directory has become this entry's.
    return owner === undefined || owner === id || foldedId(owner) !== name;
  };
  const otherNames = plan.otherNames.filter((name) => name !== foldedId(id) && isFree(name));
  const base: AccountRecord = account ?? {
    version: 1,
    id,
    ...profileOf(entry),
    createdAt: caller.now,
    serials: [],
  };
  const { directoryDisabledAt: _, ...rest } = base;
  const after: AccountRecord = { ...rest, directoryId: entry.id, otherNames };
  const letGo = (account?.otherNames ?? []).filter(
    (name) => !otherNames.includes(name) && owners.get(name)?.account === id,
  );
  const writes: readonly Write[] = [
    ...right,
    ...(isSame(account, after) ? [] : [put(accountKey(id), after)]),
    ...letGo.map(removeName),
    ...[...otherNames, foldedId(id)]
      .filter((name) => owners.get(name)?.account !== id)
      .map((name) => nameWrite(nameKey(name), id)),
    ...(plan.known === undefined ? [nameWrite(directoryIdKey(entry.id), id)] : []),
  ];
  if (after.disabledAt !== undefined) {
    return answered(attempt, { outcome: 'disabled' }, { account: id, writes });
  }
  const made =
    account === undefined
      ? [draftOf(caller, 'addAccount', { account: id, details: { directory: true } })]
      : [];
  return {
    writes,
    auditDrafts: [...made, signInDraft(attempt, 'accepted', id)],
    reply: { outcome: 'accepted', account: id },
  };
}

const isSame = (before: AccountRecord | undefined, after: AccountRecord): boolean =>
  before !== undefined &&
  before.directoryId === after.directoryId &&
  before.directoryDisabledAt === undefined &&
  (before.otherNames ?? []).join('\n') === (after.otherNames ?? []).join('\n');

/** What the directory says of the person, where it can stand in an account: as `/v1` takes it. */
function profileOf({
  legalName,
  email,
  organisation,
  country,
}: DirectoryEntry): Pick<AccountProfile, 'legalName' | 'email' | 'organisation' | 'country'> {
  const texts = {
    legalName: legalName && withoutDirectionSigns(legalName),
    email: email && isMailAddress(email) ? email : undefined,
    organisation: organisation && withoutDirectionSigns(organisation),
    country: parseCountry(country ?? ''),
  };
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => isText(text)));
}

const isText = (text: string | undefined): boolean => nameField.safeParse(text).success;
