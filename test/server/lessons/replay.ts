import { expect } from 'chai';
import type { Code } from '../../../shared/types.ts';
import { DAY, type Lesson, outcomesOf, resync, VERIFICATION, withToken } from './lesson.ts';

export const REPLAY_LESSONS: readonly Lesson[] = [
  {
    name: 'concurrent replay: a hundred requests at once with one code, one is accepted',
    evidence: 'keycloak PR 13867, better-auth PR 8067, tolgee PR 3601',
    holds: (world) =>
      withToken(world, async (room, serial) => {
        const code = room.code(serial, 2);
        const asking = Array.from({ length: 100 }, () => room.verify(serial, code));
        const outcomes = outcomesOf(await Promise.all(asking));
        expect(outcomes.filter((each) => each === 'accepted')).to.have.length(1);
      }),
    mutations: {
      'reading and writing in one decision': [
        {
          file: 'server/tokens/verify-serial.ts',
          from:
            'store.transact(keys, ([token, factor], also): ' + 'Decision<Step<VerifyAnswer>> => {',
          to:
            '(store as any).transact(keys, (r: any) => ' +
            '({ writes: [], auditDrafts: [], reply: r }))' +
            '.then((r: any) => store.transact(keys, (_, also): Decision<Step<VerifyAnswer>> => {' +
            'const [token, factor] = r;',
        },
        {
          file: 'server/tokens/verify-serial.ts',
          from: '    return onShadow({ known, ended }, also, searched, question);\n  });',
          to: '    return onShadow({ known, ended }, also, searched, question);\n  }));',
        },
      ],
    },
  },
  {
    name: 'auto-resync replay: a pair that resynced, or an older one, does not resync again',
    evidence: 'CVE-2019-12887, LinOTP before 2.10.5.3',
    holds: (world) =>
      withToken(world, async (room, serial) => {
        expect((await resync(room, serial, room.pair(serial, 500), world)).outcome).to.equal(
          'accepted',
        );
        for (const counter of [500, 499, 501]) {
          const { outcome } = await resync(room, serial, room.pair(serial, counter), world);
          expect(outcome, String(counter)).to.equal('wrongCode');
        }
      }),
    mutations: {
      'a pair later than the last accepted': [
        {
          file: `${VERIFICATION}/search.ts`,
          from: 'return { from: nextCounter, to,',
          to: 'return { from: Math.max(0, nextCounter - 10), to,',
        },
      ],
    },
  },
  {
    name: 'replay through rounding: a step is burnt as a whole step, whatever the drift',
    evidence: 'multiotp issue 261',
    holds: (world) =>
      withToken(
        world,
        async (room, serial) => {
          for (let day = 1; day <= 10; day += 1) {
            room.pass(DAY + 7_000);
            const code = room.code(serial, Math.floor(room.now / 30_000));
            expect((await room.verify(serial, code)).outcome).to.equal('accepted');
            expect((await room.verify(serial, code)).outcome, `day ${day}`).to.equal('replayed');
          }
        },
        {},
        world.room.TIME,
      ),
    mutations: {
      'whole steps': [
        {
          file: `${VERIFICATION}/factor.ts`,
          from: 'lastStep: movingFactor,',
          to: 'lastStep: Math.floor((movingFactor * 30 - 7) / 30),',
        },
      ],
    },
  },
  {
    name: 'wrong step on a collision: of two steps that show the code, the unused one is accepted',
    evidence: 'TriliumNext PR 11448',
    async holds({ support, verify, policy: { DEFAULT_POLICY } }) {
      const { STEP } = support;
      const otp = support.scriptedOtp({ [STEP]: '424242', [STEP + 1]: '424242' });
      const subject = support.timeSubject({ lastStep: STEP });
      const env = { otp, policy: DEFAULT_POLICY };
      const verdict = verify(subject, support.attempt('424242' as Code), env);
      expect(verdict.outcome).to.equal('accepted');
      expect(verdict.record.factor).to.include({ lastStep: STEP + 1 });
    },
    mutations: {
      'testing every step of the window': [
        {
          file: `${VERIFICATION}/scan.ts`,
          from: 'const oldest = Math.max(0, from, lastStep + 1);',
          to: 'const oldest = Math.max(0, from);',
        },
      ],
    },
  },
  {
    name: 'reuse at enrolment: codes that registered or resynced a token open nothing',
    evidence: 'tolgee PR 3601',
    holds: (world) =>
      withToken(world, async (room, serial) => {
        const replayed = async (codes: readonly Code[]) => {
          for (const code of codes) {
            expect((await room.verify(serial, code)).outcome).to.equal('replayed');
          }
        };
        await replayed(room.pair(serial, 0));
        const pair = room.pair(serial, 40);
        expect((await resync(room, serial, pair, world)).outcome).to.equal('accepted');
        await replayed(pair);
      }),
    mutations: {
      'burning both codes': [
        {
          file: `${VERIFICATION}/factor.ts`,
          from: 'nextCounter: movingFactor + 1 }',
          to: "nextCounter: proof === 'pair' ? movingFactor : movingFactor + 1 }",
        },
      ],
    },
  },
];
