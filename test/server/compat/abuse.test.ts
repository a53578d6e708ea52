import { expect } from 'chai';
import type { CompatGiven } from '../../../server/compat/open.ts';
import type { CompatOptions } from '../../../server/compat/options.ts';
import { createLimits } from '../../../server/http/limits.ts';
import { createLimitOptions } from '../../../server/http/limits-options.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { EVENT, OWNER } from '../tokens/room.ts';
import { type CompatRoom, openCompatRoom, PASSWORD, type Reply } from './room.ts';

type Json = Readonly<Record<string, unknown>>;
const result = (reply: Reply): Json => (reply.json['result'] ?? {}) as Json;
const detail = (reply: Reply): Json => (reply.json['detail'] ?? {}) as Json;
const errorOf = (reply: Reply): unknown => (result(reply)['error'] as Json | undefined)?.['code'];

describe('compat: abuse', () => {
  let room: CompatRoom;
  const open = async (options: Partial<CompatOptions> = {}, given: Partial<CompatGiven> = {}) => {
    room = await openCompatRoom(options, given);
  };
  afterEach(() => room.close());
  const check = (parameters: Readonly<Record<string, string>>, extra?: string) =>
    room.form('/validate/check', parameters, extra);
  /** What was recorded while it ran. */
  const recorded = async (act: () => Promise<unknown>) => {
    const before = (await room.room.audit()).length;
    await act();
    return (await room.room.audit()).slice(before).map(({ action }) => action);
  };

  it('does the same work whichever of password and code was wrong', async () => {
    await open();
    const code = '000000';
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { user: 'jennifer', pass: `${PASSWORD}${code}` },
      { user: 'jennifer', pass: `wrong${code}` },
      { user: 'nobody', pass: `wrong${code}` },
      { serial: room.serial, pass: `wrong${code}` },
      { serial: 'NOPE', pass: `wrong${code}` },
    ];
    for (const parameters of wrong) {
      const actions = await recorded(() => check(parameters));
      expect(actions, JSON.stringify(parameters)).to.deep.equal(['signIn', 'verify']);
    }
    const [entry] = (await room.room.audit()).slice(-1);
    expect(entry).not.to.include({ account: 'jennifer' });
  });

  it('counts no password that came without a code', async () => {
    await open();
    for (const pass of ['', '123456', PASSWORD, 'wrong']) {
      expect(await recorded(() => check({ user: 'jennifer', pass }))).to.deep.equal([]);
    }
  });

  it('takes nobody for the owner of somebody else’s token', async () => {
    await open({ mode: 'code' });
    await room.room.account('mallory');
    const pass = room.next();
    for (const user of ['mallory', 'nobody']) {
      const reply = await check({ user, serial: room.serial, pass });
      expect(result(reply)['value']).to.equal(false);
      expect(detail(reply)['message']).to.equal('wrong otp value');
    }
    const reply = await check({ user: 'jennifer', serial: room.serial, pass });
    expect(result(reply)['value']).to.equal(true);
  });

  it('asks nobody’s password for a serial that is not his', async () => {
    await open();
    const mallory = await room.room.account('mallory');
    await room.passwords.set(mallory, 'the password of mallory', room.room.as(OWNER));
    await room.room.registered('FT2', 'mallory', EVENT);
    const code = room.room.code('FT2' as never, 2);
    const pass = `the password of mallory${code}`;
    const foreign = await check({ user: 'mallory', serial: room.serial, pass });
    expect(result(foreign)['value']).to.equal(false);
    expect(result(await check({ user: 'mallory', pass }))['value']).to.equal(true);
  });

  it('lets no challenge be answered for another token’s owner, with an empty user', async () => {
    await open({ mode: 'challenge' });
    await room.room.account('mallory');
    await room.room.registered('FT2', 'mallory', EVENT);
    const begin = async () =>
      String(detail(await check({ user: 'jennifer', pass: PASSWORD }))['transaction_id']);
    const pass = room.next();
    const foreign = { user: '', serial: 'FT2', pass, transaction_id: await begin() };
    expect(result(await check(foreign))['value']).to.equal(false);
    const own = { user: '', serial: room.serial, pass, transaction_id: await begin() };
    expect(result(await check(own))['value']).to.equal(true);
  });

  it('tries the token that the answer to a challenge names', async () => {
    await open({ mode: 'challenge' });
    await room.room.registered('FT2', 'jennifer', EVENT);
    const begun = await check({ serial: room.serial, pass: PASSWORD });
    const transaction = String(detail(begun)['transaction_id']);
    const pass = room.next();
    const reply = await check({ serial: room.serial, pass, transaction_id: transaction });
    expect(result(reply)['value']).to.equal(true);
    expect(detail(reply)['serial']).to.equal(room.serial);
  });

  for (const [place, head, body] of [
    ['the query', 'POST /validate/check?user=nobody&user=jennifer HTTP/1.1', ''],
    ['the form', 'POST /validate/check HTTP/1.1', 'user=nobody&pass=1&user=jennifer'],
  ] as const) {
    it(`takes no parameter that stands twice in ${place}`, async () => {
      await open({ mode: 'code' });
      const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
      expect(errorOf(await room.raw(`${head}\r\n${type}`, body))).to.equal(905);
    });
  }

  it('logs no code of an address that cannot be read', async () => {
    await open({ mode: 'code' });
    const pass = room.next();
    const target = `http://a:99999/validate/check?user=jennifer&pass=${pass}`;
    const reply = await room.raw(`GET ${target} HTTP/1.1\r\n`);
    expect(result(reply)['value']).to.equal(true);
    expect(room.logged).to.deep.equal([]);
  });

  it('tells a store that fails from a code that is wrong', async () => {
    await open({ mode: 'code' });
    const full = new FobtwinError('unavailable', 'The disk is full.');
    Object.assign(room.room.tokens, { verify: () => Promise.reject(full) });
    const asked = { user: 'jennifer', pass: room.next() };
    const reply = await check(asked);
    expect([reply.status, errorOf(reply)]).to.deep.equal([500, -500]);
    expect((await room.form('/validate/radiuscheck', asked)).status).to.equal(500);
  });

  it('tests no more codes of an account than every other edge', async () => {
    const rng = { bytes: (length: number) => new Uint8Array(length), uniform: () => 0.5 };
    const options = createLimitOptions({ wrongCodesPerMinuteOfAccount: 2 });
    await open(
      { mode: 'code' },
      { limits: createLimits(options, { rng, elapsedMillis: () => 0 }) },
    );
    const ask = (n: number) => check({ user: 'jennifer', pass: room.room.wrong(n) });
    const actions = await recorded(async () => {
      for (let n = 0; n < 4; n += 1) await ask(n);
    });
    expect(actions).to.deep.equal(['verify', 'verify']);
    expect(detail(await ask(9))['message']).to.match(
      /^Too many wrong codes\. Try again in \d+ s\.$/,
    );
  });

  it('tries no more pairs of codes on a token than /v1', async () => {
    const rng = { bytes: (length: number) => new Uint8Array(length), uniform: () => 0.5 };
    const options = createLimitOptions({ wrongCodesPerMinuteOfToken: 2 });
    await open({}, { limits: createLimits(options, { rng, elapsedMillis: () => 0 }) });
    const { id, apiKey } = await room.application('tokens:resync');
    const signedIn = await room.form('/auth', { username: id, password: apiKey });
    const header = `Authorization: ${String((result(signedIn)['value'] as Json)['token'])}\r\n`;
    const replies: unknown[] = [];
    for (let n = 0; n < 3; n += 1) {
      const codes = { otp1: room.room.wrong(n), otp2: room.room.wrong(n + 10) };
      const reply = await room.form('/token/resync', { serial: room.serial, ...codes }, header);
      replies.push(result(reply)['value'] ?? errorOf(reply));
    }
    expect(replies).to.deep.equal([false, false, 401]);
  });

  it('takes no forged service token, and none of an application that was revoked', async () => {
    await open();
    const { id, apiKey } = await room.application('tokens:read');
    const signedIn = await room.form('/auth', { username: id, password: apiKey });
    const token = String((result(signedIn)['value'] as Json)['token']);
    const list = (header: string) => room.get('/token/', `Authorization: ${header}\r\n`);
    expect((await list(token)).status).to.equal(200);
    await room.revoke(id);
    expect(errorOf(await list(token))).to.equal(4031);
    const [, payload = '', signature = ''] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    for (const forged of [
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${token}x`,
      'x',
    ]) {
      expect(errorOf(await list(forged)), forged).to.equal(4031);
    }
  });
});
