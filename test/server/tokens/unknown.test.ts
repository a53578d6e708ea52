import { expect } from 'chai';
import fc from 'fast-check';
import { ACCOUNT_TOKENS_MAX } from '../../../server/accounts/record.ts';
import { SHADOW_BUCKETS, shadowKey } from '../../../server/tokens/shadows.ts';
import type { Policy } from '../../../server/verification/policy.ts';
import type { Code } from '../../../shared/types.ts';
import { trafficOf } from '../../support/watched-store.ts';
import {
  accountOf,
  COARSE,
  EVENT,
  holding,
  OWNER,
  openRoom,
  type Room,
  serialOf,
  TIME,
} from './room.ts';

/**
 * What does not exist, and what exists and cannot be tested, behaves as a token does that gets
 * wrong codes: the same replies, work, reads and writes. Two situations of one kind are told what
 * the other is told, step by step.
 */

/** Each makes a serial in that situation. */
const SERIALS: Readonly<Record<string, (room: Room) => Promise<string>>> = {
  unknown: async () => 'FT0',
  stocked: (room) => room.stock('FT0'),
  'stocked time token': (room) => room.stock('FT0', TIME),
  'registered event token': (room) => room.registered('FT0', 'jennifer', EVENT),
  'registered time token': (room) => room.registered('FT0', 'jennifer', TIME),
  suspended: (room) => changed(room, 'suspend'),
  lost: (room) => changed(room, 'lost'),
  'locked by an administrator': (room) => changed(room, 'lock'),
  revoked: (room) => changed(room, 'revoke'),
  'stocked and suspended': async (room) => {
    const serial = await room.stock('FT0');
    await room.tokens.changeLife({ serial, verb: 'suspend' }, room.as(OWNER));
    return serial;
  },
};

async function changed(room: Room, verb: 'suspend' | 'lost' | 'lock' | 'revoke') {
  const serial = await room.registered('FT0', 'jennifer');
  await room.tokens.changeLife({ serial, verb }, room.as(OWNER));
  return serial;
}

const ACCOUNTS: Readonly<Record<string, (room: Room) => Promise<unknown>>> = {
  unknown: async () => undefined,
  'without a token': (room) => room.account('anna'),
  'with an event token': async (room) => {
    await room.account('anna');
    await room.registered('FT0', 'anna', EVENT);
  },
  'with a time token': async (room) => {
    await room.account('anna');
    await room.registered('FT0', 'anna', TIME);
  },
  'with a suspended token': async (room) => {
    await room.account('anna');
    const serial = await room.registered('FT0', 'anna');
    await room.tokens.changeLife({ serial, verb: 'suspend' }, room.as(OWNER));
  },
};

/** Some wrong codes of every length, and time that passes after each. */
const ATTEMPTS = fc.array(
  fc.record({
    code: fc.constantFrom(
      '900001',
      '900002',
      '900003',
      '9000004',
      '90000005',
    ) as fc.Arbitrary<Code>,
    afterMillis: fc.constantFrom(0, 1_000, 5_000, 30_000, 300_000),
  }),
  { minLength: 1, maxLength: 30 },
);

/** What one request leaves to be seen: the reply, the work and the traffic with the store. */
async function watch(room: Room, ask: () => Promise<object>): Promise<object> {
  const made = room.made;
  const { result: reply, ...traffic } = await trafficOf(room.store, ask);
  return { reply, codes: room.made - made, ...traffic };
}

type Attempt = { readonly code: Code; readonly afterMillis: number };

async function replay(
  prepare: (room: Room) => Promise<unknown>,
  attempts: readonly Attempt[],
  ask: (room: Room, attempt: Attempt) => Promise<object>,
  policy: Partial<Policy> = {},
): Promise<readonly object[]> {
  const room = await openRoom(policy);
  await room.account('jennifer');
  await prepare(room);
  const seen: object[] = [];
  for (const attempt of attempts) {
    seen.push(await watch(room, () => ask(room, attempt)));
    room.pass(attempt.afterMillis);
  }
  await room.store.close();
  return seen;
}

const verifySerial = (room: Room, { code }: Attempt) => room.verify(serialOf('FT0'), code, COARSE);
const verifyAccount = (room: Room, { code }: Attempt) =>
  room.verifyBy(accountOf('anna'), code, COARSE);

describe('what a caller with scope verify can find out', function () {
  this.timeout(120_000);
  const RUNS = 12;

  const NEXT_CODE: Partial<Policy> = { nextCodeSeconds: 90 };
  /** Failures that lock disable as well. */
  const STRICT: Partial<Policy> = { lockAfterFailures: 4, disableAfterFailures: 4 };
  for (const [kind, situations, ask, policy] of [
    ['serial', SERIALS, verifySerial, {}],
    ['account', ACCOUNTS, verifyAccount, {}],
    ['serial (strict policy)', SERIALS, verifySerial, STRICT],
    ['account (strict policy)', ACCOUNTS, verifyAccount, STRICT],
    ['serial (next-code mode)', SERIALS, verifySerial, NEXT_CODE],
    ['account (next-code mode)', ACCOUNTS, verifyAccount, NEXT_CODE],
  ] as const) {
    it(`nothing of a ${kind}'s situation, from any sequence of wrong codes`, async () => {
      await fc.assert(
        fc.asyncProperty(ATTEMPTS, async (attempts) => {
          let expected: readonly object[] | undefined;
          for (const [name, prepare] of Object.entries(situations)) {
            const seen = await replay(prepare, attempts, ask, policy);
            expected ??= seen;
            expect(seen, name).to.deep.equal(expected);
          }
        }),
        { numRuns: RUNS },
      );
    });
  }

  it('goes through waits and a lock on the way', async () => {
    const attempts = Array.from({ length: 14 }, (_, n) => ({
      code: String(900_000 + n) as Code,
      afterMillis: n === 2 ? 0 : 300_000,
    }));
    const prepare = async () => undefined;
    const seen = (await replay(prepare, attempts, verifySerial)) as {
      reply: object;
      codes: number;
    }[];
    expect(seen[3]?.reply).to.deep.equal({ outcome: 'throttled', retryAfterSeconds: 5 });
    expect(seen[3]?.codes).to.equal(0);
    expect(seen[9]?.codes).to.be.greaterThan(0);
    // Nine counted before it, since one was not tested: the eleventh locks.
    expect(seen[10]?.codes).to.be.greaterThan(0);
    expect(seen[11]).to.include({ codes: 0 });
    expect(seen[11]?.reply).to.deep.equal({ outcome: 'wrongCode' });
  });
});

describe('two codes from a caller who may not read tokens', () => {
  const PAIRS: readonly Attempt[] = Array.from({ length: 7 }, (_, n) => ({
    code: String(900_000 + n) as Code,
    afterMillis: 1_000,
  }));
  const other = (code: Code) => String(Number(code) - 100_000) as Code;

  const resync = (room: Room, { code }: Attempt) =>
    room.tokens.resync(
      { serial: serialOf('FT0'), code1: code, code2: other(code) },
      room.as(COARSE),
    );
  for (const [name, prepare] of Object.entries(SERIALS)) {
    it(`resync: a serial that is ${name} looks like a registered one`, async () => {
      const registered = SERIALS['registered event token'] ?? prepare;
      const expected = await replay(registered, PAIRS, resync);
      expect(await replay(prepare, PAIRS, resync)).to.deep.equal(expected);
    });
  }

  const register = (account: string) => (room: Room, attempt: Attempt) =>
    room.tokens.register(
      {
        serial: serialOf('FT0'),
        account: accountOf(account),
        code1: attempt.code,
        code2: other(attempt.code),
      },
      room.as(COARSE),
    );
  for (const [name, prepare] of Object.entries(SERIALS)) {
    it(`register: a serial that is ${name} looks like a stocked one`, async () => {
      const expected = await replay(SERIALS['stocked'] ?? prepare, PAIRS, register('jennifer'));
      expect(await replay(prepare, PAIRS, register('jennifer'))).to.deep.equal(expected);
    });
  }

  /** Twenty failed pairs on one serial, five an account; then six more for one account. */
  const spendThenProbe = async (prepare: (room: Room) => Promise<unknown>, account: string) => {
    const spenders = ['a0', 'a1', 'a2', 'a3'];
    const prepareAll = async (room: Room) => {
      for (const id of [...spenders, 'victim']) await room.account(id);
      await prepare(room);
    };
    const accounts = [...spenders.flatMap((id) => Array(5).fill(id)), ...Array(6).fill(account)];
    const attempts = accounts.map((_, n) => ({
      code: String(900_000 + n) as Code,
      afterMillis: 0,
    }));
    let n = 0;
    return replay(prepareAll, attempts, (room, attempt) => {
      const ask = register(accounts[n] ?? account);
      n += 1;
      return ask(room, attempt);
    });
  };
  for (const name of ['unknown', 'stocked', 'registered event token', 'suspended'] as const) {
    it(`register: a spent serial that is ${name} tells of no account`, async () => {
      const prepare = SERIALS[name] ?? (async () => undefined);
      const expected = await spendThenProbe(async () => undefined, 'victim');
      for (const account of ['victim', 'nobody']) {
        expect(await spendThenProbe(prepare, account), account).to.deep.equal(expected);
      }
    });
  }

  it('register: a serial spent for accounts that do not exist tells nothing either', async () => {
    const attempts = Array.from({ length: 26 }, (_, n) => ({
      code: String(900_000 + n) as Code,
      afterMillis: 0,
    }));
    const probe = (prepare: (room: Room) => Promise<unknown>) => {
      let n = 0;
      return replay(prepare, attempts, (room, attempt) => {
        const account = n < 20 ? `nobody${Math.floor(n / 5)}` : 'jennifer';
        n += 1;
        return register(account)(room, attempt);
      });
    };
    const expected = await probe(async () => undefined);
    for (const name of ['stocked', 'registered time token'] as const) {
      expect(await probe(SERIALS[name] ?? (async () => undefined)), name).to.deep.equal(expected);
    }
  });

  it('register: an account that is full looks like any other', async () => {
    const full = async (room: Room) => {
      for (let n = 0; n < ACCOUNT_TOKENS_MAX; n += 1) await room.registered(`FF${n}`, 'jennifer');
      await room.stock('FT0');
    };
    const expected = await replay((room) => room.stock('FT0'), PAIRS, register('jennifer'));
    expect(await replay(full, PAIRS, register('jennifer'))).to.deep.equal(expected);
  });

  it('register: an account that does not exist looks like one that does', async () => {
    const stocked = (room: Room) => room.stock('FT0');
    const expected = await replay(stocked, PAIRS, register('jennifer'));
    expect(await replay(stocked, PAIRS, register('nobody'))).to.deep.equal(expected);
  });
});

describe('shadows', () => {
  it('lie in so many buckets, spread by the key, those of accounts apart', () => {
    const keysOf = (of: 'serial' | 'account', prefix: string) =>
      Array.from({ length: 2_000 }, (_, n) => {
        const name = `N${n}`;
        const shaded =
          of === 'serial' ? { of, name: serialOf(name) } : { of, name: accountOf(name) };
        return shadowKey(shaded, prefix).id;
      });
    const serials = keysOf('serial', 'a');
    const buckets = serials.map((id) => Number.parseInt(id.split(':')[1] ?? '', 16));
    expect(Math.max(...buckets)).to.be.below(SHADOW_BUCKETS);
    expect(Math.max(...buckets)).to.be.above(SHADOW_BUCKETS * 0.9);
    expect(new Set(serials).size).to.be.above(1_900);
    expect(keysOf('account', 'a').filter((id) => serials.includes(id))).to.deep.equal([]);
    expect(keysOf('serial', 'a')).to.deep.equal(serials);
    expect(keysOf('serial', 'b')).not.to.deep.equal(serials);
  });

  it('never accept, and tell those who may know that there is no such token', async () => {
    const room = await openRoom();
    const serial = serialOf('FT0');
    const detail = holding('verify:detail');
    for (let n = 0; n < 15; n += 1) {
      expect(await room.verify(serial, room.wrong(n), detail)).to.deep.equal({
        outcome: 'notRegistered',
      });
      expect(await room.lastEntry()).to.include({ outcome: 'notRegistered', serial });
    }
    await room.store.close();
  });

  it('are forgotten when nothing was counted for thirty days', async () => {
    const room = await openRoom();
    const serial = serialOf('FT0');
    for (let n = 0; n < 3; n += 1) await room.verify(serial, room.wrong(n), COARSE);
    expect((await room.verify(serial, room.wrong(3), COARSE)).outcome).to.equal('throttled');
    room.pass(30 * 86_400_000);
    for (let n = 0; n < 3; n += 1) {
      expect((await room.verify(serial, room.wrong(n), COARSE)).outcome).to.equal('wrongCode');
    }
    expect((await room.verify(serial, room.wrong(3), COARSE)).outcome).to.equal('throttled');
    await room.store.close();
  });
});
