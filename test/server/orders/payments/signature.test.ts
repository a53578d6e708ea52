import { expect } from 'chai';
import fc from 'fast-check';
import Stripe from 'stripe';
import { isSigned, parseSignature } from '../../../../server/orders/payments/signature.ts';
import type { UnixMillis } from '../../../../shared/types.ts';

const stripe = new Stripe('sk_test_unused');
const SECRET = 'whsec_aNewSecretOfSomeLength1234';
const OLD = 'whsec_anOldSecretOfSomeLength567';
/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000 as UnixMillis;
const SECONDS = NOW / 1000;
const BODY = '{"id":"evt_1","type":"payment_intent.succeeded"}';

/** As Stripe's own library signs. */
const signed = (payload = BODY, timestamp = SECONDS, secret = SECRET): string =>
  stripe.webhooks.generateTestHeaderString({ payload, timestamp, secret });

const check = (header: string, { body = BODY, secrets = [SECRET], now = NOW } = {}): boolean =>
  isSigned({ body: Buffer.from(body), header, secrets, now });

/** What Stripe's own library says of the same message, at the same time. */
function stripeSays(header: string, body = BODY, secret = SECRET): boolean {
  try {
    stripe.webhooks.constructEvent(body, header, secret, 300, undefined, NOW);
    return true;
  } catch {
    return false;
  }
}

describe("the signature of a processor's message", () => {
  it('is HMAC-SHA-256 over time, dot and body', () => {
    // printf '1767225600.{}' | openssl dgst -sha256 -hmac whsec_test_secret_0123
    const mac = 'c28c5125a6b5c2999744880cefe14ef2491db2dcb6a2f96d8b5d2343fd59fba6';
    const message = { body: Buffer.from('{}'), secrets: ['whsec_test_secret_0123'], now: NOW };
    expect(isSigned({ ...message, header: `t=${SECONDS},v1=${mac}` })).to.equal(true);
  });

  it("is right when Stripe's own library has made it, of any body", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        expect(check(signed(body), { body })).to.equal(true);
      }),
    );
  });

  it('is wrong when one character of it, of its time or of the body is another', () => {
    const header = signed();
    for (let place = 0; place < header.length; place += 1) {
      const wrong = header[place] === '1' ? '2' : '1';
      const changed = header.slice(0, place) + wrong + header.slice(place + 1);
      expect(check(changed), changed).to.equal(false);
      expect(stripeSays(changed), changed).to.equal(false);
    }
    for (let place = 0; place < BODY.length; place += 1) {
      const body = `${BODY.slice(0, place)}~${BODY.slice(place + 1)}`;
      expect(check(header, { body })).to.equal(false);
    }
  });

  it('is right for five minutes, before and after, and not longer', () => {
    const at = (seconds: number) => check(signed(BODY, SECONDS + seconds));
    expect([-301, -300, 0, 300, 301].map(at)).to.deep.equal([false, true, true, true, false]);
  });

  it('may be by the old secret or the new while one takes over from the other', () => {
    const secrets = [SECRET, OLD];
    const both = `${signed(BODY, SECONDS, OLD)},${signed().split(',')[1]}`;
    expect(check(signed(), { secrets })).to.equal(true);
    expect(check(signed(BODY, SECONDS, OLD), { secrets })).to.equal(true);
    expect(check(both)).to.equal(true);
    expect(stripeSays(both)).to.equal(true);
    expect(check(signed(BODY, SECONDS, OLD))).to.equal(false);
  });

  it('of another scheme is none, though it were right', () => {
    expect(check(signed().replace('v1=', 'v0='))).to.equal(false);
    expect(check(`${signed()},v0=${'0'.repeat(64)}`)).to.equal(true);
  });

  it('is not looked for in what is no such header', () => {
    const mac = signed().split('v1=')[1] ?? '';
    for (const header of [
      '',
      't=',
      `v1=${mac}`,
      `t=${SECONDS}`,
      `t=${SECONDS},t=${SECONDS},v1=${mac}`,
      `t=-1,v1=${mac}`,
      `t=${SECONDS},v1=${mac.slice(1)}`,
      `t=${SECONDS},v1=${mac.toUpperCase()}`,
      `t=${SECONDS}${`,v1=${mac}`.repeat(9)}`,
      `t=${SECONDS},v1=${mac},${'x'.repeat(2100)}`,
    ]) {
      expect(parseSignature(header), header.slice(0, 80)).to.equal(undefined);
      expect(check(header)).to.equal(false);
    }
    expect(parseSignature(` t=${SECONDS} , v1=${mac}`)).to.deep.include({ macs: [mac] });
  });
});
