import { expect } from 'chai';
import fc from 'fast-check';
import type { AuditPage } from '../../../server/audit/entry.ts';
import { forgetNothing } from '../../../server/backup/restore.ts';
import { noteUse } from '../../../server/backup/since-backup.ts';
import { KINDS } from '../../../server/kinds.ts';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import type { StoreOptions } from '../../../server/store/port.ts';
import { createVault } from '../../../server/vault/vault.ts';
import { createPolicy } from '../../../server/verification/policy.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, Code, Serial } from '../../../shared/types.ts';
import { EVENT, OWNER, Room, TIME } from '../tokens/room.ts';

const STEP_MILLIS = 30_000;
const SERIALS = ['EVENT1', 'EVENT2', 'TIME1', 'TIME2', 'EVENT3', 'TIME3'] as const;
/** The last two are in stock when the backup is made. */
const REGISTERED = 4;
const OPTIONS: StoreOptions = {
  kinds: KINDS,
  writer: 'history',
  auditKey: new Uint8Array(32),
};
const POLICY = createPolicy();

/** No seed here makes it near its factors. */
const WRONG = '00000000' as Code;

/** What a person does with a token; `jump` sets a time token's clock. */
type Move =
  | { readonly does: 'verify' | 'resync'; readonly of: number; readonly skips: number }
  | { readonly does: 'wrong'; readonly of: number }
  | { readonly does: 'register'; readonly of: number }
  | { readonly does: 'jump'; readonly of: number; readonly by: number }
  | { readonly does: 'wait'; readonly steps: number };

const of = fc.nat({ max: SERIALS.length - 1 });
const stocked = fc.integer({ min: REGISTERED, max: SERIALS.length - 1 });
const by = fc.integer({ min: -100, max: 280 });
const MOVE: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('verify'), of, skips: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wrong'), of }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('resync'), of, skips: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('jump'), of, by }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('wait'), steps: fc.nat(90) }) },
) as fc.Arbitrary<Move>;
const REGISTER = fc.record({ does: fc.constant('register'), of: stocked }) as fc.Arbitrary<Move>;
const LATER = fc.oneof({ weight: 8, arbitrary: MOVE }, { weight: 2, arbitrary: REGISTER });

interface Accepted {
  readonly serial: Serial;
  readonly code: Code;
}

/** Tokens of a room, their clocks some steps off, and all of their codes that were accepted. */
class History {
  /** Who is asked. */
  room: Room;
  /** What shows codes. */
  readonly #shows: Room;
  readonly offsets: number[];
  /** In the order of use. */
  readonly accepted: Accepted[] = [];
  readonly #next = SERIALS.map(() => 0);

  constructor(room: Room, offsets: readonly number[]) {
    this.room = room;
    this.#shows = room;
    this.offsets = SERIALS.map((_, place) => offsets[place] ?? 0);
  }

  serialOf = (of: number): Serial => SERIALS[of] as unknown as Serial;
  isEvent = (of: number): boolean => (SERIALS[of] ?? '').startsWith('EVENT');

  /** The moving factor that the token shows after so many presses that nobody sees. */
  factor(of: number, skips: number): number {
    if (!this.isEvent(of)) {
      return Math.floor(this.room.now / STEP_MILLIS) + (this.offsets[of] ?? 0);
    }
    const at = (this.#next[of] ?? 0) + skips;
    this.#next[of] = at + 1;
    return at;
  }

  code = (of: number, factor: number): Code => this.#shows.code(this.serialOf(of), factor);

  async move(move: Move): Promise<void> {
    if (move.does === 'wait') return this.room.pass(move.steps * STEP_MILLIS);
    if (move.does === 'jump') {
      this.offsets[move.of] = (this.offsets[move.of] ?? 0) + move.by;
      return;
    }
    const serial = this.serialOf(move.of);
    if (move.does === 'wrong') {
      await this.room.tokens.verify({ serial, code: WRONG }, this.room.as(OWNER));
      return;
    }
    if (move.does === 'verify') return this.#verify(move.of, move.skips, serial);
    if (move.does === 'register') await this.register(move.of);
    else await this.resync(move.of, move.skips);
  }

  async #verify(of: number, skips: number, serial: Serial): Promise<void> {
    const code = this.code(of, this.factor(of, skips));
    const { outcome } = await this.room.tokens.verify({ serial, code }, this.room.as(OWNER));
    if (outcome === 'accepted') this.accepted.push({ serial, code });
  }

  register = (of: number): Promise<string> =>
    this.#pair(of, 0, (pair) => registered(this.room, pair));

  resync = (of: number, skips: number): Promise<string> =>
    this.#pair(of, skips, (pair) => resynced(this.room, pair));

  async #pair(of: number, skips: number, ask: (pair: Pair) => Promise<string>): Promise<string> {
    const serial = this.serialOf(of);
    const code1 = this.code(of, this.factor(of, skips));
    if (!this.isEvent(of)) this.room.pass(STEP_MILLIS);
    const code2 = this.code(of, this.factor(of, 0));
    if (code1 === code2) return 'equal';
    const outcome = await ask({ serial, code1, code2 });
    if (outcome === 'accepted') {
      this.accepted.push({ serial, code: code1 }, { serial, code: code2 });
    }
    return outcome;
  }
}

interface Pair {
  readonly serial: Serial;
  readonly code1: Code;
  readonly code2: Code;
}

/** What came of it; a refusal of an administrator's request is an error. */
const outcomeOf = (work: Promise<{ readonly outcome: string }>): Promise<string> =>
  work.then(
    ({ outcome }) => outcome,
    (error: unknown) => {
      if (error instanceof FobtwinError) return error.code;
      throw error;
    },
  );
const resynced = (room: Room, pair: Pair): Promise<string> =>
  outcomeOf(room.tokens.resync(pair, room.as(OWNER)));
const registered = (room: Room, pair: Pair): Promise<string> =>
  outcomeOf(room.tokens.register({ ...pair, account: 'ada' as AccountId }, room.as(OWNER)));

async function begin(offsets: readonly number[]): Promise<History> {
  const store = await openMemoryStore(OPTIONS);
  const room = new Room(store, POLICY, false);
  const history = new History(room, offsets);
  await room.account('ada');
  for (const [of, name] of SERIALS.entries()) {
    await room.stock(name, { ...(history.isEvent(of) ? EVENT : TIME), digits: 8 });
    if (of < REGISTERED) expect(await history.register(of)).to.equal('accepted');
  }
  return history;
}

interface Copy {
  /** The last entry of its log. */
  readonly sequence: number;
  open(): Promise<Room>;
}

/** The rows of a store as they were, in another one. */
async function copyOf(room: Room): Promise<Copy> {
  const dump = await room.store.dump();
  const { sequence } = dump.head;
  const data = createMemoryData();
  await data.open();
  for await (const rows of dump.rows) for (const [key, value] of rows) await data.put(key, value);
  await dump.close();
  const open = async () => new Room(await openMemoryStore({ ...OPTIONS, data }), POLICY, false);
  return { sequence, open };
}

/** What an export of a store's log to its end tells. */
async function usedSince(room: Room, sequence: number): Promise<Map<string, number | undefined>> {
  const used = new Map<string, number | undefined>();
  let after: number | null = sequence;
  while (after !== null) {
    const page: AuditPage = await room.store.auditPage({ after, limit: 500 });
    for (const entry of page.items) noteUse(entry, used);
    after = page.next;
  }
  return used;
}

const vault = createVault({
  rootKey: Buffer.alloc(32, 1),
  dataKeys: new Map([['d1', Buffer.alloc(32, 2)]]),
  currentDataKey: 'd1',
  rng: { bytes: (length) => new Uint8Array(length), uniform: () => 0 },
});

async function restore(copy: Copy, lost: Room, isAll: boolean): Promise<Room> {
  const room = await copy.open();
  room.now = lost.now;
  const restored = {
    store: room.store,
    vault,
    clock: { now: () => room.now },
    kinds: OPTIONS.kinds,
    policy: POLICY,
  };
  const used = isAll ? await usedSince(lost, copy.sequence) : new Map<string, number>();
  await forgetNothing(restored, room.now, { used, isAll });
  return room;
}

/** Each code again, and each two that followed each other, wherever two are taken. */
async function replayAll(room: Room, accepted: readonly Accepted[]): Promise<string[]> {
  const twice: string[] = [];
  const last = new Map<Serial, Code>();
  for (const { serial, code } of accepted) {
    const before = last.get(serial);
    last.set(serial, code);
    const { outcome } = await room.tokens.verify({ serial, code }, room.as(OWNER));
    if (outcome === 'accepted') twice.push(`${serial} accepted ${code} again`);
    if (before === undefined || before === code) continue;
    const pair = { serial, code1: before, code2: code };
    for (const ask of [resynced, registered]) {
      if ((await ask(room, pair)) === 'accepted') twice.push(`${serial} took ${before} ${code}`);
    }
    // Not spent by what was tried here.
    const { token } = await room.tokens.get(serial);
    expect(token.life).not.to.equal('revoked');
    await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(OWNER));
  }
  return twice;
}

/** Some tries in a day are all that an account has. */
const DAY_STEPS = 86_400 / 30;

for (const isAll of [false, true]) {
  const known = isAll ? 'where an audit export tells of all' : 'where nothing is known of it';
  describe(`restore: what was accepted since the backup, ${known}`, () => {
    it('is never accepted again, whatever came before and after', async function () {
      this.timeout(60_000);
      let replayed = 0;
      const back = { EVENT: 0, TIME: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.array(MOVE, { maxLength: 12 }),
          fc.array(LATER, { minLength: 6, maxLength: 20 }),
          fc.array(fc.integer({ min: -280, max: 280 }), { minLength: 6, maxLength: 6 }),
          fc.array(fc.nat(150), { maxLength: 4 }),
          async (before, after, offsets, waits) => {
            const history = await begin(offsets);
            for (const move of before) await history.move(move);
            const copy = await copyOf(history.room);
            history.accepted.length = 0;
            for (const move of after) await history.move(move);
            const accepted = [...history.accepted];
            replayed += accepted.length;

            const lost = history.room;
            const room = await restore(copy, lost, isAll);
            for (const steps of [0, ...waits]) {
              room.pass(steps * STEP_MILLIS);
              expect(await replayAll(room, accepted)).to.deep.equal([]);
            }
            // New codes bring the tokens back; the old ones stay used.
            room.pass(DAY_STEPS * STEP_MILLIS);
            expect(await replayAll(room, accepted)).to.deep.equal([]);
            history.room = room;
            for (const of of SERIALS.keys()) {
              const serial = history.serialOf(of);
              await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(OWNER));
              const outcomes = [await history.resync(of, 1), await history.register(of)];
              const type = history.isEvent(of) ? 'EVENT' : 'TIME';
              if (outcomes.includes('accepted')) back[type] += 1;
            }
            expect(await replayAll(room, accepted)).to.deep.equal([]);
            await lost.store.close();
            await room.store.close();
          },
        ),
        { numRuns: 40 },
      );
      expect(replayed).to.be.greaterThan(100);
      expect(back.TIME).to.be.greaterThan(20);
      if (isAll) expect(back.EVENT).to.be.greaterThan(20);
      else expect(back.EVENT, 'an event token needs a word').to.equal(0);
    });
  });
}
