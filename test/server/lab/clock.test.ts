import { expect } from 'chai';
import fc from 'fast-check';
import { createLabClock, LAB_ADVANCE_MILLIS_MAX, LAB_CLOCK } from '../../../server/lab/clock.ts';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import type { Store } from '../../../server/store/port.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { UnixMillis } from '../../../shared/types.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 0, 1, 12) as UnixMillis;

describe('lab clock', () => {
  let store: Store;
  let data: ReturnType<typeof createMemoryData>;
  let system: number;
  const systemClock = { now: () => system as UnixMillis };
  const open = async () => {
    store = await openMemoryStore({
      data,
      kinds: [LAB_CLOCK],
      writer: 'test',
      auditKey: new Uint8Array(32),
    });
    return store;
  };
  const reopen = async () => {
    await store.close();
    return open();
  };

  beforeEach(async () => {
    data = createMemoryData();
    system = NOON;
    await open();
  });
  afterEach(() => store.close());

  it('ticks with the system clock, at the offset of its moves', async () => {
    const clock = await createLabClock({ store, systemClock });
    expect(clock.now()).to.equal(NOON);
    system += 1000;
    const moved = await clock.move({ advanceMillis: 30 * DAY });
    expect(moved).to.deep.equal({ now: NOON + 1000 + 30 * DAY, frozen: false });
    system += 500;
    expect(clock.now()).to.equal(NOON + 1500 + 30 * DAY);
  });

  it('stands still while frozen, moves then too, and ticks on from where it stood', async () => {
    const clock = await createLabClock({ store, systemClock });
    await clock.move({ frozen: true });
    system += 5000;
    expect(clock.now()).to.equal(NOON);
    expect(await clock.move({ advanceMillis: 700 })).to.deep.equal({
      now: NOON + 700,
      frozen: true,
    });
    system += 5000;
    expect(await clock.move({ frozen: false })).to.deep.equal({ now: NOON + 700, frozen: false });
    system += 40;
    expect(clock.now()).to.equal(NOON + 740);
  });

  it('is found again where it stood when the store is opened anew', async () => {
    const clock = await createLabClock({ store, systemClock });
    await clock.move({ advanceMillis: DAY });
    system += 10;
    const ticking = await createLabClock({ store: await reopen(), systemClock });
    expect(ticking.now()).to.equal(NOON + DAY + 10);
    await ticking.move({ frozen: true });
    system += 10 * DAY;
    const frozen = await createLabClock({ store: await reopen(), systemClock });
    expect([frozen.now(), frozen.frozen]).to.deep.equal([NOON + DAY + 10, true]);
  });

  it('begins at a given instant once, also one before the system time', async () => {
    const startAt = Date.UTC(2020, 1, 29) as UnixMillis;
    const clock = await createLabClock({ store, systemClock, startAt });
    expect(clock.now()).to.equal(startAt);
    system += 99;
    const again = await createLabClock({ store: await reopen(), systemClock, startAt });
    expect(again.now()).to.equal(startAt + 99);
  });

  it('refuses what goes back, is no whole number or exceeds a hundred years in sum', async () => {
    const clock = await createLabClock({ store, systemClock });
    const refusal = async (advanceMillis: number) => {
      const error: unknown = await clock.move({ advanceMillis }).catch((caught) => caught);
      expect(error).to.be.instanceOf(FobtwinError);
      return (error as FobtwinError).errors[0];
    };
    expect(await refusal(-1)).to.deep.equal({ field: '/advance', code: 'notAllowed' });
    expect(await refusal(0.5)).to.deep.equal({ field: '/advance', code: 'notAllowed' });
    const tooLarge = { field: '/advance', code: 'tooLarge' };
    expect(await refusal(LAB_ADVANCE_MILLIS_MAX + 1)).to.deep.equal(tooLarge);
    await clock.move({ advanceMillis: LAB_ADVANCE_MILLIS_MAX - 1 });
    expect(await refusal(2)).to.deep.equal(tooLarge);
    expect(clock.now()).to.equal(NOON + LAB_ADVANCE_MILLIS_MAX - 1);
  });

  it('records who moved it, and by how much', async () => {
    const clock = await createLabClock({ store, systemClock });
    await clock.move({ advanceMillis: DAY, frozen: true }, { actor: 'application:0011' });
    const { items } = await store.auditPage({ after: 0, limit: 10 });
    expect(items).to.have.length(1);
    expect(items[0]).to.deep.include({
      at: NOON + DAY,
      actor: 'application:0011',
      action: 'moveClock',
      details: { advanceMillis: DAY, frozen: true },
    });
  });

  it('keeps its time when a move cannot be stored', async () => {
    const clock = await createLabClock({ store, systemClock });
    await store.close();
    const error: unknown = await clock.move({ advanceMillis: DAY }).catch((caught) => caught);
    expect(error).to.be.instanceOf(FobtwinError).with.property('code', 'unavailable');
    expect(clock.now()).to.equal(NOON);
  });

  it('never goes back, whatever moves overlap', async () => {
    const step = fc.record({
      advanceMillis: fc.constantFrom(0, 0, 1, 7, DAY),
      frozen: fc.constantFrom(undefined, true, false),
      ticksBefore: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async (steps) => {
        const clock = await createLabClock({ store, systemClock });
        let latest = clock.now();
        const look = () => {
          const now = clock.now();
          expect(now).to.be.at.least(latest);
          latest = now;
        };
        const moves = steps.map(({ ticksBefore, ...move }) => {
          system += ticksBefore;
          look();
          return clock.move(move).then(({ now }) => {
            look();
            expect(latest).to.be.at.least(now);
            system += 3;
          });
        });
        await Promise.all(moves);
        look();
      }),
      { numRuns: 200 },
    );
  });
});
