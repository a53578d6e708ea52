import { expect } from 'chai';
import type * as PolicyModule from '../../server/verification/policy.ts';
import type * as VerifyModule from '../../server/verification/verify.ts';
import { mutateTree } from '../support/mutated-tree.ts';
import type * as VerificationSupport from '../support/verification.ts';
import { GUESSING_LESSONS } from './lessons/guessing.ts';
import { HIDING_LESSONS } from './lessons/hiding.ts';
import { type RadiusWorld, VERIFICATION, type World } from './lessons/lesson.ts';
import { RADIUS_LESSONS } from './lessons/radius.ts';
import { REPLAY_LESSONS } from './lessons/replay.ts';
import { RESYNC_LESSONS } from './lessons/resync.ts';
import type * as RoomModule from './tokens/room.ts';

/**
 * What other servers got wrong, one test a lesson (the table of security lessons that this server
 * was built from), and for each its mutation: the same test, on a copy of the sources from which
 * the defence was taken, must fail. Lessons about XML and PSKC stand in `test/shared/seed-files`,
 * those about keys, files and logs with the vault and the command line.
 */

const LESSONS = [
  ...REPLAY_LESSONS,
  ...GUESSING_LESSONS,
  ...RESYNC_LESSONS,
  ...HIDING_LESSONS,
  ...RADIUS_LESSONS,
];

type Load = (file: string) => Promise<unknown>;

async function worldOf(load: Load): Promise<World> {
  const { verify } = (await load(`${VERIFICATION}/verify.ts`)) as typeof VerifyModule;
  return {
    room: (await load('test/server/tokens/room.ts')) as typeof RoomModule,
    support: (await load('test/support/verification.ts')) as typeof VerificationSupport,
    verify,
    policy: (await load(`${VERIFICATION}/policy.ts`)) as typeof PolicyModule,
    radius: async () => ({
      listening: (await load('test/server/radius/listening.ts')) as RadiusWorld['listening'],
      packets: (await load('test/support/radius-packets.ts')) as RadiusWorld['packets'],
      signIns: (await load('test/server/radius/sign-ins.ts')) as RadiusWorld['signIns'],
    }),
  };
}

const asItIs: Load = (file) => import(new URL(`../../${file}`, import.meta.url).href);

describe('lessons', function () {
  this.timeout(60_000);

  for (const { name, evidence, holds, mutations } of LESSONS) {
    it(`${name} (${evidence})`, async () => {
      await holds(await worldOf(asItIs));
    });

    for (const [defence, patches] of Object.entries(mutations)) {
      it(`… fails without ${defence}: ${name.split(':')[0]}`, async () => {
        const tree = mutateTree(patches);
        try {
          const world = await worldOf(tree.load);
          let failure: unknown;
          await holds(world).catch((error: unknown) => {
            failure = error;
          });
          // The lesson's own assertion, not a mutant that falls over.
          expect(failure, 'the mutant passes').to.have.property('name', 'AssertionError');
        } finally {
          tree.remove();
        }
      });
    }
  }
});
