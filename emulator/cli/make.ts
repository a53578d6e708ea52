import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { PROFILE_NAMES, type ProfileName } from '../../firmware-spec/vocabulary.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { EMULATOR_MANUFACTURER } from '../../shared/seed-files/entry.ts';
import type { Serial, UnixMillis } from '../../shared/types.ts';
import { createDevice } from '../device/device.ts';
import { createPhysique, createSeed, createSerial } from '../device/factory.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import type { Drawer } from '../drawer/drawer.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { drawerOf } from './drawer-of.ts';
import type { CliEnv } from './env.ts';
import { type PreparedFile, prepareNewFile } from './new-file.ts';
import { printJson } from './output.ts';
import { putIntoDrawer } from './put-into-drawer.ts';
import { entryOf } from './seed-file-entry.ts';
import { printTokens, tokensJson } from './tokens-made.ts';

const COUNT_MAX = 100_000;
const CRYSTALS = ['trimmed', 'ideal', 'worst'] as const;

/** `c30 (Time token, 6 digits, 30 s), e6 (…)` */
const MODELS = PROFILE_NAMES.map((name) => `${name} (${PROFILES[name].title})`).join(', ');

export const make: FobCommand = {
  positionals: {
    serial: { describe: 'Its serial; without one it gets a new one', optional: true },
  },
  options: {
    profile: {
      choices: PROFILE_NAMES,
      describe: `The model: ${MODELS}; c30 if not given`,
    },
    count: { describe: `How many, 1 to ${COUNT_MAX}; 1 if not given` },
    crystal: {
      choices: CRYSTALS,
      describe:
        'trimmed: drifts a little, as real ones do; ideal: never; worst: as far as any may; ' +
        'trimmed if not given',
    },
    at: { describe: 'Made at this time, in UTC, instead of now' },
    'seed-file': {
      describe: 'Also write their seeds into this new PSKC file, for a server',
    },
  },
  examples: [
    ['make', 'a time token with a new serial'],
    ['make DESK-1 --profile e6', 'an event token of this serial'],
    ['make --profile p30', 'one with a PIN pad; the first PIN that is entered becomes its PIN'],
    ['make --count 500 --seed-file seeds.pskcxml', 'a box of tokens and their seed file'],
  ],
  notes:
    'Made tokens are simulated: each has a crystal and a cell of its own, which drift and wear. ' +
    'Either all tokens and the seed file are made, or nothing is. The drawer is encrypted; the ' +
    'seed file holds the seeds in the clear: who reads it can make every code.',
  async run(args, env) {
    const order = orderOf(args, env);
    const drawer = drawerOf(args, env);
    const kept = makeDevices(order, drawer, env);
    const file = args.text('seed-file');
    const seedFile = file === undefined ? undefined : await prepareSeedFile(file, kept, env);
    await putAway(kept, seedFile, { drawer, env, json: args.flag('json') });
    if (args.flag('json')) printJson(env, tokensJson(kept));
    else printTokens(kept, { verb: 'Made', drawer, env });
    return 0;
  },
};

interface Order {
  readonly serial: Serial | undefined;
  readonly profile: ProfileName;
  readonly count: number;
  readonly crystal: (typeof CRYSTALS)[number];
  readonly at: UnixMillis;
}

function orderOf(args: Arguments, env: CliEnv): Order {
  const serial = args.text('serial') === undefined ? undefined : args.serial();
  const count = args.integer('count', { min: 1, max: COUNT_MAX }) ?? 1;
  if (serial !== undefined && count > 1) {
    throw usageError('A serial belongs to one token: give SERIAL or --count, not both');
  }
  const chosen = args.text('profile');
  const profile = PROFILE_NAMES.find((name) => name === chosen) ?? 'c30';
  const grade = args.text('crystal');
  const crystal = CRYSTALS.find((name) => name === grade) ?? 'trimmed';
  return { serial, profile, count, crystal, at: args.time('at') ?? env.clock.now() };
}

function makeDevices(order: Order, drawer: Drawer, { rng }: CliEnv): KeptDevice[] {
  const profile = PROFILES[order.profile];
  const taken = new Set<Serial>();
  return Array.from({ length: order.count }, () => {
    const serial = order.serial ?? freeSerial(() => createSerial(profile, rng), drawer, taken);
    taken.add(serial);
    const device = createDevice({
      serial,
      profile,
      seed: createSeed(profile, rng),
      physique: createPhysique(profile, rng, order.crystal),
      at: order.at,
    });
    return { device, labels: { manufacturer: EMULATOR_MANUFACTURER, model: profile.name } };
  });
}

/** With 100,000 of 100 million serials taken, a hundred draws that all hit do not happen. */
const DRAWS_MAX = 100;

function freeSerial(draw: () => Serial, drawer: Drawer, taken: ReadonlySet<Serial>): Serial {
  for (let draws = 0; draws < DRAWS_MAX; draws += 1) {
    const serial = draw();
    if (!taken.has(serial) && !drawer.has(serial)) return serial;
  }
  throw new FobtwinError('deviceExists', 'No free serial was found in this drawer', {
    nextStep: 'Name a serial, or choose another drawer with --drawer.',
  });
}

async function prepareSeedFile(
  file: string,
  kept: readonly KeptDevice[],
  { rng }: CliEnv,
): Promise<PreparedFile> {
  const { formatPskc } = await import('../../shared/seed-files/pskc-writer.ts');
  return prepareNewFile(file, formatPskc(kept.map(entryOf)), rng);
}

/** The seed file is whole before the first device is there, and in its place after the last. */
async function putAway(
  kept: readonly KeptDevice[],
  seedFile: PreparedFile | undefined,
  into: { readonly drawer: Drawer; readonly env: CliEnv; readonly json: boolean },
): Promise<void> {
  try {
    await putIntoDrawer(kept, into);
  } catch (error) {
    seedFile?.discard();
    throw error;
  }
  try {
    seedFile?.place();
  } catch (error) {
    for (const { device } of kept) await into.drawer.remove(device.serial);
    throw error;
  }
}
