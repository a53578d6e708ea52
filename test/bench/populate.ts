import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ACCOUNTS, type AccountRecord, accountKey } from '../../server/accounts/record.ts';
import { readDataDirectory } from '../../server/data-directory/data-directory.ts';
import { openLevelStore } from '../../server/store/level.ts';
import { type Kind, put } from '../../server/store/port.ts';
import { FACTORS, TOKENS, tokenKey } from '../../server/tokens/record.ts';
import { deriveKey } from '../../server/vault/keys.ts';
import { formatCsv } from '../../shared/seed-files/csv-format.ts';
import type { SeedFileEntry } from '../../shared/seed-files/entry.ts';
import {
  type AccountId,
  parseAccountId,
  type Serial,
  type UnixMillis,
} from '../../shared/types.ts';
import { benchSeed, benchSerial } from './population.ts';

export const PARAMETERS = { type: 'event', algorithm: 'SHA1', digits: 6 } as const;

export interface PopulateOptions {
  /** Edges that ask by user name look the account up. Default false. */
  readonly withAccounts?: boolean;
}

/**
 * A data directory with so many registered event tokens. They come in as a seed file comes in;
 * registering each by two codes would take minutes, so that alone is written straight into the
 * store.
 */
export async function populate(
  data: string,
  tokens: number,
  { withAccounts = false }: PopulateOptions = {},
): Promise<{ apiKey: string }> {
  await stock(data, tokens);
  await registerAll(data, tokens, withAccounts);
  return { apiKey: await addApplication(data, 'verify') };
}

/** A data directory with so many event tokens that nobody has. */
export async function stock(data: string, tokens: number): Promise<void> {
  await fobd(data, 'init');
  const seedFile = `${data}.csv`;
  await writeFile(seedFile, formatCsv(entries(tokens)));
  await fobd(data, 'seed-file', 'import', seedFile);
}

/** @returns its API key */
export async function addApplication(data: string, scope: string): Promise<string> {
  const added = await fobd(data, 'application', 'add', `bench ${scope}`, '--scope', scope);
  return (added as { readonly apiKey: string }).apiKey;
}

async function fobd(data: string, ...args: string[]): Promise<unknown> {
  const argv = ['dist/fobd.js', ...args, '--data', data, '--json'];
  const options = { maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(process.execPath, argv, options);
  return JSON.parse(stdout);
}

function* entries(tokens: number): Generator<SeedFileEntry> {
  for (let index = 0; index < tokens; index += 1) {
    const serial = benchSerial(index);
    yield { serial, seed: benchSeed(index), parameters: PARAMETERS, nextCounter: 0 };
  }
}

async function registerAll(data: string, tokens: number, withAccounts: boolean): Promise<void> {
  const { storePlace, storeId, rootKey } = await readDataDirectory(data);
  const store = await openLevelStore(storePlace, {
    kinds: [ACCOUNTS, TOKENS, FACTORS] as readonly Kind<unknown>[],
    writer: storeId,
    auditKey: deriveKey(rootKey, 'audit'),
  });
  const registeredAt = Date.now() as UnixMillis;
  const commits: Promise<void>[] = [];
  for (let index = 0; index < tokens; index += 1) {
    const account = parseAccountId(`bench-${index}`);
    if (account === undefined) throw new Error('a fit account');
    const keys = [tokenKey(benchSerial(index)), accountKey(account)] as const;
    const commit = store.transact(keys, ([token]) => {
      if (token === undefined) throw new Error('not imported');
      const registered = { ...token, life: 'registered' as const, account, registeredAt };
      return {
        writes: [
          put(tokenKey(token.serial), registered),
          ...(withAccounts ? [put(accountKey(account), accountOf(account, token.serial))] : []),
        ],
        auditDrafts: [],
        reply: undefined,
      };
    });
    commits.push(commit);
    if (commits.length === 1000) await Promise.all(commits.splice(0));
  }
  await Promise.all(commits);
  await store.close();
}

const accountOf = (id: AccountId, serial: Serial): AccountRecord => ({
  version: 1,
  id,
  createdAt: Date.now() as UnixMillis,
  serials: [serial],
});
