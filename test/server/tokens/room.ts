import { createHash, randomBytes } from 'node:crypto';
import { LOCAL_OWNER, type Principal, type Scope } from '../../../server/access/scopes.ts';
import { createAccountService } from '../../../server/accounts/service.ts';
import type { AuditEntry } from '../../../server/audit/entry.ts';
import { KINDS } from '../../../server/kinds.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import type { Store } from '../../../server/store/port.ts';
import type { TokenDetail } from '../../../server/tokens/port.ts';
import { createTokenService } from '../../../server/tokens/service.ts';
import type { Vault } from '../../../server/vault/port.ts';
import { createVault } from '../../../server/vault/vault.ts';
import { createPolicy, type Policy } from '../../../server/verification/policy.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { createOtp, type Otp, timeStepAt } from '../../../shared/otp.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import type {
  AccountId,
  Code,
  Seed,
  Serial,
  TokenParameters,
  UnixMillis,
} from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';

/** The tokens room with everything real around it, a store in memory, and tokens to press. */

export const EVENT: TokenParameters = { type: 'event', algorithm: 'SHA1', digits: 6 };
export const TIME: TokenParameters = {
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
};
const STEP_MILLIS = 30_000;
/** What codes that fobd gives out itself are kept under. */
export const ISSUED_CODES_KEY = new Uint8Array(32).fill(6);

/** 2026-01-01T00:00:15Z: the middle of a step. */
export const START = 1_767_225_615_000 as UnixMillis;

export const serialOf = (text: string): Serial => text as Serial;
export const accountOf = (text: string): AccountId => text as AccountId;
export const holding = (...scopes: Scope[]): Principal => ({
  actor: 'application:0011223344556677',
  scopes: new Set(scopes),
});
/** Sees nothing but the three outcomes, may ask for everything. */
export const COARSE = holding('verify', 'tokens:register', 'tokens:resync');
export const OWNER = LOCAL_OWNER;

export async function* stream(
  entries: readonly SeedFileEntry[],
): AsyncGenerator<SeedFileEntry, void> {
  for (const entry of entries) {
    await Promise.resolve();
    yield entry;
  }
}

/** A seed that depends on the serial alone. */
export const seedOf = (serial: Serial): Seed =>
  createHash('sha256').update(serial).digest().subarray(0, 20) as Uint8Array as Seed;

export const entryOf = (
  serial: Serial,
  parameters: TokenParameters = EVENT,
  nextCounter = 0,
): SeedFileEntry => ({
  serial,
  seed: seedOf(serial),
  parameters,
  nextCounter,
});

export async function codeOfError(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined || error instanceof FobtwinError) return error?.code;
  throw error;
}

export class Room {
  readonly store: Store;
  readonly otp: Otp;
  readonly policy: Policy;
  readonly vault: Vault;
  readonly tokens: ReturnType<typeof createTokenService>;
  readonly accounts: ReturnType<typeof createAccountService>;
  /** Codes that the server has made. */
  made = 0;
  now: UnixMillis = START;
  readonly #parameters = new Map<Serial, TokenParameters>();

  constructor(store: Store, policy: Policy, lab: boolean) {
    const otp = createOtp(nodeCrypto);
    const counting: Otp = {
      code: (...given) => {
        this.made += 1;
        return otp.code(...given);
      },
      number: (...given) => {
        this.made += 1;
        return otp.number(...given);
      },
    };
    const vault = createVault({
      rootKey: Buffer.alloc(32, 1),
      dataKeys: new Map([['d1', Buffer.alloc(32, 2)]]),
      currentDataKey: 'd1',
      rng: { bytes: (length) => randomBytes(length), uniform: () => 0.5 },
    });
    this.store = store;
    this.vault = vault;
    this.otp = otp;
    this.policy = policy;
    this.tokens = createTokenService({
      ...{ store, vault, otp: counting, policy, lab },
      issuedCodesKey: ISSUED_CODES_KEY,
    });
    this.accounts = createAccountService({ store });
  }

  as(principal: Principal) {
    return { principal, now: this.now };
  }

  pass(millis: number): void {
    this.now = (this.now + millis) as UnixMillis;
  }

  /** Imports a stocked token. */
  async stock(name: string, parameters: TokenParameters = EVENT, nextCounter = 0): Promise<Serial> {
    const serial = serialOf(name);
    const entries = stream([entryOf(serial, parameters, nextCounter)]);
    await this.tokens.importEntries(entries, { dryRun: false }, this.as(OWNER));
    this.#parameters.set(serial, parameters);
    return serial;
  }

  /** Time tokens that may be there already, as after a restart. */
  async restock(serials: readonly Serial[]): Promise<void> {
    const entries = stream(serials.map((serial) => entryOf(serial, TIME)));
    await this.tokens.importEntries(entries, { dryRun: false }, this.as(OWNER));
    for (const serial of serials) this.#parameters.set(serial, TIME);
  }

  async account(name: string): Promise<AccountId> {
    await this.accounts.add({ id: accountOf(name) }, this.as(OWNER));
    return accountOf(name);
  }

  /** Stocks a token and registers it to an account that is there. */
  async registered(
    name: string,
    account: string,
    parameters: TokenParameters = EVENT,
  ): Promise<Serial> {
    const serial = await this.stock(name, parameters);
    const [code1, code2] = this.pair(serial);
    const command = { serial, account: accountOf(account), code1, code2 };
    const { outcome } = await this.tokens.register(command, this.as(OWNER));
    if (outcome !== 'accepted') throw new Error(`registration of ${name} came to ${outcome}`);
    return serial;
  }

  /** The code of a counter, or of a time step. */
  code(serial: Serial, movingFactor: number): Code {
    return this.otp.code(seedOf(serial), movingFactor, this.#parameters.get(serial) ?? EVENT);
  }

  /**
   * Two codes that follow each other: event tokens from `counter` on (default 0), time tokens now
   * and a step later, which passes.
   */
  pair(serial: Serial, counter = 0): readonly [Code, Code] {
    const parameters = this.#parameters.get(serial) ?? EVENT;
    if (parameters.type === 'event') {
      return [this.code(serial, counter), this.code(serial, counter + 1)];
    }
    const first = this.code(serial, timeStepAt(this.now, parameters));
    this.pass(STEP_MILLIS);
    return [first, this.code(serial, timeStepAt(this.now, parameters))];
  }

  /** The n-th of codes that no seed of this test makes near its factor. */
  wrong(n = 0): Code {
    return String(900_000 + n) as Code;
  }

  async verify(serial: Serial, code: Code, principal = OWNER) {
    return await this.tokens.verify({ serial, code }, this.as(principal));
  }

  async verifyBy(account: AccountId, code: Code, principal = OWNER) {
    return await this.tokens.verify({ account, code }, this.as(principal));
  }

  /** So many wrong codes, each after whatever wait the last one brought. */
  async fail(serial: Serial, times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      await this.verify(serial, this.wrong(n));
      this.pass(this.policy.waitSecondsMax * 1000);
    }
  }

  detail(serial: Serial): Promise<TokenDetail> {
    return this.tokens.get(serial);
  }

  async audit(): Promise<readonly AuditEntry[]> {
    const entries: AuditEntry[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await this.store.auditPage({ after, limit: 500 });
      entries.push(...page.items);
      after = page.next;
    }
    return entries;
  }

  async lastEntry(): Promise<AuditEntry | undefined> {
    return (await this.audit()).at(-1);
  }
}

export async function openRoom(policy: Partial<Policy> = {}, lab = false): Promise<Room> {
  const store = await openMemoryStore({
    kinds: KINDS,
    writer: 'test',
    auditKey: new Uint8Array(32),
  });
  return new Room(store, createPolicy(policy), lab);
}
