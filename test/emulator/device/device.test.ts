import { expect } from 'chai';
import { deviceTimeAt } from '../../../emulator/device/crystal.ts';
import {
  advance,
  createDevice,
  type DeviceOptions,
  press,
  read,
  setTemperature,
} from '../../../emulator/device/device.ts';
import { IDEAL_PHYSIQUE } from '../../../emulator/device/factory.ts';
import { inject } from '../../../emulator/device/faults/inject.ts';
import { COUNTER_MAX } from '../../../emulator/device/step.ts';
import type { Device, Physique } from '../../../emulator/device/types.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import { E6 } from '../../../firmware-spec/profiles/e6.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { Serial, UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV, RFC_SEED } from './devices.ts';

const NOON = at('2026-01-01T12:00:00Z');
const SECOND = 1000;
const later = (millis: number) => at(new Date(NOON + millis).toISOString());
const running = (trimPpm: number): { physique: Physique } => ({
  physique: { ...IDEAL_PHYSIQUE, trimPpm },
});
const drawnPresses = (before: Device, after: Device): number =>
  Math.round(
    (before.state.chargeMicroampHours - after.state.chargeMicroampHours) /
      before.profile.cell.pressMicroampHours,
  );

describe('emulator/device, made', () => {
  it('is asleep, its clock set, with the parameters of its profile (FS-1, FS-4, FS-7)', () => {
    const device = createDevice({
      serial: 'C30-1' as Serial,
      profile: C30,
      seed: RFC_SEED,
      at: NOON,
    });
    expect(device).to.deep.include({
      mode: 'simulated',
      madeAt: NOON,
      physique: IDEAL_PHYSIQUE,
      faults: [],
    });
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
      celsius: 25,
      chargeMicroampHours: C30.cell.capacityMicroampHours,
      counter: 0,
      wrongPins: 0,
      locked: false,
      challenge: 0,
      memoryLost: false,
      disabled: false,
      presses: 0,
    });
    expect(read(device, NOON, ENV)).to.deep.equal({
      at: NOON,
      state: 'asleep',
      frame: {
        lit: false,
        cells: [0, 0, 0, 0, 0, 0, 0, 0],
        marks: 0,
        marksMax: 6,
        icons: [],
        contrast: 1,
        rotated: false,
      },
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
    [
      'five digits',
      { parameters: { type: 'event', algorithm: 'SHA1', digits: 5 as 6 }, profile: E6 },
      'digits',
    ],
    [
      'an unknown algorithm',
      { parameters: { type: 'event', algorithm: 'MD5' as 'SHA1', digits: 6 }, profile: E6 },
      'algorithm',
    ],
    ['a step of 0 s', { parameters: timeParameters(0) }, 'stepSeconds'],
    ['a step of 3601 s', { parameters: timeParameters(3601) }, 'stepSeconds'],
    ['a step of 1.5 s', { parameters: timeParameters(1.5) }, 'stepSeconds'],
    ['a trim beyond what starts', running(-1001), 'physique/trimPpm'],
    ['a trim that is no number', running(Number.NaN), 'physique/trimPpm'],
    [
      'a cell that holds nothing',
      { physique: { ...IDEAL_PHYSIQUE, cellShare: 0 } },
      'physique/cellShare',
    ],
    ['a temperature below any', { celsius: -300 }, 'celsius'],
    ['a temperature that is no number', { celsius: Number.NaN }, 'celsius'],
    ['a time that is no number', { at: Number.NaN as UnixMillis }, 'at'],
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
    const device = deviceWith({ ...running(17), at: NOON });
    const year = 365 * 24 * 3600 * SECOND;
    const once = advance(device, later(year), ENV);
    let often = device;
    for (let day = 1; day <= 365; day += 1) often = advance(often, later((day * year) / 365), ENV);
    expect(once.state.offsetMillis).to.be.closeTo((year * 17) / 1e6, 1e-6);
    expect(often.state.offsetMillis).to.be.closeTo(once.state.offsetMillis, 1e-3);
    expect(deviceTimeAt(device, later(year))).to.equal(deviceTimeAt(once, later(year)));
  });

  it('does not take back what its crystal has drifted (FS-10)', () => {
    const aged = advance(deviceWith({ ...running(20), at: NOON }), later(1e9), ENV);
    expect(deviceTimeAt(aged, NOON)).to.equal(NOON + 20_000);
  });

  it('takes decades in one advance', () => {
    const lit = press(deviceWith({ at: NOON, mode: 'live' }), NOON, ENV);
    const aged = advance(lit, at('2066-01-01T00:00:00Z'), ENV);
    expect(aged.state.state).to.equal('asleep');
    expect(aged.state).not.to.have.any.keys('litAt', 'shownFactor');
  });

  it('does not change by being read', () => {
    const device = press(deviceWith(running(5)), NOON, ENV);
    const before = structuredClone(device);
    for (const millis of [-60_000, 0, 12_345, 60_000]) read(device, later(millis), ENV);
    expect(device).to.deep.equal(before);
  });
});

describe('emulator/device, in its body', () => {
  it('gives the code of RFC 4226 for its moving factor, for every model (FS-2, FS-3)', () => {
    for (const profile of Object.values(PROFILES)) {
      const { type, algorithm, digits, stepSeconds = 1, pin } = profile;
      if (pin !== undefined) continue;
      const device = press(deviceWith({ profile, at: NOON, counter: 7 }), NOON, ENV);
      const factor = type === 'event' ? 7 : Math.floor(NOON / 1000 / stepSeconds);
      const code = ENV.otp.code(RFC_SEED, factor, { algorithm, digits });
      expect(read(device, NOON, ENV), profile.name).to.deep.include({ code, display: code });
    }
  });

  it('keeps its clock in every state, and its timers in the dark (FS-11)', () => {
    const asleep = deviceWith({ ...running(20), at: NOON });
    const disabled = inject(asleep, NOON, { name: 'selfDisabled' }, ENV);
    const day = later(24 * 3600 * SECOND);
    const [slept, stood] = [asleep, disabled].map((device) => advance(device, day, ENV).state);
    expect(slept?.offsetMillis).to.equal(stood?.offsetMillis).and.be.closeTo(1728, 0.001);
    expect(slept).to.include({ state: 'asleep' });
    expect(stood).to.include({ state: 'disabled' });
  });

  it('draws the charge of one press for each press that lights it, no other (FS-30)', () => {
    const made = deviceWith({ at: NOON });
    const once = press(made, NOON, ENV);
    expect(drawnPresses(made, once)).to.equal(1);
    const ignored = press(press(once, later(SECOND), ENV), later(2 * SECOND), ENV);
    expect(drawnPresses(made, ignored)).to.equal(1);
    const event = deviceWith({ profile: E6, at: NOON });
    const thrice = [0, 1, 2].reduce((device, s) => press(device, later(s * SECOND), ENV), event);
    expect(drawnPresses(event, thrice)).to.equal(3);
    const browned = press(inject(made, NOON, { name: 'brownOut' }, ENV), NOON, ENV);
    expect(drawnPresses(made, browned)).to.equal(1);
  });

  it('opens its menu after the very time, and draws nothing for it (FS-30, FS-35)', () => {
    const made = deviceWith({ at: NOON });
    expect(press(made, NOON, ENV, { holdMillis: 5999 }).state.state).to.equal('showing');
    const held = press(made, NOON, ENV, { holdMillis: 6000 });
    expect(held.state).to.include({ state: 'menu', menuPlace: 0, asOf: NOON + 6000 });
    expect(drawnPresses(made, held)).to.equal(1);
  });

  it('says how long what shows will stay, never a time that no clock gives (FS-77)', () => {
    const lit = press(deviceWith({ at: NOON }), later(10 * SECOND), ENV);
    expect(read(lit, later(10 * SECOND), ENV).remainingMillis).to.equal(20_000);
    const stopped = inject(lit, later(11 * SECOND), { name: 'clockStopped' }, ENV);
    expect(read(stopped, later(3600 * SECOND), ENV)).to.include({
      state: 'showing',
      remainingMillis: null,
    });
    const erased = inject(lit, later(11 * SECOND), { name: 'cellSwap' }, ENV);
    expect(read(erased, later(12 * SECOND), ENV)).to.include({
      display: '88888888',
      remainingMillis: null,
    });
  });

  it('feels a temperature from the moment it is set (FS-59)', () => {
    const physique = { ...IDEAL_PHYSIQUE, parabolicPpm: -0.034 };
    const day = 24 * 3600 * SECOND;
    const warm = advance(deviceWith({ physique, at: NOON }), later(day), ENV);
    expect(warm.state.offsetMillis).to.equal(0);
    const cold = advance(setTemperature(warm, later(day), 0, ENV), later(2 * day), ENV);
    // -0.034 times 25 squared is -21.25 ppm.
    expect(cold.state.offsetMillis).to.be.closeTo((-21.25 * day) / 1e6, 1e-6);
  });
});

function timeParameters(stepSeconds: number) {
  return { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds } as const;
}
