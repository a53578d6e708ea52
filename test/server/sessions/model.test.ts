import { expect } from 'chai';
import fc from 'fast-check';
import type { AccountId, LifeVerb, Serial } from '../../../shared/types.ts';
import { codeOfError } from '../tokens/room.ts';
import { MINUTE, openSessionRoom, type SessionRoom } from './room.ts';

/**
 * Sessions against a naive model: whatever people, administrators and time do in whatever order,
 * each look at a session says what the model says.
 */

const HOLDERS = [
  { account: 'jennifer' as AccountId, serial: 'FT1' as Serial },
  { account: 'bob' as AccountId, serial: 'FT2' as Serial },
] as const;
const LIFE = 12 * 60 * MINUTE;
const IDLE = 30 * MINUTE;
const MOST = 20;

interface Naive {
  readonly token: string;
  readonly account: string;
  readonly began: number;
  seen: number;
  strong: boolean;
  over: boolean;
}

const HELD_BY: Partial<Record<LifeVerb, string>> = {
  lost: 'lost',
  suspend: 'suspended',
  lock: 'adminLocked',
};
const LIFTED_BY: Partial<Record<LifeVerb, string>> = {
  found: 'lost',
  resume: 'suspended',
  unlock: 'adminLocked',
};

type Step =
  | { readonly do: 'begin'; readonly who: number; readonly strong: boolean }
  | { readonly do: 'find' | 'elevate' | 'replay' | 'end' | 'renew'; readonly which: number }
  | { readonly do: 'list' | 'endAll'; readonly who: number }
  | { readonly do: 'verb'; readonly who: number; readonly verb: LifeVerb }
  | { readonly do: 'sweep' | 'day' }
  | { readonly do: 'pass'; readonly millis: number };

const who = fc.nat({ max: HOLDERS.length - 1 });
const which = fc.nat({ max: 8 });
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin'), who, strong: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('find', 'find', 'elevate', 'replay', 'end', 'renew'),
      which,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('list', 'endAll'), who }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('verb'),
      who,
      verb: fc.constantFrom<LifeVerb>('lost', 'found', 'suspend', 'resume', 'lock', 'unlock'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'day' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass'),
      millis: fc.constantFrom(1, 59_999, MINUTE, 20 * MINUTE, IDLE - MINUTE, IDLE - 1, IDLE),
    }),
  },
) as fc.Arbitrary<Step>;

class Run {
  readonly room: SessionRoom;
  readonly sessions: Naive[] = [];
  readonly holds = HOLDERS.map(() => new Set<string>());
  readonly counters = HOLDERS.map(() => 2);

  constructor(room: SessionRoom) {
    this.room = room;
  }

  /** Of the account: in the order that they began, less those that are known to be over. */
  of(account: string): Naive[] {
    return this.sessions.filter((one) => one.account === account && !one.over);
  }

  /** What a look finds: this is where ends and weakenings come to be. */
  looked(one: Naive): boolean {
    const { now } = this.room;
    if (now >= one.began + LIFE || now - one.seen >= IDLE) one.over = true;
    if (!one.over && this.heldOf(one.account)) one.strong = false;
    return !one.over;
  }

  heldOf(account: string): boolean {
    return (this.holds[HOLDERS.findIndex((each) => each.account === account)]?.size ?? 0) > 0;
  }

  /** A use is known to the minute. */
  used(one: Naive): boolean {
    if (!this.looked(one)) return false;
    if (this.room.now - one.seen >= MINUTE) one.seen = this.room.now;
    return true;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'pass':
        return this.room.pass(step.millis);
      case 'begin':
        return this.begin(step.who, step.strong);
      case 'verb':
        return this.verb(step.who, step.verb);
      case 'sweep':
        await this.room.sessions.sweep(this.room.now);
        for (const one of this.sessions) {
          const { now } = this.room;
          if (now >= one.began + LIFE || now - one.seen >= IDLE) one.over = true;
        }
        return undefined;
      case 'day':
        return this.day();
      case 'list':
        return this.list(step.who);
      case 'endAll':
        return this.endAll(step.who);
      case 'find':
      case 'elevate':
      case 'replay':
      case 'end':
      case 'renew': {
        const one = this.sessions[step.which % Math.max(1, this.sessions.length)];
        return one === undefined ? undefined : this.use(step.do, one);
      }
    }
  }

  /** Nobody sleeps: every session is used until its life is over. */
  async day(): Promise<void> {
    for (let passed = 0; passed < LIFE; passed += IDLE - MINUTE) {
      this.room.pass(IDLE - MINUTE);
      for (const one of this.sessions.filter(({ over }) => !over)) await this.use('find', one);
    }
  }

  async begin(who: number, strong: boolean): Promise<void> {
    const { account, serial } = HOLDERS[who] ?? HOLDERS[0];
    this.room.pass(1);
    const { token } = await this.room.begin(
      account,
      strong ? 'hardwareToken' : 'password',
      strong ? serial : undefined,
    );
    const live = this.of(account).filter((one) => this.looked(one));
    for (const one of live.slice(0, Math.max(0, live.length + 1 - MOST))) one.over = true;
    const { now } = this.room;
    this.sessions.push({ token, account, began: now, seen: now, strong, over: false });
  }

  async verb(who: number, verb: LifeVerb): Promise<void> {
    const { serial } = HOLDERS[who] ?? HOLDERS[0];
    const refused = await codeOfError(this.room.change(serial, verb));
    if (refused !== undefined) return;
    const sets = HELD_BY[verb];
    const lifts = LIFTED_BY[verb];
    if (sets) this.holds[who]?.add(sets);
    if (lifts) this.holds[who]?.delete(lifts);
  }

  async list(who: number): Promise<void> {
    const { account } = HOLDERS[who] ?? HOLDERS[0];
    const listed = await this.room.sessions.list(account, this.room.now);
    const expected = this.of(account).filter((one) => this.looked(one));
    const shown = expected.toReversed().map((one) => [one.began, one.seen, one.strong]);
    expect(
      listed.map((one) => [one.createdAt, one.lastSeenAt, one.strength === 'hardwareToken']),
    ).to.deep.equal(shown);
  }

  async endAll(who: number): Promise<void> {
    const { account } = HOLDERS[who] ?? HOLDERS[0];
    const live = this.of(account).filter((one) => this.looked(one));
    for (const one of live) one.over = true;
    const answer = await this.room.sessions.endAll(account, this.room.caller());
    expect(answer).to.deep.equal({ ended: live.length });
  }

  async use(what: 'find' | 'elevate' | 'replay' | 'end' | 'renew', one: Naive): Promise<void> {
    const { room } = this;
    if (what === 'end') {
      this.looked(one);
      one.over = true;
      await room.sessions.end(one.token, room.caller());
    } else if (what === 'renew') {
      const live = this.looked(one);
      if (live) one.seen = room.now;
      const refused = await codeOfError(room.sessions.renew(one.token, room.caller()));
      expect(refused).to.equal(live ? undefined : 'unauthenticated');
    } else if (what !== 'find') {
      await this.elevate(one, what === 'replay');
    }
    const found = await room.find(one.token);
    if (!this.used(one)) {
      expect(found).to.equal(undefined);
      return;
    }
    expect(found?.strength).to.equal(one.strong ? 'hardwareToken' : 'password');
    expect(found?.lastSeenAt).to.equal(one.seen);
  }

  async elevate(one: Naive, replayed: boolean): Promise<void> {
    const { room } = this;
    const place = HOLDERS.findIndex(({ account }) => account === one.account);
    const { serial } = HOLDERS[place] ?? HOLDERS[0];
    const counter = (this.counters[place] ?? 2) - (replayed ? 1 : 0);
    const live = this.used(one);
    const held = this.heldOf(one.account);
    const work = room.sessions.elevate(one.token, room.code(serial, counter), room.caller());
    if (!live) {
      expect(await codeOfError(work)).to.equal('unauthenticated');
      return;
    }
    const { outcome } = await work;
    const accepted = !held && !replayed;
    expect(outcome === 'accepted').to.equal(accepted);
    if (!accepted) return;
    this.counters[place] = counter + 1;
    one.strong = true;
  }
}

describe('sessions, whatever is done in whatever order', function () {
  this.timeout(60_000);

  it('are what a naive model says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(STEP, { minLength: 20, maxLength: 80, size: 'max' }),
        async (steps) => {
          const room = await openSessionRoom();
          for (const { account, serial } of HOLDERS) await room.holder(account, serial);
          const run = new Run(room);
          for (const step of steps) await run.take(step);
          const live = run.sessions.filter((one) => run.looked(one));
          for (const one of run.sessions) {
            expect((await room.find(one.token)) !== undefined).to.equal(live.includes(one));
          }
          expect((await room.store.verifyAudit()).sound).to.equal(true);
          await room.store.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
