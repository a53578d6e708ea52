import { expect } from 'chai';
import fc from 'fast-check';
import { createPhysique } from '../../../emulator/device/factory.ts';
import { passTime } from '../../../emulator/device/physics.ts';
import { YEAR_MILLIS } from '../../../firmware-spec/physics.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { PROFILE_NAMES } from '../../../firmware-spec/vocabulary.ts';
import { seededRng } from '../../../shared/rng.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith } from './devices.ts';

const MADE = at('2026-01-01T00:00:00Z');

describe('emulator/device/physics', () => {
  it('lets clock and cell pass time together, whatever the pieces (FS-63, FS-65)', () => {
    const anyDevice = fc.record({
      name: fc.constantFrom(...PROFILE_NAMES),
      grade: fc.constantFrom('trimmed' as const, 'ideal' as const, 'worst' as const),
      body: fc.nat(),
      celsius: fc.double({ min: -60, max: 120, noNaN: true }),
      times: fc.array(fc.integer({ min: 0, max: 12 * YEAR_MILLIS }), {
        minLength: 1,
        maxLength: 8,
      }),
    });
    fc.assert(
      fc.property(anyDevice, ({ name, grade, body, celsius, times }) => {
        const profile = PROFILES[name];
        const physique = createPhysique(profile, seededRng(body), grade);
        const device = deviceWith({ profile, physique, celsius, at: MADE });
        const to = (millis: number) => (MADE + millis) as UnixMillis;
        const whole = passTime(device, to(Math.max(...times))).state;
        const pieces = times
          .toSorted((one, other) => one - other)
          .reduce((passed, millis) => passTime(passed, to(millis)), device).state;
        expect(pieces.asOf).to.equal(whole.asOf);
        expect(pieces.offsetMillis).to.be.closeTo(whole.offsetMillis, 1e-2);
        expect(pieces.chargeMicroampHours).to.be.closeTo(whole.chargeMicroampHours, 1e-6);
        expect(whole.chargeMicroampHours).to.be.within(0, device.state.chargeMicroampHours);
      }),
    );
  });

  it('changes nothing by an earlier or the same time (FS-10)', () => {
    const device = passTime(deviceWith({ at: MADE }), (MADE + 1000) as UnixMillis);
    for (const time of [0, MADE, MADE + 1000]) {
      expect(passTime(device, time as UnixMillis)).to.equal(device);
    }
  });
});
