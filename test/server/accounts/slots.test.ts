import { expect } from 'chai';
import { createSlots } from '../../../server/accounts/slots.ts';
import { FobtwinError } from '../../../shared/errors.ts';

const refusal = () => new FobtwinError('unavailable', 'Too many wait.');

describe('slots', () => {
  it('run so many at once, the others in their turn, and turn away the rest', async () => {
    const slots = createSlots({ atOnce: 2, waitingMax: 32, refusal });
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const running = Array.from({ length: 40 }, (_, index) =>
      slots
        .run(async () => {
          begun.push(index);
          await new Promise<void>((resolve) => ends.push(resolve));
          return index;
        })
        .catch((error: unknown) => (error instanceof FobtwinError ? error.code : error)),
    );
    expect(begun).to.deep.equal([0, 1]);
    // Two run and 32 wait; the last six have been turned away.
    const refused = await Promise.all(running.slice(34));
    expect(refused).to.deep.equal(Array(6).fill('unavailable'));
    for (let count = 0; count < 34; count += 1) {
      expect(begun.length - count).to.be.at.most(2);
      ends[count]?.();
      await running[count];
    }
    expect(begun).to.deep.equal(Array.from({ length: 34 }, (_, index) => index));
    expect(await Promise.all(running.slice(0, 34))).to.deep.equal(begun);
  });

  it('are free again after what failed', async () => {
    const slots = createSlots({ atOnce: 1, waitingMax: 0, refusal });
    const failed = await slots.run(() => Promise.reject(new Error('no'))).catch(String);
    expect(failed).to.equal('Error: no');
    expect(await slots.run(async () => 'yes')).to.equal('yes');
  });
});
