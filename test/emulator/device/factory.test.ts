import { expect } from 'chai';
import { createCrystalRate, createSeed, createSerial } from '../../../emulator/device/factory.ts';
import { C30 } from '../../../firmware-spec/profiles/c30.ts';
import { E6 } from '../../../firmware-spec/profiles/e6.ts';
import type { Rng } from '../../../shared/rng.ts';
import { parseSeed, parseSerial } from '../../../shared/types.ts';
import { replayableRng } from './devices.ts';

describe('emulator/device/factory', () => {
  it('makes a serial of the prefix and eight digits (FS-25)', () => {
    const rng = replayableRng(1);
    const serials = Array.from({ length: 1000 }, () => createSerial(E6, rng));
    for (const serial of serials) {
      expect(serial).to.match(/^E6-\d{8}$/);
      expect(parseSerial(serial)).to.equal(serial);
    }
    expect(new Set(serials).size).to.be.greaterThan(990);
  });

  it('keeps the zeros in front of a serial and stays within eight digits', () => {
    const always = (uniform: number): Rng => ({
      uniform: () => uniform,
      bytes: (length) => new Uint8Array(length),
    });
    expect(createSerial(C30, always(0))).to.equal('C30-00000000');
    expect(createSerial(C30, always(1 - 2 ** -53))).to.equal('C30-99999999');
  });

  it('makes a seed as long as its hash (FS-26)', () => {
    const rng = replayableRng(2);
    const lengths = (['SHA1', 'SHA256', 'SHA512'] as const).map((algorithm) => {
      const seed = createSeed({ algorithm }, rng);
      expect(parseSeed(seed)).to.equal(seed);
      return seed.length;
    });
    expect(lengths).to.deep.equal([20, 32, 64]);
    expect(createSeed(C30, rng)).not.to.deep.equal(createSeed(C30, rng));
  });

  it('makes crystals as the profile says (FS-27)', () => {
    const rng = replayableRng(3);
    const rates = Array.from({ length: 20_000 }, () => createCrystalRate(C30, rng));
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const deviation = Math.sqrt(
      rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length,
    );
    expect(mean).to.be.closeTo(0, 0.1);
    expect(deviation).to.be.closeTo(C30.crystal.trimPpm, 0.1);
  });

  it('clips a crystal at the most that the profile allows (FS-27)', () => {
    const rng = replayableRng(4);
    const coarse = { crystal: { trimPpm: 30, trimPpmMax: 20 } };
    const rates = Array.from({ length: 1000 }, () => createCrystalRate(coarse, rng));
    expect(Math.min(...rates)).to.equal(-20);
    expect(Math.max(...rates)).to.equal(20);
  });
});
