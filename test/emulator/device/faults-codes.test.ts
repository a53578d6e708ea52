import { expect } from 'chai';
import { press, read } from '../../../emulator/device/device.ts';
import { STEPS_MAX, staleCode, wrongCode } from '../../../emulator/device/faults/codes.ts';
import { inject } from '../../../emulator/device/faults/inject.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

const NOON = at('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const later = (millis: number) => (NOON + millis) as UnixMillis;
const { e6: E6 } = PROFILES;

function refusal(run: () => unknown): FobtwinError {
  try {
    run();
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('codes to be refused', () => {
  it('are refused themselves at what is no time (FS-78)', () => {
    const never = Number.NaN as UnixMillis;
    for (const make of [
      () => wrongCode(deviceWith(), never, {}, ENV),
      () => staleCode(deviceWith(), never, 1, ENV),
    ]) {
      expect(make)
        .to.throw(FobtwinError)
        .that.satisfies(({ errors }: FobtwinError) => errors[0]?.field === 'at');
    }
  });

  it('wrongCode: right at no step or counter in range, of device or server', () => {
    const devices = [
      deviceWith(),
      deviceWith({ profile: E6, counter: 50 }),
      deviceWith({ profile: PROFILES['c30-sha256'] }),
      inject(deviceWith(), NOON, { name: 'clockOffset', attributes: { seconds: 86_400 } }, ENV),
    ];
    for (const device of devices) {
      const { parameters, seed, state } = device;
      const wrong = wrongCode(device, NOON, { steps: 1000 }, ENV);
      expect(wrong).to.match(new RegExp(`^\\d{${parameters.digits}}$`));
      expect(wrongCode(device, NOON, { steps: 1000 }, ENV)).to.equal(wrong);
      const centres =
        parameters.type === 'event'
          ? [state.counter]
          : [NOON, NOON + state.offsetMillis].map((time) => Math.floor(time / 30_000));
      for (const centre of centres) {
        for (let factor = Math.max(0, centre - 1000); factor <= centre + 1000; factor += 1) {
          expect(ENV.otp.code(seed, factor, parameters)).not.to.equal(wrong);
        }
      }
    }
  });

  it('staleCode: what a press gave so many steps, or counters, ago', () => {
    const time = deviceWith();
    const shown = (when: UnixMillis) => read(press(time, when, ENV), when, ENV).code;
    expect(staleCode(time, NOON, 2, ENV)).to.equal(shown(later(-60_000)));
    let event = deviceWith({ profile: E6 });
    const codes = [0, 1, 2].map((minute) => {
      event = press(event, later(minute * MINUTE), ENV);
      return read(event, later(minute * MINUTE), ENV).code;
    });
    expect([3, 2, 1].map((n) => staleCode(event, NOON, n, ENV))).to.deep.equal(codes);
  });

  it('are refused out of range', () => {
    const event = deviceWith({ profile: E6, counter: 2 });
    for (const steps of [-1, 0.5, Number.NaN, STEPS_MAX + 1]) {
      const error = refusal(() => wrongCode(event, NOON, { steps }, ENV));
      expect(error.errors[0]?.field).to.equal('steps');
    }
    for (const n of [0, -1, 1.5, Number.NaN, 3]) {
      const error = refusal(() => staleCode(event, NOON, n, ENV));
      expect(error.errors[0]?.field).to.equal('n');
    }
  });
});
