import { expect } from 'chai';
import fc from 'fast-check';
import { createRecordCache, Generations, UNKNOWN } from '../../../server/store/cache.ts';

describe('record cache', () => {
  it('never gives anything but the last value, and never holds more than its limit', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.array(
          fc.tuple(fc.constantFrom('get', 'set', 'delete'), fc.integer({ min: 0, max: 8 })),
          {
            maxLength: 200,
          },
        ),
        (limit, steps) => {
          const cache = new Generations<number>(limit);
          const model = new Map<string, number>();
          for (const [place, [step, name]] of steps.entries()) {
            const key = String(name);
            if (step === 'set') {
              cache.set(key, place);
              model.set(key, place);
            } else if (step === 'delete') {
              cache.delete(key);
              model.delete(key);
            } else expect(cache.get(key)).to.be.oneOf([undefined, model.get(key)]);
            expect(cache.size).to.be.at.most(limit);
          }
        },
      ),
    ));

  it('keeps what is used while others pass', () => {
    const cache = new Generations<number>(100);
    cache.set('used', 1);
    for (let other = 0; other < 1000; other += 1) {
      cache.set(`o${other}`, other);
      expect(cache.get('used')).to.equal(1);
    }
    expect(cache.get('o0')).to.equal(undefined);
  });

  it('tells an absent record from one it does not know', () => {
    const cache = createRecordCache(100);
    expect(cache.get('a')).to.equal(UNKNOWN);
    cache.set('a', undefined);
    expect(cache.get('a')).to.equal(undefined);
    const record = {};
    cache.set('a', record);
    expect(cache.get('a')).to.equal(record);
    cache.set('a', undefined);
    expect(cache.get('a')).to.equal(undefined);
  });

  it('forgets a record, there or absent', () => {
    const cache = createRecordCache(100);
    cache.set('a', {});
    cache.set('b', undefined);
    cache.forget('a');
    cache.forget('b');
    expect(cache.get('a')).to.equal(UNKNOWN);
    expect(cache.get('b')).to.equal(UNKNOWN);
  });

  it('has room for 100,000 records and as many that are absent, in turn, by default', () => {
    const cache = createRecordCache(400_000);
    const record = {};
    let unknown = 0;
    for (let place = 0; place < 200_000; place += 1) {
      const index = place % 100_000;
      if (place >= 100_000) {
        unknown += Number(cache.get(`present ${index}`) === UNKNOWN);
        unknown += Number(cache.get(`absent ${index}`) === UNKNOWN);
      }
      cache.set(`present ${index}`, record);
      if (place < 100_000) cache.set(`absent ${index}`, undefined);
    }
    expect(unknown).to.equal(0);
  });

  it('does not let absent records push out present ones', () => {
    const cache = createRecordCache(160);
    const record = {};
    cache.set('present', record);
    for (let other = 0; other < 10_000; other += 1) cache.set(`o${other}`, undefined);
    expect(cache.get('present')).to.equal(record);
    expect(cache.get('o0')).to.equal(UNKNOWN);
  });
});
