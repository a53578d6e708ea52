import { FAULT_NAMES, type FaultName } from '../../firmware-spec/vocabulary.ts';
import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { boundsOf, FAULTS, parseFaultName } from '../device/faults/catalogue.ts';
import {
  clearFault,
  type Injection,
  inject,
  isDone,
  resetFaults,
} from '../device/faults/inject.ts';
import type { Device, Fault } from '../device/types.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { deviceEnv } from './device-env.ts';
import { drawerOf } from './drawer-of.ts';
import type { CliEnv, ExitCode } from './env.ts';
import { printJson, printLines } from './output.ts';

const ACTIONS = ['list', 'add', 'clear', 'reset'] as const;
type Action = (typeof ACTIONS)[number];

/** Which arguments an action takes; the others are refused. */
const TAKES: Readonly<Record<Action, readonly string[]>> = {
  list: ['serial'],
  add: ['serial', 'name', 'set', 'probability', 'random-seed', 'at'],
  clear: ['serial', 'name', 'at'],
  reset: ['serial', 'at'],
};
const TAKEN_BY_SOME = ['serial', 'name', 'set', 'probability', 'random-seed', 'at'] as const;

const RANDOM_SEED_MAX = 999_999_999_999_999;

export const fault: FobCommand = {
  positionals: {
    action: { describe: 'list, add, clear or reset: see below', choices: ACTIONS },
    serial: {
      describe: "The token's serial; list without one shows the catalogue",
      optional: true,
    },
    name: { describe: 'The fault, for add and clear: `fob fault list` has them', optional: true },
  },
  options: {
    set: { describe: 'add: an attribute of it, attribute=value; once for each' },
    probability: { describe: 'add: how likely it strikes each time, over 0 to 1; 1 if not given' },
    'random-seed': { describe: 'add: where it strikes follows from this number; 1 if not given' },
    at: { describe: 'From this time on, in UTC, instead of now: 2026-01-31T09:30:00Z' },
  },
  examples: [
    ['fault list', 'all that can go wrong, what a person sees and what a server will see'],
    ['fault list C30-00000001', 'what is wrong with this token'],
    ['fault add C30-00000001 clockOffset --set seconds=-600', 'its clock is ten minutes late'],
    ['fault add C30-00000001 garbled --probability 0.3', 'distorted digits, now and then'],
    ['fault clear C30-00000001 garbled', 'mend one fault'],
    ['fault reset C30-00000001', 'mend every fault that can be mended'],
  ],
  notes:
    'The same fault added again replaces the first. Clearing ends a fault but leaves what it did ' +
    'to clock, counter and cell. cellSwap, tamper, selfDisabled and batteryDead are for good.',
  async run(args, env) {
    const action = ACTIONS.find((name) => name === args.required('action'));
    if (action === undefined) {
      throw usageError(`fob fault does one of ${ACTIONS.join(', ')}, not what was given`);
    }
    const extra = TAKEN_BY_SOME.find(
      (name) => !TAKES[action].includes(name) && args.texts(name).length > 0,
    );
    if (extra !== undefined) throw usageError(`fob fault ${action} takes no ${extra}`);
    return DO[action](args, env);
  },
};

const DO: Readonly<Record<Action, (args: Arguments, env: CliEnv) => Promise<ExitCode>>> = {
  list: async (args, env) => {
    if (args.text('serial') === undefined) return printCatalogue(args, env);
    return printFaults(drawerOf(args, env).read(args.serial()).device, args, env);
  },
  add: async (args, env) => {
    const injection = injectionOf(args);
    return change(args, env, (device, at) => inject(device, at, injection, deviceEnv));
  },
  clear: async (args, env) => {
    const name = nameOf(args);
    return change(args, env, (device, at) => clearFault(device, at, name, deviceEnv));
  },
  reset: async (args, env) => change(args, env, (device, at) => resetFaults(device, at, deviceEnv)),
};

async function change(
  args: Arguments,
  env: CliEnv,
  by: (device: Device, at: UnixMillis) => Device,
): Promise<ExitCode> {
  const at = args.time('at') ?? env.clock.now();
  const { device } = await drawerOf(args, env).update(args.serial(), (kept) => ({
    ...kept,
    device: by(kept.device, at),
  }));
  return printFaults(device, args, env);
}

function injectionOf(args: Arguments): Injection {
  const name = nameOf(args);
  const probability = args.text('probability');
  const randomSeed = args.integer('random-seed', { min: 0, max: RANDOM_SEED_MAX });
  return {
    name,
    attributes: attributesOf(name, args.texts('set')),
    ...(probability === undefined ? {} : { probability: numberOf('probability', probability) }),
    ...(randomSeed === undefined ? {} : { randomSeed }),
  };
}

function nameOf(args: Arguments): FaultName {
  if (args.text('name') === undefined) throw usageError('Missing: name of the fault');
  return parseFaultName(args.required('name'));
}

function attributesOf(name: FaultName, texts: readonly string[]): Record<string, number | string> {
  const pairs = texts.map((text) => attributeOf(name, text));
  const twice = pairs.find(([one], place) =>
    pairs.slice(0, place).some(([other]) => other === one),
  );
  if (twice !== undefined) throw usageError(`--set gives ${twice[0]} twice`);
  return Object.fromEntries(pairs);
}

/** `seconds=-600`: a number where the catalogue has one. Unknown attributes are refused later. */
function attributeOf(name: FaultName, text: string): readonly [string, number | string] {
  const [, attribute = '', value = ''] = /^([A-Za-z]{1,40})=(.{1,40})$/.exec(text) ?? [];
  if (attribute === '') throw usageError('--set takes attribute=value, like seconds=-600');
  const attributes = FAULTS[name].attributes;
  const isText = Object.hasOwn(attributes, attribute) && attributes[attribute]?.type === 'choice';
  return [attribute, isText ? value : numberOf(attribute, value)];
}

function numberOf(what: string, text: string): number {
  if (/^[+-]?[0-9]{1,15}(\.[0-9]{1,15})?$/.test(text)) return Number(text);
  throw usageError(`${what} takes a number, like 12 or -0.5`);
}

function printCatalogue(args: Arguments, env: CliEnv): ExitCode {
  if (args.flag('json')) {
    printJson(env, {
      faults: FAULT_NAMES.map((name) => {
        const { attributes, occasion, clearing, person, server } = FAULTS[name];
        return { name, attributes, occasion, clearing, person, server };
      }),
    });
    return 0;
  }
  printLines(env, FAULT_NAMES.flatMap(catalogueLines));
  return 0;
}

function catalogueLines(name: FaultName): string[] {
  const { attributes, person, server } = FAULTS[name];
  return [
    name,
    ...Object.entries(attributes).map(
      ([attribute, definition]) =>
        `  ${attribute}: ${definition.describe}, ${boundsOf(definition)} ` +
        `(${String(definition.default)})`,
    ),
    `  person: ${person}`,
    `  server: ${server}`,
  ];
}

function printFaults({ serial, faults }: Device, args: Arguments, env: CliEnv): ExitCode {
  if (args.flag('json')) printJson(env, { serial, faults: faults.map(faultJson) });
  else printLines(env, faults.length === 0 ? [`${serial} has no fault.`] : faults.map(faultLine));
  return 0;
}

function faultJson(one: Fault) {
  const { name, attributes, probability, randomSeed, since } = one;
  return {
    ...{ name, attributes, probability, randomSeed },
    since: formatTime(since),
    permanent: isDone(one),
    person: FAULTS[name].person,
    server: FAULTS[name].server,
  };
}

function faultLine(one: Fault): string {
  const { name, attributes, probability, randomSeed, since } = one;
  const values = Object.entries(attributes).map(([key, value]) => `${key}=${String(value)}`);
  const chance = probability < 1 ? [`probability ${probability}, seed ${randomSeed}`] : [];
  const forGood = isDone(one) ? ['for good'] : [];
  return [[name, ...values].join(' '), ...chance, `since ${formatTime(since)}`, ...forGood].join(
    ', ',
  );
}
