import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, type Dispatcher, request as sendRequest } from 'undici';
import { LOCAL_OWNER, SCOPES, type Scope } from '../../../server/access/scopes.ts';
import { openAccounts } from '../../../server/accounts/open.ts';
import { createApplicationService } from '../../../server/applications/service.ts';
import { createAuditService } from '../../../server/audit/service.ts';
import { createBackupService } from '../../../server/backup/service.ts';
import { openBusiness } from '../../../server/business.ts';
import type { BusinessOptions } from '../../../server/business-settings.ts';
import { createApp } from '../../../server/http/app.ts';
import type { AppDependencies, HttpLog } from '../../../server/http/dependencies.ts';
import { KINDS } from '../../../server/kinds.ts';
import { createLabClock } from '../../../server/lab/clock.ts';
import { openNotices } from '../../../server/notices/open.ts';
import { openOidcAdministration } from '../../../server/oidc/open.ts';
import { createSessionService } from '../../../server/sessions/service.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import type { Store, StoreOptions } from '../../../server/store/port.ts';
import { createExplainService } from '../../../server/tokens/explain.ts';
import { SEALED_TOKENS } from '../../../server/tokens/sealed-tokens.ts';
import { createTokenService } from '../../../server/tokens/service.ts';
import { createKeyService } from '../../../server/vault/key-service.ts';
import { deriveKey } from '../../../server/vault/keys.ts';
import { createVault } from '../../../server/vault/vault.ts';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import { createOtp } from '../../../shared/otp.ts';
import type { Rng } from '../../../shared/rng.ts';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import type { Seed, Serial, TokenParameters, UnixMillis } from '../../../shared/types.ts';
import type { HealthStatus } from '../../../shared/wire/schemas.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';

/** 2026-01-01T00:00:00Z, the beginning of a time step. */
export const START = Date.UTC(2026, 0, 1) as UnixMillis;
export const STEP_MILLIS = 30_000;
const TIME: TokenParameters = { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 };
const EVENT: TokenParameters = { type: 'event', algorithm: 'SHA1', digits: 6 };
const otp = createOtp(nodeCrypto);

/** Every serial has a seed of its own, which both sides of a test can make. */
export const seedOf = (serial: string): Seed =>
  Uint8Array.from(Buffer.from(serial.padEnd(20, '~').slice(-20))) as Seed;

export const timeEntry = (serial: string): SeedFileEntry => ({
  serial: serial as Serial,
  seed: seedOf(serial),
  parameters: TIME,
  nextCounter: 0,
});
export const eventEntry = (serial: string): SeedFileEntry => ({
  ...timeEntry(serial),
  parameters: EVENT,
});

export const eventCode = (serial: string, counter: number): string =>
  otp.code(seedOf(serial), counter, EVENT);
/** What a time token without drift shows at `at`. */
export const timeCode = (serial: string, at: number): string =>
  otp.code(seedOf(serial), Math.floor(at / STEP_MILLIS), TIME);

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON; text and bytes as they are. */
  readonly body?: unknown;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed body; an empty object when it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Served {
  readonly url: string;
  readonly store: Store;
  readonly logged: readonly { readonly details: object; readonly message: string }[];
  /** The clock that decisions are taken at; in a lab the system's below it. */
  readonly clock: { at: UnixMillis };
  status: HealthStatus;
  key(...scopes: Scope[]): Promise<string>;
  send(sent: Sent): Promise<Got>;
  /** Imports tokens and fails unless all were imported. */
  stock(...entries: SeedFileEntry[]): Promise<void>;
  /** Registers a stocked time token with the codes of now and of the next step; time passes. */
  register(serial: string, account: string): Promise<void>;
  close(): Promise<void>;
}

export interface ServedOptions {
  readonly lab?: boolean;
  readonly localOwner?: boolean;
  readonly openStore?: (options: StoreOptions) => Promise<Store>;
  /** Between the server and the application, as a network would be. */
  readonly wrap?: (listener: RequestListener) => RequestListener;
  readonly replace?: Partial<AppDependencies>;
  /** Mail, payments and the like; default none is set up. */
  readonly business?: BusinessOptions;
}

/** Not random: what a test makes of it is the same in every run. */
function createCountingRng(): Rng {
  let count = 0;
  return {
    bytes(length) {
      count += 1;
      return Uint8Array.from({ length }, (_, index) => (count * 31 + index * 7) & 255);
    },
    uniform: () => 0.5,
  };
}

/** Passwords are hashed as quickly as Argon2 allows. */
const QUICK = { parameters: { memoryKibibytes: 8, passes: 1, lanes: 1 } };

/** The root key lies nowhere. */
const NO_PLACE = {
  replace: async () => undefined,
  settle: async () => undefined,
  fingerprint: async () => undefined,
};

/** fobd's HTTP edge over its real services, listening on a port of its own. */
export async function serve(options: ServedOptions = {}): Promise<Served> {
  const { openStore = openMemoryStore, wrap = (listener) => listener, replace } = options;
  const store = await openStore({ kinds: KINDS, writer: 'test', auditKey: new Uint8Array(32) });
  const served = new World(store, options);
  const dependencies = await served.dependencies();
  const app = createApp({ ...dependencies, ...replace }, { localOwner: options.localOwner });
  const answer = app.callback();
  const server = createServer(wrap((request, response) => void answer(request, response)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  served.listen(server);
  return served;
}

class World implements Served {
  readonly store: Store;
  readonly clock = { at: START };
  readonly logged: { details: object; message: string }[] = [];
  status: HealthStatus = 'ok';
  url = '';
  readonly #options: ServedOptions;
  readonly #rng = createCountingRng();
  readonly #agent = new Agent({ connections: 100, pipelining: 1 });
  #server: Server | undefined;
  #owner: AppDependencies | undefined;

  constructor(store: Store, options: ServedOptions) {
    this.store = store;
    this.#options = options;
  }

  async dependencies(): Promise<AppDependencies> {
    const store = this.store;
    const rng = this.#rng;
    const systemClock = { now: () => this.clock.at };
    const lab = this.#options.lab ? await createLabClock({ store, systemClock }) : undefined;
    const clock = lab ?? systemClock;
    const vault = createVault({
      rootKey: new Uint8Array(32).fill(1),
      dataKeys: new Map([['key1', new Uint8Array(32).fill(2)]]),
      currentDataKey: 'key1',
      rng,
    });
    const rootKey = new Uint8Array(32).fill(1);
    const issuedCodesKey = deriveKey(rootKey, 'issuedCodes');
    const policy = DEFAULT_POLICY;
    const tokens = createTokenService({ store, vault, otp, policy, issuedCodesKey });
    const sessions = createSessionService({ store, tokens, rng });
    const log: HttpLog = { error: (details, message) => this.logged.push({ details, message }) };
    const surroundings = { store, rootKey, rng, log, clock, lab: lab !== undefined };
    const options = this.#options.business ?? {};
    const noticed = openNotices({ ...surroundings, mail: options.mail });
    const accounts = openAccounts({ ...surroundings, notices: noticed.writer, hashing: QUICK });
    const owner: AppDependencies = {
      tokens,
      sessions,
      ...accounts,
      ...openBusiness({
        ...surroundings,
        ...{ vault, tokens, sessions, systemClock, noticed, options },
        ...accounts,
      }),
      oidc: openOidcAdministration({ store, rng, rootKey: new Uint8Array(32).fill(1) }),
      keys: createKeyService({
        store,
        vault,
        records: SEALED_TOKENS,
        masterKey: createSecretKey(new Uint8Array(32).fill(3)),
        rootKey: createSecretKey(new Uint8Array(32).fill(1)),
        rootKeyPlace: NO_PLACE,
        clock,
        rng,
        onFailure: (error) => this.logged.push({ details: { error }, message: 'rotation' }),
      }),
      audit: createAuditService({
        store,
        wrappingKey: new Uint8Array(32).fill(4),
        rng,
        policy: { keepMillis: 0, keepEntries: 1 },
      }),
      backups: createBackupService({
        store,
        readDirectory: async () => ({ format: 4, lab: false, storeId: 'test' }),
        whileKeysStay: (work) => work(),
        prepare: async () => undefined,
        key: new Uint8Array(32).fill(5),
      }),
      explanations: createExplainService({ store, vault, otp, policy }),
      applications: createApplicationService({ store, rng }),
      store,
      clock,
      ...(lab === undefined ? {} : { lab }),
      status: () => this.status,
      log,
      rng,
    };
    this.#owner = owner;
    return owner;
  }

  listen(server: Server): void {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async key(...scopes: Scope[]): Promise<string> {
    if (this.#owner === undefined) throw new Error('not open yet');
    const caller = { principal: LOCAL_OWNER, now: this.clock.at };
    const wanted = scopes.length === 0 ? SCOPES : scopes;
    const { apiKey } = await this.#owner.applications.add({ name: 'test', scopes: wanted }, caller);
    return apiKey;
  }

  async send({ method = 'POST', path, key, headers = {}, body }: Sent): Promise<Got> {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const reply = await sendRequest(this.url + path, {
      method: method as Dispatcher.HttpMethod,
      dispatcher: this.#agent,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(isRaw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: isRaw ? (body ?? null) : JSON.stringify(body),
    });
    const text = await reply.body.text();
    const isJson = /[/+]json(;|$)/.test(String(reply.headers['content-type']));
    return {
      status: reply.statusCode,
      headers: Object.fromEntries(
        Object.entries(reply.headers).map(([name, value]) => [name, String(value)]),
      ),
      text,
      json: isJson && text !== '' ? JSON.parse(text) : {},
    };
  }

  async stock(...entries: SeedFileEntry[]): Promise<void> {
    const reply = await this.send({
      path: '/v1/seed-files',
      key: await this.key('seed-files:import'),
      headers: { 'content-type': 'text/csv' },
      body: formatCsv(entries),
    });
    if (reply.json['imported'] !== entries.length) throw new Error(reply.text);
  }

  async register(serial: string, account: string): Promise<void> {
    const key = await this.key();
    await this.send({ path: '/v1/accounts', key, body: { id: account } });
    const code1 = timeCode(serial, this.clock.at);
    this.clock.at = (this.clock.at + STEP_MILLIS) as UnixMillis;
    const code2 = timeCode(serial, this.clock.at);
    const body = { account, code1, code2 };
    const path = `/v1/tokens/${serial}/registration`;
    const reply = await this.send({ path, key, body });
    if (reply.json['outcome'] !== 'accepted') throw new Error(reply.text);
    this.clock.at = (this.clock.at + STEP_MILLIS) as UnixMillis;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
    this.#server?.closeAllConnections();
    this.#server?.close();
    await this.store.close();
  }
}
