import { expect } from 'chai';
import { parseAddressRange } from '../../../server/access/address.ts';
import { COMPAT_ERROR_CODES } from '../../../server/compat/errors.ts';
import { COMPAT_FORM } from '../../../server/compat/options.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { OWNER } from '../tokens/room.ts';
import { type CompatRoom, openCompatRoom, PASSWORD, type Reply } from './room.ts';

type Json = Readonly<Record<string, unknown>>;
const result = (reply: Reply): Json => (reply.json['result'] ?? {}) as Json;
const detail = (reply: Reply): Json => (reply.json['detail'] ?? {}) as Json;
const errorOf = (reply: Reply): unknown => (result(reply)['error'] as Json | undefined)?.['code'];

const ELSEWHERE = parseAddressRange('10.9.9.9');
const elsewhere = ELSEWHERE === undefined ? [] : [ELSEWHERE];

describe('compat: the drop-in API', () => {
  let room: CompatRoom;
  const open = async (...given: Parameters<typeof openCompatRoom>) => {
    room = await openCompatRoom(...given);
  };
  afterEach(() => room.close());
  const check = (parameters: Readonly<Record<string, string>>, extra?: string) =>
    room.form('/validate/check', parameters, extra);
  const service = async (...scopes: Parameters<CompatRoom['application']>) => {
    const { id, apiKey } = await room.application(...scopes);
    const reply = await room.form('/auth', { username: id, password: apiKey });
    return `Authorization: ${String((result(reply)['value'] as Json)['token'])}\r\n`;
  };

  describe('who may ask', () => {
    it('is who stands in the list', async () => {
      await open({ addresses: elsewhere });
      const reply = await check({ user: 'jennifer', pass: room.next() });
      expect([reply.status, errorOf(reply)]).to.deep.equal([403, 303]);
    });

    it('is who has a key with scope verify', async () => {
      await open({ addresses: [], requireKey: true, mode: 'code' });
      const pass = room.next();
      const ask = (extra?: string) => check({ user: 'jennifer', pass }, extra);
      expect(errorOf(await ask())).to.equal(4031);
      expect(errorOf(await ask('PI-Authorization: fobd_x_y\r\n'))).to.equal(4031);
      const reader = await room.application('tokens:read');
      expect(errorOf(await ask(`PI-Authorization: ${reader.apiKey}\r\n`))).to.equal(303);
      const asker = await room.application('verify');
      const reply = await ask(`PI-Authorization: Bearer ${asker.apiKey}\r\n`);
      expect(result(reply)['value']).to.equal(true);
      expect((await room.room.lastEntry())?.actor).to.equal(`application:${asker.id}`);
    });
  });

  describe('password and code in one', () => {
    it('tells nobody which of them was wrong, and tries the password first', async () => {
      await open();
      const code = room.next();
      const ask = (user: string, pass: string) => check({ user, pass });
      const wrong = [
        await ask('jennifer', `not the password${code}`),
        await ask('jennifer', `${PASSWORD}000000`),
        await ask('nobody', `${PASSWORD}${code}`),
        await ask('jennifer', ''),
        await ask('jennifer', PASSWORD),
      ];
      for (const reply of wrong) {
        expect(reply.status).to.equal(200);
        expect(result(reply)).to.deep.equal({
          status: true,
          value: false,
          authentication: 'REJECT',
        });
        expect(detail(reply)['message']).to.equal('wrong otp value');
      }
      const entries = await room.room.audit();
      const first = entries.filter(({ action }) => action === 'signIn')[0];
      expect(first).to.include({ outcome: 'wrongPassword' });
      expect(result(await ask('jennifer', PASSWORD + code))['value']).to.equal(true);
    });

    it('takes a serial for its account, and only its codes', async () => {
      await open();
      const reply = await check({ serial: 'ft1', pass: PASSWORD + room.next() });
      expect(result(reply)['value']).to.equal(true);
      expect(detail(reply)).to.include({ serial: 'FT1' });
      const unknown = await check({ serial: 'NOPE', pass: PASSWORD + room.next() });
      expect(detail(unknown)['message']).to.equal('wrong otp value');
    });
  });

  describe('a code alone', () => {
    it('is limited by source, whomever the codes are for', async () => {
      await open({ mode: 'code' });
      for (let n = 0; n < 60; n += 1) await check({ user: `nobody${n}`, pass: '000000' });
      const reply = await check({ user: 'jennifer', pass: room.next() });
      expect(detail(reply)['message']).to.match(/^Too many wrong codes\. Try again in \d+ s\.$/);
    });

    it('takes back what was counted for an accepted code', async () => {
      await open({ mode: 'code' });
      for (let n = 0; n < 70; n += 1) {
        const reply = await check({ user: 'jennifer', pass: room.next() });
        expect(result(reply)['value'], `code ${n}`).to.equal(true);
      }
    });
  });

  describe('a challenge of a client with several addresses', () => {
    const trustedProxies = [parseAddressRange('127.0.0.1')].filter((range) => range !== undefined);
    const from = (address: string, apiKey?: string): string =>
      `X-Forwarded-For: ${address}\r\n${
        apiKey === undefined ? '' : `PI-Authorization: ${apiKey}\r\n`
      }`;
    const begin = async (extra: string): Promise<string> =>
      String(detail(await check({ user: 'jennifer', pass: PASSWORD }, extra))['transaction_id']);
    const isAccepted = async (transaction_id: string, extra: string) =>
      result(await check({ transaction_id, pass: room.next() }, extra))['value'];

    it('is answered with its key from any of them, and by no other application', async () => {
      await open({ addresses: [], requireKey: true, mode: 'challenge' }, { trustedProxies });
      const { apiKey } = await room.application('verify');
      const other = await room.application('verify');
      const id = await begin(from('192.0.2.1', apiKey));
      const poll = await room.get(`/validate/polltransaction/${id}`, from('198.51.100.7', apiKey));
      expect(detail(poll)['challenge_status']).to.equal('pending');
      expect(await isAccepted(id, from('192.0.2.1', other.apiKey))).to.equal(false);
      expect(await isAccepted(id, from('198.51.100.7', apiKey))).to.equal(true);
    });

    it('is answered without keys from the address that asked alone', async () => {
      const addresses = [parseAddressRange('0.0.0.0/0')].filter((range) => range !== undefined);
      await open({ addresses, mode: 'challenge' }, { trustedProxies });
      const id = await begin(from('192.0.2.1'));
      expect(await isAccepted(id, from('198.51.100.7'))).to.equal(false);
      expect(await isAccepted(id, from('192.0.2.1'))).to.equal(true);
    });
  });

  describe('a challenge', () => {
    const begin = async () => {
      const reply = await check({ user: 'jennifer', pass: PASSWORD });
      return String(detail(reply)['transaction_id']);
    };

    it('is answered once, within two minutes', async () => {
      await open({ mode: 'challenge' });
      const late = await begin();
      room.room.pass(120_000);
      const answer = (transaction_id: string, more = {}) =>
        check({ transaction_id, pass: room.next(), ...more });
      expect(result(await answer(late))['value']).to.equal(false);
      const once = await begin();
      const wrong = await check({ transaction_id: once, pass: '000000' });
      expect(detail(wrong)['message']).to.equal('wrong otp value');
      expect(detail(await answer(once))['message']).to.contain('did not match');
      const good = await begin();
      expect(result(await answer(good, { user: 'jennifer' }))['value']).to.equal(true);
    });

    it('is no other person’s', async () => {
      await open({ mode: 'challenge' });
      await room.room.account('ada');
      const transaction_id = await begin();
      const reply = await check({ transaction_id, user: 'ada', pass: room.next() });
      expect(result(reply)['value']).to.equal(false);
    });

    it('begins with the right password only, and says how long to wait', async () => {
      await open({ mode: 'challenge' });
      const wrong = await check({ user: 'jennifer', pass: 'wrong password' });
      expect(detail(wrong)).to.deep.include({ message: 'wrong otp pin' });
      expect(detail(wrong)).not.to.have.property('transaction_id');
      for (let n = 0; n < 3; n += 1) await check({ user: 'jennifer', pass: `wrong ${n}` });
      const waits = await check({ user: 'jennifer', pass: PASSWORD });
      expect(detail(waits)['message']).to.match(/Try again in \d+ s/);
    });
  });

  describe('service accounts', () => {
    it('sign in with an API key, by id or by name, and with nothing else', async () => {
      await open();
      const { id, apiKey } = await room.application('tokens:read');
      for (const username of [id, 'service']) {
        const reply = await room.form('/auth', { username, password: apiKey });
        expect(result(reply)['status']).to.equal(true);
      }
      for (const [username, password] of [
        ['jennifer', PASSWORD],
        ['other', apiKey],
        [id, `${apiKey}x`],
      ]) {
        const reply = await room.form('/auth', {
          username: username ?? '',
          password: password ?? '',
        });
        expect([reply.status, errorOf(reply)]).to.deep.equal([401, 4031]);
      }
    });

    it('need the scope, and are out an hour later', async () => {
      await open({ tokenInit: true });
      const header = await service('tokens:read');
      const post = (path: string) => room.form(path, { user: 'jennifer', genkey: '1' }, header);
      expect(errorOf(await post('/token/init'))).to.equal(303);
      expect(errorOf(await post('/validate/triggerchallenge'))).to.equal(303);
      expect(errorOf(await post('/token/resync'))).to.equal(303);
      expect((await room.get('/token/', header)).status).to.equal(200);
      room.room.pass(3_600_000);
      expect(errorOf(await room.get('/token/', header))).to.equal(4031);
    });

    it('resync a token by two codes, and register the one that was made for somebody', async () => {
      await open({ tokenInit: true });
      const header = await service('tokens:resync', 'seed-files:import', 'tokens:register');
      const resync = (parameters: Readonly<Record<string, string>>) =>
        room.form('/token/resync', parameters, header);
      const codes = (serial: string, counter: number) => ({
        serial,
        otp1: room.room.code(serial as never, counter),
        otp2: room.room.code(serial as never, counter + 1),
      });
      expect(result(await resync(codes('FT1', 500)))['value']).to.equal(true);
      expect(result(await resync(codes('FT1', 500)))['value']).to.equal(false);
      const otpkey = Buffer.alloc(20, 9).toString('hex');
      const made = await room.form(
        '/token/init',
        { user: 'jennifer', serial: 'NEW1', otpkey },
        header,
      );
      expect(detail(made)).to.include({ serial: 'NEW1', rollout_state: 'verify' });
      const twice = await room.form('/token/init', { serial: 'NEW1', otpkey }, header);
      expect(errorOf(twice)).to.equal(301);
      const seed = Buffer.from(otpkey, 'hex') as never;
      const of = (counter: number) =>
        room.room.otp.code(seed, counter, { algorithm: 'SHA1', digits: 6 });
      const registered = await resync({ serial: 'NEW1', otp1: of(0), otp2: of(1) });
      expect(result(registered)['value']).to.equal(true);
      expect((await room.room.detail('NEW1' as never)).token).to.include({
        life: 'registered',
        account: 'jennifer',
      });
    });
  });

  it('answers each of privacyIDEA’s error codes, with the status that belongs to it', async () => {
    await open({ tokenInit: true });
    const header = await service('seed-files:import', 'tokens:read', 'tokens:resync', 'verify');
    const otpkey = Buffer.alloc(20, 3).toString('hex');
    const outside = await openCompatRoom({ addresses: elsewhere });
    const failing = room.room.tokens;
    const found: (readonly [unknown, number])[] = [];
    const note = (reply: Reply) => found.push([errorOf(reply), reply.status]);
    try {
      note(await room.form('/token/init', { serial: 'FT1', otpkey }, header));
      note(await outside.form('/validate/check', { user: 'jennifer', pass: '000000' }));
      note(await room.get('/token/'));
      note(
        await room.form(
          '/token/resync',
          { serial: 'NOPE', otp1: '111111', otp2: '222222' },
          header,
        ),
      );
      note(await room.form('/validate/triggerchallenge', { user: 'nobody' }, header));
      note(await room.form('/validate/check', { pass: '000000' }));
      const verify = failing.verify.bind(failing);
      Object.assign(failing, { verify: () => Promise.reject(new Error('the disk is on fire')) });
      note(await room.form('/validate/check', { user: 'jennifer', pass: `${PASSWORD}123456` }));
      const refusal = new FobtwinError('notAllowedNow', 'Not now.');
      Object.assign(failing, { verify: () => Promise.reject(refusal) });
      note(await room.form('/validate/check', { user: 'jennifer', pass: `${PASSWORD}123456` }));
      Object.assign(failing, { verify });
    } finally {
      await outside.close();
    }
    expect(found).to.deep.equal([
      [301, 400],
      [303, 403],
      [4031, 401],
      [601, 404],
      [904, 400],
      [905, 400],
      [-500, 500],
      [401, 400],
    ]);
    expect(new Set(found.map(([code]) => code))).to.deep.equal(new Set(COMPAT_ERROR_CODES));
    expect(JSON.stringify(room.logged)).not.to.contain(PASSWORD);
  });

  it('records neither password nor code', async () => {
    await open();
    const code = room.next();
    await check({ user: 'jennifer', pass: PASSWORD + code });
    const text = JSON.stringify(await room.room.audit());
    expect(text).not.to.contain(PASSWORD);
    expect(text).not.to.contain(`"${code}"`);
    expect(text).to.contain(OWNER.actor);
  });
});

describe('compat: its file', () => {
  const parse = (value: object) => COMPAT_FORM.schema.safeParse(value);
  it('names who may ask, and how', () => {
    const { data } = parse({ addresses: ['10.0.0.0/8'], mode: 'appended' });
    expect(data).to.deep.include({ mode: 'appended', requireKey: false, tokenInit: false });
    expect(parse({ requireKey: true, mode: 'code', codeAlone: true }).success).to.equal(true);
  });
  const wrong: readonly (readonly [string, object, string])[] = [
    ['neither addresses nor a key', { mode: 'appended' }, 'addresses'],
    ['a code alone without a word', { requireKey: true, mode: 'code' }, 'codeAlone'],
    ['no mode', { requireKey: true }, 'mode'],
    ['an unknown mode', { requireKey: true, mode: 'pin' }, 'mode'],
    ['an address that is none', { addresses: ['10.0.0'], mode: 'appended' }, 'addresses.0'],
    ['a field of no meaning', { requireKey: true, mode: 'appended', pin: 1 }, ''],
  ];
  for (const [name, value, path] of wrong) {
    it(`is refused with ${name}`, () => {
      const issue = parse(value).error?.issues[0];
      expect(issue?.path.join('.')).to.equal(path);
    });
  }
});
