import { CELSIUS_MAX, CELSIUS_MIN } from '../../firmware-spec/physics.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { MENU_ITEMS, type MenuItem, SECOND_PRESSES } from '../../firmware-spec/vocabulary.ts';
import { type FieldErrorCode, type FobtwinError, invalidInput } from '../../shared/errors.ts';
import { ALGORITHMS, DIGITS, parseUnixMillis, type TokenParameters } from '../../shared/types.ts';
import { PHYSIQUE_LIMITS } from './factory.ts';
import { COUNTER_MAX } from './step.ts';
import type { Physique } from './types.ts';

/** What a device can be made of and be told: the rest is refused by name (FS-24). */

/** No LCD has more cells, and no profile holds more seconds or years than these. */
const CELLS_MAX = 64;
const MARKS_MAX = 6;
const SECONDS_MAX = 86_400;
const YEARS_MAX = 100;
const TRIES_MAX = 100;
const PIN_DIGITS_MAX = 16;
/** Nobody holds a button for longer than a day. */
export const HOLD_MILLIS_MAX = SECONDS_MAX * 1000;

/** @throws FobtwinError `invalidInput` unless it is an integer that a Date can hold */
export function checkTime(at: number, field = 'at'): void {
  if (parseUnixMillis(at) === undefined) {
    throw invalidInput(field, 'badFormat', 'A time is whole milliseconds since 1970 (a Date)');
  }
}

/** @throws FobtwinError `invalidInput` below 0 or beyond a day */
export function checkHold(holdMillis: number): void {
  checkRange('holdMillis', holdMillis, { min: 0, max: HOLD_MILLIS_MAX });
}

/** @throws FobtwinError `invalidInput` where no device can be */
export function checkCelsius(celsius: number): void {
  checkRange('celsius', celsius, { min: CELSIUS_MIN, max: CELSIUS_MAX });
}

/** @throws FobtwinError `invalidInput` unless 0 to 2^53 - 1 */
export function checkCounter(counter: number): void {
  if (!Number.isInteger(counter) || counter < 0 || counter > COUNTER_MAX) {
    throw invalidInput('counter', 'badFormat', 'A counter is an integer from 0 to 2^53 - 1');
  }
}

/** @throws FobtwinError `invalidInput` naming the part that nothing is made of */
export function checkPhysique(physique: Physique): void {
  for (const [name, limits] of Object.entries(PHYSIQUE_LIMITS)) {
    checkRange(`physique/${name}`, physique[name as keyof Physique], limits);
  }
}

/** Type as the profile's, digits no more than cells, a step of 1 to 3600 s. */
export function checkFit(profile: Profile, parameters: TokenParameters): void {
  if (parameters.type !== profile.type) {
    throw invalidInput('type', 'notAllowed', `A ${profile.name} is of type ${profile.type}`, {
      nextStep: 'Choose a profile of the same type as the token.',
    });
  }
  if (!DIGITS.includes(parameters.digits)) {
    throw invalidInput('digits', 'notAllowed', `A code has ${DIGITS.join(', ')} digits`);
  }
  if (!ALGORITHMS.includes(parameters.algorithm)) {
    throw invalidInput('algorithm', 'notAllowed', `A code is made with ${ALGORITHMS.join(', ')}`);
  }
  if (parameters.digits > profile.display.cells) {
    const message = `A ${profile.name} has ${profile.display.cells} cells`;
    throw invalidInput('digits', 'tooLarge', message);
  }
  if (parameters.type === 'event') return;
  const { stepSeconds } = parameters;
  if (!Number.isInteger(stepSeconds) || stepSeconds < 1 || stepSeconds > 3600) {
    throw invalidInput('stepSeconds', 'badFormat', 'A step is 1 to 3600 whole seconds');
  }
}

/** @throws FobtwinError `invalidInput` naming what cannot be built */
export function checkProfile(profile: Profile): void {
  const { display, button, cell, alwaysOn, pin } = profile;
  const seconds = { min: 1, max: SECONDS_MAX };
  const some = { min: 0, max: Number.MAX_SAFE_INTEGER };
  checkWhole('profile/display/cells', display.cells, { min: 1, max: CELLS_MAX });
  checkWhole('profile/display/countdownMarks', display.countdownMarks, { min: 0, max: MARKS_MAX });
  checkRange('profile/display/litSeconds', display.litSeconds, seconds);
  checkRange('profile/display/messageSeconds', display.messageSeconds, {
    min: 1,
    max: display.litSeconds,
  });
  checkRange('profile/button/debounceMillis', button.debounceMillis, { min: 0, max: 1000 });
  if (button.holdSeconds !== undefined) {
    checkWhole('profile/button/holdSeconds', button.holdSeconds, { min: 1, max: 60 });
  }
  checkRange('profile/cell/capacityMicroampHours', cell.capacityMicroampHours, { ...some, min: 1 });
  checkRange('profile/cell/sleepMicroamps', cell.sleepMicroamps, some);
  checkRange('profile/cell/pressMicroampHours', cell.pressMicroampHours, some);
  checkRange('profile/cell/freshOhms', cell.freshOhms, some);
  checkRange('profile/cell/peakMilliamps', cell.peakMilliamps, some);
  checkRange('profile/cell/selfDischargePerYear', cell.selfDischargePerYear, { min: 0, max: 1 });
  if (alwaysOn !== undefined) {
    checkRange('profile/alwaysOn/years', alwaysOn.years, { min: 1, max: YEARS_MAX });
  }
  if (pin !== undefined) checkPad(pin);
  checkParts(profile);
}

/** What each part may be beside the others. */
function checkParts(profile: Profile): void {
  const { type, secondPress, menu, display, alwaysOn, pin } = profile;
  if (!SECOND_PRESSES.includes(secondPress)) {
    throw refused('secondPress', 'notAllowed', `A second press ${SECOND_PRESSES.join(' or ')}`);
  }
  if (type === 'time' && secondPress === 'showsNext') {
    throw refused('secondPress', 'notAllowed', 'Only an event token has a next code to show');
  }
  if (menu.length > 0 && profile.button.holdSeconds === undefined) {
    throw refused('button/holdSeconds', 'required', 'A menu opens when the button has been held');
  }
  if (type === 'event' && (alwaysOn !== undefined || display.countdownMarks > 0)) {
    throw refused('type', 'notAllowed', 'An event token has no step to count down or to follow');
  }
  const lacks: MenuItem = type === 'time' ? 'counter' : 'time';
  if (menu.some((item) => item === lacks || !MENU_ITEMS.includes(item))) {
    const items = MENU_ITEMS.filter((item) => item !== lacks).join(', ');
    throw refused('menu', 'notAllowed', `The menu of a token of type ${type} has of: ${items}`);
  }
  if (pin === undefined && profile.messages.deviceLocked === 'challenge') {
    throw refused('messages/deviceLocked', 'notAllowed', 'A challenge needs a PIN pad to answer');
  }
  const hasButton = secondPress !== 'ignored' || menu.length > 0 || pin !== undefined;
  if (alwaysOn !== undefined && hasButton) {
    throw refused('alwaysOn', 'notAllowed', 'What is always lit has neither button nor PIN pad');
  }
}

function checkPad({ digitsMin, digitsMax, tries, challengeDigits }: NonNullable<Profile['pin']>) {
  checkWhole('profile/pin/digitsMax', digitsMax, { min: 1, max: PIN_DIGITS_MAX });
  checkWhole('profile/pin/digitsMin', digitsMin, { min: 1, max: digitsMax });
  checkWhole('profile/pin/tries', tries, { min: 1, max: TRIES_MAX });
  if (!DIGITS.some((known) => known === challengeDigits)) {
    throw refused('pin/challengeDigits', 'notAllowed', 'A challenge has 6 to 8 digits');
  }
}

function checkRange(
  field: string,
  value: number,
  { min, max }: { min: number; max: number },
): void {
  if (typeof value === 'number' && value >= min && value <= max) return;
  const code: FieldErrorCode = value < min ? 'tooSmall' : value > max ? 'tooLarge' : 'wrongType';
  throw invalidInput(field, code, `${field} is a number from ${min} to ${max}`);
}

function checkWhole(field: string, value: number, bounds: { min: number; max: number }): void {
  checkRange(field, value, bounds);
  if (Number.isInteger(value)) return;
  throw invalidInput(field, 'wrongType', `${field} is a whole number`);
}

function refused(field: string, code: FieldErrorCode, message: string): FobtwinError {
  return invalidInput(`profile/${field}`, code, message);
}
