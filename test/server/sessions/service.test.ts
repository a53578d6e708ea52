import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { createSessionOptions } from '../../../server/sessions/options.ts';
import { SESSIONS_MAX } from '../../../server/sessions/port.ts';
import type { AccountId, Serial } from '../../../shared/types.ts';
import { codeOfError, holding } from '../tokens/room.ts';
import { HOUR, MINUTE, openSessionRoom, type SessionRoom } from './room.ts';

const JENNIFER = 'jennifer' as AccountId;

describe('sessions', () => {
  let room: SessionRoom;
  let serial: Serial;

  beforeEach(async () => {
    room = await openSessionRoom();
    serial = await room.holder('jennifer', 'FT1');
  });
  afterEach(() => room.store.close());

  const elevate = (token: string, counter: number) =>
    room.sessions.elevate(token, room.code(serial, counter), room.caller());
  const setDisabled = (disabled: boolean) =>
    room.accounts.setDisabled(JENNIFER, disabled, {}, room.caller());

  describe('a session', () => {
    it('is found by its token and by nothing else', async () => {
      const { token, session } = await room.begin('jennifer');
      expect(token).to.match(/^[A-Za-z0-9_-]{43}$/);
      expect(await room.find(token)).to.deep.equal(session);
      expect(session).to.deep.include({ account: 'jennifer', strength: 'password' });
      expect(session.strengthAt).to.equal(room.now);
      expect(session.expiresAt - session.createdAt).to.equal(12 * HOUR);
      for (const other of [session.id, '', `${token}=`, token.toLowerCase().repeat(2)]) {
        expect(await room.find(other), other).to.equal(undefined);
      }
    });

    it('has its token kept nowhere, neither in the store nor in the log', async () => {
      const { token, session } = await room.begin('jennifer', 'hardwareToken', serial);
      await elevate(token, 2);
      await room.sessions.renew(token, room.caller());
      const dump = await room.store.dump();
      let kept = '';
      for await (const rows of dump.rows) kept += JSON.stringify(rows);
      await dump.close();
      expect(kept).to.include(session.id);
      expect(kept).to.include(createHash('sha256').update(token).digest('hex'));
      expect(kept).not.to.include(token);
      expect(JSON.stringify(await room.audit())).not.to.include(token);
    });

    it('begins for nobody unknown or disabled, nor stronger than what it rests on', async () => {
      expect(await codeOfError(room.begin('nobody'))).to.equal('notFound');
      await setDisabled(true);
      expect(await codeOfError(room.begin('jennifer'))).to.equal('notAllowedNow');
      await setDisabled(false);
      expect(await codeOfError(room.begin('jennifer', 'hardwareToken'))).to.equal('internal');
      expect(await room.records()).to.deep.equal([]);
    });

    it('has one whole life left at most after a clock that ran ahead was set back', async () => {
      const YEAR = 365 * 24 * HOUR;
      room.pass(YEAR);
      const used = await room.begin('jennifer');
      const unused = await room.begin('jennifer');
      room.pass(-YEAR);
      expect((await room.find(used.token))?.expiresAt).to.equal(room.now + 12 * HOUR);
      expect(await room.sessions.sweep(room.now)).to.deep.equal({ ended: 0 });
      for (let passed = 0; passed < 12 * HOUR; passed += 20 * MINUTE) {
        room.pass(20 * MINUTE);
        await room.find(used.token);
        await room.sessions.sweep(room.now);
      }
      const ends = (await room.entries('endSession')).map(({ details }) => details);
      expect(ends).to.deep.equal([
        { session: unused.session.id, why: 'idle' },
        { session: used.session.id, why: 'expired' },
      ]);
    });

    it('is over when nobody has used it for half an hour, to the minute', async () => {
      const { token, session } = await room.begin('jennifer');
      room.pass(29 * MINUTE);
      expect((await room.find(token))?.lastSeenAt).to.equal(room.now);
      room.pass(30 * MINUTE - 1);
      expect(await room.find(token)).to.include({ id: session.id });
      room.pass(30 * MINUTE);
      expect(await room.find(token)).to.equal(undefined);
      expect(await room.records()).to.deep.equal([]);
      expect(await room.find(token)).to.equal(undefined);
      expect(await room.entries('endSession')).to.deep.equal([
        {
          actor: 'system',
          action: 'endSession',
          account: 'jennifer',
          details: { session: session.id, why: 'idle' },
        },
      ]);
    });

    it('is over after twelve hours however much it is used', async () => {
      const { token } = await room.begin('jennifer');
      for (let minutes = 20; minutes < 12 * 60; minutes += 20) {
        room.pass(20 * MINUTE);
        expect(await room.find(token), `${minutes} minutes`).not.to.equal(undefined);
      }
      await room.sessions.renew(token, room.caller());
      room.pass(20 * MINUTE);
      expect(await room.find(token)).to.equal(undefined);
      const [end] = await room.entries('endSession');
      expect(end?.details).to.include({ why: 'expired' });
    });

    it('costs no write by being used, but once a minute', async () => {
      const { token } = await room.begin('jennifer');
      const before = await room.records();
      for (let seconds = 0; seconds < 59; seconds += 1) {
        room.pass(1000);
        await room.find(token);
      }
      expect(await room.records()).to.deep.equal(before);
      room.pass(1000);
      await room.find(token);
      expect((await room.records())[0]?.lastSeenAt).to.equal(room.now);
    });

    it('outlives a clock that goes back', async () => {
      const { token } = await room.begin('jennifer');
      room.pass(-2 * HOUR);
      expect(await room.find(token)).to.include({ account: 'jennifer' });
    });

    it('is ended by signing out, once, by name', async () => {
      const { token, session } = await room.begin('jennifer');
      const principal = holding('sessions');
      await room.sessions.end(token, room.caller(principal));
      await room.sessions.end(token, room.caller(principal));
      expect(await room.find(token)).to.equal(undefined);
      expect(await room.entries('endSession')).to.deep.equal([
        {
          actor: principal.actor,
          action: 'endSession',
          account: 'jennifer',
          details: { session: session.id, why: 'signedOut' },
        },
      ]);
    });

    it('notes that the password was given again', async () => {
      const { token } = await room.begin('jennifer');
      room.pass(MINUTE);
      const renewed = await room.sessions.renew(token, room.caller());
      expect(renewed.authenticatedAt).to.equal(room.now);
      expect((await room.find(token))?.authenticatedAt).to.equal(room.now);
      expect(await codeOfError(room.sessions.renew('none', room.caller()))).to.equal(
        'unauthenticated',
      );
    });
  });

  describe('the account', () => {
    it('ends its sessions by being disabled, for good', async () => {
      const { token, session } = await room.begin('jennifer');
      await setDisabled(true);
      expect(await room.find(token)).to.equal(undefined);
      await setDisabled(false);
      expect(await room.find(token)).to.equal(undefined);
      expect((await room.entries('endSession'))[0]?.details).to.deep.equal({
        session: session.id,
        why: 'accountDisabled',
      });
    });

    it('has at most so many, and the oldest end', async () => {
      const begun = [];
      for (let n = 0; n < SESSIONS_MAX + 3; n += 1) {
        room.pass(1000);
        begun.push(await room.begin('jennifer'));
      }
      const ids = begun.map(({ session }) => session.id);
      const listed = await room.sessions.list(JENNIFER, room.now);
      expect(listed.map(({ id }) => id)).to.deep.equal(ids.slice(3).toReversed());
      expect(await room.find(begun[2]?.token ?? '')).to.equal(undefined);
      expect(await room.find(begun[3]?.token ?? '')).not.to.equal(undefined);
      const ends = await room.entries('endSession');
      expect(ends.map(({ details }) => details)).to.deep.equal(
        ids.slice(0, 3).map((session) => ({ session, why: 'tooMany' })),
      );
    });

    it('has no more of them when forty begin at once', async () => {
      await Promise.all(Array.from({ length: 2 * SESSIONS_MAX }, () => room.begin('jennifer')));
      expect(await room.sessions.list(JENNIFER, room.now)).to.have.length(SESSIONS_MAX);
      expect(await room.records()).to.have.length(SESSIONS_MAX);
    });

    it('ends them all at once, and nobody else loses one', async () => {
      await room.account('bob');
      const his = await room.begin('bob');
      const hers = [await room.begin('jennifer'), await room.begin('jennifer')];
      const answer = await room.sessions.endAll(JENNIFER, room.caller());
      expect(answer).to.deep.equal({ ended: 2 });
      for (const { token } of hers) expect(await room.find(token)).to.equal(undefined);
      expect(await room.find(his.token)).not.to.equal(undefined);
      expect(await room.sessions.endAll(JENNIFER, room.caller())).to.deep.equal({ ended: 0 });
      const ends = await room.entries('endSession', 'endSessions');
      expect(ends.map(({ action, actor }) => [action, actor])).to.deep.equal([
        ['endSession', 'localOwner'],
        ['endSession', 'localOwner'],
        ['endSessions', 'localOwner'],
        ['endSessions', 'localOwner'],
      ]);
      expect(ends[2]?.details).to.deep.equal({ ended: 2 });
    });
  });

  it('are swept when time has ended them, however many', async () => {
    await room.account('bob');
    for (let n = 0; n < 30; n += 1) await room.begin(n % 2 === 0 ? 'jennifer' : 'bob');
    room.pass(20 * MINUTE);
    const { token } = await room.begin('jennifer');
    expect(await room.sessions.sweep(room.now)).to.deep.equal({ ended: 0 });
    room.pass(15 * MINUTE);
    expect(await room.sessions.sweep(room.now)).to.deep.equal({ ended: 30 });
    expect(await room.records()).to.have.length(1);
    expect(await room.find(token)).not.to.equal(undefined);
    expect(await room.entries('endSession')).to.have.length(30);
  });

  it('have lifetimes within bounds only', () => {
    expect(createSessionOptions()).to.deep.equal({
      idleMillis: 30 * MINUTE,
      lifeMillis: 12 * HOUR,
    });
    expect(createSessionOptions({ idleMillis: HOUR, lifeMillis: 24 * HOUR })).to.be.an('object');
    for (const given of [
      { idleMillis: HOUR + 1 },
      { idleMillis: 59_999 },
      { idleMillis: 90_000.5 },
      { lifeMillis: 24 * HOUR + 1 },
      { lifeMillis: 4 * MINUTE },
      { lifeMillis: Number.NaN },
      { idleMillis: 30 * MINUTE, lifeMillis: 10 * MINUTE },
    ]) {
      expect(() => createSessionOptions(given), JSON.stringify(given)).to.throw(/integer|longer/);
    }
  });
});
