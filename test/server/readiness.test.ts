import { expect } from 'chai';
import { createReadiness, freeBytes, watchDisk } from '../../server/readiness.ts';
import { temporaryDirectory } from '../support/fobd-process.ts';

describe('readiness', () => {
  let waiting: number;
  let steady: boolean;
  let full: boolean;
  let fail: (cause: Error) => void;
  const make = () =>
    createReadiness({
      store: {
        failed: new Promise<Error>((resolve) => {
          fail = resolve;
        }),
        state: () => ({ waiting, waitingMax: 10, auditSequence: 0 }),
      },
      isClockSteady: () => steady,
      isDiskNearlyFull: () => full,
    });

  beforeEach(() => {
    waiting = 0;
    steady = true;
    full = false;
  });

  it('is ok without a reason', () => {
    const readiness = make();
    expect(readiness.status()).to.equal('ok');
    expect(readiness.reasons()).to.deep.equal([]);
  });

  it('names every reason there is, and is ok again when it has gone', () => {
    const readiness = make();
    waiting = 10;
    steady = false;
    full = true;
    expect(readiness.status()).to.equal('unavailable');
    expect(readiness.reasons()).to.deep.equal(['diskNearlyFull', 'queueFull', 'clockUnsteady']);
    waiting = 9;
    steady = true;
    full = false;
    expect(readiness.status()).to.equal('ok');
  });

  it('never is ok again once the store has failed', async () => {
    const readiness = make();
    fail(new Error('disk'));
    await Promise.resolve();
    expect(readiness.status()).to.equal('unavailable');
    expect(readiness.reasons()).to.deep.equal(['storeFailed']);
  });

  it('is stopping once told to, whatever else', () => {
    const readiness = make();
    full = true;
    readiness.stop();
    expect(readiness.status()).to.equal('stopping');
    expect(readiness.reasons()).to.deep.equal(['stopping', 'diskNearlyFull']);
  });

  it('looks at the disk, and takes one that cannot be looked at for what it was', async () => {
    const { place, remove } = await temporaryDirectory();
    const free = await freeBytes(place);
    const roomy = await watchDisk(place, 1);
    const tight = await watchDisk(place, free * 2 + 1);
    const gone = await watchDisk(`${place}/nowhere`, Number.MAX_SAFE_INTEGER);
    expect([roomy, tight, gone].map((disk) => disk.isNearlyFull())).to.deep.equal([
      false,
      true,
      false,
    ]);
    for (const disk of [roomy, tight, gone]) disk.end();
    await remove();
  });
});
