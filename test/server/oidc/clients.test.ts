import { expect } from 'chai';
import { isSecretOf } from '../../../server/oidc/clients.ts';
import { type Served, serve } from '../http/served.ts';

const CALLBACK = 'https://app.example.com/callback';

describe('OpenID Connect clients over /v1', () => {
  let served: Served;
  let key: string;

  before(async () => {
    served = await serve();
    key = await served.key('oidc:admin');
  });
  after(() => served.close());

  const post = (path: string, body: object = {}) =>
    served.send({ path: `/v1/oidc/clients${path}`, key, body });
  const add = async (body: object = {}) => {
    const reply = await post('', { name: 'Timesheets', redirectUris: [CALLBACK], ...body });
    expect(reply.status, reply.text).equal(201);
    return reply.json as { client: { id: string }; clientSecret?: string };
  };

  it('are added, shown, changed and removed, the secret shown once', async () => {
    const { client, clientSecret = '' } = await add({ requiredStrength: 'phoneOtp' });
    expect(clientSecret).to.match(/^[A-Za-z0-9_-]{43}$/);
    const path = `/v1/oidc/clients/${client.id}`;
    const shown = await served.send({ method: 'GET', path, key });
    expect(shown.json['client']).to.include({ public: false, requiredStrength: 'phoneOtp' });
    expect(shown.text).not.to.include(clientSecret).and.not.include('hash');
    const changed = await post(`/${client.id}/change`, {
      name: 'Hours',
      requiredStrength: null,
      redirectUris: [`${CALLBACK}2`],
    });
    expect(changed.json['client']).to.deep.include({
      name: 'Hours',
      redirectUris: [`${CALLBACK}2`],
    });
    expect(changed.json['client']).not.to.have.property('requiredStrength');
    const list = await served.send({ method: 'GET', path: '/v1/oidc/clients', key });
    expect(JSON.stringify(list.json)).to.include(client.id);
    expect((await post(`/${client.id}/remove`)).status).equal(200);
    expect((await served.send({ method: 'GET', path, key })).status).equal(404);
    const { items } = await served.store.auditPage({ after: 0, limit: 500 });
    expect(items.map(({ action }) => action)).to.include.members([
      'addOidcClient',
      'changeOidcClient',
      'removeOidcClient',
    ]);
    expect(JSON.stringify(items)).not.to.include(clientSecret);
  });

  for (const [what, address] of Object.entries({
    'plain http elsewhere': 'http://app.example.com/callback',
    'a wildcard': 'https://*.example.com/callback',
    'a wildcard path': 'https://app.example.com/*',
    'a fragment': `${CALLBACK}#x`,
    'an empty fragment': `${CALLBACK}#`,
    'a user': 'https://user@app.example.com/',
    'a script': 'javascript:alert(1)',
    data: 'data:text/html,x',
    'a file': 'file:///etc/passwd',
    'a short private scheme': 'myapp:/callback',
    'white space': `${CALLBACK} `,
    'a backslash': 'https://app.example.com\\@evil.example/',
    'no address': 'callback',
    'a private scheme of a confidential client': 'com.example.app:/callback',
  })) {
    it(`refuses ${what} to return to`, async () => {
      const reply = await post('', { name: 'x', redirectUris: [CALLBACK, address] });
      expect(reply.status, reply.text).equal(422);
      const [error] = reply.json['errors'] as { field: string }[];
      expect(error?.field).equal('/redirectUris/1');
    });
  }

  it('refuses none, too many, one twice and https on this machine for a program', async () => {
    const refusals: readonly object[] = [
      { redirectUris: [] },
      { redirectUris: Array.from({ length: 21 }, (_, index) => `${CALLBACK}${index}`) },
      { redirectUris: [CALLBACK, CALLBACK] },
      { public: true, redirectUris: ['com.example.app:/x', 'https://localhost/x'] },
      { redirectUris: [CALLBACK], postLogoutRedirectUris: ['http://app.example.com/'] },
      { redirectUris: [CALLBACK], requiredStrength: 'iron' },
      { redirectUris: [CALLBACK], secret: 'x' },
    ];
    for (const body of refusals) {
      const reply = await post('', { name: 'x', ...body });
      expect(reply.status, JSON.stringify(body)).equal(422);
    }
  });

  it('takes loopback and private schemes of a program (RFC 8252)', async () => {
    const redirectUris = [
      'http://127.0.0.1/callback',
      'http://[::1]/callback',
      'com.example.app:/callback',
    ];
    const { clientSecret } = await add({ public: true, redirectUris });
    expect(clientSecret).equal(undefined);
  });

  it('rotates a secret, with an overlap that ends', async () => {
    const { client } = await add();
    const rotated = await post(`/${client.id}/rotate-secret`, { overlap: '1h' });
    expect(rotated.json['clientSecret']).to.be.a('string');
    expect(rotated.json['client']).to.have.property('oldSecretUntil', '2026-01-01T01:00:00.000Z');
    expect((await post(`/${client.id}/rotate-secret`, { overlap: '91d' })).status).equal(422);
    const { client: open } = await add({ public: true });
    expect((await post(`/${open.id}/rotate-secret`)).status).equal(409);
  });

  it('compares secrets by their hashes, whatever they are given', () => {
    expect(isSecretOf([], 'x', 0)).equal(false);
    expect(isSecretOf([{ hash: '00'.repeat(32) }], '', 0)).equal(false);
  });

  it('are for scope oidc:admin alone', async () => {
    const path = '/v1/oidc/clients';
    const other = await served.key('applications:admin', 'accounts:admin');
    expect((await served.send({ method: 'GET', path, key: other })).status).equal(403);
    expect((await served.send({ method: 'GET', path })).status).equal(401);
  });
});
