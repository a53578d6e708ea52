import { expect } from 'chai';
import { DEFAULT_HELPDESK } from '../../../server/helpdesk/options.ts';
import { NOTICES, type NoticeRecord } from '../../../server/notices/record.ts';
import { phonesKey } from '../../../server/phones/record.ts';
import { put } from '../../../server/store/port.ts';
import type { AccountId, PhoneId, UnixMillis } from '../../../shared/types.ts';
import { addPerson, pass, signInWith } from '../http/people.ts';
import { type Got, type Served, STEP_MILLIS, serve, timeCode } from '../http/served.ts';

export const MINUTE = 60_000;
export const DAY = 86_400_000;
export const REASON = 'token left at home';
export const NUMBER = '+12025550123';

interface Sent {
  readonly template: string;
  readonly to: string;
  readonly values: Readonly<Record<string, string>>;
}

interface State {
  served: Served;
  key: string;
  /** Henry's session: helpdesk, signed in with his token. */
  agent: string;
}

/** Jennifer calls, Henry answers. Open it before each test, and close `state.served` after it. */
export function createDesk() {
  const state = {} as State;
  const open = async ({ secondApprover = false } = {}): Promise<void> => {
    const helpdesk = { ...DEFAULT_HELPDESK, secondApprover };
    state.served = await serve({ business: { helpdesk } });
    state.key = await state.served.key();
    await addPerson(state.served, 'jennifer', {
      serial: 'FT00000001',
      email: 'jennifer@example.com',
    });
    await addPerson(state.served, 'henry', { serial: 'FT00000002', roles: ['helpdesk'] });
    state.agent = await signInWith(state.served, 'henry', 'FT00000002');
  };

  const post = (path: string, body: object, as = state.agent): Promise<Got> =>
    state.served.send({ path, key: as, body });
  const of = (what: string, account = 'jennifer') => `/v1/accounts/${account}/${what}`;
  /** A check by the code that Jennifer reads out; a step passes. */
  const checked = async (as = state.agent): Promise<string> => {
    const code = timeCode('FT00000001', state.served.clock.at);
    const { json, text } = await post(of('caller-checks'), { method: 'code', code }, as);
    expect(json['outcome'], text).to.equal('accepted');
    pass(state.served, STEP_MILLIS);
    return (json['check'] as { readonly id: string }).id;
  };
  const give = (check: string, more: object = {}, as = state.agent) =>
    post(of('temporary-codes'), { check, reason: REASON, ...more }, as);
  const notices = async (): Promise<readonly Sent[]> => {
    const { items } = await state.served.store.scan<NoticeRecord>(NOTICES, { limit: 100 });
    return items.map(({ template, to, values }) => ({ template, to: to.join(), values }));
  };
  const lastEntry = async (action: string) => {
    const { json } = await state.served.send({
      method: 'GET',
      path: '/v1/audit?limit=500',
      key: state.key,
    });
    const items = json['items'] as { readonly action: string; details: Record<string, unknown> }[];
    return items.filter((entry) => entry.action === action).at(-1)?.details;
  };
  const hold = (phone: { readonly verifiedAt?: UnixMillis; readonly removedAt?: UnixMillis }) => {
    const id = phonesKey('jennifer' as AccountId);
    const at = state.served.clock.at;
    const { verifiedAt, removedAt } = phone;
    const proved = verifiedAt === undefined ? {} : { verifiedAt };
    const one = { id: 'a'.repeat(16) as PhoneId, number: NUMBER, country: 'US', addedAt: at };
    const record = {
      version: 1 as const,
      phones: removedAt === undefined ? [{ ...one, kind: 'text' as const, ...proved }] : [],
      earlier: removedAt === undefined ? [] : [{ number: NUMBER, removedAt, ...proved }],
      sentAt: [],
    };
    const writes = [put(id, record)];
    return state.served.store.transact([id], () => ({ writes, auditDrafts: [], reply: undefined }));
  };
  const ago = (millis: number) => (state.served.clock.at - millis) as UnixMillis;
  const callBack = (phone: string) => post(of('caller-checks'), { method: 'callBack', phone });
  return { state, post, of, checked, give, notices, lastEntry, hold, ago, callBack, open };
}
