import { expect } from 'chai';
import fc from 'fast-check';
import { advance, press, pressKey, read } from '../../../emulator/device/device.ts';
import { spontaneousPresses } from '../../../emulator/device/faults/effects.ts';
import { clearFault, inject, resetFaults } from '../../../emulator/device/faults/inject.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { FAULT_CATALOGUE, type FaultAttribute } from '../../../firmware-spec/faults.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { FAULT_NAMES, type FaultName, STATES } from '../../../firmware-spec/vocabulary.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

const MADE = at('2026-01-01T00:00:00Z');
const DAY = 86_400_000;

/** Faults that make a display differ from what the device means to show. */
const OF_THE_DISPLAY: ReadonlySet<FaultName> = new Set([
  'segmentStuckOn',
  'segmentStuckOff',
  'garbled',
  'faded',
  'rotated',
  'batteryWeak',
]);

type Doing =
  | { readonly what: 'press' | 'wait' | 'enter' | 'reset' }
  | { readonly what: 'clear'; readonly name: FaultName }
  | {
      readonly what: 'inject';
      readonly name: FaultName;
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly probability: number;
      readonly randomSeed: number;
    };

/** Mostly what the attribute takes, now and then what it does not. */
function attributeValue(attribute: FaultAttribute): fc.Arbitrary<unknown> {
  if (attribute.type === 'choice') return fc.constantFrom(...attribute.choices, 'x');
  const { min, max } = attribute;
  const within =
    attribute.type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  return fc.oneof({ weight: 9, arbitrary: within }, { weight: 1, arbitrary: fc.double() });
}

const injections: fc.Arbitrary<Doing> = fc.constantFrom(...FAULT_NAMES).chain((name) => {
  const attributes = Object.entries(FAULT_CATALOGUE[name].attributes).map(
    ([attribute, definition]) => [attribute, attributeValue(definition)] as const,
  );
  return fc.record({
    what: fc.constant('inject' as const),
    name: fc.constant(name),
    attributes: fc.record(Object.fromEntries(attributes), { requiredKeys: [] }),
    probability: fc.constantFrom(1, 1, 0.5, 0.01, 0),
    randomSeed: fc.nat(),
  });
});
const doings = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constantFrom<Doing>({ what: 'press' }, { what: 'wait' }, { what: 'enter' }),
      injections,
      injections,
      fc.record({ what: fc.constant('clear' as const), name: fc.constantFrom(...FAULT_NAMES) }),
      fc.constant<Doing>({ what: 'reset' }),
    ),
    fc.oneof(
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 0, max: 30 * DAY }),
      fc.integer({ min: -DAY, max: -1 }),
    ),
  ),
  { maxLength: 15 },
);
const devices = fc
  .tuple(fc.constantFrom(...Object.values(PROFILES)), fc.constantFrom('live', 'simulated'))
  .map(([profile, mode]) =>
    deviceWith({ profile, mode: mode === 'live' ? 'live' : 'simulated', at: MADE }),
  );

function done(device: Device, doing: Doing, now: UnixMillis): Device {
  switch (doing.what) {
    case 'press':
      return press(device, now, ENV, { holdMillis: now % 7000 });
    case 'enter':
      return pressKey(device, now, 'enter', ENV);
    case 'wait':
      return advance(device, now, ENV);
    case 'inject':
      return inject(device, now, doing, ENV);
    case 'clear':
      return clearFault(device, now, doing.name, ENV);
    case 'reset':
      return resetFaults(device, now, ENV);
  }
}

/** The device after it; as it was where it was refused. */
function attempted(device: Device, doing: Doing, now: UnixMillis): Device {
  const before = structuredClone(device);
  try {
    return done(device, doing, now);
  } catch (error) {
    expect(error).to.be.instanceOf(FobtwinError);
    expect(device).to.deep.equal(before);
    return device;
  }
}

function live(
  made: Device,
  story: readonly (readonly [Doing, number])[],
  see: (before: Device, after: Device, now: UnixMillis) => void,
): Device {
  let now: number = MADE;
  return story.reduce((device, [doing, millis]) => {
    now += millis;
    const after = attempted(device, doing, now as UnixMillis);
    see(device, after, now as UnixMillis);
    return after;
  }, made);
}

const check = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => unknown, numRuns = 400) =>
  fc.assert(
    fc.property(arbitrary, (value) => {
      holds(value);
    }),
    { numRuns },
  );

describe('emulator/device, whatever is wrong with it', () => {
  it('throws nothing but FobtwinError and stays a device', () => {
    check(fc.tuple(devices, doings), ([made, story]) =>
      live(made, story, (before, device, now) => {
        const { state } = device;
        expect(STATES).to.include(state.state);
        expect(state.asOf).to.be.at.least(before.state.asOf);
        expect(Number.isFinite(state.offsetMillis)).to.equal(true);
        expect(Number.isSafeInteger(state.counter)).to.equal(true);
        expect(state.counter).to.be.at.least(before.state.counter);
        expect(state.chargeMicroampHours).to.be.at.least(0);
        const newCell = device.faults.some(({ name }) => name === 'cellSwap');
        if (!newCell) {
          expect(state.chargeMicroampHours).to.be.at.most(before.state.chargeMicroampHours);
        }
        if (before.state.state === 'dead') expect(state.state).to.equal('dead');
        if (before.state.memoryLost) expect(state.memoryLost).to.equal(true);
        if (before.state.disabled) expect(state.disabled).to.equal(true);
        const names = device.faults.map(({ name }) => name);
        expect(new Set(names).size).to.equal(names.length);
        const { frame, display, remainingMillis } = read(device, now, ENV);
        expect(frame.cells).to.have.length(device.profile.display.cells);
        for (const mask of frame.cells) expect(mask).to.be.within(0, 127);
        expect(frame.contrast).to.be.within(0, 1);
        expect(display.length).to.be.at.most(device.profile.display.cells);
        if (remainingMillis !== null) expect(remainingMillis).to.be.at.least(0);
      }),
    );
  });

  it('shows no code but the right one unless a fault of the display is there (FS-90)', () => {
    check(fc.tuple(devices, doings), ([made, story]) =>
      live(made, story, (_before, device, now) => {
        if (device.faults.some(({ name }) => OF_THE_DISPLAY.has(name))) return;
        const { code, display, frame } = read(device, now, ENV);
        // A cell on its last charge leaves a display that nobody reads.
        if (code !== null && display !== '') expect(display).to.equal(code);
        expect(frame.rotated).to.equal(false);
      }),
    );
  });

  it('replays to the byte, and from what was written down (FS-82)', () => {
    check(
      fc.tuple(devices, doings),
      ([made, story]) => {
        const first = live(made, story, () => undefined);
        const again = live(made, story, (before, device, now) => {
          const { seed } = device;
          const copy: Device = { ...JSON.parse(JSON.stringify(device)), seed };
          expect(read(copy, now, ENV)).to.deep.equal(read(device, now, ENV));
          expect(before.faults.length).to.be.at.most(FAULT_NAMES.length);
        });
        expect(again).to.deep.equal(first);
      },
      200,
    );
  });

  it('has the same presses in its pocket however time is cut (FS-86)', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 10 * DAY }), { maxLength: 20 });
    const name = fc.constantFrom('pocketPresses' as const, 'buttonStuck' as const);
    const often = fc.double({ min: 0.01, max: 500, noNaN: true });
    const probability = fc.constantFrom(1, 0.4);
    check(fc.tuple(cuts, name, often, probability), ([places, fault, perDay, chance]) => {
      const attributes = fault === 'buttonStuck' ? { contactsPerDay: perDay } : { perDay };
      const injection = { name: fault, attributes, probability: chance };
      const device = inject(deviceWith({ at: MADE }), MADE, injection, ENV);
      const ends = [...places, 10 * DAY].sort((one, other) => one - other);
      const pieces = ends.flatMap((end, index) =>
        spontaneousPresses(
          device,
          (MADE + (ends[index - 1] ?? 0)) as UnixMillis,
          (MADE + end) as UnixMillis,
        ),
      );
      const whole = spontaneousPresses(device, MADE, (MADE + 10 * DAY) as UnixMillis);
      expect(pieces).to.deep.equal(whole);
      if (chance === 1) expect(whole.length).to.be.closeTo(perDay * 10, 2);
    });
  });
});
