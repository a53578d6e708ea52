import { expect } from 'chai';
import * as openid from 'openid-client';
import { SIGNING_KEYS_KEY } from '../../../server/oidc/record.ts';
import { replyOnly } from '../../../server/store/port.ts';
import { timeEntry } from '../http/served.ts';
import { applicationOf, begin, OFFLINE, refused, signIn } from './flow.ts';
import { openRoom, type Room, SERIAL } from './provider-room.ts';

describe('the keys that ID tokens are signed with', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
    await room.served.stock(timeEntry(SERIAL));
    await room.served.register(SERIAL, 'jennifer');
  });
  afterEach(() => room.close());

  const published = async () => {
    const reply = await fetch(`${room.issuer}/jwks`);
    const { keys } = (await reply.json()) as { keys: { kid: string; alg: string }[] };
    return keys.map(({ kid }) => kid).sort();
  };
  const keyOf = (idToken: string | undefined) => {
    const [head = ''] = (idToken ?? '').split('.');
    return JSON.parse(Buffer.from(head, 'base64url').toString()).kid as string;
  };
  const signedBy = async () => {
    const tokens = await signIn(await applicationOf(room), room.browser());
    return keyOf(tokens.id_token);
  };
  const rotate = (rotation: Parameters<Room['administration']['keys']['rotate']>[0]) =>
    room.administration.keys.rotate(rotation, room.caller());

  it('are published before they are used, and after, without a restart', async () => {
    const first = await signedBy();
    const old = await published();
    expect(old).to.have.length(2).and.include(first);
    await rotate({ delayMillis: 3_600_000 });
    expect(await published())
      .to.have.length(4)
      .and.include.members(old);
    expect(await signedBy()).equal(first);
    room.advance(3600);
    const second = await signedBy();
    expect(old).not.to.include(second);
    expect(await published()).to.have.length(4);
    room.advance(7 * 86_400);
    expect(await published())
      .to.have.length(2)
      .and.not.include.members(old);
    expect(await signedBy()).equal(second);
  });

  it('let a sign-out with an old ID token through while its key is published', async () => {
    const application = await applicationOf(room);
    const browser = room.browser();
    const { id_token: hint = '' } = await signIn(application, browser);
    await rotate({ delayMillis: 0 });
    expect(await signedBy()).not.equal(keyOf(hint));
    const silent = await begin(application, browser, { prompt: 'none', id_token_hint: hint });
    expect(silent.address).to.include('code=');
    room.advance(7 * 86_400 + 1);
    const late = await begin(application, room.browser(), { id_token_hint: hint });
    expect(late.address).to.include('error=invalid_request');
  });

  it('are gone at once when they are known to others', async () => {
    const application = await applicationOf(room);
    const tokens = await signIn(application, room.browser(), OFFLINE);
    const old = await published();
    await rotate({ dropsOld: true, reason: 'found in a repository' });
    expect(await published())
      .to.have.length(2)
      .and.not.include.members(old);
    await refused(
      signIn(application, room.browser(), { id_token_hint: tokens.id_token ?? '' }),
      'invalid_request',
    );
    const fresh = await room.discover(application);
    const next = await openid.refreshTokenGrant(fresh, tokens.refresh_token ?? '');
    expect(old).not.to.include(keyOf(next.id_token));
  });

  it('are rotated once at a time', async () => {
    await rotate({ delayMillis: 3_600_000 });
    const twice = await rotate({}).catch((error: Error) => error);
    expect(twice).to.have.property('code', 'notAllowedNow');
    expect(await rotate({ dropsOld: true })).to.have.length(2);
    const late = await rotate({ delayMillis: 40 * 86_400_000 }).catch((error: Error) => error);
    expect(late).to.have.property('code', 'invalidInput');
  });

  it('are made once by many who ask first, and kept sealed', async () => {
    const sets = await Promise.all(Array.from({ length: 8 }, published));
    expect(new Set(sets.map(String)).size).equal(1);
    const record = await room.served.store.transact([SIGNING_KEYS_KEY], ([kept]) =>
      replyOnly(kept),
    );
    expect(record?.keys).to.have.length(2);
    const text = JSON.stringify(record);
    expect(text).not.to.match(/"(d|p|q|dp|dq|qi)"/);
    const states = await room.administration.keys.list(room.caller().now);
    expect(states.map(({ use }) => use)).to.deep.equal(['signs', 'signs']);
    expect(JSON.stringify(states)).not.to.include('sealed');
  });
});
