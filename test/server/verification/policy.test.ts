import { expect } from 'chai';
import {
  createPolicy,
  DEFAULT_POLICY,
  POLICY_BOUNDS,
  type Policy,
} from '../../../server/verification/policy.ts';
import { FobtwinError } from '../../../shared/errors.ts';

const refusedFields = (overrides: Partial<Policy>): readonly string[] => {
  try {
    createPolicy(overrides);
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    expect(error.code).to.equal('invalidInput');
    expect(error.nextStep).to.be.a('string');
    return error.errors.map(({ field, code }) => `${field} ${code}`);
  }
  return [];
};

describe('verification: policy', () => {
  it('has the numbers of DESIGN section 4 as defaults', () => {
    expect(createPolicy()).to.deep.equal(DEFAULT_POLICY);
    expect(DEFAULT_POLICY).to.deep.equal({
      lookAhead: 10,
      replayedCounters: 10,
      resyncCounters: 1000,
      windowStepsMax: 20,
      windowDeviations: 3.5,
      resyncSteps: 300,
      pairStepsMax: 3,
      nextCodeSeconds: 0,
      waitAfterFailures: 3,
      waitSeconds: 5,
      waitSecondsMax: 300,
      lockAfterFailures: 10,
      disableAfterFailures: 100,
      repeatSeconds: 60,
      resyncFailedPairs: 5,
      registrationFailedPairsPerAccountDay: 5,
      registrationFailedPairsPerSerial: 20,
    });
  });

  for (const name of Object.keys(POLICY_BOUNDS) as (keyof Policy)[]) {
    const [least, greatest] = POLICY_BOUNDS[name];
    const isWhole = name !== 'windowDeviations';
    const between = isWhole ? ' and between integers' : '';
    it(`refuses ${name} below ${least}, above ${greatest}${between}`, () => {
      expect(refusedFields({ [name]: least - 1 })).to.include(`${name} tooSmall`);
      expect(refusedFields({ [name]: greatest + 1 })).to.include(`${name} tooLarge`);
      const fraction = refusedFields({ [name]: least + 0.5 });
      expect(fraction.includes(`${name} wrongType`)).to.equal(isWhole);
      expect(refusedFields({ [name]: Number.NaN })).to.include(`${name} wrongType`);
    });
  }

  const IMPOSSIBLE: readonly (readonly [Partial<Policy>, string])[] = [
    [{ lockAfterFailures: 51, disableAfterFailures: 50 }, 'lockAfterFailures'],
    [{ waitAfterFailures: 11 }, 'waitAfterFailures'],
    [{ waitSeconds: 61, waitSecondsMax: 60 }, 'waitSeconds'],
    [{ lookAhead: 100, resyncCounters: 99 }, 'lookAhead'],
  ];
  for (const [overrides, field] of IMPOSSIBLE) {
    it(`refuses the impossible ${JSON.stringify(overrides)}`, () => {
      expect(refusedFields(overrides)).to.deep.equal([`${field} tooLarge`]);
    });
  }

  it('takes what is just possible', () => {
    const even = { waitAfterFailures: 10, waitSeconds: 300, waitSecondsMax: 300 };
    const same = { lookAhead: 100, resyncCounters: 100, disableAfterFailures: 10 };
    expect(createPolicy({ ...even, ...same })).to.include({ ...even, ...same });
  });
});
