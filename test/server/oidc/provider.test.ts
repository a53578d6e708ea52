import { expect } from 'chai';
import * as openid from 'openid-client';
import { acrOf } from '../../../server/oidc/strength.ts';
import { STRENGTHS } from '../../../shared/types.ts';
import { timeEntry } from '../http/served.ts';
import { applicationOf, begin, exchange, OFFLINE, refused, signIn } from './flow.ts';
import { openRoom, type Room, SERIAL, withPassword, withToken } from './provider-room.ts';

describe('the OpenID Connect provider', () => {
  let room: Room;

  before(async () => {
    room = await openRoom();
    await room.served.stock(timeEntry(SERIAL));
    await room.served.register(SERIAL, 'jennifer');
  });
  after(() => room.close());
  beforeEach(() => room.comes(withPassword));

  /** What the audit log says of grants that have ended, but for the first so many. */
  async function endings(known = 0): Promise<string[]> {
    const { items } = await room.served.store.auditPage({ after: 0, limit: 500 });
    return items
      .filter(({ action }) => action === 'endOidcGrant')
      .map(({ account, details }) => `${account} ${details?.['why']}`)
      .slice(known);
  }

  it('says what it can, at its public address whatever the request calls it', async () => {
    const address = `${room.issuer}/.well-known/openid-configuration`;
    const reply = await fetch(address, { headers: { host: 'evil.example' } });
    const said = (await reply.json()) as Record<string, unknown>;
    expect(said).to.include({
      issuer: room.issuer,
      authorization_endpoint: `${room.issuer}/auth`,
      token_endpoint: `${room.issuer}/token`,
      end_session_endpoint: `${room.issuer}/session/end`,
    });
    expect(said).to.deep.include({
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      acr_values_supported: STRENGTHS.map(acrOf),
    });
    const jwks = await (await fetch(`${room.issuer}/jwks`)).text();
    expect(JSON.parse(jwks).keys).to.have.length(2);
    expect(jwks).not.to.match(/"(d|p|q|dp|dq|qi)":/);
  });

  it('signs somebody in, and says how and when', async () => {
    room.comes(withToken);
    const application = await applicationOf(room);
    const tokens = await signIn(application, room.browser());
    const claims = tokens.claims();
    expect(claims).to.deep.include({
      sub: 'jennifer',
      acr: 'urn:fobtwin:acr:hardwareToken',
      amr: ['pwd', 'otp', 'mfa', 'hwk'],
    });
    expect(claims?.auth_time).to.be.closeTo(Date.now() / 1000, 5);
    expect(tokens.refresh_token).equal(undefined);
    const about = await openid.fetchUserInfo(application.config, tokens.access_token, 'jennifer');
    expect(about).to.deep.equal({ sub: 'jennifer' });
  });

  it('rotates refresh tokens, and ends the grant when an old one comes back', async () => {
    const application = await applicationOf(room);
    const { config } = application;
    const first = await signIn(application, room.browser(), OFFLINE);
    const second = await openid.refreshTokenGrant(config, first.refresh_token ?? '');
    expect(second.refresh_token).to.be.a('string').and.not.equal(first.refresh_token);
    expect(second.claims()?.auth_time).equal(first.claims()?.auth_time);
    expect(await openid.tokenIntrospection(config, second.access_token)).to.include({
      active: true,
      acr: 'urn:fobtwin:acr:password',
    });
    await refused(openid.refreshTokenGrant(config, first.refresh_token ?? ''), 'invalid_grant');
    await refused(openid.refreshTokenGrant(config, second.refresh_token ?? ''), 'invalid_grant');
    expect((await openid.tokenIntrospection(config, second.access_token)).active).equal(false);
  });

  it('lets one of many simultaneous uses of a refresh token through', async () => {
    const application = await applicationOf(room);
    const { refresh_token: token = '' } = await signIn(application, room.browser(), OFFLINE);
    const uses = await Promise.allSettled(
      Array.from({ length: 10 }, () => openid.refreshTokenGrant(application.config, token)),
    );
    expect(uses.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
  });

  it('lets one of many simultaneous uses of a code through', async () => {
    const application = await applicationOf(room);
    const begun = await begin(application, room.browser());
    const uses = await Promise.allSettled(
      Array.from({ length: 20 }, () => exchange(application, begun)),
    );
    const good = uses.flatMap((use) => (use.status === 'fulfilled' ? use.value : []));
    expect(good).to.have.length(1);
    const [tokens] = good;
    const now = await openid.tokenIntrospection(application.config, tokens?.access_token ?? '');
    expect(now.active).equal(false);
  });

  it('ends what was given for a code that is used again, and says so once', async () => {
    const known = (await endings()).length;
    const application = await applicationOf(room);
    const begun = await begin(application, room.browser());
    const tokens = await exchange(application, begun);
    await refused(exchange(application, begun), 'invalid_grant');
    const now = await openid.tokenIntrospection(application.config, tokens.access_token);
    expect(now.active).equal(false);
    expect(await endings(known)).to.deep.equal(['jennifer usedTwice']);
    await refused(exchange(application, begun), 'invalid_grant');
    expect(await endings(known)).to.have.length(1);
  });

  it('ends the grant of a refresh token that is used again, and says so', async () => {
    const known = (await endings()).length;
    const application = await applicationOf(room);
    const { config } = application;
    const { refresh_token: first = '' } = await signIn(application, room.browser(), OFFLINE);
    const next = await openid.refreshTokenGrant(config, first);
    expect((await openid.tokenIntrospection(config, first)).active).equal(false);
    await refused(openid.refreshTokenGrant(config, first), 'invalid_grant');
    expect((await openid.tokenIntrospection(config, next.access_token)).active).equal(false);
    expect(await endings(known)).to.deep.equal(['jennifer usedTwice']);
  });

  it('revokes a token with all of its grant', async () => {
    const application = await applicationOf(room);
    const { config } = application;
    const tokens = await signIn(application, room.browser(), OFFLINE);
    await openid.tokenRevocation(config, tokens.refresh_token ?? '');
    expect((await openid.tokenIntrospection(config, tokens.access_token)).active).equal(false);
    await refused(openid.refreshTokenGrant(config, tokens.refresh_token ?? ''), 'invalid_grant');
  });

  it('takes a public client with PKCE alone', async () => {
    const application = await applicationOf(room, { isPublic: true });
    const tokens = await signIn(application, room.browser(), OFFLINE);
    expect(tokens.claims()?.sub).equal('jennifer');
    const next = await openid.refreshTokenGrant(application.config, tokens.refresh_token ?? '');
    expect(next.access_token).to.be.a('string');
  });

  it('signs ID tokens with the algorithm that the client was added with', async () => {
    const application = await applicationOf(room, { idTokenAlgorithm: 'ES256' });
    const tokens = await signIn(application, room.browser());
    const [head = ''] = tokens.id_token?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).to.include({ alg: 'ES256' });
  });

  it('tells whoever guards a resource of tokens that others were given', async () => {
    const application = await applicationOf(room);
    const resource = await applicationOf(room, { name: 'A resource server' });
    const stranger = await applicationOf(room, { isPublic: true });
    const { access_token: token } = await signIn(application, room.browser());
    const seen = await openid.tokenIntrospection(resource.config, token);
    expect(seen).to.include({ active: true, sub: 'jennifer', client_id: application.id });
    expect(seen['auth_time']).to.be.a('number');
    const unseen = await openid.tokenIntrospection(stranger.config, token);
    expect(unseen).to.deep.equal({ active: false });
  });
});
