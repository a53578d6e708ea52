import { expect } from 'chai';
import { deviceTimeAt } from '../../../emulator/device/crystal.ts';
import { advance, press, pressKey, read } from '../../../emulator/device/device.ts';
import {
  contactsOf,
  SPONTANEOUS_PRESSES_MAX,
  spontaneousPresses,
} from '../../../emulator/device/faults/effects.ts';
import {
  clearFault,
  type Injection,
  inject,
  resetFaults,
} from '../../../emulator/device/faults/inject.ts';
import { segmentsOf } from '../../../emulator/device/lcd.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import type { FaultName } from '../../../firmware-spec/vocabulary.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

const MADE = at('2026-01-01T00:00:00Z');
const NOON = at('2026-01-01T12:00:00Z');
const SECOND = 1000;
const DAY = 86_400_000;
const later = (millis: number) => (NOON + millis) as UnixMillis;

const c30 = () => deviceWith({ at: MADE });
const live = () => deviceWith({ at: MADE, mode: 'live' });
const e6 = () => deviceWith({ at: MADE, profile: PROFILES.e6 });

/** With a fault from noon on. */
function faulty(
  device: Device,
  name: FaultName,
  attributes: Injection['attributes'] = {},
  options: Omit<Injection, 'name' | 'attributes'> = {},
): Device {
  return inject(device, NOON, { name, attributes, ...options }, ENV);
}

const pressed = (device: Device, when: UnixMillis = NOON) => press(device, when, ENV);
const shown = (device: Device, when: UnixMillis = NOON) => read(pressed(device, when), when, ENV);
const soundCode = (device: Device = c30()) => shown(device).code;

describe('faults of the button', () => {
  it('dead: a press makes no contact (FS-84)', () => {
    const dead = faulty(e6(), 'buttonDead');
    const after = pressed(dead);
    expect(contactsOf(dead, NOON, 0)).to.deep.equal([]);
    expect(after.state).to.include({ state: 'asleep', counter: 0, presses: 1 });
    expect(read(after, NOON, ENV).display).to.equal('');
  });

  it('bouncing: contacts evenly over its time, each a press if far apart (FS-85)', () => {
    const bouncing = faulty(e6(), 'buttonBounce', { contacts: 4, millis: 300 });
    expect(contactsOf(bouncing, NOON, 1000)).to.deep.equal([
      { at: NOON, holdMillis: 50 },
      { at: NOON + 100, holdMillis: 50 },
      { at: NOON + 200, holdMillis: 50 },
      { at: NOON + 300, holdMillis: 700 },
    ]);
    expect(pressed(bouncing).state.counter).to.equal(4);
    const debounced = faulty(e6(), 'buttonBounce', { contacts: 4, millis: 30 });
    expect(pressed(debounced).state.counter).to.equal(1);
  });

  it('in a pocket: pressed so often a day, and the same however time passes (FS-86)', () => {
    const device = faulty(e6(), 'pocketPresses', { perDay: 5 }, { randomSeed: 7 });
    const week = later(7 * DAY);
    const times = spontaneousPresses(device, NOON, week);
    expect(times).to.have.length.within(34, 35);
    expect([...times]).to.deep.equal([...times].sort((one, other) => one - other));
    let inDays = device;
    for (let day = 1; day <= 7; day += 1) inDays = advance(inDays, later(day * DAY), ENV);
    const atOnce = advance(device, week, ENV);
    expect(inDays.state.counter).to.equal(times.length);
    expect(atOnce.state.counter).to.equal(times.length);
    expect(inDays.state.presses).to.equal(atOnce.state.presses);
    const untouched = advance(e6(), week, ENV).state.chargeMicroampHours;
    expect(atOnce.state.chargeMicroampHours).to.be.below(untouched);
  });

  it('stuck: lights the display until its time is over, again and again (FS-86)', () => {
    const stuck = faulty(e6(), 'buttonStuck', { contactsPerDay: 24 });
    expect(read(stuck, later(SECOND), ENV).state).to.equal('showing');
    expect(read(stuck, later(20 * SECOND), ENV).state).to.equal('asleep');
    expect(pressed(stuck, later(30 * SECOND)).state.state).to.equal('asleep');
    expect(read(stuck, later(3600 * SECOND + SECOND), ENV).state).to.equal('showing');
    expect(advance(stuck, later(DAY), ENV).state.counter).to.equal(24);
  });

  it('makes no more contacts in one piece of time than a cell has charge for', () => {
    const device = faulty(live(), 'pocketPresses', { perDay: 1000 });
    const century = spontaneousPresses(device, NOON, later(36_525 * DAY));
    expect(century).to.have.length(SPONTANEOUS_PRESSES_MAX);
    const rare = faulty(live(), 'pocketPresses', { perDay: 1000 }, { probability: 1e-9 });
    expect(spontaneousPresses(rare, NOON, at('9999-12-31T00:00:00Z'))).to.deep.equal([]);
  });
});

describe('faults of the clock', () => {
  it('an offset is there at once, and stays when it is cleared (FS-94, FS-96)', () => {
    const late = faulty(live(), 'clockOffset', { seconds: -600 });
    expect(deviceTimeAt(late, NOON)).to.equal(NOON - 600 * SECOND);
    expect(shown(late).code).to.equal(shown(c30(), later(-600 * SECOND)).code);
    const cleared = clearFault(late, later(SECOND), 'clockOffset', ENV);
    expect(cleared.faults).to.deep.equal([]);
    expect(deviceTimeAt(cleared, later(SECOND))).to.equal(NOON - 599 * SECOND);
  });

  it('a rate adds up on a live device too, and no more once it is cleared (FS-87, FS-96)', () => {
    const fast = faulty(live(), 'clockRate', { ppm: 1000 });
    expect(deviceTimeAt(fast, later(DAY)) - later(DAY)).to.be.closeTo(86_400, 1e-3);
    const cleared = clearFault(fast, later(DAY), 'clockRate', ENV);
    const offset = deviceTimeAt(cleared, later(9 * DAY)) - later(9 * DAY);
    expect(offset).to.be.closeTo(86_400, 1e-3);
  });

  it('a stopped one stands: the same code for ever, and the display stays lit (FS-87)', () => {
    const lit = pressed(faulty(live(), 'clockStopped'));
    const after = read(lit, later(DAY), ENV);
    expect(after.state).to.equal('showing');
    expect(after.code).to.equal(soundCode()).and.not.equal(null);
    expect(after.remainingMillis).to.equal(null);
  });
});

describe('faults of the cell', () => {
  it('low: a warning first, then the code (FS-88)', () => {
    for (const device of [c30(), live()]) {
      const low = pressed(faulty(device, 'batteryLow'));
      expect(read(low, NOON, ENV).state).to.equal('lowBattery');
      const messageMillis = device.profile.display.messageSeconds * SECOND;
      const then = read(low, later(messageMillis), ENV);
      expect(then.display).to.equal(then.code).and.not.equal('');
    }
  });

  it('weak: pale, garbled, and it resets in the cold (FS-88, FS-91)', () => {
    const lit = pressed(faulty(c30(), 'batteryWeak'));
    const then = read(lit, later(c30().profile.display.messageSeconds * SECOND), ENV);
    expect(then.code).to.match(/^\d{6}$/);
    expect(then.frame.contrast).to.be.below(1);
    expect(then.frame.cells).not.to.deep.equal(segmentsOf(then.code ?? '', 8));
    const cold = faulty(deviceWith({ at: MADE, celsius: -20 }), 'batteryWeak');
    expect(pressed(cold).state.state).to.equal('asleep');
  });

  it('dead: dark for ever, at once, and never cleared (FS-88, FS-96)', () => {
    const dead = faulty(pressed(live()), 'batteryDead');
    expect(dead.state.state).to.equal('dead');
    expect(shown(dead, later(SECOND)).display).to.equal('');
    expect(() => clearFault(dead, NOON, 'batteryDead', ENV)).to.throw('for good');
  });

  it('of several the worst counts (FS-88)', () => {
    const both = faulty(faulty(c30(), 'batteryDead'), 'batteryLow');
    expect(both.state.state).to.equal('dead');
  });

  it('a brown-out keeps a press dark and uses up a counter (FS-89)', () => {
    const after = pressed(faulty(e6(), 'brownOut'));
    expect(after.state).to.include({ state: 'asleep', counter: 1 });
    const cleared = clearFault(after, later(SECOND), 'brownOut', ENV);
    expect(shown(cleared, later(SECOND)).state).to.equal('showing');
  });

  it('a swapped one is new, and the seed is gone (FS-95)', () => {
    const worn = faulty(pressed(c30()), 'batteryLow');
    const swapped = inject(worn, later(DAY), { name: 'cellSwap' }, ENV);
    const fresh = c30().state.chargeMicroampHours;
    expect(swapped.state).to.include({ memoryLost: true, chargeMicroampHours: fresh });
    expect(swapped.faults.map(({ name }) => name)).to.deep.equal(['cellSwap']);
    const years = later(400 * DAY);
    expect(shown(swapped, years)).to.include({ state: 'erased', display: '88888888', code: null });
  });

  it('a swapped one does not wake what is dead (FS-95)', () => {
    const dead = faulty(c30(), 'batteryDead');
    expect(inject(dead, later(1), { name: 'cellSwap' }, ENV).state.state).to.equal('dead');
  });
});

describe('faults of the display', () => {
  /** A code that has the digit in its first place, and the time at which it shows. */
  function showing(digit: string): UnixMillis {
    for (let step = 0; step < 1000; step += 1) {
      const when = later(step * 30 * SECOND);
      if (shown(c30(), when).code?.startsWith(digit) === true) return when;
    }
    throw new Error(`no code begins with ${digit}`);
  }

  it('a segment that is stuck makes other digits of digits (FS-90)', () => {
    const misread: readonly [string, 'segmentStuckOn' | 'segmentStuckOff', string, string][] = [
      ['0', 'segmentStuckOn', 'g', '8'],
      ['5', 'segmentStuckOn', 'e', '6'],
      ['8', 'segmentStuckOff', 'g', '0'],
      ['8', 'segmentStuckOff', 'b', '6'],
      ['7', 'segmentStuckOff', 'a', '1'],
      ['4', 'segmentStuckOff', 'b', '?'],
    ];
    for (const [digit, name, segment, seen] of misread) {
      const when = showing(digit);
      // Six digits stand in the middle of eight cells: the first in the second.
      const reading = shown(
        inject(c30(), NOON, { name, attributes: { cell: 2, segment } }, ENV),
        when,
      );
      expect(reading.code).to.match(new RegExp(`^${digit}`));
      const rest = reading.code?.slice(1) ?? '';
      if (seen === '?') expect(reading.display.slice(1)).to.equal(rest);
      else expect(reading.display).to.equal(seen + rest);
    }
  });

  it('a segment that is stuck shows while the display is lit only (FS-90)', () => {
    const stuck = faulty(c30(), 'segmentStuckOn', { cell: 8, segment: 'g' });
    expect(read(stuck, NOON, ENV)).to.deep.include({ display: '' });
    expect(read(stuck, NOON, ENV).frame.cells).to.deep.equal(new Array(8).fill(0));
    expect(shown(stuck).display).to.equal(`${soundCode()}-`);
  });

  it('garbled: only segments that were on are off, others each time (FS-91)', () => {
    const garbled = faulty(c30(), 'garbled', { share: 0.4 }, { randomSeed: 3 });
    const pictures = Array.from({ length: 20 }, (_, minute) => {
      const when = later(minute * 60 * SECOND);
      const { frame, code } = shown(garbled, when);
      const whole = segmentsOf(code ?? '', 8);
      for (const [cell, mask] of frame.cells.entries()) {
        expect(mask & ~(whole[cell] ?? 0)).to.equal(0);
      }
      const soon = read(pressed(garbled, when), (when + 3) as UnixMillis, ENV);
      expect(soon.frame.cells).to.deep.equal(frame.cells, 'it flickers');
      return frame.cells.map((mask, cell) => (whole[cell] ?? 0) ^ mask).join();
    });
    expect(new Set(pictures).size).to.be.greaterThan(15);
    const all = shown(faulty(c30(), 'garbled', { share: 1 }));
    expect(all).to.include({ display: '', code: soundCode() });
  });

  it('faded: at most so much contrast, and nothing is read off it (FS-92)', () => {
    const pale = shown(faulty(c30(), 'faded', { contrast: 0.6 }));
    expect(pale.frame.contrast).to.be.at.most(0.6);
    expect(pale.display).to.equal(soundCode());
    expect(shown(faulty(c30(), 'faded'))).to.include({ display: '', code: soundCode() });
  });

  it('rotated: digits from back to front (FS-92, FS-97)', () => {
    const turn: Readonly<Record<string, string>> = { 3: 'E', 4: 'h', 6: '9', 7: 'L', 9: '6' };
    const { code, display, frame } = shown(faulty(c30(), 'rotated'));
    expect(frame.rotated).to.equal(true);
    expect(display).to.equal(
      [...(code ?? '')]
        .toReversed()
        .map((one) => turn[one] ?? one)
        .join(''),
    );
  });
});

describe('faults of firmware and memory', () => {
  it('err: its message in place of a code, until it is cleared (FS-89, FS-96)', () => {
    const broken = faulty(c30(), 'err');
    expect(shown(broken)).to.include({ state: 'err', display: 'Err', code: null });
    const cleared = clearFault(broken, later(SECOND), 'err', ENV);
    expect(shown(cleared, later(SECOND)).code).to.equal(soundCode());
  });

  it('a corrupt seed: a dash for each digit (FS-93)', () => {
    for (const device of [c30(), deviceWith({ at: MADE, profile: PROFILES['c30-sha256'] })]) {
      const reading = shown(faulty(device, 'seedCorrupt'));
      expect(reading).to.include({ code: null, display: '-'.repeat(device.parameters.digits) });
    }
  });

  it('a counter that skips goes on from there, as far as there is one (FS-94)', () => {
    expect(faulty(e6(), 'counterSkip', { by: 20 }).state.counter).to.equal(20);
    const last = deviceWith({ profile: PROFILES.e6, counter: Number.MAX_SAFE_INTEGER - 3 });
    expect(faulty(last, 'counterSkip', { by: 20 }).state.counter).to.equal(Number.MAX_SAFE_INTEGER);
  });

  it('a c30 that has locked itself says LoC and nothing else, until it is cleared (FS-94)', () => {
    const locked = faulty(pressed(c30(), later(-SECOND)), 'deviceLock');
    expect(read(locked, NOON, ENV).display).to.equal('');
    expect(shown(locked)).to.include({ state: 'deviceLocked', display: 'LoC', code: null });
    const cleared = clearFault(pressed(locked), later(SECOND), 'deviceLock', ENV);
    expect(shown(cleared, later(SECOND)).code).to.equal(soundCode());
  });

  it('a p30 that has locked itself shows a challenge (FS-94)', () => {
    const locked = faulty(deviceWith({ profile: PROFILES.p30 }), 'deviceLock');
    expect(shown(locked).display).to.match(/^\d{7}$/);
    const typed = pressKey(pressed(locked), NOON, '1', ENV);
    expect(clearFault(typed, NOON, 'deviceLock', ENV).state).not.to.have.any.keys('entry', 'litAt');
  });

  it('what is always lit says at once that it is locked, and shows codes again (FS-94)', () => {
    const a60 = deviceWith({ profile: PROFILES.a60 });
    const locked = faulty(a60, 'deviceLock');
    expect(read(locked, NOON, ENV).display).to.equal('LoC');
    const cleared = clearFault(locked, later(90 * SECOND), 'deviceLock', ENV);
    const reading = read(cleared, later(90 * SECOND), ENV);
    expect(reading.code)
      .to.equal(read(a60, later(90 * SECOND), ENV).code)
      .and.not.equal(null);
  });

  it('tamper and selfDisabled are for good (FS-95, FS-96)', () => {
    const opened = faulty(c30(), 'tamper');
    expect(shown(opened)).to.include({ state: 'erased', display: '88888888' });
    const disabled = faulty(c30(), 'selfDisabled');
    expect(shown(disabled)).to.include({ state: 'disabled', display: 'diSAbLEd' });
    for (const device of [opened, disabled]) {
      const name = device.faults[0]?.name ?? '';
      expect(() => clearFault(device, NOON, name, ENV)).to.throw('for good');
      expect(() => inject(device, NOON, { name }, ENV)).to.throw('for good');
      expect(resetFaults(device, later(1), ENV).faults).to.deep.equal(device.faults);
    }
  });
});
