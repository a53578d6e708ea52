import { expect } from 'chai';
import type { AccountId, PhoneId } from '../../../shared/types.ts';
import { errorOf } from '../accounts/room.ts';
import { openRoom, type Room, type RoomOptions, US_NUMBER, USER } from './room.ts';

const HUGE = { hour: 1000, day: 1000 };
const OPEN = { account: HUGE, number: HUGE, range: HUGE, source: HUGE, country: HUGE, all: HUGE };

async function ready(limits: RoomOptions['limits']): Promise<{ room: Room; phone: PhoneId }> {
  const room = await openRoom({ limits });
  await room.subscribe('phone');
  const phone = await room.proved(US_NUMBER, room.person('password'));
  return { room, phone };
}

describe('what sending codes may cost', () => {
  it('waits half a minute between two codes of an account', async () => {
    const { room, phone } = await ready({});
    await room.send(phone);
    room.pass(10.5);
    const early = await errorOf(room.send(phone));
    expect(early).to.include({ code: 'tooManyRequests', retryAfterSeconds: 20 });
    expect(room.refusals).to.deep.equal(['coolDown']);
    room.pass(19.5);
    await room.send(phone);
  });

  it('lets an account have so many an hour, and so many a day, rolling', async () => {
    const { room, phone } = await ready({ ...OPEN, account: { hour: 3, day: 5 } });
    // One was sent to prove the number, half a minute ago.
    for (let sent = 1; sent < 3; sent += 1) {
      await room.send(phone);
      room.pass(30);
    }
    const full = await errorOf(room.send(phone));
    expect(full).to.include({ code: 'tooManyRequests', retryAfterSeconds: 3600 - 90 });
    expect(room.refusals).to.deep.equal(['account']);
    room.pass(3600 - 90);
    await room.send(phone);
    room.pass(30);
    await room.send(phone);
    room.pass(3600);
    const day = await errorOf(room.send(phone));
    expect(day.retryAfterSeconds).to.be.greaterThan(20 * 3600);
    room.pass(day.retryAfterSeconds ?? 0);
    await room.send(phone);
  });

  for (const name of ['number', 'range', 'country', 'all'] as const) {
    it(`is limited by ${name}, whoever the account`, async () => {
      const { room, phone } = await ready({ ...OPEN, [name]: { hour: 2, day: 1000 } });
      await room.send(phone);
      const other = await room.tokens.account('red_k');
      await room.subscribe('phone', { account: other });
      const added = room.phones.add(
        { account: other, number: US_NUMBER, country: 'US', kind: 'text' },
        room.person('password', other),
      );
      const error = await errorOf(added);
      expect(error.code).to.equal('tooManyRequests');
      expect(error.retryAfterSeconds).to.be.within(1, 3600);
      expect(room.refusals).to.deep.equal([name]);
      room.pass(error.retryAfterSeconds ?? 0);
      await room.send(phone);
    });
  }

  it('is limited by the address that people ask from', async () => {
    const { room, phone } = await ready({ ...OPEN, source: { hour: 1, day: 1000 } });
    const send = (source?: string) =>
      room.phones.send({ account: USER, phone, source }, room.person('password'));
    await send('192.0.2.1');
    room.pass(30);
    expect((await errorOf(send('192.0.2.1'))).code).to.equal('tooManyRequests');
    expect(room.refusals).to.deep.equal(['source']);
    await send('192.0.2.2');
    room.pass(30);
    await send();
  });

  it('writes nothing where it refuses', async () => {
    const { room, phone } = await ready({ ...OPEN, all: { hour: 1, day: 1 } });
    const before = await room.record();
    const entries = (await room.actions()).length;
    await errorOf(room.send(phone));
    expect(await room.record()).to.deep.equal(before);
    expect((await room.actions()).length).to.equal(entries);
    expect(await room.phones.list('nobody' as AccountId)).to.deep.equal([]);
  });
});
