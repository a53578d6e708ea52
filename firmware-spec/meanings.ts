import type { DeviceEvent, Effect, Guard, State } from './vocabulary.ts';

/** What the words of the device mean, as the tables of README.md say it. */

export const STATE_MEANINGS: Readonly<Record<State, string>> = {
  asleep: 'the display is dark; only the clock runs',
  showing: 'the display is lit and shows a code',
  menu: 'the display is lit and shows an item of the menu',
  lowBattery: 'the display is lit and warns of the battery; the code follows',
  enteringPin: 'the display is lit and a PIN is being entered',
  wrongPin: 'the display is lit and says that the PIN was wrong',
  deviceLocked: 'the device has locked itself, and says so when it is pressed',
  err: 'the display is lit and says that the device is broken',
  erased: 'the cell was out and the seed is gone; all segments are lit for ever',
  disabled: 'the device has disabled itself for good, and says so for ever',
  expired: 'the end that was built in is past; dark for ever',
  dead: 'the cell is empty; dark for ever',
};

export const EVENT_MEANINGS: Readonly<Record<DeviceEvent, string>> = {
  press: 'the button makes contact',
  hold: 'the button has been held for the time that opens the menu',
  digit: 'a digit is entered on the PIN pad',
  enter: 'the entry on the PIN pad is ended',
  stepBegins: 'another time step is running than the one whose code shows',
  displayTimeOver: 'the display has been lit for its time',
  messageTimeOver: 'a message has been shown for its time',
  expiryReached: 'the end that was built in has come',
  disablesItself: 'the device has found a reason to disable itself',
  memoryFails: 'the memory that holds the seed has lost it',
  cellEmpty: 'the cell has given its last charge',
};

export const GUARD_MEANINGS: Readonly<Record<Guard, string>> = {
  timeToken: 'the moving factor is the time step',
  eventToken: 'the moving factor is the counter',
  alwaysOn: 'the profile has a display that is always lit',
  pressDarkens: 'the profile says that a second press darkens the display',
  pressIgnored: 'the profile says that a second press is ignored',
  pressShowsNext: 'the profile says that a second press shows the next code',
  hasMenu: 'the profile has a menu',
  moreMenuItems: 'the menu has another item after the one that shows',
  pinWanted: 'the profile has a PIN pad',
  entryHasRoom: 'what is entered may have another digit',
  entryTooShort: 'what was entered has too few digits to be judged',
  pinRight: 'what was entered is the PIN, or none was chosen yet',
  pinTriesLeft: 'after one more wrong PIN the device would not lock itself',
  unlockCodeRight: 'what was entered is the unlock code of the challenge',
  isLocked: 'the device has locked itself',
  hasErr: 'the self-test fails',
  cellLow: 'the cell is low',
  brownsOut: "the cell's voltage breaks down under a press",
};

export const EFFECT_MEANINGS: Readonly<Record<Effect, string>> = {
  computeCode: 'the shown code becomes that of the moving factor as it is now',
  advanceCounter: 'the counter becomes the next one',
  drawPress: "a press's charge is drawn from the cell",
  lightDisplay: 'the display is lit; its time starts now',
  darkenDisplay: 'the display goes dark; code, message, item and entry are forgotten',
  beginMessage: 'a message shows; its time starts now',
  endMessage: 'the message is over',
  openMenu: 'the first item of the menu shows, in place of a code or message',
  nextMenuItem: 'the next item of the menu shows',
  takeDigit: 'the digit is added to the entry',
  forgetDigits: 'the entry is emptied',
  keepPin: 'what was entered is the PIN from now on',
  forgetPin: 'the device has no PIN any more',
  countWrongPin: 'one more wrong PIN is counted',
  forgetWrongPins: 'no wrong PIN is counted any more',
  lockItself: 'the device is locked',
  unlockItself: 'the device is no longer locked',
  makeChallenge: 'the challenge becomes the next one',
};
