import { expect } from 'chai';
import fc from 'fast-check';
import { deviceTimeAt } from '../../../emulator/device/crystal.ts';
import { advance, press, read } from '../../../emulator/device/device.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { SECOND_PRESSES } from '../../../firmware-spec/vocabulary.ts';
import { ALGORITHMS, DIGITS, type Seed, type UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

const MADE = at('2026-01-01T00:00:00Z');

interface Doing {
  readonly what: 'press' | 'wait';
  /** Milliseconds after the time of the doing before; negative: an earlier time. */
  readonly later: number;
}

const laters = fc.oneof(
  fc.integer({ min: 0, max: 40_000 }),
  fc.constantFrom(0, 1, 4_999, 5_000, 9_999, 10_000, 29_999, 30_000, 30_001),
  fc.integer({ min: 0, max: 5 * 365 * 24 * 3600 * 1000 }),
  fc.integer({ min: -60_000, max: -1 }),
  fc.integer({ min: -80 * 365 * 24 * 3600 * 1000, max: -1 }),
);
const doings: fc.Arbitrary<Doing[]> = fc.array(
  fc.record({ what: fc.constantFrom('press', 'press', 'wait'), later: laters }),
  { maxLength: 30 },
);

const devices: fc.Arbitrary<Device> = fc
  .record({
    profile: fc.constantFrom(...Object.values(PROFILES)),
    secondPress: fc.constantFrom(...SECOND_PRESSES),
    seed: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    algorithm: fc.constantFrom(...ALGORITHMS),
    digits: fc.constantFrom(...DIGITS),
    stepSeconds: fc.oneof(fc.constantFrom(30, 60, 1), fc.integer({ min: 1, max: 3600 })),
    ratePpm: fc.oneof(fc.constant(0), fc.double({ min: -20, max: 20, noNaN: true })),
    mode: fc.constantFrom('live' as const, 'simulated' as const),
    counter: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
  })
  .map(({ profile, secondPress, seed, algorithm, digits, stepSeconds, ...rest }) =>
    deviceWith({
      ...rest,
      // To show the next code at once is for event tokens.
      profile: {
        ...profile,
        secondPress:
          profile.type === 'time' && secondPress === 'showsNext' ? 'ignored' : secondPress,
      },
      seed: seed as Seed,
      at: MADE,
      parameters:
        profile.type === 'time'
          ? { type: 'time', algorithm, digits, stepSeconds }
          : { type: 'event', algorithm, digits },
    }),
  );

/** Does all of it; `see` gets the device before and after each, and the time. */
function live(
  made: Device,
  doing: readonly Doing[],
  see: (before: Device, after: Device, now: UnixMillis, what: Doing['what']) => void,
): void {
  let device = made;
  let now: number = MADE;
  for (const { what, later } of doing) {
    now += later;
    const before = device;
    const time = now as UnixMillis;
    device = what === 'press' ? press(device, time, ENV) : advance(device, time, ENV);
    see(before, device, time, what);
  }
}

const check = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, holds), { numRuns: 500 });

describe('emulator/device, whatever happens to it', () => {
  it('a lit time token shows the code of floor(device time / step), read off the segments', () => {
    check(fc.tuple(devices, doings), ([made, doing]) =>
      live(made, doing, (_before, device, now) => {
        const { parameters, seed } = device;
        const { code, display, frame, state } = read(device, now, ENV);
        expect(display).to.equal(code ?? '');
        expect(frame.lit).to.equal(code !== null);
        expect(state === 'showing').to.equal(frame.lit);
        if (code === null || parameters.type === 'event') return;
        const running = Math.floor(deviceTimeAt(device, now) / (parameters.stepSeconds * 1000));
        expect(code).to.equal(ENV.otp.code(seed, running, parameters));
      }),
    );
  });

  it('each press that shows a code uses up one counter, nothing else does', () => {
    check(fc.tuple(devices, doings), ([made, doing]) =>
      live(made, doing, (before, device, now, what) => {
        const isEvent = device.parameters.type === 'event';
        const wasLit = read(before, now, ENV).frame.lit;
        const { secondPress } = device.profile;
        const lights = what === 'press' && (!wasLit || secondPress === 'showsNext');
        const next = Math.min(before.state.counter + 1, Number.MAX_SAFE_INTEGER);
        expect(device.state.counter).to.equal(isEvent && lights ? next : before.state.counter);
        if (isEvent && lights) expect(device.state.shownFactor).to.equal(before.state.counter);
        if (what === 'press' && wasLit) {
          const stays = secondPress !== 'darkens';
          expect(read(device, now, ENV).frame.lit).to.equal(stays);
        }
      }),
    );
  });

  it('its latest time never moves back and its offset only with it', () => {
    check(fc.tuple(devices, doings), ([made, doing]) =>
      live(made, doing, (before, device, now) => {
        expect(device.state.asOf).to.equal(Math.max(before.state.asOf, now));
        const passed = device.state.asOf - before.state.asOf;
        const rate = device.mode === 'live' ? 0 : device.ratePpm;
        const drifted = device.state.offsetMillis - before.state.offsetMillis;
        expect(drifted).to.be.closeTo((passed * rate) / 1e6, 1e-3);
      }),
    );
  });

  it('what shows stays for remainingMillis and then changes', () => {
    check(fc.tuple(devices, doings), ([made, doing]) =>
      live(made, doing, (_before, device, now) => {
        const { remainingMillis } = read(device, now, ENV);
        if (remainingMillis === null) return;
        expect(remainingMillis).to.be.greaterThan(0);
        const shownAt = (millis: number) => {
          const then = advance(
            device,
            Math.max(now + millis, device.state.asOf) as UnixMillis,
            ENV,
          );
          return then.state.shownFactor;
        };
        // At an earlier time than the device has seen, what follows is not ahead of it.
        if (now < device.state.asOf) return;
        // A millisecond of tolerance for a crystal's fractions.
        expect(shownAt(remainingMillis + 1)).not.to.equal(device.state.shownFactor);
        expect(shownAt(Math.max(0, remainingMillis - 2))).to.equal(device.state.shownFactor);
      }),
    );
  });

  it('shows the same however often it was looked at meanwhile', () => {
    const looks = fc.array(fc.nat(60_000), { maxLength: 20 });
    check(fc.tuple(devices, looks, fc.nat(60_000)), ([made, times, last]) => {
      const ideal = { ...made, ratePpm: 0 };
      const lit = press(ideal, MADE, ENV);
      const ascending = times.filter((time) => time <= last).sort((a, b) => a - b);
      const looked = ascending.reduce(
        (device, time) => advance(device, (MADE + time) as UnixMillis, ENV),
        lit,
      );
      const then = (MADE + last) as UnixMillis;
      expect(read(looked, then, ENV)).to.deep.equal(read(lit, then, ENV));
    });
  });

  it('survives being written as JSON and read back', () => {
    check(fc.tuple(devices, doings), ([made, doing]) =>
      live(made, doing, (_before, device, now) => {
        const copy = { ...device, state: JSON.parse(JSON.stringify(device.state)) };
        expect(read(copy, now, ENV)).to.deep.equal(read(device, now, ENV));
      }),
    );
  });
});
