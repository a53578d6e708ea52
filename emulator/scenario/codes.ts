import { trueMillisUntil } from '../device/crystal.ts';
import { press } from '../device/device.ts';
import { staleCode, wrongCode } from '../device/faults/codes.ts';
import { freshMoment } from '../device/fresh.ts';
import { unlockCodeOf } from '../device/pin.ts';
import type { CodeExpression, Template } from './expression.ts';
import { isMismatch, type Mismatch } from './mismatch.ts';
import type { World } from './world.ts';

/** Where codes come from: pressed, read, kept, or made to be refused. */

/** The text that an expression stands for now; a mismatch where a person would have nothing. */
export async function codeOf(
  expression: CodeExpression,
  part: string,
  world: World,
): Promise<string | Mismatch> {
  const { deviceEnv } = world;
  switch (expression.kind) {
    case 'digits':
      return expression.code;
    case 'saved':
      return world.saved.get(expression.name) ?? '';
    case 'press':
      await pressFresh(part, world);
      return displayed(part, world);
    case 'displayed':
      return displayed(part, world);
    case 'wrongCode':
      return wrongCode(world.device(part), world.now, { steps: expression.steps }, deviceEnv);
    case 'staleCode':
      return staleCode(world.device(part), world.now, expression.steps, deviceEnv);
    case 'unlockCode':
      return unlockCodeOf(world.device(part), deviceEnv);
  }
}

/** What a person reads; with nothing to be read there is nothing to submit. */
function displayed(part: string, world: World): string | Mismatch {
  const { display, state } = world.reading(part);
  if (display !== '') return display;
  return { expected: `a code on the display of ${part}`, seen: `nothing (it is ${state})` };
}

/** A text with every expression in its place. */
export async function textOf(
  template: Template,
  part: string,
  world: World,
): Promise<string | Mismatch> {
  let text = '';
  for (const piece of template) {
    const value = typeof piece === 'string' ? piece : await codeOf(piece, part, world);
    if (isMismatch(value)) return value;
    text += value;
  }
  return text;
}

/**
 * Presses the button, and lets the time pass in which it is held, or bounces: then the display is
 * looked at.
 */
export async function pressNow(
  part: string,
  world: World,
  { holdMillis = 0 }: { readonly holdMillis?: number } = {},
): Promise<void> {
  const { now, deviceEnv } = world;
  const pressed = press(world.device(part), now, deviceEnv, { holdMillis });
  world.put(part, pressed);
  const { litAt } = pressed.state;
  const untilLit = litAt === undefined ? 0 : trueMillisUntil(pressed, now, litAt);
  // A clock that stands still never gets there.
  const bounces = Number.isFinite(untilLit) && untilLit <= BOUNCE_MILLIS_MAX ? untilLit : 0;
  await world.advanceTo(now + Math.max(0, holdMillis, bounces));
}

const BOUNCE_MILLIS_MAX = 10_000;

/**
 * Waits for a moment at which a press shows a code that was not shown before, with so long to live,
 * and presses.
 */
export async function pressFresh(
  part: string,
  world: World,
  { minRemainingMillis = 0 }: { readonly minRemainingMillis?: number } = {},
): Promise<void> {
  const device = world.device(part);
  await world.advanceTo(freshMoment(device, world.now, minRemainingMillis));
  // A display that is still lit shows the code of the new step by itself.
  const isShown = device.parameters.type === 'time' && world.reading(part).state === 'showing';
  if (!isShown) await pressNow(part, world);
  const { state, remainingMillis } = world.reading(part);
  // The warning first; the code follows it.
  if (state === 'lowBattery') await world.advanceTo(world.now + (remainingMillis ?? 0));
}
