import { expect } from 'chai';
import type { CompatOptions } from '../../../server/compat/options.ts';
import { OWNER } from '../tokens/room.ts';
import { type CompatRoom, openCompatRoom, PASSWORD, type Reply } from './room.ts';

/**
 * Requests as the sources of privacyIDEA's own clients make them, byte for byte, and what those
 * clients look at in the reply: java-client 1.x (Endpoint.java, JSONParser.java), php-client
 * (PrivacyIDEA.php, PIResponse.php), and the FreeRADIUS plugin (privacyidea_radius.pm).
 */

/** java.net.URLEncoder, and then okhttp3.FormBody. */
const javaForm = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${name}=${okhttp(javaEncoded(value))}`).join('&');
const javaEncoded = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
/** okhttp leaves letters, digits and `*-._` as they are, and writes a space as `+`. */
const okhttp = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, encodeURIComponent);

const javaPost = (path: string, token?: string): string =>
  `POST ${path} HTTP/1.1\r\n${token === undefined ? '' : `Authorization: ${token}\r\n`}` +
  'User-Agent: privacyIDEA-Keycloak/1.5.0 Keycloak/26.0.0\r\n' +
  'Content-Type: application/x-www-form-urlencoded\r\nAccept-Encoding: gzip\r\n';

const BOUNDARY = '------------------------9051914041544843365972754266';
const phpBody = (pairs: readonly (readonly [string, string])[]): string =>
  `${pairs
    .map(
      ([name, value]) =>
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join('')}--${BOUNDARY}--\r\n`;
const phpPost = (path: string, token?: string): string =>
  `POST ${path} HTTP/1.1\r\n${token === undefined ? '' : `authorization:${token}\r\n`}` +
  `User-Agent: simpleSAMLphp\r\nAccept: */*\r\n` +
  `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\n`;

/** URI::Encode with encode_reserved 0, and then LWP's own form. */
const perlForm = (pairs: readonly (readonly [string, string])[]): string =>
  String(
    new URLSearchParams(
      pairs.map(([name, value]): [string, string] => [
        name,
        /^(user|pass)$/.test(name) ? encodeURI(value) : value,
      ]),
    ),
  );
const perlPost = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nTE: deflate,gzip;q=0.3\r\nUser-Agent: FreeRADIUS\r\n` +
  'Content-Type: application/x-www-form-urlencoded\r\n';

type Json = Readonly<Record<string, unknown>>;
const part = (reply: Reply, name: 'result' | 'detail'): Json => (reply.json[name] ?? {}) as Json;

describe('compat: the clients of privacyIDEA', () => {
  let room: CompatRoom;
  const open = async (options: Partial<CompatOptions> = {}) => {
    room = await openCompatRoom(options);
  };
  afterEach(() => room.close());

  describe('java-client (Keycloak, Shibboleth)', () => {
    it('signs in with password and code in one, and reads what it needs', async () => {
      await open();
      const pass = 'correct-horse-battery-9';
      await room.passwords.set(room.account, pass, room.room.as(OWNER));
      const body = javaForm([
        ['user', 'jennifer'],
        ['pass', pass + room.next()],
      ]);
      const reply = await room.raw(javaPost('/validate/check'), body);
      expect(reply.status).to.equal(200);
      expect(reply.json).to.include({ id: 2, jsonrpc: '2.0' });
      expect(reply.json['versionnumber']).to.be.a('string');
      expect(part(reply, 'result')).to.deep.equal({
        status: true,
        value: true,
        authentication: 'ACCEPT',
      });
      expect(part(reply, 'detail')).to.include({ serial: 'FT1', type: 'hotp', otplen: 6 });
      const replayed = await room.raw(javaPost('/validate/check'), body);
      expect(part(replayed, 'result')).to.include({ value: false, authentication: 'REJECT' });
      expect(part(replayed, 'detail')['message']).to.equal('wrong otp value');
    });

    it('decodes what java.net.URLEncoder and okhttp have both encoded', async () => {
      await open();
      // A space is the one sign that the pair loses, with privacyIDEA itself too.
      const password = 'äöü%41&=+?-100%-long';
      await room.passwords.set(room.account, password, room.room.as(OWNER));
      const pairs = [
        ['user', 'jennifer'],
        ['pass', password + room.next()],
      ] as const;
      const reply = await room.raw(javaPost('/validate/check'), javaForm(pairs));
      expect(part(reply, 'result')).to.include({ value: true });
    });

    it('triggers a challenge as a service account, polls it, and answers it', async () => {
      await open();
      const { id, apiKey } = await room.application('verify', 'tokens:read');
      const signIn = javaForm([
        ['username', id],
        ['password', apiKey],
      ]);
      const auth = await room.raw(javaPost('/auth'), signIn);
      const value = part(auth, 'result')['value'] as Json;
      const token = String(value['token']);
      const payload = Buffer.from(token.split('.')[1] ?? '', 'base64').toString('utf8');
      expect(JSON.parse(payload)['exp']).to.be.greaterThan(Number(auth.json['time']));

      const user = javaForm([['user', 'jennifer']]);
      const triggered = await room.raw(javaPost('/validate/triggerchallenge', token), user);
      expect(part(triggered, 'result')).to.include({ value: 1, authentication: 'CHALLENGE' });
      const detail = part(triggered, 'detail');
      const transaction = String(detail['transaction_id']);
      expect(transaction).to.match(/^[0-9]{20}$/);
      expect(detail).to.include({ preferred_client_mode: 'interactive' });
      expect(detail['multi_challenge']).to.deep.equal([
        {
          attributes: null,
          client_mode: 'interactive',
          message: detail['message'],
          serial: 'FT1',
          transaction_id: transaction,
          type: 'hotp',
        },
      ]);

      const poll = `/validate/polltransaction?transaction_id=${transaction}`;
      const polled = await room.get(poll);
      expect(part(polled, 'result')['value']).to.equal(false);
      expect(part(polled, 'detail')['challenge_status']).to.equal('pending');

      const answer = (code: string) =>
        room.raw(
          javaPost('/validate/check'),
          javaForm([
            ['user', 'jennifer'],
            ['pass', code],
            ['transaction_id', transaction],
          ]),
        );
      expect(part(await answer(room.next()), 'result')).to.include({ authentication: 'ACCEPT' });
      const again = await answer(room.next());
      expect(part(again, 'result')).to.include({ authentication: 'REJECT' });
      expect(part(await room.get(poll), 'detail')['challenge_status']).to.equal('declined');
    });

    it('lists a user’s tokens, and enrols one', async () => {
      await open({ tokenInit: true });
      const { id, apiKey } = await room.application('tokens:read', 'seed-files:import');
      const signIn = javaForm([
        ['username', id],
        ['password', apiKey],
      ]);
      const auth = await room.raw(javaPost('/auth'), signIn);
      const token = String((part(auth, 'result')['value'] as Json)['token']);
      const list = await room.get('/token/?user=jennifer', `Authorization: ${token}\r\n`);
      const value = part(list, 'result')['value'] as { tokens: Json[]; count: number };
      expect(value.count).to.equal(1);
      expect(value.tokens[0]).to.include({
        active: true,
        serial: 'FT1',
        tokentype: 'HOTP',
        username: 'jennifer',
        locked: false,
        otplen: 6,
      });
      const rollout = await room.raw(
        javaPost('/token/init', token),
        javaForm([
          ['user', 'jennifer'],
          ['type', 'totp'],
          ['genkey', '1'],
        ]),
      );
      expect(part(rollout, 'result')['value']).to.equal(true);
      const detail = part(rollout, 'detail');
      expect(detail['serial']).to.match(/^TOTP[0-9A-F]{16}$/);
      const google = detail['googleurl'] as Json;
      expect(google['value']).to.match(/^otpauth:\/\/totp\//);
      expect(google['img']).to.match(/^data:image\/svg\+xml;base64,/);
    });
  });

  describe('php-client (SimpleSAMLphp, Nextcloud)', () => {
    it('signs in by multipart form data: the password, then the code', async () => {
      await open({ mode: 'challenge' });
      const first = await room.raw(
        phpPost('/validate/check'),
        phpBody([
          ['user', 'jennifer'],
          ['pass', PASSWORD],
        ]),
      );
      expect(part(first, 'result')).to.include({ value: false, authentication: 'CHALLENGE' });
      const detail = part(first, 'detail');
      expect(detail['messages']).to.deep.equal([detail['message']]);
      const second = await room.raw(
        phpPost('/validate/check'),
        phpBody([
          ['user', 'jennifer'],
          ['pass', room.next()],
          ['transaction_id', String(detail['transaction_id'])],
        ]),
      );
      expect(part(second, 'result')).to.include({ value: true, authentication: 'ACCEPT' });
    });

    it('reads the code and the text of an error', async () => {
      await open();
      const reply = await room.raw(
        phpPost('/auth'),
        phpBody([
          ['username', 'admin'],
          ['password', 'wrong'],
        ]),
      );
      expect(reply.status).to.equal(401);
      expect(reply.json['detail']).to.equal(null);
      const { status, error } = part(reply, 'result');
      expect(status).to.equal(false);
      expect(error).to.deep.equal({
        code: 4031,
        message: 'ERR4031: Authentication failure. Wrong credentials',
      });
    });
  });

  describe('the FreeRADIUS plugin', () => {
    it('goes through a challenge by State', async () => {
      await open({ mode: 'challenge' });
      const first = await room.raw(
        perlPost('/validate/check'),
        perlForm([
          ['user', 'jennifer'],
          ['pass', PASSWORD],
          ['client', '10.0.0.1'],
        ]),
      );
      expect(part(first, 'result')).to.include({ status: true, value: false });
      const state = String(part(first, 'detail')['transaction_id']);
      const second = await room.raw(
        perlPost('/validate/check'),
        perlForm([
          ['state', state],
          ['user', 'jennifer'],
          ['pass', room.next()],
          ['client', '10.0.0.1'],
        ]),
      );
      expect(part(second, 'result')).to.include({ status: true, value: true });
    });
  });

  describe('rlm_rest', () => {
    it('goes by the status alone', async () => {
      await open({ mode: 'code' });
      const code = room.next();
      const ask = () => room.form('/validate/radiuscheck', { user: 'jennifer', pass: code });
      expect(await ask()).to.include({ status: 204, body: '' });
      expect(await ask()).to.include({ status: 400, body: '' });
    });
  });
});
