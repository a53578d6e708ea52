import { expect } from 'chai';
import type { DeviceFile } from '../../../emulator/drawer/device-file.ts';
import {
  formatSealedFile,
  openSealedFile,
  parseDeviceFile,
  type SealedFile,
} from '../../../emulator/drawer/sealed-file.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { testRng } from '../../support/fob-env.ts';
import { keptDevice, serialOf } from '../../support/kept-device.ts';

const FILE = '/drawer/A.fob.json';
const KEY = new Uint8Array(32).fill(7);
const ID = 'd'.repeat(32);
const BATCH = 'b'.repeat(32);

describe("a device's sealed file", () => {
  const file: DeviceFile = { ...keptDevice('A'), revision: 5 };
  const format = (batch?: string) =>
    formatSealedFile(
      file,
      { drawer: ID, ...(batch === undefined ? {} : { batch }) },
      { key: KEY, rng: testRng },
    );
  const envelopeOf = (text: string): SealedFile => {
    const found = parseDeviceFile(text, FILE);
    if ('plain' in found) throw new Error('it is plain');
    return found.envelope;
  };
  const open = (text: string, key = KEY) => openSealedFile(envelopeOf(text), key, FILE);

  it('gives back what was sealed, and shows neither seed nor state', () => {
    for (const text of [format(), format(BATCH)]) {
      expect(open(text)).to.deep.equal({
        ...file,
        device: { ...file.device, seed: new Uint8Array(file.device.seed) },
      });
      expect(text).not.to.contain('GEZDGNBV').and.not.contain('asleep').and.not.contain('labels');
    }
    expect(format()).not.to.equal(format());
  });

  it('opens under no other drawer, serial, revision or batch, and with no other key', () => {
    const text = format(BATCH);
    const changes = [
      { drawer: 'e'.repeat(32) },
      { serial: serialOf('B') },
      { revision: 4 },
      { revision: 6 },
      { batch: 'c'.repeat(32) },
      { batch: undefined },
      {},
    ];
    const opens = changes.map((change) => {
      const changed = JSON.stringify({ ...(JSON.parse(text) as object), ...change });
      return codeOf(() => open(changed));
    });
    expect(opens).to.deep.equal([...new Array(6).fill('deviceDamaged'), 'opened']);
    expect(codeOf(() => open(text, new Uint8Array(32)))).to.equal('deviceDamaged');
  });

  it('is damaged by any change of one sign', () => {
    const { sealed } = envelopeOf(format());
    for (let place = 0; place < sealed.length - 4; place += 31) {
      const other = sealed[place] === 'A' ? 'B' : 'A';
      const changed = sealed.slice(0, place) + other + sealed.slice(place + 1);
      const text = JSON.stringify({ ...(JSON.parse(format()) as object), sealed: changed });
      expect(codeOf(() => open(text))).to.equal('deviceDamaged');
    }
  });

  it('of a newer format is refused, and says what to do', () => {
    const error = errorOf(() => parseDeviceFile('{"format":3,"anything":true}', FILE));
    expect(error?.code).to.equal('deviceNewer');
    expect(error?.nextStep).to.contain('newer fob');
  });

  for (const [text, field, code] of [
    ['{', '', 'malformed'],
    ['[]', '', 'wrongType'],
    ['{"format":0}', '/format', 'badFormat'],
    ['{}', '/format', 'required'],
    ['{"format":2}', '/drawer', 'required'],
    [format().replace('"revision": 5', '"revision": 0'), '/revision', 'badFormat'],
    [format().replace('"format": 2', '"format": 2,\n"more": 1'), '/more', 'unknownField'],
    [format().replace(/"sealed": "[^"]*"/, '"sealed": "AAAA"'), '/sealed', 'notAllowed'],
  ] as const) {
    it(`that is damaged at "${field}" (${code}) is refused, naming file and field`, () => {
      const error = errorOf(() => open(text));
      expect(error?.code).to.equal('deviceDamaged');
      expect(error?.errors).to.deep.equal([{ field, code }]);
      expect(error?.message).to.contain('A.fob.json');
    });
  }
});

function errorOf(work: () => unknown): FobtwinError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
}

function codeOf(work: () => unknown): string {
  return errorOf(work)?.code ?? 'opened';
}
