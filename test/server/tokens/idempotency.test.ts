import { expect } from 'chai';
import { removeOver } from '../../../server/store/sweep.ts';
import {
  IDEMPOTENCY_MILLIS,
  IDEMPOTENT_ANSWERS,
  isCurrent,
} from '../../../server/tokens/idempotency.ts';
import type { Code, Serial, UnixMillis } from '../../../shared/types.ts';
import { codeOfError, holding, OWNER, openRoom, type Room, serialOf } from './room.ts';

const KEY = '5c1d1b4e-0000-4000-8000-000000000001';
const OTHER_KEY = '5c1d1b4e-0000-4000-8000-000000000002';

describe('verify under an idempotency key', () => {
  let room: Room;
  let serial: Serial;
  beforeEach(async () => {
    room = await openRoom();
    await room.account('jennifer');
    serial = await room.registered('FT1', 'jennifer');
  });
  afterEach(() => room.store.close());

  const verify = (code: Code, idempotencyKey = KEY, principal = OWNER) =>
    room.tokens.verify({ serial, code, idempotencyKey }, room.as(principal));

  it('answers the same request the same way for 60 s, and counts and records it once', async () => {
    const code = room.code(serial, 2);
    const first = await verify(code);
    expect(first).to.include({ outcome: 'accepted', serial });
    const recorded = (await room.audit()).length;
    room.pass(IDEMPOTENCY_MILLIS - 1);
    expect(await verify(code)).to.deep.equal(first);
    expect((await room.audit()).length).to.equal(recorded);
    room.pass(1);
    expect(await verify(code)).to.deep.equal({ outcome: 'replayed' });
  });

  it('counts a wrong code once, and under another key anew', async () => {
    expect((await verify(room.wrong())).outcome).to.equal('wrongCode');
    expect((await verify(room.wrong())).outcome).to.equal('wrongCode');
    expect((await room.detail(serial)).factor.failures.failuresInRow).to.equal(1);
    await verify(room.wrong(1), OTHER_KEY);
    expect((await room.detail(serial)).factor.failures.failuresInRow).to.equal(2);
  });

  it('refuses another request under the key, and tests nothing of it', async () => {
    const code = room.code(serial, 2);
    await verify(room.wrong());
    const recorded = (await room.audit()).length;
    expect(await codeOfError(verify(code))).to.equal('invalidInput');
    const command = { account: 'jennifer' as never, code: room.wrong(), idempotencyKey: KEY };
    const byAccount = room.tokens.verify(command, room.as(OWNER));
    expect(await codeOfError(byAccount)).to.equal('invalidInput');
    expect((await room.audit()).length).to.equal(recorded);
    expect((await verify(code, OTHER_KEY)).outcome).to.equal('accepted');
  });

  it('belongs to the application that asked', async () => {
    const code = room.code(serial, 2);
    const other = { ...holding('verify:detail'), actor: 'application:ffffffffffffffff' };
    expect((await verify(code)).outcome).to.equal('accepted');
    expect(await verify(code, KEY, other)).to.deep.equal({ outcome: 'replayed' });
  });

  it('tests a hundred repetitions at one moment once', async () => {
    const code = room.code(serial, 2);
    const before = (await room.audit()).length;
    const answers = await Promise.all(Array.from({ length: 100 }, () => verify(code)));
    expect(new Set(answers.map(({ outcome }) => outcome))).to.deep.equal(new Set(['accepted']));
    expect((await room.audit()).length).to.equal(before + 1);
  });

  it('holds of accounts and of unknown serials too', async () => {
    const code = room.code(serial, 2);
    const command = { account: 'jennifer' as never, code, idempotencyKey: KEY };
    const first = await room.tokens.verify(command, room.as(OWNER));
    expect(first.outcome).to.equal('accepted');
    expect(await room.tokens.verify(command, room.as(OWNER))).to.deep.equal(first);
    const unknown = { serial: serialOf('NOPE'), code, idempotencyKey: OTHER_KEY };
    const refused = await room.tokens.verify(unknown, room.as(holding('verify')));
    const recorded = (await room.audit()).length;
    const again = await room.tokens.verify(unknown, room.as(holding('verify')));
    expect(again).to.deep.equal(refused);
    expect((await room.audit()).length).to.equal(recorded);
  });

  it('forgets an answer of a clock that was ahead', async () => {
    const code = room.code(serial, 2);
    room.pass(3_600_000);
    await verify(code);
    room.pass(-3_600_000);
    expect(await verify(code)).to.deep.equal({ outcome: 'replayed' });
  });

  it('keeps neither key nor code, and nothing when its time is over', async () => {
    const code = room.code(serial, 2);
    await verify(code);
    const { items } = await room.store.scan(IDEMPOTENT_ANSWERS, { limit: 10 });
    expect(items).to.have.length(1);
    const text = JSON.stringify(items);
    expect(text).not.to.contain(KEY);
    expect(text).not.to.contain(code);
    const over = (now: UnixMillis) =>
      removeOver(room.store, IDEMPOTENT_ANSWERS, (answer) => !isCurrent(answer, now));
    expect(await over(room.now)).to.equal(0);
    room.pass(IDEMPOTENCY_MILLIS);
    expect(await over(room.now)).to.equal(1);
    await verify(room.code(serial, 3));
    room.pass(-3_600_000);
    expect(await over(room.now), 'of a clock that was ahead').to.equal(1);
  });
});
