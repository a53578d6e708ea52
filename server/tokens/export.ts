import { createHash } from 'node:crypto';
import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import { SEED_FILE_LIMITS, type SeedFileEntry } from '../../shared/seed-files/entry.ts';
import { writableLabel } from '../../shared/seed-files/values.ts';
import type { Life, Serial } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { replyOnly } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import type { ExportCommand, SeedExport, TokenDetail } from './port.ts';
import { factorKey, TOKENS, type TokenRecord, tokenKey } from './record.ts';
import { detailsOf, unknownSerial } from './subject.ts';
import type { TokenStore } from './token-store.ts';

export interface Exporting {
  readonly store: TokenStore;
  readonly vault: Vault;
}

/** Plain seeds in memory at once. */
const SLICE = 100;
const PAGE = 500;

/**
 * Seeds on their way out. Which tokens they are is settled first, and recorded: the count and the
 * SHA-256 of the serials (in their order, a line feed after each) are durable in the audit log
 * before the first seed is opened, so that no export goes unrecorded, however it ends. Mobile IDs
 * stay: what is shown once is shown once.
 *
 * @throws FobtwinError `notFound`; `notAllowedNow` for a Mobile ID; `invalidInput` when there are
 * more than one file may hold
 */
export async function exportEntries(
  command: ExportCommand,
  caller: Caller,
  { store, vault }: Exporting,
): Promise<SeedExport> {
  const serials =
    command.serials === undefined
      ? await serialsIn(command.life, store)
      : await knownSerials(command.serials, store);
  const hash = createHash('sha256');
  for (const serial of serials) hash.update(`${serial}\n`);
  const details = {
    exported: serials.length,
    serialsSha256: hash.digest('hex'),
    format: command.format,
    protection: command.protection,
  };
  const auditDrafts = [draftOf(caller, 'export', { details })];
  await store.transact([], () => ({ ...replyOnly(undefined), auditDrafts }));
  return { count: serials.length, slices: slicesOf(serials, { store, vault }) };
}

/** All in one state; without one all that are of any use still. */
async function serialsIn(life: Life | undefined, store: TokenStore): Promise<readonly Serial[]> {
  const range = life === undefined ? {} : { index: 'life', value: life };
  const isWanted = (token: TokenRecord) =>
    token.mobileId !== true && (life !== undefined || token.life !== 'revoked');
  const serials: Serial[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page: Awaited<ReturnType<typeof store.scan<TokenRecord>>> = await store.scan(TOKENS, {
      ...range,
      after,
      limit: PAGE,
    });
    for (const token of page.items) if (isWanted(token)) serials.push(token.serial);
    if (serials.length > SEED_FILE_LIMITS.entries) throw tooMany();
    after = page.next;
  }
  if (serials.length > 0) return serials;
  throw new FobtwinError('notFound', 'There is no token to export.', {
    nextStep: 'See which there are: fobd token list.',
  });
}

async function knownSerials(
  serials: readonly Serial[],
  store: TokenStore,
): Promise<readonly Serial[]> {
  const wanted = [...new Set(serials)].toSorted();
  const tokens = await store.transact(wanted.map(tokenKey), (found) => replyOnly(found));
  const missing = wanted.find((_, place) => tokens[place] === undefined);
  if (missing !== undefined) throw unknownSerial(missing);
  const shownOnce = tokens.find((token) => token?.mobileId === true);
  if (shownOnce !== undefined) throw mobileIdKept(shownOnce.serial);
  return wanted;
}

async function* slicesOf(
  serials: readonly Serial[],
  { store, vault }: Exporting,
): AsyncGenerator<readonly SeedFileEntry[], void, undefined> {
  for (let start = 0; start < serials.length; start += SLICE) {
    const slice = serials.slice(start, start + SLICE);
    const keys = [...slice.map(tokenKey), ...slice.map(factorKey)];
    const details = await store.transact(keys, (records) => replyOnly(detailsOf(records)));
    if (details.length < slice.length) throw vanished();
    const entries = details.map((detail) => entryOf(detail, vault));
    try {
      yield entries;
    } finally {
      for (const { seed } of entries) seed.fill(0);
    }
    // A reader that is as fast as the store must not keep others from their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function entryOf({ token, factor: { factor } }: TokenDetail, vault: Vault): SeedFileEntry {
  const { serial, parameters } = token;
  const manufacturer = writableLabel(token.manufacturer);
  const model = writableLabel(token.model);
  const account = token.account ?? token.intendedAccount;
  return {
    serial,
    seed: vault.open(token.sealedSeed, { serial, parameters }),
    parameters,
    nextCounter: factor.type === 'event' ? factor.nextCounter : 0,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(account === undefined ? {} : { account }),
  };
}

/** Its seed was shown to one person, once: nobody else ever has it. */
const mobileIdKept = (serial: Serial): FobtwinError =>
  new FobtwinError('notAllowedNow', `${serial} is a Mobile ID: its seed was shown once.`, {
    nextStep: 'Leave it out; its owner sets up a new one where he needs it.',
  });

const tooMany = (): FobtwinError =>
  invalidInput(
    '/serials',
    'tooMany',
    `A seed file has at most ${SEED_FILE_LIMITS.entries} tokens, and here are more.`,
    { nextStep: 'Export those of one state, or name serials.' },
  );

const vanished = (): FobtwinError =>
  new FobtwinError('internal', 'An internal error occurred.', {
    detail: 'a token has vanished while it was exported',
  });
