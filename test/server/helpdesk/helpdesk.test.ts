import { expect } from 'chai';
import { CALLER_CHECKS } from '../../../server/helpdesk/record.ts';
import { addPerson, buy, pass } from '../http/people.ts';
import { timeCode, timeEntry } from '../http/served.ts';
import { createDesk, DAY, MINUTE, NUMBER, REASON } from './desk.ts';

describe('the helpdesk over HTTP', function () {
  this.timeout(20_000);
  const desk = createDesk();
  const { post, of, checked, give, notices, lastEntry, hold, ago, callBack } = desk;

  beforeEach(() => desk.open());
  afterEach(() => desk.state.served.close());

  describe('checks who calls', () => {
    it('by a code, which is spent by it', async () => {
      const code = timeCode('FT00000001', desk.state.served.clock.at);
      const { json } = await post(of('caller-checks'), { method: 'code', code });
      expect(json['check']).to.include({ account: 'jennifer', method: 'code' });
      const again = await post('/v1/verify', { account: 'jennifer', code }, desk.state.key);
      expect(again.json['outcome']).to.equal('replayed');
    });

    it('and a wrong code is no check, and counts on the account', async () => {
      const { json } = await post(of('caller-checks'), { method: 'code', code: '900001' });
      expect(json).to.deep.equal({ outcome: 'wrongCode' });
      expect(
        (await desk.state.served.store.scan(CALLER_CHECKS, { limit: 10 })).items,
      ).to.deep.equal([]);
    });

    it('by a call back to a number that the account held before', async () => {
      await hold({ verifiedAt: ago(8 * DAY) });
      const path = of('call-back-numbers');
      const { json } = await desk.state.served.send({ method: 'GET', path, key: desk.state.agent });
      expect(json['numbers']).to.deep.include({
        number: NUMBER,
        since: new Date(ago(8 * DAY)).toISOString(),
      });
      const reply = await callBack('+1 (202) 555-0123');
      expect(reply.json['check']).to.include({ method: 'callBack', by: 'account:henry' });
      expect(await lastEntry('checkCaller')).to.include({ phone: '…0123' });
    });

    it('and never by a number added a moment ago, not proved, or long given up', async () => {
      for (const phone of [
        {},
        { verifiedAt: ago(6 * DAY) },
        { verifiedAt: ago(30 * DAY), removedAt: ago(29 * DAY) },
        { verifiedAt: ago(400 * DAY), removedAt: ago(91 * DAY) },
        { removedAt: ago(DAY) },
      ]) {
        await hold(phone);
        const { status, json } = await callBack(NUMBER);
        expect([status, json['code']], JSON.stringify(phone)).to.deep.equal([409, 'notAllowedNow']);
      }
      await hold({ verifiedAt: ago(30 * DAY) });
      expect((await callBack('+12025550124')).json['code']).to.equal('notAllowedNow');
    });

    it('also by a number that was given up lately, after it had been held', async () => {
      await hold({ verifiedAt: ago(100 * DAY), removedAt: ago(DAY) });
      expect((await callBack(NUMBER)).json['outcome']).to.equal('accepted');
    });

    it('refuses what is neither a code nor a call back', async () => {
      for (const body of [
        { method: 'code' },
        { method: 'callBack' },
        { method: 'code', code: '123456', phone: NUMBER },
        { method: 'voice', code: '123456' },
      ]) {
        expect((await post(of('caller-checks'), body)).status, JSON.stringify(body)).to.equal(422);
      }
    });
  });

  describe('gives a temporary code', () => {
    it('for a forgotten token: a stated life and strength, audited, mailed', async () => {
      const check = await checked();
      const life = { life: '12h', strength: 'mobileId', uses: 2 };
      const { status, json, text } = await give(check, life);
      expect(status, text).to.equal(201);
      expect(json).to.deep.equal({
        expiresAt: new Date(desk.state.served.clock.at + 12 * 60 * MINUTE).toISOString(),
        strength: 'mobileId',
        uses: 2,
        mailed: true,
      });
      expect(await lastEntry('giveTemporaryCode')).to.include({
        check,
        method: 'code',
        checkedBy: 'account:henry',
        reason: REASON,
        strength: 'mobileId',
        uses: 2,
      });
      const mails = await notices();
      const mail = mails.find(({ template }) => template === 'temporaryCode');
      expect(mail).to.deep.include({ to: 'jennifer@example.com' });
      expect(mail?.values).to.include({ strength: 'mobileId', reason: REASON });
    });

    it('that works so often, for that account alone, and no longer', async () => {
      const path = '/v1/accounts/jennifer';
      await desk.state.served.send({
        method: 'PATCH',
        path,
        key: desk.state.key,
        body: { email: null },
      });
      const { json } = await give(await checked(), { life: '1h', strength: 'mobileId', uses: 2 });
      const code = String(json['code']);
      expect(json).to.include({ mailed: false });
      expect(code).to.match(/^\d{8}$/);
      const verify = async (account: string) =>
        (await post('/v1/verify', { account, code }, desk.state.key)).json;
      expect((await verify('henry'))['outcome']).to.equal('wrongCode');
      expect(await verify('jennifer')).to.include({ outcome: 'accepted', strength: 'mobileId' });
      expect((await verify('jennifer'))['outcome']).to.equal('accepted');
      expect((await verify('jennifer'))['outcome']).to.equal('wrongCode');
      const next = await give(await checked(), { life: '1h' });
      pass(desk.state.served, 60 * MINUTE);
      const late = await post(
        '/v1/verify',
        { account: 'jennifer', code: next.json['code'] },
        desk.state.key,
      );
      expect(late.json['outcome']).to.equal('wrongCode');
    });

    it('that is no proof of who calls', async () => {
      const path = '/v1/accounts/jennifer';
      await desk.state.served.send({
        method: 'PATCH',
        path,
        key: desk.state.key,
        body: { email: null },
      });
      const { json } = await give(await checked());
      const body = { method: 'code', code: json['code'] };
      const reply = await post(of('caller-checks'), body);
      expect(reply.json['code'], reply.text).to.equal('callerCheckRequired');
    });

    it('within its bounds', async () => {
      const check = await checked();
      for (const more of [
        { life: '8d' },
        { life: '1s' },
        { uses: 0 },
        { uses: 11 },
        { strength: 'hardwareToken' },
        { strength: 'password' },
        { reason: '' },
      ]) {
        expect((await give(check, more)).status, JSON.stringify(more)).to.equal(422);
      }
      expect((await give(check)).status).to.equal(201);
    });

    it('that proves no more than what was forgotten, nothing for what is held', async () => {
      const check = await checked();
      for (const verb of ['suspend', 'lock', 'revoke']) {
        await post(`/v1/tokens/FT00000001/${verb}`, {}, desk.state.key);
        expect((await give(check)).json['code'], verb).to.equal('notAllowedNow');
        const lift = { suspend: 'resume', lock: 'unlock' }[verb];
        if (lift !== undefined) await post(`/v1/tokens/FT00000001/${lift}`, {}, desk.state.key);
      }
      await hold({ verifiedAt: ago(30 * DAY) });
      expect((await give(check)).json['code']).to.equal('notAllowedNow');
      await buy(desk.state.served, { account: 'jennifer', type: 'phoneOtp', stage: 'active' });
      const more = { strength: 'mobileId' };
      expect((await give(check, more)).json['code']).to.equal('notAllowedNow');
      expect((await give(check)).status).to.equal(201);
    });
  });

  describe('unlocks', () => {
    const unlock = (body: object, as = desk.state.agent) =>
      post('/v1/tokens/FT00000001/unlock', body, as);

    it('only on a check of the caller, with a reason', async () => {
      for (const body of [{}, { reason: REASON }, { check: 'a'.repeat(16) }]) {
        const { status, json } = await unlock(body);
        expect([status, json['code']]).to.deep.equal([409, 'callerCheckRequired']);
      }
      const check = await checked();
      const { status, json } = await unlock({ check, reason: REASON });
      expect(status).to.equal(200);
      expect(json['token']).to.include({ serial: 'FT00000001' });
      expect(await lastEntry('helpdeskUnlock')).to.include({ check, reason: REASON });
    });

    it('as an API key with tokens:unlock does too; tokens:admin needs no check', async () => {
      const reply = await unlock({ reason: REASON }, await desk.state.served.key('tokens:unlock'));
      expect(reply.json['code']).to.equal('callerCheckRequired');
      expect((await unlock({}, await desk.state.served.key('tokens:admin'))).status).to.equal(200);
    });

    it("not on the check of another account's person", async () => {
      await addPerson(desk.state.served, 'paula', { serial: 'FT00000003' });
      const code = timeCode('FT00000003', desk.state.served.clock.at);
      const { json } = await post(of('caller-checks', 'paula'), { method: 'code', code });
      const check = (json['check'] as { readonly id: string }).id;
      const reply = await unlock({ check, reason: REASON });
      expect(reply.json['code']).to.equal('callerCheckRequired');
    });

    it('and what was refused leaves the check as it was', async () => {
      const check = await checked();
      await post('/v1/tokens/FT00000001/revoke', {}, desk.state.key);
      expect((await unlock({ check, reason: REASON })).json['code']).to.equal('revoked');
      await desk.state.served.stock(timeEntry('FT00000004'));
      const other = await post('/v1/tokens/FT00000004/unlock', { check, reason: REASON });
      expect(other.status, other.text).to.equal(200);
    });
  });

  describe('a check', () => {
    it('is for one action', async () => {
      const check = await checked();
      expect((await give(check)).status).to.equal(201);
      expect((await give(check)).json['code']).to.equal('callerCheckRequired');
    });

    it('used by 20 at once serves one', async () => {
      const check = await checked();
      const unlock = () => post('/v1/tokens/FT00000001/unlock', { check, reason: REASON });
      const replies = await Promise.all([
        ...Array.from({ length: 10 }, () => give(check)),
        ...Array.from({ length: 10 }, unlock),
      ]);
      expect(replies.filter(({ status }) => status < 300)).to.have.length(1);
      for (const { status, json } of replies) {
        if (status >= 300) expect(json['code']).to.equal('callerCheckRequired');
      }
    });

    it('is good for 15 minutes', async () => {
      const check = await checked();
      pass(desk.state.served, 15 * MINUTE);
      expect((await give(check)).json['code']).to.equal('callerCheckRequired');
    });
  });

  it('grants a replacement on the same grounds, by the rules of the warranty', async () => {
    const bought = { account: 'jennifer', type: 'hardwareToken', stage: 'active' } as const;
    const { id } = await buy(desk.state.served, { ...bought, serial: 'FT00000001' });
    const path = of('replacements');
    const body = { reason: REASON, credential: id, why: 'err' };
    const unchecked = await post(path, { ...body, check: 'b'.repeat(16) });
    expect(unchecked.json['code']).to.equal('callerCheckRequired');
    const check = await checked();
    const lost = await post(path, { ...body, check, why: 'lost' });
    expect(lost.json['code']).to.equal('outsideWarranty');
    const { status, json, text } = await post(path, { ...body, check });
    expect(status, text).to.equal(201);
    expect(json).to.include({ credential: id });
    expect(await lastEntry('helpdeskReplacement')).to.include({
      check,
      credential: id,
      why: 'err',
    });
  });

  it('tells every address that the account has had, each by a mail of its own', async () => {
    for (const email of ['second@example.com', 'third@example.com']) {
      const path = '/v1/accounts/jennifer';
      await desk.state.served.send({ method: 'PATCH', path, key: desk.state.key, body: { email } });
    }
    const check = await checked();
    await post('/v1/tokens/FT00000001/unlock', { check, reason: REASON });
    const done = (await notices()).filter(({ template }) => template === 'helpdeskDone');
    expect(done.map(({ to }) => to)).to.have.members([
      'jennifer@example.com',
      'second@example.com',
      'third@example.com',
    ]);
    expect(done[0]?.values).to.include({ action: 'unlock', reason: REASON });
  });

  it('helps nobody with himself', async () => {
    const code = timeCode('FT00000002', desk.state.served.clock.at);
    const own = await post(of('caller-checks', 'henry'), { method: 'code', code });
    expect([own.status, own.json['code']]).to.deep.equal([403, 'forbidden']);
    const check = { check: 'a'.repeat(16), reason: REASON };
    const numbers = of('call-back-numbers', 'henry');
    expect(
      (await desk.state.served.send({ method: 'GET', path: numbers, key: desk.state.agent }))
        .status,
    ).to.equal(403);
    const ask = { ...check, action: 'unlock', serial: 'FT00000002' };
    expect((await post(of('approvals', 'henry'), ask)).status).to.equal(403);
    // A colleague's check of his person does not help him either.
    const other = await desk.state.served.key('helpdesk');
    const byOther = await post(of('caller-checks', 'henry'), { method: 'code', code }, other);
    const { id } = byOther.json['check'] as { readonly id: string };
    const grounds = { check: id, reason: REASON };
    const given = await post(of('temporary-codes', 'henry'), grounds);
    expect([given.status, given.json['code']]).to.deep.equal([403, 'forbidden']);
    const unlocked = await post('/v1/tokens/FT00000002/unlock', grounds);
    expect(unlocked.status).to.equal(403);
  });
});
