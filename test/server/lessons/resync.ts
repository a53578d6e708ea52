import { expect } from 'chai';
import type { Code } from '../../../shared/types.ts';
import { type Lesson, outcomesOf, resync, VERIFICATION, withToken } from './lesson.ts';

export const RESYNC_LESSONS: readonly Lesson[] = [
  {
    name: 'resync past the lock: five failed pairs spend the budget, one by one or all at once',
    evidence: 'multiOTP, privacyIDEA and LinOTP count no failed resync',
    holds: (world) =>
      withToken(world, async (room, serial) => {
        const made = room.made;
        const pairs = Array.from({ length: 12 }, (_, n) => [room.wrong(n), room.wrong(50 + n)]);
        const asking = pairs.map(([a, b]) => resync(room, serial, [a, b] as [Code, Code], world));
        const outcomes = outcomesOf(await Promise.all(asking));
        expect(outcomes.filter((each) => each === 'wrongCode')).to.have.length(5);
        expect(room.made - made, 'codes made').to.equal(5 * room.policy.resyncCounters);
        const good = await resync(room, serial, room.pair(serial, 2), world);
        expect(good.outcome).to.equal('locked');
      }),
    mutations: {
      'the resync budget': [
        {
          file: `${VERIFICATION}/resync.ts`,
          from: 'if (record.failedPairs >= policy.resyncFailedPairs) return',
          to: 'if (record.failedPairs < 0) return',
        },
      ],
      'one search of a serial at a time': [
        {
          file: 'server/tokens/searches.ts',
          from: '(last.get(name) ?? Promise.resolve()).then(work)',
          to: 'work()',
        },
      ],
    },
  },
  {
    name: 'resync past a hold: what an administrator holds, two good codes do not lift',
    evidence: 'OneSpan refuses resync to locked users',
    holds: (world) =>
      withToken(world, async (room, serial) => {
        for (const [verb, lift] of [
          ['lock', 'unlock'],
          ['suspend', 'resume'],
          ['lost', 'found'],
        ] as const) {
          await room.tokens.changeLife({ serial, verb }, room.as(world.room.OWNER));
          const { outcome } = await resync(room, serial, room.pair(serial, 2), world);
          expect(outcome, verb).not.to.equal('accepted');
          await room.tokens.changeLife({ serial, verb: lift }, room.as(world.room.OWNER));
        }
      }),
    mutations: {
      'the look at other holds': [
        {
          file: 'server/tokens/subject.ts',
          from: "holds.every((hold) => hold === 'locked' || hold === 'disabled')",
          to: 'holds.every(() => true)',
        },
        {
          file: `${VERIFICATION}/resync.ts`,
          from: 'const refused = refusal(life, withoutHold(holds,',
          to: 'const refused = refusal(life, [] as any || withoutHold(holds,',
        },
      ],
    },
  },
  {
    name: 'first match, no expiry: a code far ahead is nothing without its follower, in time',
    evidence: 'auto-resync of privacyIDEA and LinOTP',
    holds: (world) =>
      withToken(
        world,
        async (room, serial) => {
          const ask = async (counter: number) =>
            (await room.verify(serial, room.code(serial, counter))).outcome;
          expect(await ask(300)).to.equal('nextCodeRequired');
          room.pass(60_000);
          expect(await ask(301)).to.equal('nextCodeRequired');
          room.pass(59_000);
          expect(await ask(302)).to.equal('accepted');
          expect(await ask(301)).to.equal('replayed');
        },
        { nextCodeSeconds: 60 },
      ),
    mutations: {
      'the time limit': [
        {
          file: `${VERIFICATION}/next-code.ts`,
          from: 'return age >= 0 && age < policy.nextCodeSeconds * MILLIS;',
          to: 'return nextCode !== undefined;',
        },
      ],
    },
  },
];
