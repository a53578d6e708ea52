import { expect } from 'chai';
import { ROLE_DEFINITIONS } from '../../../server/access/roles.ts';
import { SCOPES } from '../../../server/access/scopes.ts';
import { STAFF_ROLES } from '../../../shared/types.ts';
import type { OperationId } from '../../../shared/wire/operations.ts';
import { allowedByRole, isOpenToStrangers } from '../access/access-table.ts';
import { OPERATION_IDS, requestFor } from './every-operation.ts';
import { addPerson, pass, signIn, signInWith } from './people.ts';
import { type Served, STEP_MILLIS, serve } from './served.ts';

/** Staff call /v1 with the token of the session that they have signed in to. */
describe('staff over HTTP', function () {
  this.timeout(20_000);
  let served: Served;
  let key: string;

  beforeEach(async () => {
    served = await serve({ lab: true });
    key = await served.key();
  });
  afterEach(() => served.close());

  const get = (path: string, as: string) => served.send({ method: 'GET', path, key: as });
  const patch = (id: string, body: object, as = key) =>
    served.send({ method: 'PATCH', path: `/v1/accounts/${id}`, key: as, body });

  for (const role of STAFF_ROLES) {
    it(`${role}: with a token allowed exactly what the role's scopes allow`, async () => {
      await addPerson(served, 'ida', { serial: 'FT00000001', roles: [role] });
      const session = await signInWith(served, 'ida', 'FT00000001');
      for (const id of OPERATION_IDS) {
        const { status, json } = await served.send({ ...requestFor(id), key: session });
        const isLetIn = isOpenToStrangers(id as OperationId) || allowedByRole(id, role);
        // A service may refuse for another reason than a scope that is missing.
        const isRefused = status === 403 && /lacks scope/.test(String(json['detail']));
        expect(!isRefused, `${id}: ${status}`).to.equal(isLetIn);
      }
    });

    it(`${role}: with a password alone is told that a stronger sign-in is needed`, async () => {
      await addPerson(served, 'ida', { serial: 'FT00000001', roles: [role] });
      const session = await signIn(served, 'ida');
      const { status, json } = await get('/v1/accounts', session);
      expect([status, json['code']]).to.deep.equal([403, 'strengthTooLow']);
    });
  }

  it('whoever administers an organisation has none of the staff scopes', async () => {
    await addPerson(served, 'otto', { serial: 'FT00000001', roles: ['organisationAdmin'] });
    const session = await signInWith(served, 'otto', 'FT00000001');
    const { status, json } = await get('/v1/accounts', session);
    expect([status, json['code']]).to.deep.equal([403, 'forbidden']);
  });

  it('a role that is taken away is gone with the next request', async () => {
    await addPerson(served, 'henry', { serial: 'FT00000001', roles: ['helpdesk'] });
    const session = await signInWith(served, 'henry', 'FT00000001');
    expect((await get('/v1/tokens', session)).status).to.equal(200);
    await patch('henry', { roles: null });
    expect((await get('/v1/tokens', session)).status).to.equal(403);
  });

  it('a disabled account has none, and its session is over', async () => {
    await addPerson(served, 'henry', { serial: 'FT00000001', roles: ['helpdesk'] });
    const session = await signInWith(served, 'henry', 'FT00000001');
    await served.send({ path: '/v1/accounts/henry/disable', key, body: {} });
    expect((await get('/v1/tokens', session)).status).to.equal(401);
    await served.send({ path: '/v1/accounts/henry/enable', key, body: {} });
    expect((await get('/v1/tokens', session)).status).to.equal(401);
  });

  it('whose token is suspended falls back to what a password proves', async () => {
    await addPerson(served, 'henry', { serial: 'FT00000001', roles: ['helpdesk'] });
    const session = await signInWith(served, 'henry', 'FT00000001');
    await served.send({ path: '/v1/tokens/FT00000001/suspend', key, body: {} });
    pass(served, STEP_MILLIS);
    expect((await get('/v1/tokens', session)).json['code']).to.be.oneOf([
      'strengthTooLow',
      'unauthenticated',
    ]);
  });

  describe('roles', () => {
    it('are given by accounts:admin alone', async () => {
      await addPerson(served, 'henry', { serial: 'FT00000001', roles: ['helpdesk'] });
      await addPerson(served, 'paula');
      const session = await signInWith(served, 'henry', 'FT00000001');
      expect((await patch('paula', { roles: ['user'] }, session)).status).to.equal(403);
      expect((await patch('henry', { roles: ['administrator'] }, session)).status).to.equal(403);
    });

    it('are given by nobody who lacks what they hold', async () => {
      await addPerson(served, 'paula');
      const few = await served.key('accounts:admin', 'accounts:read');
      for (const role of STAFF_ROLES) {
        const added = { id: `new-${role}`, roles: [role] };
        const replies = [
          await patch('paula', { roles: [role] }, few),
          await served.send({ path: '/v1/accounts', key: few, body: added }),
        ];
        for (const { status, json } of replies) {
          expect([status, json['code']], role).to.deep.equal([403, 'forbidden']);
        }
      }
      const body = { roles: ['organisationAdmin'] };
      expect((await patch('paula', body, few)).status).to.equal(200);
      const auditor = [...ROLE_DEFINITIONS.auditor.scopes, 'accounts:admin'] as const;
      const enough = await served.key(...new Set(auditor));
      expect((await patch('paula', { roles: ['auditor'] }, enough)).status).to.equal(200);
      // What somebody has already stays with whoever else is changed.
      expect((await patch('paula', { roles: ['auditor', 'user'] }, few)).status).to.equal(200);
      expect(SCOPES).to.include.members([...auditor]);
    });
  });
});
