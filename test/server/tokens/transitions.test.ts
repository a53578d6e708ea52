import { expect } from 'chai';
import { accountKey } from '../../../server/accounts/record.ts';
import { put } from '../../../server/store/port.ts';
import { factorKey, tokenKey } from '../../../server/tokens/record.ts';
import { newFactor } from '../../../server/verification/factor.ts';
import {
  HOLDS,
  type Hold,
  LIFE_VERBS,
  LIVES,
  type Life,
  type LifeVerb,
  type Outcome,
  type Serial,
} from '../../../shared/types.ts';
import { accountOf, codeOfError, OWNER, openRoom, type Room, TIME } from './room.ts';

/**
 * The whole table (DESIGN section 5), through the services: everything that can be asked of a token
 * by its life by all 32 sets of holds. `EXPECTED` is written from the text; a cell either leads
 * somewhere and leaves its audit entry, or is refused and leaves everything as it was.
 */

const HOLD_SETS: readonly (readonly Hold[])[] = Array.from({ length: 32 }, (_, bits) =>
  HOLDS.filter((_hold, place) => bits & (1 << place)),
);
const OTHERS = [
  'verify',
  'verifyByAccount',
  'register',
  'resync',
  'replaced',
  'replacing',
] as const;
type Asked = LifeVerb | (typeof OTHERS)[number];

interface Cell {
  readonly life: Life;
  readonly holds: readonly Hold[];
}
/** An error's code; or the outcome and what is left of the token. */
type End = { readonly error: string } | { readonly outcome?: Outcome; readonly cell: Cell };

const without = (holds: readonly Hold[], ...lifted: Hold[]) =>
  holds.filter((hold) => !lifted.includes(hold));
const plus = (holds: readonly Hold[], set: Hold) =>
  HOLDS.filter((hold) => hold === set || holds.includes(hold));
const refused = (error: string): End => ({ error });

/** "revoked, lost, disabled, adminLocked, suspended, locked". */
function precedence({ life, holds }: Cell): Outcome | undefined {
  if (life === 'revoked') return 'revoked';
  if (holds.includes('lost')) return 'lost';
  if (holds.includes('disabled')) return 'disabled';
  if (holds.includes('adminLocked')) return 'locked';
  if (holds.includes('suspended')) return 'suspended';
  return holds.includes('locked') ? 'locked' : undefined;
}

const set = (hold: Hold) => (cell: Cell) =>
  cell.holds.includes(hold)
    ? refused('notAllowedNow')
    : { cell: { ...cell, holds: plus(cell.holds, hold) } };
const lift = (hold: Hold) => (cell: Cell) =>
  cell.holds.includes(hold)
    ? { cell: { ...cell, holds: without(cell.holds, hold) } }
    : refused('notAllowedNow');
const living =
  (end: (cell: Cell) => End) =>
  (cell: Cell): End =>
    cell.life === 'revoked' ? refused('revoked') : end(cell);
const verified = (cell: Cell): End => ({
  outcome: precedence(cell) ?? (cell.life === 'stocked' ? 'notRegistered' : 'accepted'),
  cell,
});
/** A stocked token that two good codes bind to an account. */
const bound = living((cell) => {
  if (cell.life === 'registered') return refused('alreadyRegistered');
  const outcome = precedence(cell);
  return outcome
    ? { outcome, cell }
    : { outcome: 'accepted', cell: { ...cell, life: 'registered' } };
});

const EXPECTED: Readonly<Record<Asked, (cell: Cell) => End>> = {
  unlock: living((cell) => ({
    cell: { ...cell, holds: without(cell.holds, 'locked', 'adminLocked') },
  })),
  lock: living(set('adminLocked')),
  enable: living(lift('disabled')),
  suspend: living(set('suspended')),
  resume: living(lift('suspended')),
  lost: living(set('lost')),
  found: living(lift('lost')),
  revoke: living((cell) => ({ cell: { ...cell, life: 'revoked' } })),
  resetDrift: living((cell) => (cell.life === 'stocked' ? refused('notAllowedNow') : { cell })),
  verify: verified,
  // A stocked token is nobody's, a revoked one has left its account.
  verifyByAccount: (cell) =>
    cell.life === 'registered' ? verified(cell) : { outcome: 'notRegistered', cell },
  register: bound,
  resync: living((cell) => {
    const others = { ...cell, holds: without(cell.holds, 'locked') };
    const outcome = cell.life === 'stocked' ? precedence(cell) : precedence(others);
    if (outcome) return { outcome, cell };
    return cell.life === 'stocked'
      ? { outcome: 'notRegistered', cell }
      : { outcome: 'accepted', cell: others };
  }),
  replaced: living((cell) =>
    cell.life === 'stocked'
      ? refused('notAllowedNow')
      : { outcome: 'accepted', cell: { ...cell, life: 'revoked' } },
  ),
  replacing: bound,
};

/** Refusals of two codes are recorded; those of a plain verb are not. */
const RECORDED: readonly Asked[] = ['register', 'resync'];
const actionOf = (asked: Asked): string =>
  asked === 'verifyByAccount' ? 'verify' : asked.startsWith('replac') ? 'replace' : asked;

const ACCOUNT = accountOf('jennifer');

/** Puts a token into a cell, as years of use would have. */
async function place(room: Room, serial: Serial, { life, holds }: Cell): Promise<void> {
  const keys = [tokenKey(serial), factorKey(serial), accountKey(ACCOUNT)] as const;
  await room.store.transact(keys, ([token, , account]) => {
    if (token === undefined || account === undefined) throw new Error('not stocked');
    const { account: _, registeredAt: __, revokedAt: ___, ...bare } = token;
    const owner = life === 'stocked' ? {} : { account: ACCOUNT, registeredAt: room.now };
    const serials = life === 'registered' ? [serial] : [];
    return {
      writes: [
        put(keys[0], { ...bare, life, holds, ...owner }),
        put(keys[1], newFactor(TIME, 0)),
        put(keys[2], { ...account, serials }),
      ],
      auditDrafts: [],
      reply: undefined,
    };
  });
}

async function ask(
  room: Room,
  asked: Asked,
  serial: Serial,
  other: Serial,
): Promise<Outcome | undefined> {
  const owner = room.as(OWNER);
  const codes = ([code1, code2]: ReturnType<Room['pair']>) => ({ code1, code2 });
  if (isVerb(asked)) {
    await room.tokens.changeLife({ serial, verb: asked }, owner);
    return undefined;
  }
  switch (asked) {
    case 'verify':
      return (await room.verify(serial, room.pair(serial)[1])).outcome;
    case 'verifyByAccount':
      return (await room.verifyBy(ACCOUNT, room.pair(serial)[1])).outcome;
    case 'register': {
      const command = { serial, account: ACCOUNT, ...codes(room.pair(serial)) };
      return (await room.tokens.register(command, room.as(OWNER))).outcome;
    }
    case 'resync': {
      const command = { serial, ...codes(room.pair(serial)) };
      return (await room.tokens.resync(command, room.as(OWNER))).outcome;
    }
    case 'replaced': {
      await place(room, other, { life: 'stocked', holds: [] });
      await reown(room, serial);
      const command = { serial, newSerial: other, ...codes(room.pair(other)) };
      return (await room.tokens.replace(command, room.as(OWNER))).outcome;
    }
    case 'replacing': {
      await place(room, other, { life: 'registered', holds: ['lost'] });
      const command = { serial: other, newSerial: serial, ...codes(room.pair(serial)) };
      return (await room.tokens.replace(command, room.as(OWNER))).outcome;
    }
  }
}

const isVerb = (asked: Asked): asked is LifeVerb => LIFE_VERBS.some((verb) => verb === asked);

/** Placing another token has emptied the account's list. */
async function reown(room: Room, serial: Serial): Promise<void> {
  const { life } = (await room.detail(serial)).token;
  const key = accountKey(ACCOUNT);
  await room.store.transact([key], ([account]) => ({
    writes:
      account === undefined
        ? []
        : [put(key, { ...account, serials: life === 'registered' ? [serial] : [] })],
    auditDrafts: [],
    reply: undefined,
  }));
}

describe('everything that can be asked of a token, by life by holds', function () {
  this.timeout(60_000);
  let room: Room;
  let serial: Serial;
  let other: Serial;
  before(async () => {
    room = await openRoom({
      ...{ resyncSteps: 5, resyncCounters: 12 },
      // Failed registrations of held tokens count on the account, for a day.
      registrationFailedPairsPerAccountDay: 100,
    });
    await room.account('jennifer');
    serial = await room.stock('CELL', TIME);
    other = await room.stock('OTHER', TIME);
  });
  after(() => room.store.close());

  it('has a row for every verb that there is', () => {
    expect(Object.keys(EXPECTED)).to.have.members([...LIFE_VERBS, ...OTHERS]);
  });

  for (const asked of [...LIFE_VERBS, ...OTHERS]) {
    for (const life of LIVES) {
      it(`${asked} of a ${life} token: all 32 sets of holds`, async () => {
        room.pass(2 * 86_400_000);
        for (const holds of HOLD_SETS) {
          const name = `${asked} ${life} [${holds.join(' ')}]`;
          const cell: Cell = { life, holds };
          await place(room, serial, cell);
          await check(name, asked, cell);
        }
      });
    }
  }

  let known = 0;
  /** Entries since the last look. */
  async function recorded() {
    const { items } = await room.store.auditPage({ after: known, limit: 500 });
    known = items.at(-1)?.sequence ?? known;
    return items;
  }

  async function check(name: string, asked: Asked, cell: Cell): Promise<void> {
    await recorded();
    const end = EXPECTED[asked](cell);
    let outcome: Outcome | undefined;
    const asking = ask(room, asked, serial, other).then((answer) => {
      outcome = answer;
    });
    const error = await codeOfError(asking);
    const { token } = await room.detail(serial);
    const left = { life: token.life, holds: token.holds };
    const entries = (await recorded()).filter(
      (entry) => entry.serial === serial || asked === 'verifyByAccount',
    );
    if ('error' in end) {
      expect(error, name).to.equal(end.error);
      expect(left, name).to.deep.equal(cell);
      expect(entries, name).to.have.length(RECORDED.includes(asked) ? 1 : 0);
      return;
    }
    expect(error, name).to.equal(undefined);
    expect(outcome, name).to.equal(end.outcome);
    expect(left, name).to.deep.equal(end.cell);
    expect(entries, name).to.have.length(1);
    expect(entries[0], name).to.include({ action: actionOf(asked), actor: 'localOwner' });
    expect(entries[0]?.outcome, name).to.equal(end.outcome);
  }
});
