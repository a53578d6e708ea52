import { expect } from 'chai';
import { parseAddressRange } from '../../../server/access/address.ts';
import type { ForwardAuthOptions, ProxyKind } from '../../../server/portal/forward-auth-options.ts';
import { put } from '../../../server/store/port.ts';
import { tokenKey } from '../../../server/tokens/record.ts';
import type { CredentialId, Serial, UnixMillis } from '../../../shared/types.ts';
import { openWorld, USER, type Visitor, type World } from './world.ts';

const PUBLIC = 'https://login.example.com';
const WIKI = 'https://wiki.example.com';
const NOTES = 'https://notes.example.com';
const DEEDS = 'https://deeds.example.com';

function optionsFor(kind: ProxyKind, address = '127.0.0.1'): ForwardAuthOptions {
  const range = parseAddressRange(address);
  if (range === undefined) throw new Error(address);
  return {
    cookieDomain: 'example.com',
    proxies: [{ address: range, kind }],
    hosts: new Map([
      [WIKI, { requiredStrength: 'hardwareToken', maxAgeSeconds: 3600 }],
      [NOTES, { requiredStrength: 'password', maxAgeSeconds: undefined }],
      [DEEDS, { requiredStrength: 'phoneOtp', requiresProofing: true, maxAgeSeconds: undefined }],
    ]),
  };
}

/** As Traefik's ForwardAuth sends them (middlewares/auth/forward.go): beside the browser's own. */
const traefik = (host: string, uri = '/', method = 'GET') => ({
  'X-Forwarded-Method': method,
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': host,
  'X-Forwarded-Uri': uri,
  'X-Forwarded-For': '203.0.113.7',
});
const nginx = (address: string, method = 'GET') => ({
  'X-Original-URL': address,
  'X-Original-Method': method,
});

describe('forward authentication, request by request', () => {
  let world: World;
  let serial: Serial;

  const open = async (kind: ProxyKind, address?: string): Promise<void> => {
    world = await openWorld({ publicUrl: PUBLIC, forwardAuth: optionsFor(kind, address) });
    serial = await world.room.registered('E6-00000001', USER);
  };
  afterEach(() => world.close());

  const ask = async (visitor: Visitor, headers: Record<string, string>) => {
    const shown = await visitor.send('GET', '/forward-auth', { headers });
    const { location } = shown.headers;
    return { ...shown, location: typeof location === 'string' ? new URL(location) : undefined };
  };
  /** Only what a browser sends to the hosts. */
  const elsewhere = (visitor: Visitor): Visitor => {
    const copy = world.visitor();
    copy.cookies.set('fobd-forward', visitor.cookies.get('fobd-forward') ?? '');
    return copy;
  };
  const elevated = async (): Promise<Visitor> => {
    const visitor = await world.signedIn();
    await visitor.follow();
    await visitor.submit({ step: 'code', code: world.room.code(serial, 2) });
    return visitor;
  };

  it('sends strangers to sign in: 302 by Traefik and Caddy, 401 by nginx', async () => {
    for (const [kind, headers, status] of [
      ['traefik', traefik('wiki.example.com', '/page?x=1&y=2'), 302],
      ['caddy', traefik('wiki.example.com', '/page?x=1&y=2'), 302],
      ['nginx', nginx(`${WIKI}/page?x=1&y=2`), 401],
    ] as const) {
      await open(kind);
      const reply = await ask(world.visitor(), headers);
      expect(reply.status, kind).to.equal(status);
      expect(reply.location?.origin).to.equal(PUBLIC);
      expect(reply.location?.pathname).to.equal('/sign-in');
      expect(reply.location?.searchParams.get('return')).to.equal(`${WIKI}/page?x=1&y=2`);
      expect(reply.location?.searchParams.get('strength')).to.equal('hardwareToken');
      if (kind !== 'nginx') await world.close();
    }
  });

  it('lets in whoever is strong enough, and says who it is', async () => {
    await open('traefik');
    const visitor = elsewhere(await elevated());
    const reply = await ask(visitor, traefik('wiki.example.com'));
    expect(reply.status).to.equal(200);
    expect(reply.headers).to.include({
      'remote-user': USER,
      'fobd-account': USER,
      'fobd-strength': 'hardwareToken',
      'fobd-authenticated-at': new Date(world.room.now).toISOString(),
    });
    expect(reply.html).to.equal('');
  });

  it('asks whoever is too weak for a code: 403 by nginx, 302 by the others', async () => {
    await open('nginx');
    const visitor = await world.signedIn();
    const reply = await ask(elsewhere(visitor), nginx(`${WIKI}/page`));
    expect(reply.status).to.equal(403);
    expect(reply.headers).not.to.have.property('remote-user');
    const there = await visitor.get(`${reply.location?.pathname}${reply.location?.search}`);
    expect(there.text).to.contain('Enter your code').and.not.contain('Skip OTP\n');
    // Not offered, and not taken.
    const forged = await visitor.submit({ step: 'code', code: world.room.code(serial, 2) });
    expect(forged.headers['refresh']).to.equal(`0; url=${WIKI}/page`);
    expect((await ask(elsewhere(visitor), nginx(`${WIKI}/page`))).status).to.equal(200);
    expect((await ask(elsewhere(visitor), nginx(`${NOTES}/`))).status).to.equal(200);
  });

  it('asks for the code of a proofed credential where the host demands one', async () => {
    await open('nginx');
    const visitor = await elevated();
    const reply = await ask(elsewhere(visitor), nginx(`${DEEDS}/1`));
    expect(reply.status).to.equal(403);
    expect(reply.text).to.contain('phoneOtp of a proofed credential');
    const there = await visitor.get(`${reply.location?.pathname}${reply.location?.search}`);
    expect(there.text).to.contain('of a proofed credential').and.not.contain('Skip OTP\n');
    const other = await visitor.submit({ step: 'code', code: world.room.code(serial, 3) });
    expect(other.status).to.equal(422);
    expect(other.text).to.contain('of a proofed credential');
    expect((await ask(elsewhere(visitor), nginx(`${DEEDS}/1`))).status).to.equal(403);
    await makeProofed();
    const right = await visitor.submit({ step: 'code', code: world.room.code(serial, 4) });
    expect(right.headers['refresh']).to.equal(`0; url=${DEEDS}/1`);
    expect((await ask(elsewhere(visitor), nginx(`${DEEDS}/1`))).status).to.equal(200);
  });

  /** What its credential was proofed for, the token's record says. */
  async function makeProofed(): Promise<void> {
    const { store } = world.room;
    await store.transact([tokenKey(serial)], ([token]) => {
      if (token === undefined) throw new Error(serial);
      const credential = 'SO-10001-1-1:hardwareToken' as CredentialId;
      const until = (world.room.now + 86_400_000) as UnixMillis;
      const entitled = { ...token, entitlement: { credential, until, proofed: true } };
      return { writes: [put(tokenKey(serial), entitled)], auditDrafts: [], reply: undefined };
    });
  }

  it('asks again for what is older than the host allows', async () => {
    await open('caddy');
    const visitor = await elevated();
    world.room.pass(20 * 60_000);
    await visitor.get('/account');
    for (let minutes = 0; minutes < 45; minutes += 15) {
      world.room.pass(15 * 60_000);
      await visitor.get('/account');
    }
    const reply = await ask(elsewhere(visitor), traefik('wiki.example.com'));
    expect(reply.status).to.equal(302);
    expect(Number(reply.location?.searchParams.get('after'))).to.equal(world.room.now - 3_600_000);
    expect((await ask(elsewhere(visitor), traefik('notes.example.com'))).status).to.equal(200);
  });

  it('ends with the session', async () => {
    await open('nginx');
    const visitor = await elevated();
    const copy = elsewhere(visitor);
    await visitor.get('/sign-out');
    await visitor.submit({});
    expect((await ask(copy, nginx(`${NOTES}/`))).status).to.equal(401);
  });

  it('does not redirect what a redirect would break', async () => {
    await open('traefik');
    const stranger = world.visitor();
    const post = await ask(stranger, traefik('wiki.example.com', '/', 'POST'));
    expect(post.status).to.equal(401);
    const fetched = { ...traefik('wiki.example.com'), 'Sec-Fetch-Mode': 'cors' };
    expect((await ask(stranger, fetched)).status).to.equal(401);
    const weak = elsewhere(await world.signedIn());
    expect((await ask(weak, fetched)).status).to.equal(403);
  });

  it("heeds only the headers that the proxy's own kind sets", async () => {
    await open('traefik');
    const weak = elsewhere(await world.signedIn());
    const milder = { ...traefik('wiki.example.com'), ...nginx(`${NOTES}/`) };
    expect((await ask(weak, milder)).status).to.equal(302);
    await world.close();
    await open('nginx');
    const other = elsewhere(await world.signedIn());
    const both = { ...nginx(`${WIKI}/`), ...traefik('notes.example.com') };
    expect((await ask(other, both)).status).to.equal(403);
  });

  it('sends nobody to a host that is not set up, whatever the headers say', async () => {
    await open('traefik');
    const stranger = world.visitor();
    for (const headers of [
      traefik('evil.example'),
      traefik('wiki.example.com.evil.example'),
      traefik('wiki.example.com@evil.example'),
      traefik('evil.example#wiki.example.com'),
      traefik('wiki.example.com, evil.example'),
      traefik('wiki.example.com:8443'),
      traefik('wiki.example.com', '@evil.example/'),
      traefik('wiki.example.com', 'evil'),
      { ...traefik('wiki.example.com'), 'X-Forwarded-Proto': 'http' },
      { ...traefik('wiki.example.com'), 'X-Forwarded-Proto': 'javascript' },
      { ...traefik('evil.example'), 'X-Forwarded-Proto': 'https://wiki.example.com/?' },
      {},
    ]) {
      const reply = await ask(stranger, headers);
      expect(reply.status, JSON.stringify(headers)).to.equal(400);
      expect(reply.location).to.equal(undefined);
    }
    // A path stays a path of its host.
    const path = await ask(stranger, traefik('wiki.example.com', '//evil.example/\\x'));
    const back = path.location?.searchParams.get('return') ?? '';
    expect(new URL(back).origin).to.equal(WIKI);
  });

  it('takes no address that came twice, or with a user in it, for what is asked', async () => {
    await open('nginx');
    const weak = elsewhere(await world.signedIn());
    const twice = [`${NOTES}/`, `${WIKI}/`] as unknown as string;
    for (const address of [twice, `https://user@${new URL(NOTES).host}/`]) {
      expect((await ask(weak, nginx(address))).status, address).to.equal(400);
    }
    expect((await ask(weak, nginx(`${NOTES}/`))).status).to.equal(200);
  });

  it('answers no other address than the proxies', async () => {
    await open('nginx', '10.0.0.7');
    expect((await ask(world.visitor(), nginx(`${WIKI}/`))).status).to.equal(404);
  });

  it('the cookie that the hosts see opens no page, and the session token no host', async () => {
    await open('nginx');
    const visitor = await elevated();
    const forward = visitor.cookies.get('fobd-forward') ?? '';
    const session = visitor.cookies.get('__Host-fobd-session') ?? '';
    expect(visitor.setCookies.find((line) => line.startsWith('fobd-forward='))).to.match(
      /; Path=\/; HttpOnly; SameSite=Lax; Domain=example\.com; Secure$/,
    );
    expect(forward).not.to.contain(session);
    const thief = world.visitor();
    for (const value of [forward, forward.slice(0, 43)]) {
      thief.cookies.set('__Host-fobd-session', value);
      expect((await thief.get('/account')).status).to.equal(303);
    }
    const bent = `${forward.slice(0, 40)}${forward[40] === 'A' ? 'B' : 'A'}${forward.slice(41)}`;
    for (const value of [session, bent, '', 'x'.repeat(95), 'x'.repeat(4000)]) {
      const host = world.visitor();
      host.cookies.set('fobd-forward', value);
      expect((await ask(host, nginx(`${NOTES}/`))).status).to.equal(401);
    }
  });

  it('gives the cookie again to a browser that has a session and lost it', async () => {
    await open('nginx');
    const visitor = await world.signedIn();
    visitor.cookies.delete('fobd-forward');
    await visitor.get(`/sign-in?return=${encodeURIComponent(`${NOTES}/x`)}`);
    expect(visitor.shown?.headers['location']).to.equal(`${NOTES}/x`);
    expect((await ask(elsewhere(visitor), nginx(`${NOTES}/x`))).status).to.equal(200);
  });
});
