import { expect } from 'chai';
import type { Scope } from '../../../server/access/scopes.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { type Got, type Served, serve, timeEntry } from './served.ts';

/** What a caller could learn from a reply: all of it but its id and its moment. */
function visible({ status, headers, text }: Got) {
  const { 'x-request-id': _id, date: _date, ...others } = headers;
  return { status, headers: others, text };
}

describe('a caller who may not know', () => {
  let served: Served;

  beforeEach(async () => {
    served = await serve();
    await served.stock(timeEntry('KNOWN'), timeEntry('STOCKED'), timeEntry('LOST'));
    await served.register('KNOWN', 'jennifer');
    await served.register('LOST', 'bob');
    const key = await served.key('tokens:admin');
    await served.send({ path: '/v1/tokens/LOST/lost', key });
  });
  afterEach(() => served.close());

  const ask = async (path: string, body: object, ...scopes: Scope[]) =>
    visible(await served.send({ path, key: await served.key(...scopes), body }));

  it('learns nothing from a wrong code, by serial', async () => {
    const body = (serial: string) => ({ serial, code: '000000' });
    const known = await ask('/v1/verify', body('KNOWN'), 'verify');
    expect(known.text).to.equal('{"accepted":false,"outcome":"wrongCode"}');
    for (const serial of ['UNKNOWN', 'STOCKED', 'LOST']) {
      expect(await ask('/v1/verify', body(serial), 'verify'), serial).to.deep.equal(known);
    }
  });

  it('learns nothing from a wrong code, by account', async () => {
    const body = (account: string) => ({ account, code: '000000' });
    const known = await ask('/v1/verify', body('jennifer'), 'verify');
    for (const account of ['nobody', 'bob']) {
      expect(await ask('/v1/verify', body(account), 'verify'), account).to.deep.equal(known);
    }
  });

  for (const [name, subjects] of [
    ['serial', ['KNOWN', 'UNKNOWN', 'STOCKED', 'LOST']],
    ['account', ['jennifer', 'nobody', 'bob']],
  ] as const) {
    it(`learns nothing from going on, past waits and lock, by ${name}`, async () => {
      const key = await served.key('verify');
      const seen = new Set<unknown>();
      for (let round = 0; round < 14; round += 1) {
        // Three rounds in one instant bring a wait; after that each comes when its wait is over.
        if (round > 3) served.clock.at = (served.clock.at + 301_000) as UnixMillis;
        const code = String(100_000 + round);
        const replies = [];
        for (const subject of subjects) {
          const body = { [name]: subject, code };
          replies.push(visible(await served.send({ path: '/v1/verify', key, body })));
        }
        for (const reply of replies) expect(reply, `round ${round}`).to.deep.equal(replies[0]);
        seen.add(JSON.parse(replies[0]?.text ?? '').outcome);
      }
      expect([...seen]).to.deep.equal(['wrongCode', 'throttled']);
    });
  }

  it('learns nothing from registering', async () => {
    const body = { account: 'jennifer', code1: '000000', code2: '000001' };
    const scope = 'tokens:register';
    const known = await ask('/v1/tokens/STOCKED/registration', body, scope);
    for (const serial of ['UNKNOWN', 'KNOWN', 'LOST']) {
      const path = `/v1/tokens/${serial}/registration`;
      expect(await ask(path, body, scope), serial).to.deep.equal(known);
    }
  });

  it('is told the whole truth with scope verify:detail', async () => {
    const body = (serial: string) => ({ serial, code: '000000' });
    const outcomes = [];
    for (const serial of ['KNOWN', 'UNKNOWN', 'STOCKED', 'LOST']) {
      const { text } = await ask('/v1/verify', body(serial), 'verify:detail');
      outcomes.push(JSON.parse(text).outcome);
    }
    expect(outcomes).to.deep.equal(['wrongCode', 'notRegistered', 'notRegistered', 'lost']);
  });
});
