import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { FobtwinError } from '../../shared/errors.ts';
import { createDevice, pressKey, setTemperature } from '../device/device.ts';
import { createPhysique, createSeed, createSerial } from '../device/factory.ts';
import { clearFault, inject, resetFaults } from '../device/faults/inject.ts';
import { unlockCodeOf } from '../device/pin.ts';
import type { Device } from '../device/types.ts';
import { codeOf, pressFresh, pressNow } from './codes.ts';
import type { ArgumentOf, CommandName } from './commands.ts';
import { execProgram } from './exec.ts';
import { expectDisplay, expectOutcome, expectSegments, expectState } from './expectations.ts';
import type { CodeExpression } from './expression.ts';
import type { Answer, Fobd } from './fobd.ts';
import { partOf, partsOf } from './lint.ts';
import { type Checked, isMismatch, type Mismatch } from './mismatch.ts';
import { randomOf } from './random.ts';
import { sendRequest } from './request.ts';
import type { Step, StepOf } from './scenario.ts';
import { takeScreenshot } from './screenshot.ts';
import type { World } from './world.ts';

/** What surrounds a scenario beside its world. */
export interface Surroundings {
  /** The scenario's own folder. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly allowRemote: boolean;
  readonly signal: AbortSignal;
}

/**
 * Does one step. A mismatch is an expectation that was not met.
 *
 * @throws FobtwinError when the step cannot be done
 */
export async function takeStep(
  step: Step,
  world: World,
  surroundings: Surroundings,
): Promise<Checked> {
  const handle = HANDLERS[step.command] as Handler<CommandName>;
  const part = partOf(step, world.parts) ?? world.parts[0] ?? '';
  const checked = await handle(step.argument, { step, world, part, ...surroundings });
  return checked ?? undefined;
}

interface Context extends Surroundings {
  readonly step: Step;
  readonly world: World;
  readonly part: string;
}

type Handler<Name extends CommandName> = (
  argument: ArgumentOf<Name>,
  context: Context,
) => Checked | Promise<Checked> | Promise<void> | void;

const HANDLERS: { readonly [Name in CommandName]: Handler<Name> } = {
  make: (_argument, { step, world }) => makeTokens(step as StepOf<'make'>, world),
  press: pressButton,
  'enter-pin': enterPin,
  advance: ({ by }, { world }) => world.advanceTo(world.now + by),
  at: ({ time }, { world }) => world.advanceTo(time),
  'set-temperature': ({ celsius }, { world, part }) => {
    world.put(part, setTemperature(world.device(part), world.now, celsius, world.deviceEnv));
  },
  inject: injectFault,
  clear({ fault }, { world, part }) {
    const device = world.device(part);
    const { now, deviceEnv } = world;
    const cleared =
      fault === 'all'
        ? resetFaults(device, now, deviceEnv)
        : clearFault(device, now, fault, deviceEnv);
    world.put(part, cleared);
  },
  'expect-display': (argument, { part, world }) => expectDisplay(argument, part, world),
  'expect-segments': (argument, { part, world }) => expectSegments(argument, world.reading(part)),
  'expect-state': (argument, { part, world }) => expectState(argument, part, world),
  'save-code': saveCode,
  submit,
  'expect-outcome': (argument, { world }) => expectOutcome(argument, world),
  'take-screenshot': takeScreenshot,
  request: sendRequest,
  exec: execProgram,
};

async function makeTokens(step: StepOf<'make'>, world: World): Promise<void> {
  const made = partsOf(step).map((part) => [part, makeToken(part, step.argument, world)] as const);
  for (const [part, device] of made) world.put(part, device);
  await world.fobd?.importTokens(made.map(([, device]) => device));
}

/** Serial, seed and tolerances come from streams of their own. */
function makeToken(part: string, argument: ArgumentOf<'make'>, world: World): Device {
  const { serial, crystal, counter } = argument;
  const profile = PROFILES[argument.profile];
  const random = (what: string) => randomOf(world.scenario.randomSeed, `make/${part}/${what}`);
  return createDevice({
    serial: serial ?? createSerial(profile, random('serial')),
    profile,
    seed: createSeed(profile, random('seed')),
    physique: createPhysique(profile, random('physique'), crystal),
    at: world.now,
    ...(counter === undefined ? {} : { counter }),
  });
}

const EVERY_MILLIS = 1000;

async function pressButton(argument: ArgumentOf<'press'>, { world, part }: Context): Promise<void> {
  const { hold, fresh, times = 1, every = EVERY_MILLIS } = argument;
  const minRemainingMillis = argument['min-remaining'];
  for (let left = times; left > 0; left -= 1) {
    if (fresh || minRemainingMillis !== undefined) {
      await pressFresh(part, world, { minRemainingMillis: minRemainingMillis ?? 0 });
    } else {
      await pressNow(part, world, { holdMillis: hold ?? 0 });
    }
    if (left > 1) await world.advanceTo(world.now + every);
  }
}

function enterPin({ pin }: ArgumentOf<'enter-pin'>, { world, part }: Context): void {
  const { deviceEnv, now } = world;
  const device = world.device(part);
  const digits = pin === 'unlockCode()' ? unlockCodeOf(device, deviceEnv) : pin;
  const keyed = [...digits, 'enter'].reduce(
    (before, key) => pressKey(before, now, key as Parameters<typeof pressKey>[2], deviceEnv),
    device,
  );
  world.put(part, keyed);
}

/** Where a fault strikes follows from `randomSeed`; the second of a name strikes elsewhere. */
function injectFault(argument: ArgumentOf<'inject'>, { world, part }: Context): void {
  const { fault: name, attributes, probability } = argument;
  const draw = randomOf(world.scenario.randomSeed, world.nextDraw(`inject/${part}/${name}`));
  const injection = {
    name,
    randomSeed: Math.floor(draw.uniform() * 2 ** 32),
    ...(attributes === undefined ? {} : { attributes }),
    ...(probability === undefined ? {} : { probability }),
  };
  world.put(part, inject(world.device(part), world.now, injection, world.deviceEnv));
}

function saveCode({ as, from }: ArgumentOf<'save-code'>, { world, part }: Context): Checked {
  const { display, code, state } = world.reading(part);
  const text = from === 'display' ? display : (code ?? '');
  if (text === '') return { expected: `a code to save as ${as}`, seen: `none: it is ${state}` };
  world.saved.set(as, text);
  return undefined;
}

async function submit(argument: ArgumentOf<'submit'>, { world, part }: Context): Promise<Checked> {
  const { fobd } = world;
  if (fobd === undefined) throw new FobtwinError('unavailable', 'There is no fobd to submit to');
  const { times = 1, every = EVERY_MILLIS } = argument;
  for (let left = times; left > 0; left -= 1) {
    const answer = await submitOnce(argument, part, { world, fobd });
    if (isMismatch(answer)) return answer;
    world.answer = { part, answer };
    if (left > 1) await world.advanceTo(world.now + every);
  }
  return undefined;
}

async function submitOnce(
  { verify, register, resync, order, account }: ArgumentOf<'submit'>,
  part: string,
  { world, fobd }: { readonly world: World; readonly fobd: Fobd },
): Promise<Answer | Mismatch> {
  const { serial } = world.device(part);
  if (order !== undefined) return fobd.submit({ kind: 'order', serial, verb: order });
  if (verify !== undefined) {
    const code = await codeOf(verify, part, world);
    if (isMismatch(code)) return code;
    const whose = account === undefined ? {} : { account };
    return fobd.submit({ kind: 'verify', serial, code, ...whose });
  }
  const codes = await pairOf(register ?? resync, part, world);
  if (isMismatch(codes)) return codes;
  if (register === undefined || account === undefined) {
    return fobd.submit({ kind: 'resync', serial, codes });
  }
  return fobd.submit({ kind: 'register', serial, codes, account });
}

type Pair = readonly [string, string];

async function pairOf(
  expressions: readonly [CodeExpression, CodeExpression] | undefined,
  part: string,
  world: World,
): Promise<Pair | Mismatch> {
  const codes: string[] = [];
  for (const expression of expressions ?? []) {
    const code = await codeOf(expression, part, world);
    if (isMismatch(code)) return code;
    codes.push(code);
  }
  const [code1 = '', code2 = ''] = codes;
  return [code1, code2];
}
