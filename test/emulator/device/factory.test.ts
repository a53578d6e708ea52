import { expect } from 'chai';
import {
  createPhysique,
  createSeed,
  createSerial,
  IDEAL_PHYSIQUE,
  PHYSIQUE_LIMITS,
} from '../../../emulator/device/factory.ts';
import type { Physique } from '../../../emulator/device/types.ts';
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

  it('makes bodies as the profile says (FS-27)', () => {
    const rng = replayableRng(3);
    const bodies = Array.from({ length: 20_000 }, () => createPhysique(C30, rng, 'trimmed'));
    const figures = (of: (body: Physique) => number) => {
      const values = bodies.map(of);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return { mean, deviation: Math.sqrt(squares / values.length) };
    };
    const trim = figures(({ trimPpm }) => trimPpm);
    expect(trim.mean).to.be.closeTo(0, 0.1);
    expect(trim.deviation).to.be.closeTo(C30.crystal.trimPpm, 0.1);
    const turnover = figures(({ turnoverCelsius }) => turnoverCelsius);
    expect(turnover.mean).to.be.closeTo(C30.crystal.turnoverCelsius, 0.05);
    expect(turnover.deviation).to.be.closeTo(C30.crystal.turnoverDeviation, 0.05);
    const ageing = bodies.map(({ ageingPpm }) => Math.abs(ageingPpm));
    expect(Math.max(...ageing)).to.be.within(2.95, C30.crystal.ageingPpm);
    expect(bodies.filter(({ ageingPpm }) => ageingPpm < 0).length).to.be.within(9_500, 10_500);
    expect(figures(({ cellShare }) => cellShare).mean).to.be.closeTo(1, 0.001);
    expect(new Set(bodies.map(({ parabolicPpm }) => parabolicPpm))).to.deep.equal(
      new Set([C30.crystal.parabolicPpm]),
    );
  });

  it('clips a crystal at the most that the profile allows (FS-27)', () => {
    const rng = replayableRng(4);
    const coarse = { crystal: { ...C30.crystal, trimPpm: 30 } };
    const trims = Array.from(
      { length: 1000 },
      () => createPhysique(coarse, rng, 'trimmed').trimPpm,
    );
    expect(Math.min(...trims)).to.equal(-20);
    expect(Math.max(...trims)).to.equal(20);
  });

  it('makes an ideal one without drift, and the worst that the sheets allow', () => {
    const rng = replayableRng(5);
    expect(createPhysique(C30, rng, 'ideal')).to.deep.equal(IDEAL_PHYSIQUE);
    const worst = Array.from({ length: 100 }, () => createPhysique(C30, rng, 'worst'));
    expect(new Set(worst.map(({ trimPpm }) => trimPpm))).to.deep.equal(new Set([-20, 20]));
    expect(new Set(worst.map(({ ageingPpm }) => ageingPpm))).to.deep.equal(new Set([-3, 3]));
  });

  it('draws as often whatever is asked for, so that a replay stays in step', () => {
    const [one, other] = [replayableRng(6), replayableRng(6)];
    createPhysique(C30, one, 'ideal');
    createPhysique(C30, other, 'worst');
    expect(one.uniform()).to.equal(other.uniform());
  });

  it('makes nothing beyond its own limits', () => {
    const rng = replayableRng(7);
    const bodies = (['trimmed', 'ideal', 'worst'] as const).flatMap((grade) =>
      Array.from({ length: 300 }, () => createPhysique(C30, rng, grade)),
    );
    for (const body of bodies) {
      for (const [name, value] of Object.entries(body)) {
        const { min, max } = PHYSIQUE_LIMITS[name as keyof Physique];
        expect(value, name).to.be.within(min, max);
      }
    }
  });
});
