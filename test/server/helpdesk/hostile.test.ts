import { expect } from 'chai';
import sinon from 'sinon';
import {
  type IssuedCode,
  issuedCodeMac,
  issuedCodesKey,
} from '../../../server/accounts/issued-codes.ts';
import { type AccountRecord, accountKey } from '../../../server/accounts/record.ts';
import { phonesKey } from '../../../server/phones/record.ts';
import { type Decide, put, replyOnly } from '../../../server/store/port.ts';
import { deriveKey } from '../../../server/vault/keys.ts';
import type { AccountId, Code, PhoneId, Serial, UnixMillis } from '../../../shared/types.ts';
import { pass } from '../http/people.ts';
import { STEP_MILLIS, timeCode } from '../http/served.ts';
import { createDesk, DAY, MINUTE, NUMBER, REASON } from './desk.ts';

const JENNIFER = 'jennifer' as AccountId;
const OTHER = 'FT00000099' as Serial;
const TEXTED = '12345678' as Code;

describe('the helpdesk, against who would misuse it', function () {
  this.timeout(20_000);
  const desk = createDesk();
  const { state, post, of, checked, give, ago } = desk;

  beforeEach(() => desk.open());
  afterEach(() => state.served.close());

  const patch = (account: string, body: object) =>
    state.served.send({ method: 'PATCH', path: `/v1/accounts/${account}`, key: state.key, body });
  /** Read out to whoever gives it, since there is no address. */
  const given = async (more: object): Promise<string> => {
    await patch('jennifer', { email: null });
    const { json, text } = await give(await checked(), more);
    expect(json['code'], text).to.match(/^\d{8}$/);
    return String(json['code']);
  };
  const verify = async (code: string): Promise<unknown> =>
    (await post('/v1/verify', { account: 'jennifer', code }, state.key)).json['outcome'];

  it('has a temporary code of three uses used three times by 50 at once', async () => {
    const code = await given({ uses: 3 });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => verify(code)));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).to.have.length(3);
  });

  it('gives one though the tokens of the account change all the while', async () => {
    const check = await checked();
    const { store } = state.served;
    const key = accountKey(JENNIFER);
    const transact = store.transact.bind(store);
    const change: Decide<readonly [typeof key], void> = ([owner]) => {
      if (owner === undefined) throw new Error('no account');
      return { ...replyOnly(undefined), writes: [put(key, { ...owner, serials: turned(owner) })] };
    };
    const turned = ({ serials }: AccountRecord) =>
      serials.includes(OTHER) ? serials.filter((each) => each !== OTHER) : [...serials, OTHER];
    const busy = sinon.stub(store, 'transact').callsFake(async (...asked) => {
      const reply = await transact(...asked);
      await transact([key], change);
      return reply;
    });
    const { status, text } = await give(check);
    busy.restore();
    expect(status, text).to.be.within(200, 201);
  });

  it('has it good until its last millisecond, and then no more', async () => {
    const code = await given({ life: '1h', uses: 2 });
    pass(state.served, 60 * MINUTE - 1);
    expect(await verify(code)).to.equal('accepted');
    pass(state.served, 1);
    expect(await verify(code)).to.equal('wrongCode');
  });

  it('gives none to a disabled account, and none that was given works there', async () => {
    const code = await given({});
    const check = await checked();
    await post('/v1/accounts/jennifer/disable', {}, state.key);
    expect(await verify(code)).to.equal('disabled');
    expect((await give(check)).json['code']).to.equal('notAllowedNow');
  });

  it('takes no code for a check that somebody has signed in with', async () => {
    const code = timeCode('FT00000001', state.served.clock.at);
    expect(await verify(code)).to.equal('accepted');
    const { json } = await post(of('caller-checks'), { method: 'code', code });
    expect(json).not.to.have.property('check');
    expect(json['outcome']).not.to.equal('accepted');
  });

  it('does nothing for an agent whose role was taken away in the midst of it', async () => {
    const check = await checked();
    await patch('henry', { roles: null });
    const { status, json } = await give(check);
    expect([status, json['code']]).to.deep.equal([403, 'forbidden']);
  });

  it('lets no agent make himself more than he is', async () => {
    for (const path of ['/v1/accounts/henry', '/v1/accounts/jennifer']) {
      for (const body of [{ roles: ['administrator'] }, { email: 'henry@example.com' }]) {
        const reply = await state.served.send({ method: 'PATCH', path, key: state.agent, body });
        expect(reply.status, JSON.stringify(body)).to.equal(403);
      }
    }
    const asked = await post(`/v1/approvals/${'a'.repeat(16)}/approve`, {});
    expect(asked.status).to.equal(403);
  });

  it('believes a session in no cookie', async () => {
    for (const name of ['session', 'fobd', 'fobd_session', '__Host-fobd-session']) {
      const headers = { cookie: `${name}=${state.agent}` };
      const { status } = await state.served.send({ method: 'GET', path: '/v1/tokens', headers });
      expect(status).to.equal(401);
    }
  });

  describe('takes a code that came to a phone', () => {
    /** As if it had been sent to a number that was proved then. */
    const sentTo = async (verifiedAt: UnixMillis): Promise<unknown> => {
      const keys = [phonesKey(JENNIFER), issuedCodesKey(JENNIFER)] as const;
      const id = 'a'.repeat(16) as PhoneId;
      const { at } = state.served.clock;
      const phone = { id, number: NUMBER, country: 'US', kind: 'text' as const, addedAt: at };
      const codeKey = deriveKey(new Uint8Array(32).fill(1), 'issuedCodes');
      const issued: IssuedCode = {
        ...{ mac: issuedCodeMac(JENNIFER, TEXTED, codeKey), issuedAt: at, phone: id },
        ...{ expiresAt: (at + 2 * MINUTE) as UnixMillis, strength: 'phoneOtp', proofed: false },
        ...{ attemptsLeft: 5, usesLeft: 1 },
      };
      const phones = [{ ...phone, verifiedAt }];
      await state.served.store.transact(keys, () => ({
        writes: [
          put(keys[0], { version: 1, phones, earlier: [], sentAt: [] }),
          put(keys[1], { version: 1, phone: issued }),
        ],
        auditDrafts: [],
        reply: undefined,
      }));
      const { json } = await post(of('caller-checks'), { method: 'code', code: TEXTED });
      return json['code'] ?? json['outcome'];
    };

    it('for a check when the phone has been held for a week, and not before', async () => {
      expect(await sentTo(ago(7 * DAY - 1))).to.equal('callerCheckRequired');
      pass(state.served, STEP_MILLIS);
      expect(await sentTo(ago(7 * DAY))).to.equal('accepted');
    });
  });

  it('has one of 20 approvals of the same given', async () => {
    const check = await checked();
    const body = { action: 'temporaryCode', check, reason: REASON };
    const { json } = await post(of('approvals'), body);
    const { id } = json['approval'] as { readonly id: string };
    const boss = await state.served.key('helpdesk:approve');
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => post(`/v1/approvals/${id}/approve`, {}, boss)),
    );
    expect(replies.filter(({ status }) => status === 200)).to.have.length(1);
    const uses = await Promise.all(Array.from({ length: 20 }, () => give(check, { approval: id })));
    expect(uses.filter(({ status }) => status === 201)).to.have.length(1);
  });
});
