import { FobtwinError } from '../../shared/errors.ts';
import { TIME_MAX } from '../../shared/time.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import { advance, type PadKey, press as pressButton, pressKey, read } from '../device/device.ts';
import { freshMoment } from '../device/fresh.ts';
import type { Device } from '../device/types.ts';
import type { Drawer } from '../drawer/drawer.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { deviceEnv } from './device-env.ts';
import { drawerOf, SERIAL } from './drawer-of.ts';
import type { CliEnv } from './env.ts';
import { askHidden, canAsk, readFirstLine } from './hidden-input.ts';
import { printJson, printLines, warn } from './output.ts';
import { readingJson, readingLines } from './reading.ts';

export const press: FobCommand = {
  positionals: { serial: SERIAL },
  options: {
    hold: { describe: 'Hold the button so long instead of pressing it: 6s opens the menu' },
    pin: {
      flag: true,
      describe:
        'Then enter the PIN, or the unlock code: asked for on a terminal, otherwise the first ' +
        'line of standard input',
    },
    fresh: { flag: true, describe: 'Wait for a code that has not been shown before' },
    'min-remaining': { describe: 'With --fresh: and that is good for so long yet, like 8s' },
    at: {
      describe: 'Press at this time, in UTC, instead of now: 2026-01-31T09:30:00Z',
    },
    after: { describe: 'Press so long after its last press: 30s, 5m, 12h, 400d' },
  },
  conflicts: [
    ['at', 'after'],
    ['hold', 'fresh'],
    ['hold', 'pin'],
  ],
  examples: [
    ['press C30-00000001', 'press now and see the display'],
    ['press C30-00000001 --hold 6s', 'its menu: time, battery, serial'],
    ['press C30-00000001 --after 30s', "the next step's code, without waiting for it"],
    ['press C30-00000001 --fresh --min-remaining 8s --json', 'a code for a program to log in with'],
    ['press P30-00000001 --pin < pin.txt', 'switch on a token with a PIN pad, and enter the PIN'],
  ],
  notes:
    'With --json: {"serial","at","state","display","code"}. "display" is what can be read off ' +
    'the display; "code" is what the seed gives, null while no code shows. With --at or --after ' +
    'nothing is waited for: --fresh and --hold then let the time pass on the token alone.',
  async run(args, env) {
    const serial = args.serial();
    const order = orderOf(args);
    const drawer = drawerOf(args, env);
    const entry = order.withPin ? await readEntry(drawer.read(serial).device, env) : '';
    const { device, at } = order.isFresh
      ? await pressFresh(order, { drawer, serial, entry, env })
      : await pressOnce(order, { drawer, serial, entry, env });
    const reading = read(device, at, deviceEnv);
    if (args.flag('json')) printJson(env, readingJson(serial, reading));
    else printLines(env, readingLines(reading, env));
    return 0;
  },
};

/** How the button is to be pressed. */
interface Order {
  readonly at: UnixMillis | undefined;
  readonly afterMillis: number | undefined;
  readonly holdMillis: number;
  readonly isFresh: boolean;
  readonly minRemainingMillis: number;
  readonly withPin: boolean;
}

const HOLD_MILLIS_MAX = 3_600_000;

function orderOf(args: Arguments): Order {
  const isFresh = args.flag('fresh');
  const minRemainingMillis = args.span('min-remaining') ?? 0;
  if (!isFresh && minRemainingMillis > 0) throw usageError('--min-remaining goes with --fresh');
  const holdMillis = args.span('hold') ?? 0;
  if (holdMillis > HOLD_MILLIS_MAX) throw usageError('--hold is at most 1h');
  return {
    at: args.time('at'),
    afterMillis: args.span('after'),
    holdMillis,
    isFresh,
    minRemainingMillis,
    withPin: args.flag('pin'),
  };
}

/** What a press needs to know of the world. */
interface Press {
  readonly drawer: Drawer;
  readonly serial: Device['serial'];
  /** What is entered on the PIN pad after the press; empty for nothing. */
  readonly entry: string;
  readonly env: CliEnv;
}

interface Pressed {
  readonly device: Device;
  /** When the display was read. */
  readonly at: UnixMillis;
}

async function pressOnce(order: Order, { drawer, serial, entry, env }: Press): Promise<Pressed> {
  const isNow = order.at === undefined && order.afterMillis === undefined;
  if (isNow && order.holdMillis > 0) {
    // A finger is on the button for so long.
    drawer.read(serial);
    await env.pause(order.holdMillis);
  }
  let at = env.clock.now();
  const { device } = await drawer.update(serial, (kept) => {
    const now = env.clock.now();
    const begun = isNow ? now - order.holdMillis : timeOfPress(kept.device, order, now);
    at = within(begun + order.holdMillis);
    return { ...kept, device: pressAndEnter(kept.device, within(begun), order, entry, at) };
  });
  return { device, at };
}

/** Presses that others make meanwhile begin the waiting anew, since they show the code too. */
const TRIES_MAX = 100;

async function pressFresh(order: Order, { drawer, serial, entry, env }: Press): Promise<Pressed> {
  const isNow = order.at === undefined && order.afterMillis === undefined;
  let awaited: { readonly presses: number; readonly moment: UnixMillis } | undefined;
  const momentFor = (kept: Device): UnixMillis => {
    const now = env.clock.now();
    const from = isNow ? now : timeOfPress(kept, order, now);
    // The display may have got to the awaited code by itself, a moment ago.
    if (awaited?.presses === kept.state.presses && awaited.moment <= from) return from;
    return within(momentOf(kept, from, order.minRemainingMillis));
  };
  const isDue = (moment: UnixMillis) => !isNow || moment <= env.clock.now();
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const { device: seen } = drawer.read(serial);
    refuseLongerThanStep(seen, order.minRemainingMillis);
    const moment = momentFor(seen);
    if (!isDue(moment)) {
      awaited = { presses: seen.state.presses, moment };
      await waitUntil(moment, env);
      continue;
    }
    let at: UnixMillis | undefined;
    const { device } = await drawer.update(serial, (kept) => {
      const again = momentFor(kept.device);
      if (!isDue(again)) return kept;
      at = again;
      return { ...kept, device: pressAndEnter(kept.device, again, order, entry, again) };
    });
    if (at !== undefined) return { device, at };
  }
  throw new FobtwinError('deviceBusy', `Others press ${serial} all the time`, {
    nextStep: 'Try again when fewer do.',
  });
}

function refuseLongerThanStep({ serial, parameters }: Device, minRemainingMillis: number): void {
  if (parameters.type === 'event' || minRemainingMillis <= parameters.stepSeconds * 1000) return;
  throw new FobtwinError(
    'invalidInput',
    `A code of ${serial} is good for ${parameters.stepSeconds} s at most`,
    { nextStep: 'Ask for less with --min-remaining.' },
  );
}

async function waitUntil(moment: UnixMillis, env: CliEnv): Promise<void> {
  const waitMillis = Math.max(1, moment - env.clock.now());
  if (env.stderr.isTTY === true) warn(env, `A new code comes in ${Math.ceil(waitMillis / 1000)} s`);
  await env.pause(waitMillis);
}

function momentOf(device: Device, from: UnixMillis, minRemainingMillis: number): number {
  const then = advance(device, from, deviceEnv);
  // An earlier time than the device's own leaves it as it was.
  const { asOf } = then.state;
  return Math.max(from, freshMoment(then, asOf, minRemainingMillis));
}

function pressAndEnter(
  device: Device,
  begun: UnixMillis,
  { holdMillis }: Order,
  entry: string,
  at: UnixMillis,
): Device {
  const pressed = pressButton(device, begun, deviceEnv, holdMillis > 0 ? { holdMillis } : {});
  if (entry === '') return pressed;
  const entered = [...entry].reduce(
    (before, digit) => pressKey(before, at, digit as PadKey, deviceEnv),
    pressed,
  );
  return pressKey(entered, at, 'enter', deviceEnv);
}

const ENTRY = /^[0-9]{1,16}$/;

async function readEntry({ serial, profile }: Device, env: CliEnv): Promise<string> {
  if (profile.pin === undefined) {
    throw new FobtwinError('notAllowedNow', `${serial} is a ${profile.name}, without a PIN pad`, {
      nextStep: 'Leave --pin away.',
    });
  }
  const entry = canAsk(env) ? await askHidden(`PIN of ${serial}`, env) : await readFirstLine(env);
  if (ENTRY.test(entry)) return entry;
  throw new FobtwinError('invalidInput', 'A PIN or an unlock code is 1 to 16 digits', {
    nextStep: 'Type it when asked, or give it as the first line of standard input.',
  });
}

function timeOfPress(
  device: Device,
  { at, afterMillis }: Pick<Order, 'at' | 'afterMillis'>,
  now: UnixMillis,
): UnixMillis {
  if (afterMillis === undefined) return at ?? now;
  const { pressedAt } = device.state;
  if (pressedAt === undefined) {
    throw new FobtwinError('notAllowedNow', `${device.serial} has never been pressed`, {
      nextStep: '--after counts from the last press: press it once without.',
    });
  }
  return within(pressedAt + afterMillis);
}

function within(millis: number): UnixMillis {
  const time = parseUnixMillis(millis);
  if (time !== undefined && time <= TIME_MAX) return time;
  throw usageError('That leads beyond the year 9999');
}
