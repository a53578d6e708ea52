import { expect } from 'chai';
import fc from 'fast-check';
import { deviceTimeAt, rateAt, trueMillisUntil } from '../../../emulator/device/crystal.ts';
import { setTemperature } from '../../../emulator/device/device.ts';
import { IDEAL_PHYSIQUE } from '../../../emulator/device/factory.ts';
import { passTime } from '../../../emulator/device/physics.ts';
import type { Device, Fault, Physique } from '../../../emulator/device/types.ts';
import { YEAR_MILLIS } from '../../../firmware-spec/physics.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

const MADE = at('2026-01-01T00:00:00Z');
const YEAR_SECONDS = YEAR_MILLIS / 1000;
const later = (millis: number) => Math.round(MADE + millis) as UnixMillis;

const withBody = (body: Partial<Physique>, celsius = 25): Device =>
  deviceWith({ at: MADE, physique: { ...IDEAL_PHYSIQUE, ...body }, celsius });

const fault = (name: 'clockRate' | 'clockStopped', since: UnixMillis, ppm = 0): Fault => ({
  name,
  attributes: name === 'clockRate' ? { ppm } : {},
  probability: 1,
  randomSeed: 1,
  since,
});

describe('emulator/device/crystal', () => {
  it('runs at the sum of trim, parabola, ageing and what a fault adds (FS-60)', () => {
    const body = { trimPpm: 2, parabolicPpm: -0.034, turnoverCelsius: 24, ageingPpm: -3 };
    const device = { ...withBody(body), faults: [fault('clockRate', MADE, 100)] };
    const rate = rateAt(device, 34, later(YEAR_MILLIS));
    expect(rate).to.be.closeTo(2 - 3.4 - 3 + 100, 1e-9);
  });

  const slowdowns: readonly (readonly [celsius: number, secondsPerDay: number])[] = [
    [25, 0],
    [10, -0.66],
    [40, -0.66],
    [0, -1.84],
    [50, -1.84],
    [-20, -6.0],
    [70, -6.0],
  ];
  for (const [celsius, secondsPerDay] of slowdowns) {
    it(`loses ${-secondsPerDay} s a day at ${celsius} degrees (FS-61)`, () => {
      const day = 86_400_000;
      const body = withBody({ parabolicPpm: C30.crystal.parabolicPpm }, celsius);
      const lost = passTime(body, later(day)).state.offsetMillis / 1000;
      expect(lost).to.be.closeTo(secondsPerDay, Math.abs(secondsPerDay) * 0.05 + 1e-9);
    });
  }

  it('ages evenly in the first year and with the logarithm of time after it (FS-62)', () => {
    const device = withBody({ ageingPpm: 3 });
    const rate = (years: number) => rateAt(device, 25, MADE + years * YEAR_MILLIS);
    expect(rate(0)).to.equal(0);
    expect(rate(0.5)).to.be.closeTo(1.5, 1e-9);
    expect(rate(1)).to.be.closeTo(3, 1e-9);
    expect(rate(Math.E)).to.be.closeTo(6, 1e-9);
    expect(rate(-1)).to.equal(0);
    // Without a kink: just before and after the first year it ages as fast.
    expect(rate(1.001) - rate(1)).to.be.closeTo(rate(1) - rate(0.999), 1e-5);
  });

  it('drifts by the integral of that rate (FS-63)', () => {
    const device = withBody({ ageingPpm: 3 });
    const drift = (years: number) =>
      passTime(device, later(years * YEAR_MILLIS)).state.offsetMillis / 1000;
    expect(drift(1)).to.be.closeTo((1.5 * YEAR_SECONDS) / 1e6, 1e-3);
    const sliced = Array.from({ length: 9000 }, (_, slice) => 1 + (slice + 0.5) / 1000);
    const numeric = sliced.reduce(
      (sum, year) => sum + (rateAt(device, 25, MADE + year * YEAR_MILLIS) * YEAR_SECONDS) / 1e9,
      drift(1),
    );
    expect(drift(10)).to.be.closeTo(numeric, 1e-3);
  });

  it('drifts the same however a time is cut into pieces (FS-63)', () => {
    const span = fc.integer({ min: 0, max: 20 * YEAR_MILLIS });
    const ppm = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(span, span, ppm, ppm, (one, other, trimPpm, ageingPpm) => {
        const device = {
          ...withBody({ trimPpm, ageingPpm, parabolicPpm: -0.034 }, 10),
          faults: [fault('clockRate', later(YEAR_MILLIS), 50)],
        };
        const [first, last] = [Math.min(one, other), Math.max(one, other)];
        const whole = passTime(device, later(last)).state.offsetMillis;
        const pieces = passTime(passTime(device, later(first)), later(last)).state.offsetMillis;
        expect(pieces).to.be.closeTo(whole, 1e-3);
      }),
    );
  });

  it('drifts at each temperature for the time that it lasted (FS-59)', () => {
    const day = 86_400_000;
    const cold = setTemperature(withBody({ parabolicPpm: -0.034 }), later(day), 0, ENV);
    expect(cold.state.offsetMillis).to.equal(0);
    const warm = setTemperature(cold, later(3 * day), 25, ENV);
    expect(warm.state.offsetMillis).to.be.closeTo(-2 * 1836, 1e-6);
    expect(passTime(warm, later(9 * day)).state.offsetMillis).to.equal(warm.state.offsetMillis);
  });

  it('is left alone by an earlier time (FS-10)', () => {
    const device = passTime(withBody({ trimPpm: 20 }), later(1e9));
    expect(passTime(device, MADE)).to.equal(device);
    expect(deviceTimeAt(device, MADE)).to.equal(MADE + 20_000);
  });

  it('gives no time before 1970 (FS-9)', () => {
    expect(deviceTimeAt(withBody({}), -5 as UnixMillis)).to.equal(0);
  });

  it('runs true in a live device but for a fault (FS-64)', () => {
    const body = { trimPpm: 20, ageingPpm: 3, parabolicPpm: -0.034 };
    const live = { ...withBody(body, 60), mode: 'live' as const };
    expect(passTime(live, later(YEAR_MILLIS)).state.offsetMillis).to.equal(0);
    const faulty = { ...live, faults: [fault('clockRate', MADE, 10)] };
    expect(passTime(faulty, later(1e8)).state.offsetMillis).to.be.closeTo(1000, 1e-9);
  });

  it('stands from the moment that a fault stops it', () => {
    const stopped = { ...withBody({}), faults: [fault('clockStopped', later(60_000))] };
    expect(deviceTimeAt(stopped, later(60_000))).to.equal(MADE + 60_000);
    expect(deviceTimeAt(stopped, later(1e9))).to.equal(MADE + 60_000);
    const now = later(1e9);
    expect(trueMillisUntil(stopped, now, MADE + 60_001)).to.equal(Infinity);
    expect(trueMillisUntil(stopped, now, MADE + 60_000)).to.equal(0);
  });

  it('tells when it will give a time', () => {
    const fast = withBody({ trimPpm: 1000 });
    const millis = trueMillisUntil(fast, MADE, MADE + 1_001_000);
    expect(millis).to.be.closeTo(1_000_000, 1e-6);
  });
});
