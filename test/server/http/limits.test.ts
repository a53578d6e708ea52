import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { z } from 'zod';
import { BUCKETS } from '../../../server/access/minute-counts.ts';
import { createLimits } from '../../../server/http/limits.ts';
import { type Attempt, attemptReader } from '../../../server/http/limits-attempt.ts';
import {
  createLimitOptions,
  DEFAULT_LIMITS,
  LIMIT_BOUNDS,
  type LimitOptions,
} from '../../../server/http/limits-options.ts';
import { createRecentCodes, RECENT_CODES_MAX } from '../../../server/http/recent-codes.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, ApplicationId, Serial } from '../../../shared/types.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../../shared/wire/operations.ts';

const rng = { bytes: (length: number) => new Uint8Array(length).fill(7), uniform: () => 0.5 };
const TOKEN = 'FT1' as Serial;
const ACCOUNT = 'jennifer' as AccountId;
const ofToken = (code: number | string, serial = TOKEN): Attempt => ({ serial, code: `${code}` });

describe('the limits against abuse', () => {
  let time: sinon.SinonFakeTimers;

  beforeEach(() => {
    time = sinon.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => time.restore());

  const create = (options: Partial<LimitOptions> = {}) =>
    createLimits(createLimitOptions(options), { elapsedMillis: () => Date.now(), rng });

  function refusalOf(work: () => unknown): FobtwinError | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      if (error instanceof FobtwinError && error.code === 'tooManyRequests') return error;
      throw error;
    }
  }

  /** How many of so many calls pass, one after the other. */
  function passing(times: number, call: (n: number) => unknown) {
    let passed = 0;
    for (let n = 0; n < times; n += 1) {
      if (refusalOf(() => call(n)) === undefined) passed += 1;
    }
    return passed;
  }

  it('count strangers and wrong keys by source, wrong keys harder', () => {
    const limits = create();
    expect(passing(1000, () => limits.stranger('192.0.2.1'))).to.equal(600);
    expect(passing(1000, () => limits.wrongKey('192.0.2.1'))).to.equal(30);
    expect(passing(1000, () => limits.wrongKey('192.0.2.2'))).to.equal(30);
  });

  it('begin anew after a minute, and say when', () => {
    const limits = create({ wrongKeysPerMinute: 1 });
    limits.wrongKey('a');
    time.tick(45_500);
    const refusal = refusalOf(() => limits.wrongKey('a'));
    expect(refusal?.retryAfterSeconds).to.equal(15);
    expect(refusal?.nextStep).to.equal('Try again in 15 s.');
    time.tick(14_499);
    expect(refusalOf(() => limits.wrongKey('a'))?.retryAfterSeconds).to.equal(1);
    time.tick(1);
    expect(refusalOf(() => limits.wrongKey('a'))).to.equal(undefined);
  });

  it('count an application only where somebody wants it', () => {
    const id = '0011223344556677' as ApplicationId;
    expect(create().application(id)).to.equal(undefined);
    const limits = create({ applicationRequestsPerMinute: 5 });
    expect(passing(20, () => limits.application(id))).to.equal(5);
  });

  it('count what a person asks by account, where nobody has turned that off', () => {
    const limits = create();
    expect(passing(2000, () => limits.person(ACCOUNT, 'password'))).to.equal(600);
    expect(limits.person('paula' as AccountId, 'password')).to.equal(undefined);
    const few = create({ accountRequestsPerMinute: 5 });
    expect(passing(20, () => few.person(ACCOUNT, 'password'))).to.equal(5);
    // Whoever has stolen the password spends nothing of what its person asks by a code.
    expect(passing(20, () => few.person(ACCOUNT, 'phoneOtp'))).to.equal(5);
    expect(passing(20, () => few.person(ACCOUNT, 'hardwareToken'))).to.equal(0);
    const off = create({ accountRequestsPerMinute: 0 });
    expect(passing(2000, () => off.person(ACCOUNT, 'password'))).to.equal(2000);
  });

  it('count different wrong codes by token and by account, each apart', () => {
    const limits = create();
    const by = (subject: Omit<Attempt, 'code'>) => (n: number) =>
      limits.attempt({ ...subject, code: `${n}` })(false);
    expect(passing(100, by({ serial: TOKEN }))).to.equal(60);
    expect(passing(100, by({ account: ACCOUNT }))).to.equal(60);
    expect(passing(100, by({ serial: 'jennifer' as Serial }))).to.equal(60);
  });

  it('never count what is accepted', () => {
    const limits = create({ wrongCodesPerMinuteOfToken: 2 });
    const accepted = (n: number) => limits.attempt(ofToken(n))(true);
    expect(passing(1000, accepted)).to.equal(1000);
    const refused = (n: number) => limits.attempt(ofToken(`x${n}`))(false);
    expect(passing(10, refused)).to.equal(2);
  });

  it('count attempts from their beginning: a thousand at once do not slip through', () => {
    const limits = create();
    const all = Array.from({ length: 1000 }, (_, n) => refusalOf(() => limits.attempt(ofToken(n))));
    const passed = all.filter((refusal) => refusal === undefined);
    expect(passed).to.have.length(60);
  });

  it('let duplicates of one code pass for a minute, however many and however spent', () => {
    const limits = create({ wrongCodesPerMinuteOfToken: 1 });
    const same = () => refusalOf(() => limits.attempt(ofToken('755224')));
    const refusals = Array.from({ length: 100 }, same);
    expect(refusals.filter((refusal) => refusal !== undefined)).to.deep.equal([]);
    expect(refusalOf(() => limits.attempt(ofToken('287082')))).not.to.equal(undefined);
    time.tick(59_999);
    expect(same()).to.equal(undefined);
    // The minute is from the first, which repeats do not renew.
    time.tick(1);
    expect(same()).to.equal(undefined);
    expect(refusalOf(() => limits.attempt(ofToken('287082')))).not.to.equal(undefined);
  });

  it('take back by token what the limit by account refused', () => {
    const options = { wrongCodesPerMinuteOfToken: 2, wrongCodesPerMinuteOfAccount: 1 };
    const limits = create(options);
    const both = (code: string) =>
      refusalOf(() => limits.attempt({ serial: TOKEN, account: ACCOUNT, code }));
    expect(both('1')).to.equal(undefined);
    expect(both('2')).not.to.equal(undefined);
    expect(both('3')).not.to.equal(undefined);
    expect(refusalOf(() => limits.attempt(ofToken('4')))).to.equal(undefined);
    expect(refusalOf(() => limits.attempt(ofToken('5')))).not.to.equal(undefined);
  });

  it('are off at 0', () => {
    const off = Object.fromEntries(Object.keys(LIMIT_BOUNDS).map((name) => [name, 0]));
    const limits = create(off);
    expect(passing(2000, () => limits.stranger('a'))).to.equal(2000);
    expect(passing(2000, () => limits.wrongKey('a'))).to.equal(2000);
    expect(passing(2000, (n) => limits.attempt(ofToken(n)))).to.equal(2000);
  });

  it('hold a bounded number of names, and push none of them out', () => {
    const limits = create({ wrongKeysPerMinute: 1, strangersPerMinute: 0 });
    limits.wrongKey('victim');
    const passed = passing(4 * BUCKETS, (n) => limits.wrongKey(`source ${n}`));
    // One a bucket: no more names than that are told apart.
    expect(passed).to.be.lessThan(BUCKETS);
    expect(refusalOf(() => limits.wrongKey('victim'))).not.to.equal(undefined);
  });
});

describe('the codes of a moment ago', () => {
  it('are so many at most: the oldest are forgotten first', () => {
    const recent = createRecentCodes({ millis: 60_000, elapsedMillis: () => 0 });
    for (let n = 0; n <= RECENT_CODES_MAX; n += 1) recent.add(n);
    expect(recent.has(0)).to.equal(false);
    expect(recent.has(1)).to.equal(true);
    expect(recent.has(RECENT_CODES_MAX)).to.equal(true);
  });

  it('are what a naive list of them says, whatever comes and however time passes', () => {
    const digests = fc.integer({ min: 0, max: 5 }).map((n) => n * RECENT_CODES_MAX);
    const steps = fc.array(fc.record({ digest: digests, pause: fc.nat(30) }), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (taken) => {
        let now = 0;
        const recent = createRecentCodes({ millis: 50, elapsedMillis: () => now });
        const endsAt = new Map<number, number>();
        for (const { digest, pause } of taken) {
          now += pause;
          const isLive = (endsAt.get(digest) ?? 0) > now;
          expect(recent.has(digest)).to.equal(isLive);
          if (isLive) continue;
          recent.add(digest);
          endsAt.set(digest, now + 50);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are none where none are wanted', () => {
    const recent = createRecentCodes({ millis: 0, elapsedMillis: () => 0 });
    recent.add(1);
    expect(recent.has(1)).to.equal(false);
  });
});

describe('the options of the limits', () => {
  it('are refused by name when out of bounds, no integer, or upside down', () => {
    for (const [name, [least, greatest]] of Object.entries(LIMIT_BOUNDS)) {
      for (const [value, code] of [
        [least - 1, 'tooSmall'],
        [greatest + 1, 'tooLarge'],
        [1.5, 'wrongType'],
      ] as const) {
        const refuse = () => createLimitOptions({ [name]: value });
        expect(refuse, `${name} ${value}`).to.throw(FobtwinError, name);
        try {
          refuse();
        } catch (error) {
          expect((error as FobtwinError).errors).to.deep.include({ field: name, code });
        }
      }
    }
    const upsideDown = { strangersPerMinute: 10, wrongKeysPerMinute: 11 };
    expect(() => createLimitOptions(upsideDown)).to.throw(FobtwinError, 'wrongKeysPerMinute');
  });

  it('have defaults within the bounds', () => {
    expect(createLimitOptions()).to.deep.equal(DEFAULT_LIMITS);
  });
});

describe('what is limited as an attempt at codes', () => {
  it('is every operation that takes a code, and no other', () => {
    const takesCode = (id: OperationId): boolean => {
      const { body }: Operation = OPERATIONS[id];
      return body instanceof z.ZodObject && ('code' in body.shape || 'code1' in body.shape);
    };
    const ids = Object.keys(OPERATIONS) as OperationId[];
    const limited = ids.filter((id) => attemptReader(id) !== undefined);
    expect(limited).to.deep.equal(ids.filter(takesCode)).and.to.include('replaceToken');
  });
});
