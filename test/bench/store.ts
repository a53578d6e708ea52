/**
 * What a decision costs the store alone: three keys read, one record written, one audit entry, as
 * `POST /v1/verify` has it, with 64 decisions in flight on a level store that was opened again.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditDraft } from '../../server/audit/entry.ts';
import { openLevelStore } from '../../server/store/level.ts';
import { keyOf, put, type Store, type StoreOptions } from '../../server/store/port.ts';
import { FACTORS, factorKey, TOKENS, tokenKey } from '../../server/tokens/record.ts';
import type { FactorRecord } from '../../server/verification/types.ts';
import {
  type AccountId,
  type ApplicationId,
  parseAccountId,
  parseApplicationId,
  parseSerial,
  parseUnixMillis,
  type Serial,
} from '../../shared/types.ts';

const IN_FLIGHT = 64;
const IMPORTED_AT_ONCE = 5000;
const ROUNDS = 3;
const SECONDS = 3;
const APPLICATION = 'application';

const APPLICATIONS = { name: APPLICATION, indexes: [], indexValues: () => [] };
const OPTIONS: StoreOptions = {
  kinds: [TOKENS, FACTORS, APPLICATIONS],
  writer: '0123456789abcdef',
  auditKey: randomBytes(32),
};

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the benchmark made a value that does not parse');
  return value;
}

const serialOf = (place: number): Serial =>
  known(parseSerial(`FT${String(place).padStart(8, '0')}`));
const accountOf = (place: number): AccountId => known(parseAccountId(`person${place}@example.org`));
const application: ApplicationId = known(parseApplicationId('0011223344556677'));
const at = known(parseUnixMillis(1_767_225_600_000));

function factor(nextCounter: number): FactorRecord {
  const failures = { failuresInRow: 0, failuresSinceSuccess: 0, waitUntil: 0 };
  const moved = { type: 'event', nextCounter } as const;
  return { version: 1, factor: moved, failures, failedPairs: 0, lastAcceptedAt: at };
}

async function populate(store: Store, tokens: number): Promise<void> {
  for (let first = 0; first < tokens; first += IMPORTED_AT_ONCE) {
    const places = Array.from(
      { length: Math.min(IMPORTED_AT_ONCE, tokens - first) },
      (_, place) => first + place,
    );
    const keys = places.flatMap((place) => [tokenKey(serialOf(place)), factorKey(serialOf(place))]);
    await store.transact(keys, () => ({
      writes: places.flatMap((place) => [
        put(tokenKey(serialOf(place)), {
          version: 1,
          serial: serialOf(place),
          life: 'registered',
          holds: [],
          parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
          sealedSeed: {
            version: 1,
            dataKey: '01234567',
            sealed: randomBytes(48).toString('base64url'),
          },
          manufacturer: 'Fobtwin emulator',
          account: accountOf(place),
          importedAt: at,
          registeredAt: at,
        }),
        put(factorKey(serialOf(place)), factor(0)),
      ]),
      auditDrafts: [],
      reply: undefined,
    }));
  }
}

function verifyOnce(store: Store, place: number): Promise<boolean> {
  const serial = serialOf(place);
  const hot = factorKey(serial);
  const keys = [keyOf(APPLICATIONS, application), tokenKey(serial), hot] as const;
  return store.transact(keys, ([, token, record]) => {
    if (token === undefined || record?.factor.type !== 'event') throw new Error(`lost ${serial}`);
    const draft: AuditDraft = {
      at,
      actor: `application:${application}`,
      action: 'verify',
      application,
      outcome: 'accepted',
      serial,
      ...(token.account === undefined ? {} : { account: token.account }),
    };
    const write = put(hot, factor(record.factor.nextCounter + 1));
    return { writes: [write], auditDrafts: [draft], reply: true };
  });
}

async function load(store: Store, tokens: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let next = 0;
  let done = 0;
  const one = async () => {
    while (performance.now() < end) {
      // A step without a common divisor with the number of tokens: all of them, in no order.
      next = (next + 7919) % tokens;
      if (await verifyOnce(store, next)) done += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return done;
}

async function measure(
  tokens: number,
  seconds: number,
  write: (text: string) => void,
): Promise<void> {
  const parent = await mkdtemp(path.join(tmpdir(), 'fobtwin-bench-'));
  const directory = path.join(parent, 'store');
  try {
    const made = await openLevelStore(directory, OPTIONS);
    await populate(made, tokens);
    await made.close();
    const store = await openLevelStore(directory, OPTIONS);
    await load(store, tokens, 1);
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = { time: performance.now(), cpu: process.cpuUsage() };
      const done = await load(store, tokens, seconds);
      const elapsed = (performance.now() - before.time) / 1000;
      const { user, system } = process.cpuUsage(before.cpu);
      const perSecond = Math.round(done / elapsed).toLocaleString('en');
      const each = ((user + system) / done).toFixed(1);
      const wall = ((elapsed * 1e6) / done).toFixed(1);
      write(`${tokens} tokens: ${perSecond}/s, ${wall} us each, ${each} us of processor\n`);
    }
    const { sound } = await store.verifyAudit();
    if (!sound) throw new Error('the audit log did not hold');
    await store.close();
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

export async function benchStore(write: (text: string) => void): Promise<void> {
  for (const tokens of [1000, 100_000]) await measure(tokens, SECONDS, write);
}
