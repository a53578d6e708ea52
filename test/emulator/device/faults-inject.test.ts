import { expect } from 'chai';
import { advance, type PadKey, press, pressKey, read } from '../../../emulator/device/device.ts';
import { attributesOf, boundsOf, FAULTS } from '../../../emulator/device/faults/catalogue.ts';
import { chance } from '../../../emulator/device/faults/chance.ts';
import {
  clearFault,
  type Injection,
  inject,
  isDone,
  resetFaults,
} from '../../../emulator/device/faults/inject.ts';
import { unlockCodeOf } from '../../../emulator/device/pin.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { FAULT_NAMES, type FaultName } from '../../../firmware-spec/vocabulary.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

const NOON = at('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const later = (millis: number) => (NOON + millis) as UnixMillis;
const { a60: A60, e6: E6, p30: P30 } = PROFILES;

const fitting = (name: FaultName): Device =>
  deviceWith(name === 'counterSkip' ? { profile: E6 } : {});

/** How a token with faults of some probability fared in so many presses, a minute apart. */
function fates(faults: readonly Injection[], presses = 400): string[] {
  const device = faults.reduce((one, fault) => inject(one, NOON, fault, ENV), deviceWith());
  return Array.from({ length: presses }, (_, minute) => {
    const when = later(minute * MINUTE);
    return read(press(device, when, ENV), when, ENV).state;
  });
}

function refusal(run: () => unknown): FobtwinError {
  try {
    run();
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the catalogue of faults', () => {
  for (const name of FAULT_NAMES) {
    const definition = FAULTS[name];
    it(`${name}: says in a sentence each what the person and what the server sees`, () => {
      for (const text of [definition.person, definition.server]) {
        expect(text).to.match(/^[A-Zaw].{8,95}\.$/);
      }
    });

    it(`${name}: has defaults within its bounds, each checked by name (FS-81)`, () => {
      const defaults = attributesOf(name);
      expect(attributesOf(name, defaults)).to.deep.equal(defaults);
      expect(Object.keys(defaults)).to.deep.equal(Object.keys(definition.attributes));
      for (const [attribute, one] of Object.entries(definition.attributes)) {
        const wrong =
          one.type === 'choice'
            ? ['x', '', 1, true]
            : [one.min - 0.001, one.max + 0.001, Number.NaN, Infinity, -Infinity, '1', null, {}];
        for (const value of wrong) {
          const error = refusal(() => attributesOf(name, { [attribute]: value }));
          expect(error.code).to.equal('invalidInput');
          expect(error.errors[0]?.field).to.equal(`attributes/${attribute}`);
          expect(error.message).to.contain(boundsOf(one));
        }
      }
    });

    it(`${name}: can be injected into a live and a simulated device, once each (FS-80)`, () => {
      for (const mode of ['live', 'simulated'] as const) {
        const sound = { ...fitting(name), mode };
        const faulty = inject(sound, NOON, { name }, ENV);
        expect(faulty.faults).to.deep.equal([
          {
            ...{ name, attributes: attributesOf(name), probability: 1, randomSeed: 1 },
            since: NOON,
          },
        ]);
        if (isDone(faulty.faults[0] ?? expect.fail())) continue;
        const again = inject(faulty, later(1), { name, randomSeed: 2 }, ENV);
        expect(again.faults.map(({ randomSeed }) => randomSeed)).to.deep.equal([2]);
        expect(clearFault(again, later(2), name, ENV).faults).to.deep.equal([]);
      }
    });
  }
});

describe('a fault that cannot be', () => {
  const refused: readonly [string, unknown, string][] = [
    ['an unknown name', { name: 'meteor' }, 'name'],
    ['a name of the prototype', { name: 'constructor' }, 'name'],
    ['an unknown attribute', { name: 'faded', attributes: { colour: 1 } }, 'attributes/colour'],
    ['an attribute of none', { name: 'err', attributes: { seconds: 1 } }, 'attributes/seconds'],
    ['probability 0', { name: 'err', probability: 0 }, 'probability'],
    ['probability above 1', { name: 'err', probability: 1.01 }, 'probability'],
    ['a negative probability', { name: 'err', probability: -1 }, 'probability'],
    ['a probability that is no number', { name: 'err', probability: Number.NaN }, 'probability'],
    ['a negative random seed', { name: 'err', randomSeed: -1 }, 'randomSeed'],
    ['a random seed that is no number', { name: 'err', randomSeed: Number.NaN }, 'randomSeed'],
    [
      'a cell that the display lacks',
      { name: 'segmentStuckOn', attributes: { cell: 9 } },
      'attributes/cell',
    ],
    ['a counter on a time token', { name: 'counterSkip' }, 'name'],
  ];
  for (const [what, injection, field] of refused) {
    it(`is refused for ${what}, naming ${field}, and the device is as it was (FS-81)`, () => {
      const device = deviceWith();
      const before = structuredClone(device);
      const error = refusal(() => inject(device, NOON, injection as Injection, ENV));
      expect(error.code).to.equal('invalidInput');
      expect(error.errors[0]?.field).to.equal(field);
      expect(device).to.deep.equal(before);
    });
  }

  it('is refused at no time, and cleared at none', () => {
    for (const time of [Number.NaN, Infinity, 0.5]) {
      const when = time as UnixMillis;
      const faulty = inject(deviceWith(), NOON, { name: 'err' }, ENV);
      for (const run of [
        () => inject(deviceWith(), when, { name: 'err' }, ENV),
        () => clearFault(faulty, when, 'err', ENV),
        () => resetFaults(faulty, when, ENV),
      ]) {
        expect(refusal(run).errors[0]?.field).to.equal('at');
      }
    }
  });

  it('is not cleared where it is not, or is no fault', () => {
    for (const name of ['err', 'meteor']) {
      const error = refusal(() => clearFault(deviceWith(), NOON, name, ENV));
      expect(error.errors[0]?.field).to.equal('name');
    }
  });

  it('quotes no control signs and no long text', () => {
    const error = refusal(() =>
      inject(deviceWith(), NOON, { name: `\u001b[2J${'x'.repeat(500)}` }, ENV),
    );
    expect(error.message).to.have.length.below(80).and.not.match(/\p{C}/u);
  });
});

describe('a fault of some probability', () => {
  const err: Injection = { name: 'err', probability: 0.3, randomSeed: 5 };

  it('strikes about so often, and the same again (FS-82)', () => {
    const first = fates([err]);
    expect(first.filter((state) => state === 'err')).to.have.length.within(90, 150);
    expect(fates([err])).to.deep.equal(first);
    expect(fates([{ ...err, randomSeed: 6 }])).not.to.deep.equal(first);
  });

  it('is not disturbed by another fault, or by a press more (FS-82)', () => {
    const dead: Injection = { name: 'brownOut', probability: 0.5, randomSeed: 5 };
    const both = fates([dead, err]);
    expect(both.map((state) => state === 'err')).to.deep.equal(
      fates([err]).map((state) => state === 'err'),
    );
    const seen = both.filter((state) => state !== 'err');
    const share = seen.filter((state) => state === 'asleep').length / seen.length;
    expect(share).to.be.within(0.4, 0.6);
    expect(fates([err], 399)).to.deep.equal(fates([err]).slice(0, 399));
  });

  it('draws evenly, and alike for no two purposes (FS-82)', () => {
    const bins = new Array<number>(10).fill(0);
    for (let place = 0; place < 20_000; place += 1) {
      const bin = Math.floor(chance({ name: 'err', randomSeed: 1 }, NOON + place * MINUTE) * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    for (const count of bins) expect(count).to.be.within(1800, 2200);
    const draws = FAULT_NAMES.map((name) => chance({ name, randomSeed: 1 }, NOON));
    expect(new Set(draws).size).to.equal(FAULT_NAMES.length);
  });

  it('that acts at once strikes at its injection or never, and can else be cleared (FS-96)', () => {
    const outcomes = Array.from({ length: 200 }, (_, randomSeed) => {
      const injection: Injection = { name: 'tamper', probability: 0.25, randomSeed };
      const device = inject(deviceWith(), NOON, injection, ENV);
      const { memoryLost } = device.state;
      const reset = resetFaults(device, later(1), ENV);
      expect(reset.faults).to.have.length(memoryLost ? 1 : 0);
      if (!memoryLost) expect(clearFault(device, NOON, 'tamper', ENV).faults).to.deep.equal([]);
      return memoryLost;
    });
    expect(outcomes.filter(Boolean)).to.have.length.within(30, 70);
  });

  it('acts from its time on, not at an earlier one (FS-83)', () => {
    const faulty = inject(deviceWith(), NOON, { name: 'err' }, ENV);
    const before = later(-MINUTE);
    expect(read(press(faulty, before, ENV), before, ENV).state).to.equal('showing');
    expect(read(press(faulty, NOON, ENV), NOON, ENV).state).to.equal('err');
    const turned = inject(
      press(deviceWith(), later(-5000), ENV),
      later(-1000),
      { name: 'rotated' },
      ENV,
    );
    expect(read(turned, later(-2000), ENV).frame.rotated).to.equal(false);
    expect(read(turned, later(-1000), ENV).frame.rotated).to.equal(true);
  });

  it('leaves the seed sound at an earlier time (FS-83)', () => {
    const faulty = inject(deviceWith(), NOON, { name: 'seedCorrupt' }, ENV);
    const before = later(-MINUTE);
    expect(read(press(faulty, before, ENV), before, ENV).code).not.to.equal(null);
    expect(read(press(faulty, NOON, ENV), NOON, ENV).display).to.equal('------');
  });

  it('acts from its time on whatever the clock of the device says (FS-57, FS-83)', () => {
    for (const seconds of [-600, 0, 600]) {
      const lit = deviceWith({ profile: A60, at: NOON });
      const off = inject(lit, NOON, { name: 'clockOffset', attributes: { seconds } }, ENV);
      const faulty = inject(off, NOON, { name: 'err' }, ENV);
      const when = later(MINUTE);
      expect(read(faulty, when, ENV).display, `${seconds} s`).to.equal('Err');
    }
  });

  it('strikes all of a step or none of it, looked at later too (FS-57, FS-82)', () => {
    const lit = deviceWith({ profile: A60, at: NOON });
    const faulty = inject(lit, NOON, { name: 'err', probability: 0.5 }, ENV);
    const seen = advance(faulty, later(60 * MINUTE), ENV);
    const states = Array.from({ length: 50 }, (_, step) => {
      const times = [0, 1, 7_000, 30_000, 59_999].map((millis) => (step + 1) * MINUTE + millis);
      const inStep = times.flatMap((millis) =>
        [faulty, seen].map((device) => read(device, later(millis), ENV).state),
      );
      expect(new Set(inStep).size, `step ${step}`).to.equal(1);
      return inStep[0];
    });
    expect(states).to.include('err').and.include('showing');
  });

  it('is gone when an unlock code has lifted it (FS-96)', () => {
    const locked = inject(deviceWith({ profile: P30 }), NOON, { name: 'deviceLock' }, ENV);
    const asked = press(locked, NOON, ENV);
    const keys = [...unlockCodeOf(asked, ENV), 'enter'] as PadKey[];
    const unlocked = keys.reduce((device, key) => pressKey(device, NOON, key, ENV), asked);
    expect(unlocked.faults).to.deep.equal([]);
    expect(unlocked.state).to.include({ state: 'enteringPin', locked: false });
  });

  it('takes attributes by name only (FS-81)', () => {
    for (const attributes of [null, 'ab', 7, []]) {
      const given = attributes as unknown as Record<string, unknown>;
      expect(() => inject(deviceWith(), NOON, { name: 'err', attributes: given }, ENV))
        .to.throw(FobtwinError)
        .that.satisfies(({ errors }: FobtwinError) => errors[0]?.field === 'attributes');
    }
  });

  it('is reset with all others, and the device is not harmed (FS-96)', () => {
    const names = FAULT_NAMES.filter((name) => FAULTS[name].clearing !== 'refused');
    const faulty = names
      .filter((name) => name !== 'counterSkip')
      .reduce((device, name) => inject(device, NOON, { name }, ENV), deviceWith());
    const reset = resetFaults(faulty, later(MINUTE), ENV);
    expect(reset.faults).to.deep.equal([]);
    const { display, code } = read(press(reset, later(9 * MINUTE), ENV), later(9 * MINUTE), ENV);
    expect(display).to.equal(code).and.not.equal('');
  });
});
