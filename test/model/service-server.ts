import { draftOf } from '../../server/access/draft.ts';
import { type Caller, LOCAL_OWNER, type Principal } from '../../server/access/scopes.ts';
import { ISSUED_CODES } from '../../server/accounts/issued-codes.ts';
import { ACCOUNT_NAMES } from '../../server/accounts/names.ts';
import {
  ACCOUNT_FAILURES,
  ACCOUNTS as ACCOUNT_KIND,
  accountFailuresKey,
  NO_ACCOUNT_FAILURES,
} from '../../server/accounts/record.ts';
import { createAccountService } from '../../server/accounts/service.ts';
import { CREDENTIALS } from '../../server/credentials/record.ts';
import { openMemoryStore } from '../../server/store/memory.ts';
import { type Kind, put, replyOnly, type Store } from '../../server/store/port.ts';
import { SUBSCRIPTIONS } from '../../server/subscriptions/record.ts';
import { IMPORTS } from '../../server/tokens/import-record.ts';
import type { TokenService, TwoCodesAnswer, VerifyAnswer } from '../../server/tokens/port.ts';
import { FACTORS, TOKENS, tokenKey } from '../../server/tokens/record.ts';
import { createTokenService } from '../../server/tokens/service.ts';
import { SHADOWS } from '../../server/tokens/shadows.ts';
import { createVault } from '../../server/vault/vault.ts';
import type { Rng } from '../../shared/rng.ts';
import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { AccountId, Code, LifeVerb, Seed, Serial, UnixMillis } from '../../shared/types.ts';
import { NOW } from '../support/verification.ts';
import { MOBILE_IDS } from './commands.ts';
import { accountLook, type Driven, type Look, tokenLook } from './driven.ts';
import type { Verb } from './naive.ts';
import { inTryingWords } from './pure-server.ts';
import type { Setting } from './world.ts';

const KINDS = [
  TOKENS,
  FACTORS,
  IMPORTS,
  SHADOWS,
  ACCOUNT_KIND,
  ACCOUNT_FAILURES,
  ACCOUNT_NAMES,
  ISSUED_CODES,
  CREDENTIALS,
  SUBSCRIPTIONS,
] as readonly Kind<unknown>[];

/** Lifts locks, and sees neither more nor does more. */
const HELPDESK: Principal = {
  actor: 'application:00000000000000aa',
  scopes: new Set(['tokens:read', 'tokens:unlock']),
};

/** A run must be the same whenever it is played: nothing here is secret. */
function countingRng(): Rng {
  let drawn = 0;
  const next = (): number => {
    drawn += 1;
    return drawn;
  };
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() % 251),
    uniform: () => (next() % 1000) / 1000,
  };
}

const rootKey = new Uint8Array(32).fill(1);
const vault = createVault({
  rootKey,
  dataKeys: new Map([['model', new Uint8Array(32).fill(2)]]),
  currentDataKey: 'model',
  rng: countingRng(),
});

/** The real services over a store in memory, asked by the owner. */
export class ServiceServer implements Driven {
  readonly #store: Store;
  readonly #tokens: TokenService;
  readonly #serials: readonly Serial[];
  readonly #accounts: readonly AccountId[];

  private constructor(store: Store, { policy, otp, entries }: Setting, ids: readonly AccountId[]) {
    this.#store = store;
    this.#tokens = createTokenService({ store, vault, otp, policy });
    this.#serials = entries.map(({ serial }) => serial);
    this.#accounts = ids;
  }

  static async open(setting: Setting, accounts: readonly string[]): Promise<ServiceServer> {
    const auditKey = new Uint8Array(32).fill(3);
    const store = await openMemoryStore({ kinds: KINDS, writer: 'model', auditKey });
    const ids = accounts as readonly AccountId[];
    const service = createAccountService({ store });
    for (const id of ids) await service.add({ id }, owner(NOW));
    const server = new ServiceServer(store, setting, ids);
    await server.#tokens.importEntries(
      each(ownSeeds(setting.entries)),
      { dryRun: false },
      owner(NOW),
    );
    await makeMobileIds(store);
    return server;
  }

  verifyBySerial = async (serial: Serial, code: Code, now: UnixMillis): Promise<string> =>
    verifyInWords(await this.#tokens.verify({ serial, code }, owner(now)));

  verifyByAccount = async (account: AccountId, code: Code, now: UnixMillis): Promise<string> =>
    verifyInWords(await this.#tokens.verify({ account, code }, owner(now)));

  register = (
    serial: Serial,
    account: AccountId,
    [code1, code2]: readonly [Code, Code],
    now: UnixMillis,
  ): Promise<string> =>
    inTryingWords(async () => {
      const command = { serial, account, code1, code2 };
      return pairInWords(await this.#tokens.register(command, owner(now)));
    });

  resync = (
    serial: Serial,
    [code1, code2]: readonly [Code, Code],
    now: UnixMillis,
  ): Promise<string> =>
    inTryingWords(async () =>
      pairInWords(await this.#tokens.resync({ serial, code1, code2 }, owner(now))),
    );

  changeLife = (serial: Serial, verb: Verb, now: UnixMillis): Promise<string> =>
    inTryingWords(async () => {
      const helpdesk = verb === 'helpdeskUnlock';
      const lifeVerb: LifeVerb = helpdesk ? 'unlock' : verb;
      const caller = helpdesk ? { principal: HELPDESK, now } : owner(now);
      await this.#tokens.changeLife({ serial, verb: lifeVerb }, caller);
      return 'done';
    });

  async look(): Promise<Look> {
    const tokens = this.#serials.map(async (serial) => {
      const { token, factor } = await this.#tokens.get(serial);
      return [serial, tokenLook(token, factor)] as const;
    });
    const accounts = this.#accounts.map(async (id) => {
      const { serials } = await createAccountService({ store: this.#store }).get(id);
      const record = await this.#store.transact([accountFailuresKey(id)], ([stored]) =>
        replyOnly(stored ?? NO_ACCOUNT_FAILURES),
      );
      return [id, accountLook(serials, record)] as const;
    });
    return {
      tokens: Object.fromEntries(await Promise.all(tokens)),
      accounts: Object.fromEntries(await Promise.all(accounts)),
    };
  }

  /** The audit log holds, whatever was done; then everything is let go. */
  async close(): Promise<boolean> {
    const { sound } = await this.#store.verifyAudit();
    await this.#store.close();
    return sound;
  }
}

/** What a Mobile ID's record says beside a hardware token's. */
async function makeMobileIds(store: Store): Promise<void> {
  for (const [serial, account] of Object.entries(MOBILE_IDS)) {
    await store.transact([tokenKey(serial as Serial)], ([token]) => {
      if (token === undefined) throw new Error(`no ${serial} was imported`);
      const intendedAccount = account as AccountId;
      const made = { ...token, mobileId: true, intendedAccount } as const;
      return {
        writes: [put(tokenKey(token.serial), made)],
        auditDrafts: [draftOf(owner(NOW), 'createMobileId', { serial: token.serial })],
        reply: undefined,
      };
    });
  }
}

const owner = (now: UnixMillis): Caller => ({ principal: LOCAL_OWNER, now });

/** An import wipes the seeds that it was given. */
const ownSeeds = (entries: readonly SeedFileEntry[]): readonly SeedFileEntry[] =>
  entries.map((entry) => ({ ...entry, seed: entry.seed.slice() as Seed }));

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const withWait = ({ outcome, retryAfterSeconds }: TwoCodesAnswer | VerifyAnswer): string =>
  retryAfterSeconds === undefined ? outcome : `${outcome} ${retryAfterSeconds}`;

const verifyInWords = (answer: VerifyAnswer): string =>
  answer.serial === undefined ? withWait(answer) : `${answer.outcome} ${answer.serial}`;

const pairInWords = (answer: TwoCodesAnswer): string => withWait(answer);
