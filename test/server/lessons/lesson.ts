import type * as PolicyModule from '../../../server/verification/policy.ts';
import type * as VerifyModule from '../../../server/verification/verify.ts';
import type { Code, Outcome, Serial } from '../../../shared/types.ts';
import type { Patch } from '../../support/mutated-tree.ts';
import type * as RadiusPacketsSupport from '../../support/radius-packets.ts';
import type * as VerificationSupport from '../../support/verification.ts';
import type * as RadiusListening from '../radius/listening.ts';
import type * as RadiusSignIns from '../radius/sign-ins.ts';
import type * as RoomModule from '../tokens/room.ts';

/** The server that a lesson is held against, whole or mutated. */
export interface World {
  readonly room: typeof RoomModule;
  readonly support: typeof VerificationSupport;
  readonly verify: typeof VerifyModule.verify;
  readonly policy: typeof PolicyModule;
  /** Loaded for the lessons that need it alone. */
  radius(): Promise<RadiusWorld>;
}

export interface RadiusWorld {
  readonly listening: typeof RadiusListening;
  readonly packets: typeof RadiusPacketsSupport;
  readonly signIns: typeof RadiusSignIns;
}

export interface Lesson {
  readonly name: string;
  /** Where it was learnt. */
  readonly evidence: string;
  holds(world: World): Promise<void>;
  /** What is taken away, in words, and how. */
  readonly mutations: Readonly<Record<string, readonly Patch[]>>;
}

export const DAY = 86_400_000;
export const VERIFICATION = 'server/verification';

export const outcomesOf = (answers: readonly { readonly outcome: Outcome }[]): readonly Outcome[] =>
  answers.map(({ outcome }) => outcome);

/** A room with one registered token; the two codes that registered it are burnt. */
export async function withToken(
  { room: { openRoom, EVENT } }: World,
  use: (room: RoomModule.Room, serial: Serial) => Promise<void>,
  policy: Parameters<typeof RoomModule.openRoom>[0] = {},
  parameters = EVENT,
): Promise<void> {
  const room = await openRoom(policy);
  try {
    await room.account('jennifer');
    await use(room, await room.registered('FT1', 'jennifer', parameters));
  } finally {
    await room.store.close();
  }
}

export const resync = (
  room: RoomModule.Room,
  serial: Serial,
  codes: readonly [Code, Code],
  world: World,
) => room.tokens.resync({ serial, code1: codes[0], code2: codes[1] }, room.as(world.room.OWNER));
