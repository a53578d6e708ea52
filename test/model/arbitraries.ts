import fc from 'fast-check';
import type { AccountId, Serial } from '../../shared/types.ts';
import {
  ACCOUNTS,
  type CodeChoice,
  type Command,
  changeLife,
  followUp,
  guess,
  moveClock,
  type PairChoice,
  pester,
  register,
  relieve,
  repeat,
  resync,
  SERIALS,
  siege,
  strangers,
  verifyByAccount,
  verifyBySerial,
  type Where,
} from './commands.ts';
import type { Verb } from './naive.ts';
import { DAY } from './naive-token.ts';

/** What the commands of a run are drawn from: mostly what people do, and every edge of a window. */

const serials = fc.constantFrom<string[]>(...SERIALS).map((text) => text as Serial);
const accounts = fc.constantFrom<string[]>(...ACCOUNTS).map((text) => text as AccountId);
const wheres: fc.Arbitrary<Where> = fc.oneof(
  serials.map((serial) => ({ serial })),
  accounts.map((account) => ({ account })),
);

const good: fc.Arbitrary<CodeChoice> = fc.record({
  from: fc.integer({ min: 0, max: 1 }),
  wrong: fc.constant(null),
});
const codes: fc.Arbitrary<CodeChoice> = fc.record({
  from: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -2, max: 2 }) },
    { weight: 2, arbitrary: fc.integer({ min: -12, max: 12 }) },
    { weight: 1, arbitrary: fc.integer({ min: -30, max: 30 }) },
  ),
  wrong: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(3) }),
});

const goodPairs: fc.Arbitrary<PairChoice> = fc.record({
  from: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -1, max: 7 }) },
    { weight: 1, arbitrary: fc.integer({ min: -40, max: 990 }) },
  ),
  apart: fc.constant(1),
  spoilt: fc.constant<PairChoice['spoilt']>('none'),
});
const pairs: fc.Arbitrary<PairChoice> = fc.record({
  from: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -3, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: -12, max: 12 }) },
    { weight: 1, arbitrary: fc.constantFrom(-301, -300, 297, 298, 299, 997, 998, 999) },
    { weight: 1, arbitrary: fc.integer({ min: -40, max: 400 }) },
  ),
  apart: fc.constantFrom(1, 1, 1, 1, 2, 3, 4, 0, -1),
  spoilt: fc.constantFrom<PairChoice['spoilt'][]>('none', 'none', 'first', 'second', 'both'),
});

const verbs: fc.Arbitrary<Verb> = fc.constantFrom<Verb[]>(
  ...(['unlock', 'helpdeskUnlock', 'helpdeskUnlock', 'enable', 'resume', 'found'] as const),
  ...(['lock', 'suspend', 'lost', 'revoke', 'resetDrift'] as const),
);
const moves = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 4999, 5000, 30_000, 59_999, 60_000, 90_000) },
  { weight: 2, arbitrary: fc.nat(600_000) },
  { weight: 2, arbitrary: fc.constantFrom(DAY - 1, DAY, 15 * DAY, 30 * DAY, 300 * DAY) },
  { weight: 1, arbitrary: fc.integer({ min: -400_000, max: -1 }) },
  { weight: 1, arbitrary: fc.constantFrom(-DAY, -3 * DAY) },
);

const logIns = fc.tuple(serials, good).map(([serial, code]) => verifyBySerial(serial, code));
const tries = fc.tuple(serials, codes).map(([serial, code]) => verifyBySerial(serial, code));
const byAccount = (choice: fc.Arbitrary<CodeChoice>) =>
  fc
    .tuple(accounts, serials, choice)
    .map(([id, serial, code]) => verifyByAccount(id, serial, code));
const guesses = fc.tuple(wheres, fc.constantFrom(1, 3, 5, 12)).map(([w, n]) => guess(w, n));
/** A drifted token at a login: a code that only the resync window knows, and then another. */
const followed = fc
  .record({
    serial: serials,
    account: fc.option(accounts),
    from: fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -40, max: 990 })),
    apart: fc.constantFrom(1, 1, 1, 2, 3, 4, -1),
    again: fc.boolean(),
    millis: fc.constantFrom(0, 1000, 30_000, 39_999, 40_000, 60_000),
  })
  .map(({ serial, account, ...how }) => followUp(serial, account, how));
const clock = moves.map(moveClock);

/** fast-check draws from these evenly: what stands twice comes up twice as often. */
export const commandArbitraries = (): fc.Arbitrary<Command>[] => [
  ...[logIns, logIns, tries, tries],
  ...[byAccount(good), byAccount(good), byAccount(codes)],
  ...[guesses, guesses, wheres.map(repeat)],
  fc.tuple(serials, accounts, goodPairs).map(([s, id, pair]) => register(s, id, pair)),
  fc.tuple(serials, accounts, pairs).map(([s, id, pair]) => register(s, id, pair)),
  fc.tuple(serials, goodPairs).map(([s, pair]) => resync(s, pair, 1)),
  fc.tuple(serials, pairs, fc.constantFrom(1, 1, 6)).map(([s, pair, n]) => resync(s, pair, n)),
  ...[serials.map(relieve), fc.tuple(serials, verbs).map(([s, verb]) => changeLife(s, verb))],
  followed,
  ...[clock, clock, clock],
  fc.oneof(
    fc.tuple(serials, fc.constantFrom(3, 14)).map(([s, n]) => pester(s, n)),
    fc.tuple(wheres, fc.constantFrom(3, 11)).map(([w, n]) => siege(w, n)),
    fc.constant(strangers('nobody' as AccountId, 'NONE' as Serial)),
  ),
];

/** Whether a run begins with tokens registered: three of four do. */
export const beginnings: fc.Arbitrary<boolean> = fc.constantFrom(true, true, true, false);
