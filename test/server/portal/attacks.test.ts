import net from 'node:net';
import { expect } from 'chai';
import { FORM_BYTES_MAX } from '../../../server/portal/forms.ts';
import type { Serial } from '../../../shared/types.ts';
import { openWorld, PASSWORD, USER, type Visitor, type World } from './world.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const OWN = { ...FORM, 'sec-fetch-site': 'same-origin' };

describe('attacks on the pages that people sign in on', () => {
  let world: World;
  let serial: Serial;

  beforeEach(async () => {
    world = await openWorld();
    serial = await world.room.registered('E6-00000001', USER);
  });
  afterEach(() => world.close());

  const isSignedIn = async (visitor: Visitor): Promise<boolean> =>
    (await visitor.get('/account')).status === 200;

  describe('forms of other sites', () => {
    const signIn = { step: 'password', user: USER, password: PASSWORD };
    for (const [what, headers] of [
      ['cross-site', { 'sec-fetch-site': 'cross-site' }],
      ['a sibling host', { 'sec-fetch-site': 'same-site' }],
      ['the address bar', { 'sec-fetch-site': 'none' }],
      ['a sibling that claims our origin', { 'sec-fetch-site': 'same-site', origin: 'OWN' }],
    ] as const) {
      it(`with our own token are refused by where they come from: ${what}`, async () => {
        const visitor = world.visitor();
        await visitor.get('/sign-in');
        const given: Record<string, string> = { ...headers };
        if (given['origin'] === 'OWN') given['origin'] = world.url;
        const shown = await visitor.submit(signIn, { headers: given });
        expect(shown.status).to.equal(403);
        expect(shown.text).to.contain('another site');
        expect(await isSignedIn(visitor)).to.equal(false);
      });
    }

    it('are refused by Origin where a browser says no more', async () => {
      for (const [origin, status] of [
        ['https://evil.example', 403],
        [`${world.url}.evil.example`, 403],
        [world.url, 303],
      ] as const) {
        const visitor = world.visitor();
        const page = await visitor.get('/sign-in');
        const token = /name="form" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
        const body = new URLSearchParams({ ...signIn, form: token }).toString();
        const shown = await visitor.send('POST', '/sign-in', {
          headers: { ...FORM, origin },
          body,
        });
        expect(shown.status, origin).to.equal(status);
      }
    });

    it('cannot sign a browser in as somebody else, without a token or with their own', async () => {
      const attacker = world.visitor();
      const page = await attacker.get('/sign-in');
      const foreign = /name="form" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
      for (const form of [undefined, '', foreign, 'x'.repeat(43)]) {
        const victim = world.visitor();
        await victim.get('/sign-in');
        const fields = new URLSearchParams(signIn);
        if (form !== undefined) fields.set('form', form);
        const shown = await victim.send('POST', '/sign-in', {
          headers: OWN,
          body: fields.toString(),
        });
        expect(shown.status).to.equal(403);
        expect(await isSignedIn(victim)).to.equal(false);
      }
    });

    it("cannot use a token of another session, or of one's own before it began", async () => {
      const [one, other] = [await world.signedIn(), await world.signedIn()];
      const page = await one.get('/account');
      const form = /name="form" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
      const body = new URLSearchParams({ form }).toString();
      expect((await other.send('POST', '/sign-out', { headers: OWN, body })).status).to.equal(403);
      expect(await isSignedIn(other)).to.equal(true);
      expect((await one.send('POST', '/sign-out', { headers: OWN, body })).status).to.equal(200);
    });

    it('are not what a link is: going somewhere changes nothing', async () => {
      const visitor = await world.signedIn();
      for (const path of ['/sign-out', '/sign-out?everywhere=yes', '/sign-in?step=skip']) {
        await visitor.get(path);
        await visitor.send('HEAD', path);
      }
      expect(await isSignedIn(visitor)).to.equal(true);
    });
  });

  it('a form that is out of date is shown again, and the sign-in goes on', async () => {
    const visitor = world.visitor();
    await visitor.get('/sign-in?return=%2Fx');
    const form = visitor.shown;
    visitor.cookies.clear();
    const again = await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
    expect(again.status).to.equal(403);
    expect(again.text).to.contain('Nothing was done: try again.');
    await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
    expect(visitor.shown?.headers['location']).to.equal('/sign-in?return=%2Fx&step=code');
    await visitor.follow();
    visitor.shown = form;
    const late = await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
    // Signed in meanwhile: there is nothing left to give.
    expect([late.status, late.headers['location']]).to.deep.equal([303, '/x']);
    expect(await isSignedIn(visitor)).to.equal(true);
  });

  describe('fixed sessions', () => {
    it('a planted token is never taken up', async () => {
      for (const planted of ['A'.repeat(43), 'x', '', '../..', 'A'.repeat(4000)]) {
        const victim = world.visitor();
        victim.cookies.set('fobd-session', planted);
        await victim.get('/sign-in');
        await victim.submit({ step: 'password', user: USER, password: PASSWORD });
        expect(victim.cookies.get('fobd-session'))
          .to.match(/^[\w-]{43}$/)
          .and.not.equal(planted);
      }
    });

    it("a planted session of the attacker's own account ends, and is not raised", async () => {
      await world.room.account('mallory');
      await world.passwords.set('mallory' as never, PASSWORD, world.caller());
      const attacker = await world.signedIn('mallory');
      const token = attacker.cookies.get('fobd-session') ?? '';
      const victim = world.visitor();
      victim.cookies.set('fobd-session', token);
      // The victim's code is nobody else's.
      await victim.get('/sign-in?step=code&strength=hardwareToken');
      expect(victim.shown?.text).to.contain('mallory').and.not.contain(USER);
      await victim.get('/sign-in?after=9999999999999');
      world.room.pass(1000);
      await victim.get(`/sign-in?after=${world.room.now}`);
      await victim.submit({ step: 'password', user: USER, password: PASSWORD });
      expect(victim.cookies.get('fobd-session')).not.to.equal(token);
      expect(await isSignedIn(attacker)).to.equal(false);
    });
  });

  it('a password that was changed while it was looked at opens nothing', async () => {
    const passwordSetAt = world.room.now;
    world.room.pass(1);
    await world.passwords.set(USER as never, 'another harbour at dawn', world.caller());
    const visitor = world.visitor();
    await visitor.get('/sign-in');
    world.nextPassword = { outcome: 'accepted', account: USER as never, passwordSetAt };
    const shown = await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
    expect(shown.status).to.equal(409);
    expect(await isSignedIn(visitor)).to.equal(false);
  });

  it('a stolen session ends with the password that began it, at every page', async () => {
    const thief = await world.signedIn();
    expect(await isSignedIn(thief)).to.equal(true);
    world.room.pass(1);
    await world.passwords.set(USER as never, 'another harbour at dawn', world.caller());
    expect(await isSignedIn(thief)).to.equal(false);
  });

  it('other people cannot resync or see a token', async () => {
    await world.room.account('mallory');
    await world.passwords.set('mallory' as never, PASSWORD, world.caller());
    await world.room.registered('E6-00000002', 'mallory');
    const attacker = await world.signedIn('mallory');
    const page = await attacker.get('/account/otp');
    expect(page.text).not.to.contain(serial);
    const form = /name="form" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const [code1, code2] = world.room.pair(serial, 5);
    for (const named of [serial, 'E6-99999999', '<script>', '']) {
      const body = new URLSearchParams({ form, serial: named, code1, code2 }).toString();
      const shown = await attacker.send('POST', '/account/otp', { headers: OWN, body });
      expect(shown.status).to.equal(404);
      expect(shown.text).to.contain('Your account has no such token.');
    }
  });

  it('no return leads elsewhere, before a sign-in or after', async () => {
    const visitor = await world.signedIn();
    for (const evil of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      'javascript:x',
    ]) {
      const shown = await visitor.get(`/sign-in?return=${encodeURIComponent(evil)}`);
      expect(shown.headers['location']).to.equal('/account');
    }
  });

  it('what is typed is text and never markup', async () => {
    const evil = `"><script>alert(1)</script><a href='`;
    const visitor = world.visitor();
    await visitor.get(`/sign-in?user=${encodeURIComponent(evil)}`);
    await visitor.submit({ step: 'password', user: evil, password: 'x' });
    expect(visitor.shown?.html).not.to.contain('<script').and.not.contain(`<a href='`);
    await world.room.accounts.change(USER as never, { name: evil }, world.caller());
    const account = await world.signedIn();
    await account.get('/account');
    expect(account.shown?.html).not.to.contain('<script');
    expect(account.shown?.text).to.contain(evil);
  });

  for (const [what, headers, body, status] of [
    ['no form', { 'content-type': 'application/json' }, '{}', 415],
    ['a compressed one', { ...OWN, 'content-encoding': 'gzip' }, 'x', 415],
    ['a long one', OWN, `user=${'a'.repeat(FORM_BYTES_MAX)}`, 413],
    ['a field twice', OWN, 'user=a&user=b', 400],
    ['many fields', OWN, Array.from({ length: 30 }, (_, n) => `f${n}=1`).join('&'), 400],
    ['no step', OWN, '', 403],
  ] as const) {
    it(`bad input: ${what} is ${status}`, async () => {
      const visitor = world.visitor();
      await visitor.get('/sign-in');
      const shown = await visitor.send('POST', '/sign-in', { headers, body });
      expect(shown.status).to.equal(status);
      expect(shown.headers['content-type']).to.equal('text/html; charset=utf-8');
    });
  }

  it('bad input: a long form without a length is cut off, and answered', async () => {
    const size = FORM_BYTES_MAX.toString(16);
    const chunk = `${size}\r\n${'a'.repeat(FORM_BYTES_MAX)}\r\n`;
    const { port, hostname } = new URL(world.url);
    const socket = net.connect(Number(port), hostname);
    let reply = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      reply += piece;
    });
    socket.write(
      'POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
        `Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('close', resolve));
    expect(reply).to.match(/^HTTP\/1\.1 413 /);
  });

  it('bad input: long names and passwords are refused without being looked at', async () => {
    const visitor = world.visitor();
    await visitor.get('/sign-in');
    world.nextPassword = new Error('it was looked at');
    await visitor.submit({ step: 'password', user: 'a'.repeat(257), password: 'x' });
    await visitor.submit({ step: 'password', user: 'a', password: 'x'.repeat(257) });
    expect(visitor.shown?.status).to.equal(422);
    await visitor.submit({ step: 'password', user: '  ', password: 'x' });
    expect(visitor.shown?.text).to.contain('Enter your user ID and your password.');
    world.nextPassword = undefined;
  });

  it('other methods are refused, and HEAD is GET without its page', async () => {
    const visitor = world.visitor();
    for (const [path, allow] of [
      ['/sign-in', 'GET, HEAD, POST'],
      ['/account', 'GET, HEAD'],
    ] as const) {
      const shown = await visitor.send('PUT', path);
      expect([shown.status, shown.headers['allow']]).to.deep.equal([405, allow]);
    }
    const head = await visitor.send('HEAD', '/sign-in');
    expect([head.status, head.html]).to.deep.equal([200, '']);
    expect((await visitor.get('/sign-in/')).status).to.equal(404);
  });

  it('every page is held to itself: policy, frames, referrer, cookies', async () => {
    const secure = await openWorld({ publicUrl: 'https://login.example.com' });
    try {
      const visitor = secure.visitor();
      for (const path of ['/sign-in', '/sign-out', '/account', '/account/otp', '/']) {
        const { headers } = await visitor.get(path);
        expect(headers['content-security-policy'], path)
          .to.match(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; /)
          .and.match(/frame-ancestors 'none'$/);
        expect(headers).to.include({ 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
      }
      await visitor.get('/sign-in');
      await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
      expect(visitor.setCookies.at(-1)).to.match(
        /^__Host-fobd-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      );
    } finally {
      await secure.close();
    }
  });

  it('nothing that was typed as password or code comes back, or into the audit log', async () => {
    const visitor = await world.signedIn();
    await visitor.follow();
    await visitor.submit({ step: 'code', code: '918273' });
    expect(visitor.shown?.html).not.to.contain('918273');
    const log = JSON.stringify(await world.room.audit());
    expect(log).not.to.contain('918273').and.not.contain(PASSWORD);
    expect(log).not.to.contain(visitor.cookies.get('fobd-session'));
    expect(log).to.contain('"actor":"portal"');
  });
});
