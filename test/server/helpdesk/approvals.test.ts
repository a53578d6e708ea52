import { expect } from 'chai';
import { APPROVALS_A_CHECK_MAX } from '../../../server/helpdesk/record.ts';
import { addPerson, pass, signInWith } from '../http/people.ts';
import { timeCode } from '../http/served.ts';
import { createDesk, MINUTE, REASON } from './desk.ts';

describe('the helpdesk with a second approver by policy', function () {
  this.timeout(20_000);
  const desk = createDesk();
  const { post, of, checked, give, lastEntry } = desk;

  afterEach(() => desk.state.served.close());

  let ida: string;

  beforeEach(async () => {
    await desk.open({ secondApprover: true });
    await addPerson(desk.state.served, 'ida', { serial: 'FT00000005', roles: ['administrator'] });
    ida = await signInWith(desk.state.served, 'ida', 'FT00000005');
  });

  const ask = async (check: string, more: object = {}) => {
    const body = { action: 'temporaryCode', check, reason: REASON, ...more };
    const { status, json, text } = await post(of('approvals'), body);
    expect(status, text).to.equal(201);
    return (json['approval'] as { readonly id: string }).id;
  };
  const approve = (id: string, as: string) => post(`/v1/approvals/${id}/approve`, {}, as);

  it('acts once another has approved just this, once', async () => {
    const check = await checked();
    expect((await give(check)).json['code']).to.equal('approvalRequired');
    const approval = await ask(check);
    expect((await give(check, { approval })).json['code']).to.equal('approvalRequired');
    expect((await approve(approval, desk.state.agent)).json['code']).to.equal('forbidden');
    expect((await approve(approval, ida)).status).to.equal(200);
    expect((await approve(approval, ida)).json['code']).to.equal('notAllowedNow');
    const otherReason = await give(check, { approval, reason: 'something else' });
    expect(otherReason.json['code']).to.equal('approvalRequired');
    const given = await give(check, { approval });
    expect(given.status, given.text).to.equal(201);
    expect(await lastEntry('giveTemporaryCode')).to.include({
      approval,
      approvedBy: 'account:ida',
    });
    expect((await give(await checked(), { approval })).json['code']).to.equal('approvalRequired');
  });

  it('is not approved by who asked, by who checked, or for the own account', async () => {
    const both = await desk.state.served.key('helpdesk', 'helpdesk:approve');
    const check = await checked(both);
    expect((await approve(await ask(check), both)).json['code']).to.equal('forbidden');
    const code = timeCode('FT00000005', desk.state.served.clock.at);
    const made = await post(of('caller-checks', 'ida'), { method: 'code', code });
    const { id } = made.json['check'] as { readonly id: string };
    const body = { action: 'unlock', serial: 'FT00000005', check: id, reason: REASON };
    const { json } = await post(of('approvals', 'ida'), body);
    const own = (json['approval'] as { readonly id: string }).id;
    expect((await approve(own, ida)).json['code']).to.equal('forbidden');
  });

  it('has an hour for it, while the check waits', async () => {
    const check = await checked();
    const approval = await ask(check);
    pass(desk.state.served, 50 * MINUTE);
    ida = await signInWith(desk.state.served, 'ida', 'FT00000005');
    desk.state.agent = await signInWith(desk.state.served, 'henry', 'FT00000002');
    expect((await approve(approval, ida)).status).to.equal(200);
    pass(desk.state.served, 10 * MINUTE);
    expect((await give(check, { approval })).status).to.equal(409);
    const late = await ask(await checked());
    pass(desk.state.served, 60 * MINUTE);
    ida = await signInWith(desk.state.served, 'ida', 'FT00000005');
    expect((await approve(late, ida)).json['code']).to.equal('notAllowedNow');
    expect((await approve('c'.repeat(16), ida)).json['code']).to.equal('notFound');
  });

  it('acts after the 15 minutes of the check when a colleague was asked in them', async () => {
    const check = await checked();
    const approval = await ask(check);
    pass(desk.state.served, 30 * MINUTE);
    ida = await signInWith(desk.state.served, 'ida', 'FT00000005');
    desk.state.agent = await signInWith(desk.state.served, 'henry', 'FT00000002');
    await approve(approval, ida);
    expect((await give(check, { approval })).status).to.equal(201);
  });

  it('is for just this: no stronger, longer or more often used code, no other token', async () => {
    const check = await checked();
    const approval = await ask(check, { strength: 'phoneOtp', life: '24h' });
    const { json } = await approve(approval, ida);
    expect(json['approval']).to.include({ terms: 'phoneOtp, 1d, once' });
    for (const more of [{ strength: 'mobileId' }, { life: '7d' }, { uses: 2 }]) {
      const refused = await give(check, { approval, ...more });
      expect(refused.json['code'], JSON.stringify(more)).to.equal('approvalRequired');
    }
    expect((await give(check, { approval })).status).to.equal(201);
    const other = await checked();
    const body = { action: 'unlock', serial: 'FT00000009', check: other, reason: REASON };
    const asked = await post(of('approvals'), body);
    const { id } = asked.json['approval'] as { readonly id: string };
    await approve(id, ida);
    const grounds = { check: other, reason: REASON, approval: id };
    const unlocked = await post('/v1/tokens/FT00000001/unlock', grounds);
    expect(unlocked.json['code']).to.equal('approvalRequired');
  });

  it('says what exactly is asked for, and nothing of another action', async () => {
    const check = await checked();
    for (const [more, field] of [
      [{ action: 'unlock' }, '/serial'],
      [{ action: 'replacement', why: 'err' }, '/credential'],
      [{ action: 'temporaryCode', serial: 'FT00000001' }, '/serial'],
    ] as const) {
      const { status, json } = await post(of('approvals'), { check, reason: REASON, ...more });
      expect(status).to.equal(422);
      expect(json['errors']).to.deep.include({
        field,
        code: field === '/serial' && more.action === 'temporaryCode' ? 'notAllowed' : 'required',
      });
    }
  });

  it('asks for so many approvals by one check, and then for another check', async () => {
    const check = await checked();
    for (let n = 0; n < APPROVALS_A_CHECK_MAX; n += 1) await ask(check, { uses: n + 1 });
    const body = { action: 'temporaryCode', check, reason: REASON };
    const { status, json } = await post(of('approvals'), body);
    expect([status, json['code']]).to.deep.equal([409, 'attemptsSpent']);
    expect(json['nextStep']).to.contain('check the caller again');
    const path = '/v1/approvals?account=jennifer';
    const listed = await desk.state.served.send({ method: 'GET', path, key: ida });
    expect(listed.json['items']).to.have.length(APPROVALS_A_CHECK_MAX);
    await ask(await checked());
  });

  it('takes many at once for no more than so many', async () => {
    const check = await checked();
    const body = { action: 'temporaryCode', check, reason: REASON };
    const asked = Array.from({ length: 4 * APPROVALS_A_CHECK_MAX }, () =>
      post(of('approvals'), body),
    );
    const made = (await Promise.all(asked)).filter(({ status }) => status === 201);
    expect(made).to.have.length(APPROVALS_A_CHECK_MAX);
    const ids = made.map(({ json }) => (json['approval'] as { readonly id: string }).id);
    const [approval = ''] = ids;
    await approve(approval, ida);
    expect((await give(check, { approval })).status).to.equal(201);
  });

  it('lists what was asked for', async () => {
    const approval = await ask(await checked());
    const path = '/v1/approvals?account=jennifer';
    const { json } = await desk.state.served.send({ method: 'GET', path, key: ida });
    expect((json['items'] as { readonly id: string }[]).map(({ id }) => id)).to.deep.equal([
      approval,
    ]);
  });
});
