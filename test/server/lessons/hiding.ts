import { expect } from 'chai';
import type { Code } from '../../../shared/types.ts';
import { type Lesson, resync, VERIFICATION, withToken } from './lesson.ts';

export const HIDING_LESSONS: readonly Lesson[] = [
  {
    name: 'resync oracle: reply, work and record are the same whichever code was right',
    evidence: 'privacyidea issue 2349',
    async holds(world) {
      const seen: string[] = [];
      for (const right of ['none', 'first', 'second'] as const) {
        await withToken(world, async (room, serial) => {
          const [first, second] = room.pair(serial, 30);
          const codes: readonly [Code, Code] = [
            right === 'first' ? first : room.wrong(1),
            right === 'second' ? second : room.wrong(2),
          ];
          const made = room.made;
          const answer = await resync(room, serial, codes, world);
          seen.push(JSON.stringify([answer, room.made - made, (await room.lastEntry())?.details]));
        });
      }
      expect(new Set(seen.map((text) => text.replace(/"sealed":"[^"]*"/, ''))).size).to.equal(1);
    },
    mutations: {
      'the search for the pair to its end': [
        {
          file: `${VERIFICATION}/pair.ts`,
          from: 'if (isFirst) first = movingFactor;',
          to:
            'if (first >= 0 && movingFactor - first >= apart && nearest === undefined) return;' +
            ' if (isFirst) first = movingFactor;',
        },
        {
          file: 'server/tokens/effort.ts',
          from: '  while (count.made < effort) {\n',
          to: '  while (count.made < 0) {\n',
        },
      ],
    },
  },
  {
    name: 'enumeration: a serial that does not exist costs and answers what one does that is wrong',
    evidence: 'privacyIDEA ERR904 and 404 for an unknown user',
    async holds(world) {
      const { openRoom, serialOf, COARSE } = world.room;
      const seen: string[] = [];
      for (const name of ['FT1', 'NONE']) {
        const room = await openRoom();
        await room.account('jennifer');
        await room.registered('FT1', 'jennifer');
        const answers: unknown[] = [];
        for (let n = 0; n < 14; n += 1) {
          const made = room.made;
          const answer = await room.verify(serialOf(name), room.wrong(n), COARSE);
          answers.push([answer, room.made - made]);
          if (n > 3) room.pass(300_000);
        }
        const made = room.made;
        const command = { serial: serialOf(name), code1: room.wrong(1), code2: room.wrong(2) };
        answers.push(await room.tokens.resync(command, room.as(COARSE)), room.made - made);
        answers.push((await room.audit()).length);
        seen.push(JSON.stringify(answers));
        await room.store.close();
      }
      expect(seen[1]).to.equal(seen[0]);
    },
    mutations: {
      'equal work': [
        {
          file: 'server/tokens/effort.ts',
          from: 'while (count.made < effort) count.env.otp.number(seed, count.made, parameters);',
          to: '',
        },
      ],
      'shadow counters': [
        {
          file: 'server/tokens/shadows.ts',
          from: 'if (same) return shadow;',
          to: 'if (same || now > 0) return shadow;',
        },
      ],
    },
  },
];
