import { expect } from 'chai';
import fc from 'fast-check';
import { IDEAL_PHYSIQUE } from '../../../emulator/device/factory.ts';
import {
  damaged,
  formatDevice,
  type KeptDevice,
  parseDevice,
  parsePlainFile,
} from '../../../emulator/drawer/device-file.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { FAULT_NAMES, STATES } from '../../../firmware-spec/vocabulary.ts';
import { type FieldErrorCode, FobtwinError } from '../../../shared/errors.ts';
import type { Seed, Serial, UnixMillis } from '../../../shared/types.ts';
import { keptDevice } from '../../support/kept-device.ts';

const millis = fc.integer({ min: 0, max: 4e12 }) as unknown as fc.Arbitrary<UnixMillis>;
const label = fc.string({ maxLength: 40 });
const number = (min: number, max: number) =>
  fc.double({ min, max, noNaN: true }).map((value) => value + 0);
const digits = fc.stringMatching(/^[0-9]{4,8}$/);
const fault = fc.record({
  name: fc.constantFrom(...FAULT_NAMES),
  attributes: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,9}$/),
    fc.oneof(number(-1e6, 1e6), fc.string({ maxLength: 20 }), fc.boolean()),
    { maxKeys: 4 },
  ),
  probability: number(0.001, 1),
  randomSeed: fc.nat(),
  since: millis,
});
const anyKept: fc.Arbitrary<KeptDevice> = fc
  .record({
    serial: fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,63}$/) as fc.Arbitrary<Serial>,
    seed: fc.uint8Array({ minLength: 16, maxLength: 64 }) as unknown as fc.Arbitrary<Seed>,
    time: fc.boolean(),
    algorithm: fc.constantFrom('SHA1', 'SHA256', 'SHA512'),
    digits: fc.constantFrom(6, 7, 8),
    stepSeconds: fc.integer({ min: 1, max: 3600 }),
    mode: fc.constantFrom('live', 'simulated'),
    madeAt: millis,
    physique: fc.record({
      trimPpm: number(-20, 20),
      turnoverCelsius: number(15, 35),
      parabolicPpm: number(-0.05, 0),
      ageingPpm: number(-5, 5),
      cellShare: number(0.8, 1.2),
    }),
    faults: fc.uniqueArray(fault, { maxLength: 5, selector: ({ name }) => name }),
    labels: fc.record({ manufacturer: label, model: label, issuer: label }, { requiredKeys: [] }),
    state: fc.constantFrom(...STATES),
    asOf: millis,
    offsetMillis: number(-1e6, 1e6),
    celsius: number(-40, 90),
    chargeMicroampHours: number(0, 1e6),
    counter: fc.nat(),
    wrongPins: fc.nat(5),
    locked: fc.boolean(),
    challenge: fc.nat(),
    memoryLost: fc.boolean(),
    disabled: fc.boolean(),
    presses: fc.nat(),
    shown: fc.record({
      shownFactor: fc.nat(),
      litAt: millis,
      messageAt: millis,
      menuPlace: fc.constant(0),
      entry: digits,
      pin: digits,
      pressedAt: millis,
    }),
    isBare: fc.boolean(),
  })
  .map((given): KeptDevice => {
    const { algorithm, stepSeconds, time, shown, isBare } = given;
    const { serial, mode, seed, madeAt, physique, faults, labels } = given;
    const parameters = time
      ? ({ type: 'time', algorithm, digits: given.digits, stepSeconds } as const)
      : ({ type: 'event', algorithm, digits: given.digits } as const);
    const { asOf, offsetMillis, celsius, chargeMicroampHours, counter, presses } = given;
    const { wrongPins, locked, challenge, memoryLost, disabled } = given;
    const fixed = { asOf, offsetMillis, celsius, chargeMicroampHours, counter, presses };
    const ever = { wrongPins, locked, challenge, memoryLost, disabled };
    const now = isBare
      ? { state: 'asleep' as const, ...fixed, ...ever }
      : { state: given.state, ...fixed, ...ever, ...shown };
    const profile = PROFILES[time ? 'c30' : 'e6'];
    const device = {
      serial,
      profile,
      mode,
      parameters,
      seed,
      madeAt,
      physique,
      faults,
      state: now,
    };
    return { labels, device };
  });

const FILE = '/drawer/A1.fob.json';
const fail = (pointer: string, code: FieldErrorCode) => damaged(FILE, pointer, code);
const FAR = { offsetMillis: 1e300 };
const SHOWING = { state: 'showing' };

describe('a device as text', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(anyKept, (kept) => {
        const back = parseDevice(formatDevice(kept), fail);
        expect(back).to.deep.equal({
          ...kept,
          device: { ...kept.device, seed: new Uint8Array(kept.device.seed) },
        });
      }),
    );
  });

  type Contents = Record<string, unknown> & {
    state: Record<string, unknown>;
    physique: Record<string, unknown>;
  };
  const written = (change: (contents: Contents) => void): string => {
    const contents = JSON.parse(formatDevice(keptDevice('A1', 'c30'))) as Contents;
    change(contents);
    return JSON.stringify(contents);
  };
  const damages: readonly (readonly [string, string, (contents: Contents) => void])[] = [
    ['/serial', 'badFormat', (file) => Object.assign(file, { serial: 'ä' })],
    ['/profile', 'badFormat', (file) => Object.assign(file, { profile: 'c31' })],
    ['/profile', 'badFormat', (file) => Object.assign(file, { profile: 'constructor' })],
    ['/mode', 'badFormat', (file) => Object.assign(file, { mode: 'dead' })],
    ['/seed', 'badFormat', (file) => Object.assign(file, { seed: 'ABC' })],
    ['/seed', 'badFormat', (file) => Object.assign(file, { seed: 'MFRGGZDF' })],
    ['/seed', 'required', (file) => delete file['seed']],
    ['/physique', 'required', (file) => delete (file as Record<string, unknown>)['physique']],
    ['/physique/trimPpm', 'badFormat', (file) => Object.assign(file.physique, { trimPpm: '3' })],
    ['/physique/trimPpm', 'badFormat', (file) => Object.assign(file.physique, { trimPpm: -1e4 })],
    ['/physique/cellShare', 'badFormat', (file) => Object.assign(file.physique, { cellShare: 0 })],
    ['/physique/colour', 'unknownField', (file) => Object.assign(file.physique, { colour: 1 })],
    ['/madeAt', 'badFormat', (file) => Object.assign(file, { madeAt: 0.5 })],
    ['/faults', 'wrongType', (file) => Object.assign(file, { faults: {} })],
    ['/faults', 'tooMany', (file) => Object.assign(file, { faults: new Array(99).fill(FAULT) })],
    ['/faults/0/name', 'badFormat', (file) => Object.assign(file, withFault({ name: 'rain' }))],
    ['/faults/1/name', 'duplicate', (file) => Object.assign(file, { faults: [FAULT, FAULT] })],
    [
      '/faults/0/probability',
      'tooSmall',
      (file) => Object.assign(file, withFault({ probability: 0 })),
    ],
    [
      '/faults/0/probability',
      'badFormat',
      (file) => Object.assign(file, withFault({ probability: 2 })),
    ],
    [
      '/faults/0/attributes',
      'badFormat',
      (file) => Object.assign(file, withFault({ attributes: { deep: {} } })),
    ],
    [
      '/state/chargeMicroampHours',
      'tooSmall',
      (file) => Object.assign(file.state, { chargeMicroampHours: -1 }),
    ],
    ['/state/celsius', 'badFormat', (file) => Object.assign(file.state, { celsius: null })],
    ['/state/locked', 'badFormat', (file) => Object.assign(file.state, { locked: 0 })],
    ['/state/pin', 'badFormat', (file) => Object.assign(file.state, { pin: 'abcd' })],
    ['/state/menuPlace', 'required', (file) => Object.assign(file.state, { state: 'menu' })],
    ['/state/menuPlace', 'badFormat', (file) => Object.assign(file.state, { menuPlace: 99 })],
    ['/state/offsetMillis', 'badFormat', (file) => Object.assign(file.state, FAR)],
    ['/state/shownFactor', 'required', (file) => Object.assign(file.state, SHOWING)],
    ['/state/litAt', 'required', (file) => Object.assign(file.state, SHOWING, { shownFactor: 1 })],
    ['/labels', 'wrongType', (file) => Object.assign(file, { labels: [] })],
    ['/labels/model', 'badFormat', (file) => Object.assign(file, { labels: { model: 5 } })],
    ['/parameters', 'wrongType', (file) => Object.assign(file, { parameters: 'time' })],
    ['/state', 'wrongType', (file) => Object.assign(file, { state: null })],
    ['/state/state', 'badFormat', (file) => Object.assign(file.state, { state: 'gone' })],
    ['/state/asOf', 'badFormat', (file) => Object.assign(file.state, { asOf: 1.5 })],
    ['/state/counter', 'badFormat', (file) => Object.assign(file.state, { counter: -1 })],
    ['/state/counter', 'required', (file) => delete file.state['counter']],
    ['/state/litAt', 'badFormat', (file) => Object.assign(file.state, { litAt: null })],
    ['/state/mood', 'unknownField', (file) => Object.assign(file.state, { mood: 'good' })],
    ['/colour', 'unknownField', (file) => Object.assign(file, { colour: 'blue' })],
  ];
  for (const [field, code, change] of damages) {
    it(`that is damaged at ${field} (${code}) is refused, naming file and field`, () => {
      const error = refusal(written(change));
      expect(error.code).to.equal('deviceDamaged');
      expect(error.errors).to.deep.equal([{ field, code }]);
      expect(error.message).to.contain('A1.fob.json').and.contain(field);
      expect(error.nextStep).to.be.a('string');
    });
  }

  it('of the other type than its profile is refused', () => {
    const text = written((file) => Object.assign(file, { profile: 'e6' }));
    expect(refusal(text).errors).to.deep.equal([{ field: '/parameters/type', code: 'notAllowed' }]);
  });

  it('that is cut anywhere is refused without quoting it', () => {
    const text = formatDevice(keptDevice('A1'));
    for (let length = 0; length < text.length - 2; length += 7) {
      const error = refusal(text.slice(0, length));
      expect(error.code).to.equal('deviceDamaged');
      expect(JSON.stringify([error.message, error.detail, String(error.cause)])).not.to.contain(
        'GEZDGNBV',
      );
    }
  });
});

describe('a file of format 1', () => {
  it('becomes a device whose crystal keeps its rate and whose cell is full', () => {
    const { device, labels, revision } = parsePlainFile(FORMAT_1, FILE);
    expect(revision).to.equal(7);
    expect(labels).to.deep.equal({ model: 'c30' });
    expect(device).to.deep.include({ serial: 'OLD-1', mode: 'simulated', madeAt: 1767225610000 });
    expect(device.physique).to.deep.equal({ ...IDEAL_PHYSIQUE, trimPpm: 2.5 });
    expect(device.faults).to.deep.equal([]);
    expect(device.state).to.include({
      state: 'showing',
      shownFactor: 58907520,
      offsetMillis: 12.5,
      chargeMicroampHours: PROFILES.c30.cell.capacityMicroampHours,
      presses: 3,
      locked: false,
    });
    expect(Buffer.from(device.seed).toString()).to.equal('12345678901234567890');
  });

  it('that is damaged names the field', () => {
    const text = FORMAT_1.replace('"ratePpm":2.5', '"ratePpm":"fast"');
    expect(() => parsePlainFile(text, FILE)).to.throw('A1.fob.json is damaged at /ratePpm');
  });
});

/** As fob 0.1.0 wrote it. */
const FORMAT_1 = JSON.stringify({
  format: 1,
  revision: 7,
  serial: 'OLD-1',
  profile: 'c30',
  mode: 'simulated',
  parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 },
  seed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  ratePpm: 2.5,
  labels: { model: 'c30' },
  state: {
    state: 'showing',
    asOf: 1767225610000,
    offsetMillis: 12.5,
    counter: 0,
    shownFactor: 58907520,
    litAt: 1767225610012.5,
    pressedAt: 1767225610000,
    presses: 3,
  },
});

const FAULT = {
  name: 'err',
  attributes: {},
  probability: 1,
  randomSeed: 1,
  since: 0,
};

function withFault(changes: Readonly<Record<string, unknown>>) {
  return { faults: [{ ...FAULT, ...changes }] };
}

function refusal(text: string): FobtwinError {
  try {
    parseDevice(text, fail);
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('it was read');
}
