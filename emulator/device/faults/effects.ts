import { SEGMENTS, type Segment } from '../../../firmware-spec/display.ts';
import { FAULT_CATALOGUE } from '../../../firmware-spec/faults.ts';
import type { FaultName } from '../../../firmware-spec/vocabulary.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import type { Device, Fault, Frame } from '../types.ts';
import { chance, strikes } from './chance.ts';

/** What the injected faults do at one moment (FS-84 to FS-93). Pure; changes no device. */

/** One closing of the button's contact, at a true time. */
export interface Contact {
  readonly at: UnixMillis;
  readonly holdMillis: number;
}

/** More presses than a cell has charge for: a limit, not a behaviour. */
export const SPONTANEOUS_PRESSES_MAX = 100_000;

/** Occasions that are looked at for them in one call, however unlikely each is. */
const PARTS_MAX = 1_000_000;

const DAY_MILLIS = 86_400_000;

/**
 * What the button really does when a person presses it at `at` for `holdMillis`: its contacts in
 * order, not debounced. Without a fault the one press; with a dead or stuck button none.
 */
export function contactsOf(device: Device, at: UnixMillis, holdMillis: number): readonly Contact[] {
  const strikesNow = (name: FaultName) => strikesAtPress(device, name, at) !== undefined;
  // A button that is down already makes no contact.
  if (strikesNow('buttonDead') || acting(device, 'buttonStuck', at) !== undefined) return [];
  const bounce = strikesAtPress(device, 'buttonBounce', at);
  return bounce === undefined ? [{ at, holdMillis }] : bounced(bounce, at, holdMillis);
}

/**
 * True times over `from` up to and with `to` at which the button makes contact though nobody
 * presses it: in pocket or bag, or because it is stuck. In order; the first
 * `SPONTANEOUS_PRESSES_MAX`. However a time is cut into pieces, the presses are the same.
 */
export function spontaneousPresses(
  device: Device,
  from: UnixMillis,
  to: UnixMillis,
): readonly UnixMillis[] {
  if (device.faults.length === 0 || !(to > from)) return [];
  const pocket = find(device, 'pocketPresses');
  const stuck = find(device, 'buttonStuck');
  const presses = [
    ...(pocket === undefined ? [] : pocketTimes(pocket, from, to)),
    ...(stuck === undefined ? [] : stuckTimes(stuck, from, to)),
  ];
  presses.sort((one, other) => one - other);
  return presses.slice(0, SPONTANEOUS_PRESSES_MAX);
}

/** What is wrong with the clock at `at`: ppm to add to the crystal's rate, or that it stands. */
export function clockFault(
  device: Device,
  at: UnixMillis,
): { readonly ratePpm: number; readonly stopped: boolean } {
  const rate = acting(device, 'clockRate', at);
  const stopped = acting(device, 'clockStopped', at) !== undefined;
  return { ratePpm: rate === undefined ? 0 : numberOf(rate, 'ppm'), stopped };
}

/** What the cell is said to be, whatever its charge; the worst where several are injected. */
export function forcedCell(device: Device, at: UnixMillis): 'low' | 'weak' | 'empty' | undefined {
  if (acting(device, 'batteryDead', at) !== undefined) return 'empty';
  if (acting(device, 'batteryWeak', at) !== undefined) return 'weak';
  return acting(device, 'batteryLow', at) === undefined ? undefined : 'low';
}

/** Does a press at `at` break the voltage down, whatever the cell's charge and temperature? */
export function forcesBrownOut(device: Device, at: UnixMillis): boolean {
  return strikesAtPress(device, 'brownOut', at) !== undefined;
}

/**
 * Does the self-test of a press at `at` fail? That of a step goes by the device's time at its
 * beginning, and by the true time of that only for whether the fault was there yet (FS-83).
 */
export function selfTestFails(device: Device, at: UnixMillis, trueTime = at): boolean {
  const fault = acting(device, 'err', trueTime);
  return fault !== undefined && strikes(fault, at);
}

/** Is the seed at `at` not what it was when it was checked last? Dashes then stand for a code. */
export function seedIsCorrupt(device: Device, at: UnixMillis): boolean {
  return acting(device, 'seedCorrupt', at) !== undefined;
}

/** What the display's faults make of a picture, each in the order of injection. */
export function distort(frame: Frame, device: Device, at: UnixMillis): Frame {
  if (!frame.lit || device.faults.length === 0) return frame;
  const occasion = pictureOf(device);
  return device.faults.reduce((picture, fault) => {
    const change = DISTORTIONS[fault.name];
    if (change === undefined || fault.since > at) return picture;
    const isPicture = FAULT_CATALOGUE[fault.name].occasion === 'picture';
    const acts = isPicture ? strikes(fault, ...occasion) : hasStruck(fault);
    return acts ? change(picture, fault, occasion) : picture;
  }, frame);
}

/** Has a fault that strikes once, at its injection, struck? */
export function hasStruck(fault: Fault): boolean {
  return FAULT_CATALOGUE[fault.name].occasion === 'injection' && strikes(fault, fault.since);
}

/** Of the segments that should be on, how many a weak cell leaves off (chosen). */
const WEAK_CELL_SHARE = 0.1;

type Occasion = readonly (number | string)[];
type Distortion = (frame: Frame, fault: Fault, occasion: Occasion) => Frame;

const DISTORTIONS: Readonly<Partial<Record<FaultName, Distortion>>> = {
  segmentStuckOn: (frame, fault) => withCell(frame, fault, (mask, bit) => mask | bit),
  segmentStuckOff: (frame, fault) => withCell(frame, fault, (mask, bit) => mask & ~bit),
  garbled: (frame, fault, occasion) =>
    thinned(frame, fault, { occasion, share: numberOf(fault, 'share') }),
  batteryWeak: (frame, fault, occasion) =>
    thinned(frame, fault, { occasion, share: WEAK_CELL_SHARE }),
  faded: (frame, fault) => ({
    ...frame,
    contrast: Math.min(frame.contrast, numberOf(fault, 'contrast')),
  }),
  rotated: (frame) => ({ ...frame, rotated: true }),
};

/** What tells one picture of the display from the next. */
function pictureOf({ state }: Device): Occasion {
  const { litAt = 0, shownFactor = '', menuPlace = '' } = state;
  return [state.state, litAt, shownFactor, menuPlace];
}

function withCell(frame: Frame, fault: Fault, change: (mask: number, bit: number) => number) {
  const place = numberOf(fault, 'cell') - 1;
  const bit = 1 << SEGMENTS.indexOf(fault.attributes['segment'] as Segment);
  return {
    ...frame,
    cells: frame.cells.map((mask, cell) => (cell === place ? change(mask, bit) : mask)),
  };
}

/** Each segment that is on drops out with the chance `share`. */
function thinned(
  frame: Frame,
  fault: Fault,
  { occasion, share }: { readonly occasion: Occasion; readonly share: number },
): Frame {
  const drops = (cell: number, segment: Segment) =>
    chance(fault, 'drops', ...occasion, cell, segment) < share;
  return {
    ...frame,
    cells: frame.cells.map((mask, cell) =>
      SEGMENTS.reduce(
        (left, segment, bit) => (drops(cell, segment) ? left & ~(1 << bit) : left),
        mask,
      ),
    ),
  };
}

/** Evenly over `millis`; all but the last contact let go half-way to the next. */
function bounced(fault: Fault, at: UnixMillis, holdMillis: number): Contact[] {
  const contacts = numberOf(fault, 'contacts');
  const gap = numberOf(fault, 'millis') / (contacts - 1);
  return Array.from({ length: contacts }, (_, index) => {
    const after = Math.round(index * gap);
    const hold = index < contacts - 1 ? gap / 2 : Math.max(0, holdMillis - after);
    return { at: (at + after) as UnixMillis, holdMillis: Math.round(hold) };
  });
}

/** Once in each equal part of a day, at a moment of it that is drawn. */
function pocketTimes(fault: Fault, from: UnixMillis, to: UnixMillis): UnixMillis[] {
  const partMillis = DAY_MILLIS / numberOf(fault, 'perDay');
  return timesOf(fault, { from, to, partMillis, within: (part) => chance(fault, 'when', part) });
}

/** At its start, a millisecond after the injection, and again at equal intervals. */
function stuckTimes(fault: Fault, from: UnixMillis, to: UnixMillis): UnixMillis[] {
  const partMillis = DAY_MILLIS / numberOf(fault, 'contactsPerDay');
  return timesOf(fault, { from, to, partMillis, within: () => 0 });
}

interface Parts {
  readonly from: number;
  readonly to: number;
  readonly partMillis: number;
  /** Where in a part, counted from the injection, its contact lies: 0 to below 1. */
  readonly within: (part: number) => number;
}

function timesOf(fault: Fault, { from, to, partMillis, within }: Parts): UnixMillis[] {
  const times: UnixMillis[] = [];
  const first = Math.max(0, Math.floor((from - fault.since) / partMillis) - 1);
  for (let part = first; part < first + PARTS_MAX; part += 1) {
    if (fault.since + part * partMillis > to || times.length === SPONTANEOUS_PRESSES_MAX) break;
    const time = fault.since + 1 + Math.floor((part + within(part)) * partMillis);
    if (time > from && time <= to && strikes(fault, part)) times.push(time as UnixMillis);
  }
  return times;
}

function find(device: Device, name: FaultName): Fault | undefined {
  return device.faults.find((fault) => fault.name === name);
}

/** The fault if it is injected, acts at `at`, and is not one that did not strike when injected. */
function acting(device: Device, name: FaultName, at: UnixMillis): Fault | undefined {
  const fault = find(device, name);
  if (fault === undefined || fault.since > at) return undefined;
  const { occasion } = FAULT_CATALOGUE[name];
  return occasion === 'injection' && !hasStruck(fault) ? undefined : fault;
}

/** The fault if it strikes a press at `at`. */
function strikesAtPress(device: Device, name: FaultName, at: UnixMillis): Fault | undefined {
  const fault = acting(device, name, at);
  return fault !== undefined && strikes(fault, at) ? fault : undefined;
}

/** An attribute that the catalogue declares as a number. */
function numberOf(fault: Fault, attribute: string): number {
  return Number(fault.attributes[attribute]);
}
