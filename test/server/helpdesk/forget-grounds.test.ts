import { expect } from 'chai';
import { forgetGrounds } from '../../../server/helpdesk/forget-grounds.ts';
import { callerCheckKey } from '../../../server/helpdesk/record.ts';
import { replyOnly } from '../../../server/store/port.ts';
import { addPerson, signInWith } from '../http/people.ts';
import { createDesk, REASON } from './desk.ts';

describe('checks of callers and approvals, after a restore', function () {
  this.timeout(20_000);
  const desk = createDesk();
  const { post, of, checked, give, state } = desk;

  afterEach(() => state.served.close());

  const forget = () => forgetGrounds(state.served.store);
  const recordOf = (check: string) =>
    state.served.store.transact([callerCheckKey(check)], ([found]) => replyOnly(found));

  it('serve nothing that they were made for: each may have been used since', async () => {
    await desk.open();
    const check = await checked();
    await forget();
    expect((await give(check)).json['code']).to.equal('callerCheckRequired');
    expect((await give(await checked())).status).to.equal(201);
  });

  it('stay used where they were, with what is still to be told', async () => {
    await desk.open();
    const check = await checked();
    await give(check);
    await forget();
    expect(await recordOf(check)).to.include({ usedFor: 'temporaryCode' });
    expect((await give(check)).json['code']).to.equal('callerCheckRequired');
  });

  it('are approved no more, given or asked for', async () => {
    await desk.open({ secondApprover: true });
    await addPerson(state.served, 'ida', { serial: 'FT00000005', roles: ['administrator'] });
    const ida = await signInWith(state.served, 'ida', 'FT00000005');
    const ask = async (check: string) => {
      const body = { action: 'temporaryCode', check, reason: REASON };
      const { json } = await post(of('approvals'), body);
      return (json['approval'] as { readonly id: string }).id;
    };
    const approve = (id: string) => post(`/v1/approvals/${id}/approve`, {}, ida);
    const [used, given] = [await checked(), await checked()];
    const done = await ask(used);
    await approve(done);
    await give(used, { approval: done });
    const [approved, asked] = [await ask(given), await ask(given)];
    await approve(approved);
    await forget();
    const refused = await give(given, { approval: approved });
    expect(refused.json['code']).to.equal('callerCheckRequired');
    expect((await approve(asked)).json['code']).to.equal('notFound');
    const path = '/v1/approvals?account=jennifer';
    const { json } = await state.served.send({ method: 'GET', path, key: ida });
    expect((json['items'] as { readonly id: string }[]).map(({ id }) => id)).to.deep.equal([done]);
  });
});
