import { expect } from 'chai';
import { type Lesson, VERIFICATION, withToken } from './lesson.ts';

export const GUESSING_LESSONS: readonly Lesson[] = [
  {
    name: 'guessing across sessions: ten wrong codes lock, whoever and how many ask',
    evidence: 'AuthQuake (Oasis, 2024)',
    holds: (world) =>
      withToken(world, async (room, serial) => {
        for (let n = 0; n < 10; n += 1) {
          const application = { ...world.room.COARSE, actor: `application:${n}` };
          await room.verify(serial, room.wrong(n), application);
          room.pass(300_000);
        }
        expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('locked');
      }),
    mutations: {
      'the lock at ten': [
        {
          file: `${VERIFICATION}/verify.ts`,
          from: "if (locks) holds = withHold(holds, 'locked');",
          to: '',
        },
      ],
    },
  },
  {
    name: 'brute force: a hundred failures disable, whatever unlocks, and no policy says more',
    evidence: 'Keycloak usd-2021-0016; NIST SP 800-63B-4 section 3.2.2',
    async holds(world) {
      expect(() => world.policy.createPolicy({ disableAfterFailures: 101 })).to.throw();
      await withToken(world, async (room, serial) => {
        for (let lock = 0; lock < 10; lock += 1) {
          await room.fail(serial, 10);
          await room.tokens.changeLife({ serial, verb: 'unlock' }, room.as(world.room.OWNER));
        }
        expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('disabled');
      });
    },
    mutations: {
      'the hard cap': [
        {
          file: `${VERIFICATION}/verify.ts`,
          from: "if (disables) holds = withHold(holds, 'disabled');",
          to: '',
        },
      ],
      'the bound of the cap': [
        {
          file: `${VERIFICATION}/policy.ts`,
          from: 'disableAfterFailures: [1, 100]',
          to: 'disableAfterFailures: [1, 1000]',
        },
      ],
    },
  },
  {
    name: 'lockout as a weapon: a flood of wrong codes is throttled long before it locks',
    evidence: 'GHSA-cq42-vhv7-xr7p, privacyidea issue 1227',
    holds: (world) =>
      withToken(world, async (room, serial) => {
        for (let n = 0; n < 200; n += 1) {
          await room.verify(serial, room.wrong(n));
          room.pass(10);
        }
        room.pass(5_000);
        expect((await room.verify(serial, room.code(serial, 2))).outcome).to.equal('accepted');
      }),
    mutations: {
      'the wait before the lock': [
        {
          file: `${VERIFICATION}/failures.ts`,
          from: 'if (failuresInRow < policy.waitAfterFailures) return 0;',
          to: 'return 0;',
        },
      ],
    },
  },
  {
    name: 'lockout as a weapon: strangers who try pairs never hold a token of the stock',
    evidence: 'privacyidea issue 1227',
    async holds(world) {
      const room = await world.room.openRoom();
      try {
        const serial = await room.stock('FT1');
        for (let n = 0; n < 60; n += 1) {
          const account = await room.account(`stranger${n}`);
          const command = { serial, account, code1: room.wrong(n), code2: room.wrong(100 + n) };
          await room.tokens.register(command, room.as(world.room.COARSE));
        }
        expect((await room.detail(serial)).token.holds).to.deep.equal([]);
      } finally {
        await room.store.close();
      }
    },
    mutations: {
      'registration without holds': [
        {
          file: 'server/tokens/registration.ts',
          from: 'token: bound?.token ?? known.token,',
          to: "token: bound?.token ?? { ...known.token, holds: ['locked'] },",
        },
      ],
    },
  },
  {
    name: 'odds: a guess at a code and at a pair is as unlikely as the rules say',
    evidence: 'arithmetic, published in server/RULES.md',
    async holds({ policy: { DEFAULT_POLICY: policy } }) {
      const widest = 2 * policy.windowStepsMax + 1;
      expect(Math.max(policy.lookAhead, widest) / 1e6).to.be.at.most(4.1e-5);
      const eventPairs = policy.resyncCounters - 1;
      const timePairs = (2 * policy.resyncSteps + 1) * policy.pairStepsMax;
      expect((policy.resyncFailedPairs * Math.max(eventPairs, timePairs)) / 1e12).to.be.at.most(
        1e-8,
      );
    },
    mutations: {
      'a narrow window': [
        {
          file: `${VERIFICATION}/policy.ts`,
          from: 'windowStepsMax: 20,',
          to: 'windowStepsMax: 90,',
        },
      ],
      'the budget of pairs': [
        {
          file: `${VERIFICATION}/policy.ts`,
          from: 'resyncFailedPairs: 5,',
          to: 'resyncFailedPairs: 20,',
        },
      ],
    },
  },
];
