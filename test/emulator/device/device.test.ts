import { expect } from 'chai';
import { deviceTimeAt, RATE_PPM_MAX } from '../../../emulator/device/crystal.ts';
import {
  advance,
  createDevice,
  type DeviceOptions,
  parametersOf,
  press,
  read,
} from '../../../emulator/device/device.ts';
import { COUNTER_MAX, step } from '../../../emulator/device/step.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import { E6 } from '../../../firmware-spec/profiles/e6.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { Serial } from '../../../shared/types.ts';
import { at, deviceWith, ENV, RFC_SEED } from './devices.ts';

const NOON = at('2026-01-01T12:00:00Z');
const SECOND = 1000;
const later = (millis: number) => at(new Date(NOON + millis).toISOString());

describe('emulator/device, made', () => {
  it('is asleep, its clock set, with the parameters of its profile (FS-1, FS-4, FS-7)', () => {
    const device = createDevice({
      serial: 'C30-1' as Serial,
      profile: C30,
      seed: RFC_SEED,
      at: NOON,
    });
    expect(device).to.deep.include({ mode: 'simulated', ratePpm: 0 });
    expect(device.parameters).to.deep.equal({
      type: 'time',
      algorithm: 'SHA1',
      digits: 6,
      stepSeconds: 30,
    });
    expect(device.state).to.deep.equal({
      state: 'asleep',
      asOf: NOON,
      offsetMillis: 0,
      counter: 0,
      presses: 0,
    });
    expect(read(device, NOON, ENV)).to.deep.equal({
      at: NOON,
      state: 'asleep',
      frame: { lit: false, cells: [0, 0, 0, 0, 0, 0, 0, 0], marks: 0, marksMax: 6 },
      display: '',
      code: null,
      remainingMillis: null,
    });
  });

  const refusals: readonly [string, Partial<DeviceOptions>, string][] = [
    [
      'parameters of another type',
      { parameters: { type: 'event', algorithm: 'SHA1', digits: 6 } },
      'type',
    ],
    [
      'more digits than cells',
      { profile: { ...C30, digits: 8, display: { ...C30.display, cells: 6 } } },
      'digits',
    ],
    ['a step of 0 s', { parameters: timeParameters(0) }, 'stepSeconds'],
    ['a step of 3601 s', { parameters: timeParameters(3601) }, 'stepSeconds'],
    ['a step of 1.5 s', { parameters: timeParameters(1.5) }, 'stepSeconds'],
    ['a rate beyond what starts', { ratePpm: -RATE_PPM_MAX - 1 }, 'ratePpm'],
    ['a rate that is no number', { ratePpm: Number.NaN }, 'ratePpm'],
    ['a counter below 0', { profile: E6, counter: -1 }, 'counter'],
    ['a counter beyond 2^53 - 1', { profile: E6, counter: COUNTER_MAX + 1 }, 'counter'],
    [
      'a time profile without a step',
      { profile: { ...C30, stepSeconds: undefined } },
      'stepSeconds',
    ],
  ];
  for (const [what, options, field] of refusals) {
    it(`is refused with ${what}, naming ${field} (FS-24)`, () => {
      expect(() => deviceWith(options))
        .to.throw(FobtwinError)
        .that.satisfies(
          (error: FobtwinError) =>
            error.code === 'invalidInput' && error.errors[0]?.field === field,
        );
    });
  }
});

describe('emulator/device, pressed', () => {
  it('counts presses and remembers the last, ignored ones and earlier ones too', () => {
    const once = press(deviceWith(), NOON, ENV);
    expect(once.state).to.include({ presses: 1, pressedAt: NOON });
    const twice = press(once, later(5 * SECOND), ENV);
    expect(twice.state).to.include({ presses: 2, pressedAt: later(5 * SECOND) });
    const earlier = press(twice, later(-60 * SECOND), ENV);
    expect(earlier.state).to.include({ presses: 3, pressedAt: later(-60 * SECOND) });
    expect(earlier.state.asOf).to.equal(later(5 * SECOND));
  });

  it('is not prolonged by an ignored press (FS-16)', () => {
    const once = press(deviceWith(), NOON, ENV);
    const twice = press(once, later(29 * SECOND), ENV);
    expect(twice.state.litAt).to.equal(once.state.litAt);
    expect(read(twice, later(30 * SECOND), ENV).state).to.equal('asleep');
  });

  it('keeps the last counter when there is no next (FS-14)', () => {
    let device = deviceWith({ profile: E6, counter: COUNTER_MAX - 1 });
    const factors = [0, 1, 2].map((minute) => {
      device = press(device, later(minute * 60 * SECOND), ENV);
      return device.state.shownFactor;
    });
    expect(factors).to.deep.equal([COUNTER_MAX - 1, COUNTER_MAX, COUNTER_MAX]);
    expect(device.state.counter).to.equal(COUNTER_MAX);
  });

  it('shows each second of a step that is imported as 1 s', () => {
    const lit = press(deviceWith({ parameters: timeParameters(1) }), NOON, ENV);
    const seconds = Array.from({ length: 30 }, (_, second) =>
      read(lit, later(second * SECOND + 500), ENV),
    );
    expect(seconds.map(({ code }) => code)).to.deep.equal(
      seconds.map((_, second) =>
        ENV.otp.code(RFC_SEED, NOON / SECOND + second, { algorithm: 'SHA1', digits: 6 }),
      ),
    );
    expect(new Set(seconds.map(({ frame }) => frame.marks))).to.deep.equal(new Set([3]));
    expect(read(lit, later(30 * SECOND), ENV).display).to.equal('');
  });
});

describe('emulator/device, in time', () => {
  it('is left alone by an advance to an earlier time', () => {
    const device = press(deviceWith(), NOON, ENV);
    expect(advance(device, later(-1), ENV)).to.equal(device);
  });

  it('tells time by its crystal, not by how often it is looked at (FS-8)', () => {
    const device = deviceWith({ ratePpm: 17, at: NOON });
    const year = 365 * 24 * 3600 * SECOND;
    const once = advance(device, later(year), ENV);
    let often = device;
    for (let day = 1; day <= 365; day += 1) often = advance(often, later((day * year) / 365), ENV);
    expect(once.state.offsetMillis).to.be.closeTo((year * 17) / 1e6, 1e-6);
    expect(often.state.offsetMillis).to.be.closeTo(once.state.offsetMillis, 1e-3);
    expect(deviceTimeAt(device, later(year))).to.equal(deviceTimeAt(once, later(year)));
  });

  it('does not take back what its crystal has drifted (FS-10)', () => {
    const aged = advance(deviceWith({ ratePpm: 20, at: NOON }), later(1e9), ENV);
    expect(deviceTimeAt(aged, NOON)).to.equal(NOON + 20_000);
  });

  it('takes decades in one advance', () => {
    const lit = press(deviceWith({ at: NOON }), NOON, ENV);
    const aged = advance(lit, at('2066-01-01T00:00:00Z'), ENV);
    expect(aged.state.state).to.equal('asleep');
    expect(aged.state).not.to.have.any.keys('litAt', 'shownFactor');
  });

  it('does not change by being read', () => {
    const device = press(deviceWith({ ratePpm: 5 }), NOON, ENV);
    const before = structuredClone(device);
    for (const millis of [-60_000, 0, 12_345, 60_000]) read(device, later(millis), ENV);
    expect(device).to.deep.equal(before);
  });
});

describe('emulator/device/step', () => {
  it('names the effects it did, none where the table has no row (FS-6)', () => {
    const device = deviceWith();
    const pressed = step(device, { event: 'press', deviceTime: NOON }, ENV);
    expect(pressed.effects).to.deep.equal(['computeCode', 'lightDisplay']);
    const nothing = step(device, { event: 'displayTimeOver', deviceTime: NOON }, ENV);
    expect(nothing).to.deep.equal({ device, effects: [] });
  });

  it('reads parameters off any profile', () => {
    expect(parametersOf(E6)).to.deep.equal({ type: 'event', algorithm: 'SHA1', digits: 6 });
  });
});

function timeParameters(stepSeconds: number) {
  return { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds } as const;
}
