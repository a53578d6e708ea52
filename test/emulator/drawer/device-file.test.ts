import { expect } from 'chai';
import fc from 'fast-check';
import {
  type DeviceFile,
  formatDeviceFile,
  parseDeviceFile,
} from '../../../emulator/drawer/device-file.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { Seed, Serial, UnixMillis } from '../../../shared/types.ts';
import { keptDevice } from '../../support/kept-device.ts';

const millis = fc.integer({ min: 0, max: 4e12 }) as unknown as fc.Arbitrary<UnixMillis>;
const label = fc.string({ maxLength: 40 });
const anyFile: fc.Arbitrary<DeviceFile> = fc
  .record({
    serial: fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,63}$/) as fc.Arbitrary<Serial>,
    seed: fc.uint8Array({ minLength: 16, maxLength: 64 }) as unknown as fc.Arbitrary<Seed>,
    time: fc.boolean(),
    algorithm: fc.constantFrom('SHA1', 'SHA256', 'SHA512'),
    digits: fc.constantFrom(6, 7, 8),
    stepSeconds: fc.integer({ min: 1, max: 3600 }),
    mode: fc.constantFrom('live', 'simulated'),
    ratePpm: fc.double({ min: -20, max: 20, noNaN: true }).map((ppm) => ppm + 0),
    revision: fc.integer({ min: 1 }),
    labels: fc.record({ manufacturer: label, model: label, issuer: label }, { requiredKeys: [] }),
    asOf: millis,
    offsetMillis: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((offset) => offset + 0),
    counter: fc.nat(),
    presses: fc.nat(),
    shown: fc.option(fc.record({ shownFactor: fc.nat(), litAt: millis, pressedAt: millis })),
  })
  .map((given): DeviceFile => {
    const { algorithm, digits, stepSeconds, time, shown } = given;
    const parameters = time
      ? ({ type: 'time', algorithm, digits, stepSeconds } as const)
      : ({ type: 'event', algorithm, digits } as const);
    return {
      revision: given.revision,
      labels: given.labels,
      device: {
        serial: given.serial,
        profile: PROFILES[time ? 'c30' : 'e6'],
        mode: given.mode,
        parameters,
        seed: given.seed,
        ratePpm: given.ratePpm,
        state: {
          state: shown === null ? 'asleep' : 'showing',
          asOf: given.asOf,
          offsetMillis: given.offsetMillis,
          counter: given.counter,
          presses: given.presses,
          ...(shown ?? {}),
        },
      },
    };
  });

const FAR = { offsetMillis: 1e300 };
const SHOWING = { state: 'showing' };

describe("a device's file", () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const back = parseDeviceFile(formatDeviceFile(file), 'X.fob.json');
        expect(back).to.deep.equal({
          ...file,
          device: { ...file.device, seed: new Uint8Array(file.device.seed) },
        });
      }),
    );
  });

  type Contents = Record<string, unknown> & { state: Record<string, unknown> };
  const written = (change: (contents: Contents) => void): string => {
    const contents = JSON.parse(
      formatDeviceFile({ ...keptDevice('A1', 'c30'), revision: 1 }),
    ) as Contents;
    change(contents);
    return JSON.stringify(contents);
  };
  const damages: readonly (readonly [string, string, (contents: Contents) => void])[] = [
    ['/format', 'badFormat', (file) => Object.assign(file, { format: 0 })],
    ['/format', 'required', (file) => delete file['format']],
    ['/serial', 'badFormat', (file) => Object.assign(file, { serial: 'ä' })],
    ['/profile', 'badFormat', (file) => Object.assign(file, { profile: 'c31' })],
    ['/profile', 'badFormat', (file) => Object.assign(file, { profile: 'constructor' })],
    ['/mode', 'badFormat', (file) => Object.assign(file, { mode: 'dead' })],
    ['/seed', 'badFormat', (file) => Object.assign(file, { seed: 'ABC' })],
    ['/seed', 'badFormat', (file) => Object.assign(file, { seed: 'MFRGGZDF' })],
    ['/seed', 'required', (file) => delete file['seed']],
    ['/ratePpm', 'badFormat', (file) => Object.assign(file, { ratePpm: '3' })],
    ['/ratePpm', 'badFormat', (file) => Object.assign(file, { ratePpm: -1001 })],
    ['/state/offsetMillis', 'badFormat', (file) => Object.assign(file.state, FAR)],
    ['/state/shownFactor', 'required', (file) => Object.assign(file.state, SHOWING)],
    ['/state/litAt', 'required', (file) => Object.assign(file.state, SHOWING, { shownFactor: 1 })],
    ['/revision', 'badFormat', (file) => Object.assign(file, { revision: 0 })],
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

  it('of a newer format is refused, and says what to do', () => {
    const text = written((file) => Object.assign(file, { format: 2, anything: true }));
    const error = refusal(text);
    expect(error.code).to.equal('deviceNewer');
    expect(error.nextStep).to.contain('newer fob');
  });

  it('that is cut anywhere is refused without quoting it', () => {
    const text = formatDeviceFile({ ...keptDevice('A1'), revision: 1 });
    for (let length = 0; length < text.length - 2; length += 7) {
      const error = refusal(text.slice(0, length));
      expect(error.code).to.equal('deviceDamaged');
      expect(JSON.stringify([error.message, error.detail, String(error.cause)])).not.to.contain(
        'GEZDGNBV',
      );
    }
  });
});

function refusal(text: string): FobtwinError {
  try {
    parseDeviceFile(text, '/drawer/A1.fob.json');
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('it was read');
}
