import { expect } from 'chai';
import fc from 'fast-check';
import { capacityOf, cellOf, contrastOf, withPressDrawn } from '../../../emulator/device/cell.ts';
import { createDevice } from '../../../emulator/device/device.ts';
import { IDEAL_PHYSIQUE } from '../../../emulator/device/factory.ts';
import { passTime } from '../../../emulator/device/physics.ts';
import type { Device, Fault } from '../../../emulator/device/types.ts';
import { onCurve, YEAR_MILLIS } from '../../../firmware-spec/physics.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import type { Serial, UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, RFC_SEED } from './devices.ts';

const MADE = at('2026-01-01T00:00:00Z');
const CAPACITY = capacityOf(C30, IDEAL_PHYSIQUE);

/** A device whose cell has given a part of its charge, at so many degrees. */
function drawn(part: number, celsius = 25): Device {
  const device = deviceWith({ at: MADE, celsius });
  const chargeMicroampHours = CAPACITY * (1 - part);
  return { ...device, state: { ...device.state, chargeMicroampHours } };
}

const battery = (name: 'batteryLow' | 'batteryWeak' | 'batteryDead'): Fault => ({
  name,
  attributes: {},
  probability: 1,
  randomSeed: 1,
  since: MADE,
});

describe('emulator/device/cell', () => {
  it('loses sleep and its own part of the capacity with time (FS-65)', () => {
    const device = passTime(drawn(0), (MADE + YEAR_MILLIS) as UnixMillis);
    const lost = CAPACITY - device.state.chargeMicroampHours;
    expect(lost).to.be.closeTo(1.5 * 8766 + 0.01 * CAPACITY, 1e-6);
  });

  it('loses what a press draws, and never more than it has (FS-66)', () => {
    const pressed = withPressDrawn(drawn(0));
    expect(CAPACITY - pressed.state.chargeMicroampHours).to.be.closeTo(1.4, 1e-9);
    const last = withPressDrawn(drawn(1 - 0.5 / CAPACITY));
    expect(last.state.chargeMicroampHours).to.equal(0);
    expect(cellOf(last).isEmpty).to.equal(true);
  });

  it('is between 3.15 and 3.35 V when fresh, and flat until it falls (FS-67)', () => {
    for (const celsius of [-20, 0, 25, 60]) {
      expect(cellOf(drawn(0, celsius)).volts).to.be.within(3.14, 3.36);
    }
    const volts = [0.2, 0.5, 0.8, 0.95, 1].map((part) => cellOf(drawn(part)).volts);
    const [flat = 0, middle = 0, late = 0, falling = 0, end = 0] = volts;
    expect(flat - middle).to.be.below(0.1);
    expect(middle - late).to.be.below(0.15);
    expect(late - falling).to.be.above(0.15);
    expect(falling).to.be.above(end);
  });

  it('resists more as it is drawn and in the cold (FS-68)', () => {
    const fresh = cellOf(drawn(0)).ohms;
    expect(fresh).to.equal(C30.cell.freshOhms);
    expect(cellOf(drawn(1)).ohms).to.be.closeTo(4 * fresh, 1e-9);
    expect(cellOf(drawn(0, 5)).ohms).to.be.closeTo(2 * fresh, 1e-9);
  });

  it('gives under a press what the resistance leaves, never below nothing (FS-69)', () => {
    const { volts, ohms, underLoadVolts } = cellOf(drawn(0.5));
    expect(underLoadVolts).to.be.closeTo(volts - ohms * 0.005, 1e-12);
    expect(cellOf(drawn(1, -60)).underLoadVolts).to.equal(0);
  });

  it('is low for its last months at ten presses a day (FS-70)', () => {
    expect(cellOf(drawn(0.9)).isLow).to.equal(false);
    expect(cellOf(drawn(0.95)).isLow).to.equal(true);
    expect(cellOf(drawn(0)).isLow).to.equal(false);
  });

  it('browns out at -20 degrees when 80 % used, and recovers when warm (FS-71)', () => {
    const cold = drawn(0.8, -20);
    expect(cellOf(cold)).to.include({ brownsOut: true, isEmpty: false });
    const warm = { ...cold, state: { ...cold.state, celsius: 25 } };
    expect(cellOf(warm)).to.include({ brownsOut: false, isWeak: false, isLow: false });
    expect(cellOf(drawn(0, -20)).brownsOut).to.equal(false);
    expect(cellOf(drawn(0.999)).isWeak).to.equal(true);
  });

  it('has given all it can where a press just fails at 25 degrees (FS-71, FS-72)', () => {
    for (const [name, profile] of Object.entries(PROFILES)) {
      const serial = 'T-1' as Serial;
      const device = createDevice({ serial, profile, seed: RFC_SEED, at: MADE });
      const nearly = { ...device, state: { ...device.state, chargeMicroampHours: 1e-6 } };
      expect(cellOf(nearly).brownsOut, name).to.equal(false);
      expect(cellOf(nearly).underLoadVolts, name).to.be.below(2.15);
    }
  });

  it('stays empty, whatever the temperature and the time (FS-72)', () => {
    for (const celsius of [-60, 25, 120]) {
      const dead = passTime(drawn(1, celsius), (MADE + YEAR_MILLIS) as UnixMillis);
      expect(cellOf(dead)).to.include({ share: 0, isEmpty: true, isLow: true, brownsOut: true });
      expect(contrastOf(dead)).to.equal(0);
    }
  });

  it('shows less in the cold, the heat and with a low cell (FS-73)', () => {
    expect(contrastOf(drawn(0))).to.equal(1);
    expect(contrastOf(drawn(0, 50))).to.equal(1);
    expect(contrastOf(drawn(0, -20))).to.be.within(0.25, 0.75);
    expect(contrastOf(drawn(0, 70))).to.be.within(0.25, 0.75);
    expect(contrastOf(drawn(0, -45))).to.equal(0);
    expect(contrastOf(drawn(0.98))).to.be.within(0.25, 0.9);
  });

  it('is what a fault says, whatever its charge (FS-70, FS-71, FS-72)', () => {
    const faulty = (name: Parameters<typeof battery>[0], celsius = 25) =>
      cellOf({ ...drawn(0, celsius), faults: [battery(name)] });
    expect(faulty('batteryLow')).to.include({ isLow: true, isWeak: false, brownsOut: false });
    expect(faulty('batteryLow', 70)).to.include({ isLow: true, isWeak: false });
    expect(faulty('batteryWeak')).to.include({ isLow: true, isWeak: true, brownsOut: false });
    expect(faulty('batteryWeak', 0).brownsOut).to.equal(true);
    expect(faulty('batteryDead')).to.include({ isEmpty: true, share: 0 });
  });

  it('does not wear in a live device, nor feel the cold (FS-64)', () => {
    const live = { ...drawn(0.9, -40), mode: 'live' as const };
    const later = passTime(live, (MADE + YEAR_MILLIS) as UnixMillis);
    expect(withPressDrawn(later).state.chargeMicroampHours).to.equal(
      live.state.chargeMicroampHours,
    );
    expect(cellOf(live)).to.include({ share: 1, isLow: false, brownsOut: false });
    expect(contrastOf(live)).to.equal(1);
    const dead = { ...live, faults: [battery('batteryDead')] };
    expect(cellOf(dead).isEmpty).to.equal(true);
  });

  it('never gives more for less charge, nor under a press more than at rest', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    const celsius = fc.double({ min: -60, max: 120, noNaN: true });
    fc.assert(
      fc.property(part, part, celsius, (one, other, warmth) => {
        const fuller = cellOf(drawn(Math.min(one, other), warmth));
        const emptier = cellOf(drawn(Math.max(one, other), warmth));
        expect(emptier.volts).to.be.at.most(fuller.volts);
        expect(emptier.underLoadVolts).to.be.at.most(fuller.underLoadVolts);
        expect(fuller.underLoadVolts).to.be.at.most(fuller.volts);
        expect(contrastOf(drawn(one, warmth))).to.be.within(0, 1);
      }),
    );
  });
});

describe('firmware-spec/physics', () => {
  it('reads a curve between its points, and level beyond them', () => {
    const curve = [
      [0, 1],
      [2, 3],
      [4, 0],
    ] as const;
    const read = [-1, 0, 1, 2, 3, 4, 9].map((x) => onCurve(curve, x));
    expect(read).to.deep.equal([1, 1, 2, 3, 1.5, 0, 0]);
  });
});
