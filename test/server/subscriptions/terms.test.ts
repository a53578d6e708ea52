import { expect } from 'chai';
import fc from 'fast-check';
import {
  daysLeftAt,
  daysUntil,
  isRenewable,
  isUnderWarranty,
  nextDue,
  renewedUntil,
  revokesAt,
  STEPS,
  statusAt,
  yearAfter,
} from '../../../server/subscriptions/terms.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { nextYear } from '../../model/subscriptions/naive.ts';

const DAY = 86_400_000;
const at = (text: string): UnixMillis => Date.parse(text) as UnixMillis;
/** Any millisecond from 2000 to 2200. */
const moments = fc
  .integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2200, 0, 1) })
  .map((millis) => millis as UnixMillis);

describe('the calendar of a subscription', () => {
  it('ends a year later on the same day at the same time, by the calendar', () => {
    expect(yearAfter(at('2026-03-01T10:11:12.013Z'))).to.equal(at('2027-03-01T10:11:12.013Z'));
    fc.assert(fc.property(moments, (moment) => yearAfter(moment) === nextYear(moment)));
  });

  it('ends on 28 February what began on the 29th, and stays there', () => {
    const end = yearAfter(at('2028-02-29T23:59:59.999Z'));
    expect(end).to.equal(at('2029-02-28T23:59:59.999Z'));
    expect(yearAfter(end)).to.equal(at('2030-02-28T23:59:59.999Z'));
    expect(yearAfter(at('2027-02-28T00:00:00Z'))).to.equal(at('2028-02-28T00:00:00Z'));
  });

  it('does not ask which time zone the server is in', () => {
    const zone = process.env['TZ'];
    try {
      for (const each of ['America/New_York', 'Pacific/Auckland', 'UTC']) {
        process.env['TZ'] = each;
        expect(yearAfter(at('2026-03-29T01:30:00Z'))).to.equal(at('2027-03-29T01:30:00Z'));
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  const expiresAt = at('2027-03-01T10:00:00Z');
  const over = at('2028-03-01T10:00:00Z');

  it('is suspended from the expiry on, and revoked a year after', () => {
    expect(statusAt({ expiresAt }, (expiresAt - 1) as UnixMillis)).to.equal('active');
    expect(statusAt({ expiresAt }, expiresAt)).to.equal('suspended');
    expect(revokesAt({ expiresAt })).to.equal(over);
    expect(statusAt({ expiresAt }, (over - 1) as UnixMillis)).to.equal('suspended');
    expect(statusAt({ expiresAt }, over)).to.equal('revoked');
  });

  it('offers a renewal from 30 days before the expiry to a year after, and only then', () => {
    const first = (expiresAt - 30 * DAY) as UnixMillis;
    expect(isRenewable({ expiresAt }, (first - 1) as UnixMillis)).to.equal(false);
    expect(isRenewable({ expiresAt }, first)).to.equal(true);
    expect(isRenewable({ expiresAt }, (over - 1) as UnixMillis)).to.equal(true);
    expect(isRenewable({ expiresAt }, over)).to.equal(false);
    expect(isRenewable({ expiresAt, revokedAt: first }, first)).to.equal(false);
  });

  it('adds a year to the expiry before it, and runs from the payment after it', () => {
    const early = at('2027-02-10T00:00:00Z');
    expect(renewedUntil({ expiresAt }, early)).to.equal(at('2028-03-01T10:00:00Z'));
    const late = at('2027-09-15T12:00:00Z');
    expect(renewedUntil({ expiresAt }, late)).to.equal(at('2028-09-15T12:00:00Z'));
  });

  it('never takes days from whoever renews, however often and whenever', () => {
    fc.assert(
      fc.property(moments, moments, (end, paidAt) => {
        const until = renewedUntil({ expiresAt: end }, paidAt);
        return until >= yearAfter(end) || (paidAt > end && until === yearAfter(paidAt));
      }),
    );
  });

  it('takes its steps in the order of their moments, and none after the last', () => {
    fc.assert(
      fc.property(moments, (end) => {
        const dues = STEPS.map((_, stepsTaken) => nextDue({ expiresAt: end, stepsTaken })?.at ?? 0);
        return dues.every((due, place) => place === 0 || due > (dues[place - 1] ?? 0));
      }),
    );
    expect(nextDue({ expiresAt, stepsTaken: STEPS.length })).to.equal(undefined);
    expect(nextDue({ expiresAt, stepsTaken: 0, revokedAt: expiresAt })).to.equal(undefined);
  });

  it('shows the days that are left from 30 days before the expiry', () => {
    const days = (before: number) => daysLeftAt({ expiresAt }, (expiresAt - before) as UnixMillis);
    expect(days(31 * DAY)).to.equal(undefined);
    expect(days(30 * DAY)).to.equal(30);
    expect(days(DAY + 1)).to.equal(2);
    expect(days(1)).to.equal(1);
    expect(days(0)).to.equal(undefined);
    expect(daysUntil(expiresAt, (expiresAt + 1) as UnixMillis)).to.equal(0);
  });

  it('covers 45 days from the purchase by the warranty', () => {
    const purchasedAt = at('2026-03-01T10:00:00Z');
    const end = (purchasedAt + 45 * DAY) as UnixMillis;
    expect(isUnderWarranty({ purchasedAt }, (end - 1) as UnixMillis)).to.equal(true);
    expect(isUnderWarranty({ purchasedAt }, end)).to.equal(false);
  });
});
