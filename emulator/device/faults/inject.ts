import type { FaultName } from '../../../firmware-spec/vocabulary.ts';
import { FobtwinError, invalidInput } from '../../../shared/errors.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { advance } from '../device.ts';
import { checkTime } from '../fit.ts';
import type { Device, DeviceEnv, Fault } from '../types.ts';
import { attributesOf, FAULTS, parseFaultName } from './catalogue.ts';
import { cured, damaged } from './damage.ts';
import { hasStruck } from './effects.ts';

/** Faults come and go (FS-80, FS-81, FS-94 to FS-96). */

/** What is asked for: the rest is the catalogue's. */
export interface Injection {
  /** One of `FAULT_NAMES`; text from outside is checked. */
  readonly name: string;
  /** Those that are not given have the catalogue's default. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Over 0 up to 1. Default 1: it strikes at each occasion. */
  readonly probability?: number;
  /** An integer from 0 to 2^53 - 1. Default 1. */
  readonly randomSeed?: number;
}

/**
 * The device with a fault, from true time `at` on; the same fault injected before is replaced. What
 * a fault does only once is done now. `at` may be earlier than the device has seen: physics then
 * feels it from `asOf` on, which never moves back.
 *
 * @throws FobtwinError `invalidInput` naming `name`, `attributes/…`, `probability`, `randomSeed` or
 *   `at`; `notAllowedNow` when the same fault has done damage that cannot be undone
 */
export function inject(device: Device, at: UnixMillis, order: Injection, env: DeviceEnv): Device {
  const fault = faultOf(order, device, at);
  const before = advance(device, at, env);
  const old = before.faults.find(({ name }) => name === fault.name);
  if (old !== undefined && isDone(old)) throw damageDone(before, fault.name);
  const faults = [...before.faults.filter(({ name }) => name !== fault.name), fault];
  const faulty = { ...before, faults };
  // Physics and timers meet the fault at once: an empty cell goes dark now, not at the next press.
  return advance(hasStruck(fault) ? damaged(faulty, fault) : faulty, faulty.state.asOf, env);
}

/**
 * The device without that fault. What is left of it the catalogue says (`clearing`).
 *
 * @throws FobtwinError `invalidInput` naming `name` when no such fault is injected; `notAllowedNow`
 *   when its damage is done
 */
export function clearFault(device: Device, at: UnixMillis, name: string, env: DeviceEnv): Device {
  checkTime(at);
  const known = parseFaultName(name);
  const fault = device.faults.find((one) => one.name === known);
  if (fault === undefined) {
    const names = device.faults.map((one) => one.name).join(', ') || 'none';
    throw invalidInput('name', 'notAllowed', `${device.serial} has no fault ${known}`, {
      nextStep: `What it has: ${names}.`,
    });
  }
  if (isDone(fault)) throw damageDone(device, known);
  return without([fault], advance(device, at, env));
}

/** Clears every fault that can be cleared. Those whose damage is done stay, and are listed. */
export function resetFaults(device: Device, at: UnixMillis, env: DeviceEnv): Device {
  checkTime(at);
  return without(
    device.faults.filter((fault) => !isDone(fault)),
    advance(device, at, env),
  );
}

/** Has the fault struck, and cannot be cleared any more? */
export function isDone(fault: Fault): boolean {
  return FAULTS[fault.name].clearing === 'refused' && hasStruck(fault);
}

function without(gone: readonly Fault[], device: Device): Device {
  const rest = { ...device, faults: device.faults.filter((fault) => !gone.includes(fault)) };
  return gone.filter(hasStruck).reduce(cured, rest);
}

function faultOf(order: Injection, device: Device, at: UnixMillis): Fault {
  checkTime(at);
  const { probability = 1, randomSeed = 1 } = order;
  const name = parseFaultName(order.name);
  const attributes = attributesOf(name, order.attributes);
  if (typeof probability !== 'number' || !(probability > 0 && probability <= 1)) {
    const code = probability > 1 ? 'tooLarge' : 'tooSmall';
    throw invalidInput('probability', code, 'probability is a number over 0, at most 1');
  }
  if (!Number.isSafeInteger(randomSeed) || randomSeed < 0) {
    throw invalidInput('randomSeed', 'badFormat', 'randomSeed is an integer from 0 to 2^53 - 1');
  }
  checkFit(name, attributes, device);
  return { name, attributes, probability, randomSeed, since: at };
}

/** FS-81: a fault that the device cannot have is refused. */
function checkFit(name: FaultName, attributes: Fault['attributes'], device: Device): void {
  const { cells } = device.profile.display;
  if (Number(attributes['cell']) > cells) {
    throw invalidInput(
      'attributes/cell',
      'tooLarge',
      `A ${device.profile.name} has ${cells} cells`,
    );
  }
  if (name === 'counterSkip' && device.parameters.type !== 'event') {
    throw invalidInput('name', 'notAllowed', `A ${device.profile.name} has no counter to skip`, {
      nextStep: 'For a time token inject clockOffset.',
    });
  }
}

function damageDone({ serial }: Device, name: FaultName): FobtwinError {
  return new FobtwinError('notAllowedNow', `${name} has damaged ${serial} for good`, {
    nextStep: 'Nothing brings it back: make another token.',
  });
}
