import { expect } from 'chai';
import { parametersOf, press, programme, read } from '../../../emulator/device/device.ts';
import { IDEAL_PHYSIQUE } from '../../../emulator/device/factory.ts';
import { clearFault, inject } from '../../../emulator/device/faults/inject.ts';
import { step } from '../../../emulator/device/step.ts';
import type { Physique } from '../../../emulator/device/types.ts';
import { A60 } from '../../../firmware-spec/profiles/a60.ts';
import { E6 } from '../../../firmware-spec/profiles/e6.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { at, deviceWith, ENV, type RFC_SEED } from './devices.ts';

const NOON = at('2026-01-01T12:00:00Z');
const SECOND = 1000;
const later = (millis: number) => at(new Date(NOON + millis).toISOString());
const running = (trimPpm: number): { physique: Physique } => ({
  physique: { ...IDEAL_PHYSIQUE, trimPpm },
});
describe('emulator/device, programmed', () => {
  it('has another seed and counter, and its clock is right (FS-1, FS-58)', () => {
    const seed = new Uint8Array(20).fill(7) as typeof RFC_SEED;
    const old = press(deviceWith({ profile: E6, ...running(20), counter: 9 }), NOON, ENV);
    const device = programme(old, NOON, { seed, counter: 3 });
    expect(device).to.deep.include({ seed, madeAt: NOON });
    expect(device.state).to.include({ state: 'asleep', offsetMillis: 0, counter: 3 });
    const code = ENV.otp.code(seed, 3, { algorithm: 'SHA1', digits: 6 });
    expect(read(press(device, NOON, ENV), NOON, ENV).code).to.equal(code);
  });

  it('shows at once what is always lit (FS-56, FS-58)', () => {
    const device = programme(deviceWith({ profile: A60, ...running(20) }), NOON);
    // A fast clock's minute.
    expect(read(device, NOON, ENV)).to.include({ state: 'showing', remainingMillis: 59_999 });
  });

  it('still shows its lock where it is always lit (FS-57, FS-58)', () => {
    const locked = inject(
      deviceWith({ profile: A60, at: NOON }),
      NOON,
      { name: 'deviceLock' },
      ENV,
    );
    const device = programme(locked, NOON);
    expect(read(device, NOON, ENV)).to.include({ state: 'deviceLocked', display: 'LoC' });
    expect(read(device, later(60 * SECOND), ENV).code).to.equal(null);
    const lifted = clearFault(device, later(SECOND), 'deviceLock', ENV);
    expect(read(lifted, later(SECOND), ENV).state).to.equal('showing');
  });

  for (const fault of ['batteryDead', 'tamper', 'selfDisabled']) {
    it(`is refused after ${fault} (FS-58)`, () => {
      const ended = inject(deviceWith({ at: NOON }), NOON, { name: fault }, ENV);
      expect(() => programme(ended, NOON))
        .to.throw(FobtwinError)
        .that.includes({ code: 'notAllowedNow' });
    });
  }
});

describe('emulator/device/step', () => {
  it('names the effects it did, none where the table has no row (FS-6)', () => {
    const device = deviceWith();
    const pressed = step(device, { event: 'press', deviceTime: NOON, at: NOON }, ENV);
    expect(pressed.effects).to.deep.equal(['computeCode', 'drawPress', 'lightDisplay']);
    const nothing = step(device, { event: 'displayTimeOver', deviceTime: NOON, at: NOON }, ENV);
    expect(nothing).to.deep.equal({ device, effects: [] });
  });

  it('reads parameters off any profile', () => {
    expect(parametersOf(E6)).to.deep.equal({ type: 'event', algorithm: 'SHA1', digits: 6 });
  });
});
