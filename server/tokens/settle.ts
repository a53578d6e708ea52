import { FobtwinError } from '../../shared/errors.ts';
import type { Seed, UnixMillis } from '../../shared/types.ts';
import { type Decision, replyOnly } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { type ResyncRange, resyncRange, sameRange } from '../verification/search.ts';
import type { Env, Subject, Unseeded } from '../verification/types.ts';
import { EVEN_RECORDS, pairEffort, type SearchKind, withFullEffort } from './effort.ts';
import type { TokenDetail } from './port.ts';
import { type Deciding, openSeed, unseeded } from './subject.ts';

/**
 * Decisions that rest on a search of the resync window. The search runs between two decisions: the
 * first finds that it is needed, the second decides on what was found, if one would still look in
 * the same place; else the search is made again. Everything that counts is read and written in the
 * decision that ends it, so that no two requests share a try.
 */

/** A search that a decision lacks. */
export interface Wanted {
  readonly subject: Unseeded;
  /** When the codes were given. */
  readonly now: UnixMillis;
  /** A seed for this search alone; it is wiped afterwards. */
  readonly openSeed: () => Seed;
}

/** The search that a decision about this token lacks. */
export const wantedOf = (known: TokenDetail, now: UnixMillis, vault: Vault): Wanted => ({
  subject: unseeded(known),
  now,
  openSeed: () => openSeed(known, vault),
});

/** The same for a stand-in, whose seed is the decoy's. */
export const wantedOfStandIn = (subject: Unseeded, now: UnixMillis, vault: Vault): Wanted => ({
  subject,
  now,
  openSeed: () => vault.decoySeed(),
});

/** A search that was made. */
export interface Searched<Found> {
  readonly range: ResyncRange;
  readonly decoy: boolean;
  readonly found: Found;
}

/** What a decision came to, or the search that it lacks. */
export type Step<Reply> = { readonly done: Reply } | { readonly search: Wanted };

export const done = <Reply>(decision: Decision<Reply>): Decision<Step<Reply>> => ({
  ...decision,
  reply: { done: decision.reply },
});

/** A decision that lacks a search, which costs the same whatever it read. */
export const lacking = (search: Wanted): Decision<{ readonly search: Wanted }> => ({
  ...replyOnly({ search }),
  even: EVEN_RECORDS,
});

/** How often a token may change between a search and its decision. */
const ROUNDS_MAX = 8;

/**
 * Decides, searching in between.
 *
 * @throws FobtwinError `unavailable` when the token never stood still
 */
export async function settle<Reply, Found>(
  decide: (searched: Searched<Found> | undefined) => Promise<Step<Reply>>,
  kind: SearchKind<Found>,
  deciding: Deciding,
): Promise<Reply> {
  // A seed is opened after the decision that read it: its data key must still be there.
  const release = deciding.vault.keepKeys();
  try {
    let searched: Searched<Found> | undefined;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const step = await decide(searched);
      if ('done' in step) return step.done;
      searched = await search(step.search, kind, deciding);
    }
  } finally {
    release();
  }
  throw new FobtwinError('unavailable', 'This token is changing just now.', {
    nextStep: 'Try again.',
  });
}

async function search<Found>(
  { subject, now, openSeed }: Wanted,
  { begin, isHit }: SearchKind<Found>,
  { env, searches }: Deciding,
): Promise<Searched<Found>> {
  const range = resyncRange(subject, now, env.policy);
  const seed = openSeed();
  try {
    const seeded: Subject = { ...subject, seed };
    const full = withFullEffort(seeded, env, pairEffort(env.policy), { begin, isHit });
    return { range, decoy: subject.decoy === true, found: await searches.run(full) };
  } finally {
    seed.fill(0);
  }
}

/** Whether what was searched is what this subject needs; a decoy's finding is a decoy's only. */
export function holdsFor<Found>(
  searched: Searched<Found> | undefined,
  subject: Unseeded,
  now: UnixMillis,
  env: Env,
): searched is Searched<Found> {
  if (searched === undefined || searched.decoy !== (subject.decoy === true)) return false;
  return sameRange(searched.range, resyncRange(subject, now, env.policy));
}
