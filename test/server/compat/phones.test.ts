import { expect } from 'chai';
import type { CompatOptions } from '../../../server/compat/options.ts';
import type { Strength } from '../../../shared/types.ts';
import { type RoomOptions, US_NUMBER, USER } from '../phones/room.ts';
import { OWNER } from '../tokens/room.ts';
import { type CompatRoom, openCompatRoom, PASSWORD, type Reply } from './room.ts';

type Json = Readonly<Record<string, unknown>>;
const result = (reply: Reply): Json => (reply.json['result'] ?? {}) as Json;
const detail = (reply: Reply): Json => (reply.json['detail'] ?? {}) as Json;
const transactionOf = (reply: Reply): string => String(detail(reply)['transaction_id']);

const ON_ITS_WAY = /^A code is on its way to \+1 .*23\. It is valid for two minutes\.$/;

describe('compat: codes by phone', () => {
  let room: CompatRoom;
  const open = async (options: Partial<CompatOptions> = {}, phoneOptions: RoomOptions = {}) => {
    room = await openCompatRoom({ mode: 'challenge', ...options }, {}, phoneOptions);
    await room.room.account(USER);
    await room.passwords.set(USER, PASSWORD, room.room.as(OWNER));
    await room.phones.subscribe('phone');
    await room.phones.proved(US_NUMBER, room.phones.person('password'));
    room.phones.texts.length = 0;
  };
  afterEach(() => room.close());
  const check = (parameters: Readonly<Record<string, string>>, extra?: string) =>
    room.form('/validate/check', parameters, extra);
  const service = async (): Promise<string> => {
    const { id, apiKey } = await room.application('verify');
    const reply = await room.form('/auth', { username: id, password: apiKey });
    return `Authorization: ${String((result(reply)['value'] as Json)['token'])}\r\n`;
  };
  const trigger = async (parameters: Readonly<Record<string, string>>) =>
    room.form('/validate/triggerchallenge', parameters, await service());

  it('sends one to whoever has a phone alone, and asks for it as privacyIDEA does', async () => {
    await open();
    const reply = await check({ user: USER, pass: PASSWORD });
    expect(result(reply)).to.deep.equal({
      status: true,
      value: false,
      authentication: 'CHALLENGE',
    });
    const { message } = detail(reply);
    expect(message).to.match(ON_ITS_WAY);
    const transaction = transactionOf(reply);
    expect(transaction).to.match(/^[0-9]{20}$/);
    const one = {
      attributes: null,
      client_mode: 'interactive',
      message,
      serial: '',
      transaction_id: transaction,
      type: 'sms',
    };
    expect(detail(reply)).to.deep.equal({
      ...one,
      messages: [message],
      multi_challenge: [one],
      preferred_client_mode: 'interactive',
      transaction_ids: [transaction],
      threadid: 1,
    });
    expect(room.phones.texts).to.have.length(1);
    const answer = { user: USER, transaction_id: transaction, pass: room.phones.code() };
    const good = await check(answer);
    expect(result(good)).to.deep.equal({ status: true, value: true, authentication: 'ACCEPT' });
    expect(result(await check(answer))['value']).to.equal(false);
    const again = await check({ user: USER, pass: PASSWORD });
    const spent = { transaction_id: transactionOf(again), pass: room.phones.code() };
    expect(result(await check(spent))['value']).to.equal(false);
  });

  it('sends none after a wrong password, nor where a code alone is asked for', async () => {
    await open();
    expect(detail(await check({ user: USER, pass: 'not it' }))['message']).to.equal(
      'wrong otp pin',
    );
    await room.close();
    await open({ mode: 'code' });
    for (const pass of ['', 'resend', PASSWORD]) {
      expect(result(await check({ user: USER, pass }))['value']).to.equal(false);
    }
    expect(room.phones.texts).to.deep.equal([]);
  });

  it('sends none by password alone where both come in one, and takes one that came', async () => {
    await open({ mode: 'appended' });
    expect(result(await check({ user: USER, pass: PASSWORD }))['value']).to.equal(false);
    expect(room.phones.texts).to.deep.equal([]);
    expect(result(await trigger({ user: USER }))['authentication']).to.equal('CHALLENGE');
    const both = PASSWORD + room.phones.code();
    expect(result(await check({ user: USER, pass: both }))['value']).to.equal(true);
  });

  it('sends one for a service account that triggers it, within the same limits', async () => {
    await open({ mode: 'code' });
    const first = await trigger({ user: USER });
    expect(result(first)).to.deep.equal({ status: true, value: 1, authentication: 'CHALLENGE' });
    expect(detail(first)['message']).to.match(ON_ITS_WAY);
    const code = room.phones.code();
    const soon = await trigger({ user: USER });
    expect(detail(soon)['message']).to.match(/^A code was sent a moment ago\. .* wait 30 seconds/);
    expect(room.phones.texts).to.have.length(1);
    const answer = { transaction_id: transactionOf(soon), pass: code };
    expect(result(await check(answer))['value']).to.equal(true);
  });

  it('asks for the code of a token where there is one, and sends one when asked to', async () => {
    await open();
    const serial = await room.room.registered('FT9', USER);
    const first = await check({ user: USER, pass: PASSWORD });
    expect(detail(first)).to.include({ serial, type: 'hotp' });
    expect(detail(await trigger({ user: USER }))).to.include({ serial });
    expect(room.phones.texts).to.deep.equal([]);
    const resent = await check({ transaction_id: transactionOf(first), pass: 'resend' });
    expect(detail(resent)['message']).to.match(ON_ITS_WAY);
    room.room.pass(30_000);
    const byType = await trigger({ user: USER, type: 'SMS' });
    expect(detail(byType)).to.include({ type: 'sms', serial: '' });
    expect(room.phones.texts).to.have.length(2);
    const code = room.room.code(serial, 2);
    const answer = { transaction_id: transactionOf(byType), pass: code };
    expect(result(await check(answer))['value']).to.equal(true);
  });

  it('sends no other to whoever has given no password', async () => {
    await open();
    const transaction = transactionOf(await trigger({ user: USER }));
    room.room.pass(30_000);
    const reply = await check({ transaction_id: transaction, pass: 'resend' });
    expect(result(reply)['authentication']).to.equal('REJECT');
    expect(room.phones.texts).to.have.length(1);
  });

  it('goes on in words where no gateway takes the code', async () => {
    await open();
    room.phones.fails = true;
    const first = await check({ user: USER, pass: PASSWORD });
    expect(result(first)['authentication']).to.equal('CHALLENGE');
    expect(detail(first)['message']).to.include('The code could not be sent.');
    room.phones.fails = false;
    room.room.pass(30_000);
    const second = await check({ transaction_id: transactionOf(first), pass: '' });
    const answer = { transaction_id: transactionOf(second), pass: room.phones.code() };
    expect(result(await check(answer))['value']).to.equal(true);
  });

  it('sends none where it would prove too little', async () => {
    await open({ addresses: [], requireKey: true });
    const strength: Strength = 'hardwareToken';
    const { id, apiKey } = await room.application('verify');
    await room.demand(id, strength);
    const header = `PI-Authorization: ${apiKey}\r\n`;
    const reply = await check({ user: USER, pass: PASSWORD }, header);
    expect(detail(reply)).to.include({ type: 'totp' });
    expect(room.phones.texts).to.deep.equal([]);
  });

  it('sends one however many have signed in by this machine: it is no person', async () => {
    const limits = { source: { hour: 1, day: 1 } };
    await open({}, { limits });
    for (const sent of [1, 2, 3]) {
      expect(detail(await check({ user: USER, pass: PASSWORD }))['message']).to.match(ON_ITS_WAY);
      expect(room.phones.texts).to.have.length(sent);
      room.room.pass(30_000);
    }
  });

  it('sends one text to many who ask at once, and each may be answered', async () => {
    await open();
    const asked = await Promise.all([1, 2, 3, 4].map(() => check({ user: USER, pass: PASSWORD })));
    expect(room.phones.texts).to.have.length(1);
    const answers = asked.map((reply) =>
      check({ transaction_id: transactionOf(reply), pass: room.phones.code() }),
    );
    const values = (await Promise.all(answers)).map((reply) => result(reply)['value']);
    expect(values.filter(Boolean)).to.have.length(1);
  });

  it('sends none where a token is named: only its codes count then', async () => {
    await open();
    const serial = await room.room.registered('FT9', USER);
    const first = await check({ serial, pass: PASSWORD });
    const asked = await check({ serial, transaction_id: transactionOf(first), pass: 'resend' });
    expect(result(asked)['authentication']).to.equal('REJECT');
    expect(result(await trigger({ serial, type: 'sms' }))['value']).to.equal(0);
    expect(room.phones.texts).to.deep.equal([]);
  });

  it('sends none to a service account that asks for a token of another type', async () => {
    await open();
    for (const type of ['hotp', 'totp', 'push']) {
      expect(result(await trigger({ user: USER, type }))['value']).to.equal(0);
    }
    expect(room.phones.texts).to.deep.equal([]);
    expect(result(await trigger({ user: USER, type: '' }))['value']).to.equal(1);
  });

  it('sends none to who is disabled, whoever asks', async () => {
    await open();
    await room.room.accounts.setDisabled(USER, true, {}, room.room.as(OWNER));
    const refused = await check({ user: USER, pass: PASSWORD });
    expect(result(refused)['authentication']).to.equal('REJECT');
    await trigger({ user: USER });
    expect(room.phones.texts).to.deep.equal([]);
  });

  it('says to a service account that there is neither token nor phone', async () => {
    await open();
    await room.room.account('ada');
    const reply = await trigger({ user: 'ada' });
    expect(result(reply)['value']).to.equal(0);
    expect(detail(reply)['message']).to.equal(
      'The user has no token, and no phone that a code can be sent to.',
    );
  });
});
