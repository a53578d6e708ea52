import { createHmac } from 'node:crypto';
import path from 'node:path';
import { expect } from 'chai';
import { type BusinessSettings, createBusinessOptions } from '../../server/business-settings.ts';
import type { Question } from '../../server/proofing/port.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { type ProofingSandbox, startSandbox } from '../support/proofing-sandbox.ts';
import { addPerson, PASSWORD, signInWith } from './http/people.ts';
import { type Got, type Served, seedOf, serve, timeEntry } from './http/served.ts';
import { rightAnswers } from './proofing/room.ts';

/**
 * What the seeds tell of a hardware token (001) and of Phone OTP (003), played over HTTP alone by
 * the people who are in it. Codes of the token come from the test's own HMAC.
 */

const NAME = 'Jennifer Marie Blue';
const DAY = 86_400_000;
const ADDRESS = { name: NAME, lines: ['1 Iron Road'], city: 'Reston', country: 'US' };
const KEY = /[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}/;

/** RFC 6238 with SHA-1, 30 s and six digits. */
function totp(serial: string, at: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', seedOf(serial)).update(counter).digest();
  const offset = (mac[mac.length - 1] ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

interface Credential {
  readonly id: string;
  readonly subscription: string;
  readonly type: string;
  readonly stage: string;
  readonly status: string;
  readonly renewable: boolean;
}

/** A lab that is served, and what people do there. */
class Lab {
  readonly served: Served;
  readonly owner: string;

  constructor(served: Served, owner: string) {
    this.served = served;
    this.owner = owner;
  }

  async ask(method: string, where: string, key: string, body?: object): Promise<Got> {
    return this.served.send({ method, path: where, key, body });
  }

  /** Likewise; fails unless it was done. */
  async does(method: string, where: string, key: string, body?: object): Promise<Got['json']> {
    const reply = await this.ask(method, where, key, body);
    expect(reply.status, `${method} ${where}: ${reply.text}`).to.be.lessThan(300);
    return reply.json;
  }

  async refuses(method: string, where: string, key: string, body?: object): Promise<unknown> {
    const reply = await this.ask(method, where, key, body);
    expect(reply.status, `${method} ${where}: ${reply.text}`).to.be.greaterThan(399);
    return reply.json['code'];
  }

  async now(): Promise<number> {
    return Date.parse(String((await this.does('GET', '/lab/clock', this.owner))['now']));
  }

  async pass(advance: string): Promise<void> {
    await this.does('POST', '/lab/clock', this.owner, { advance });
  }

  async signIn(user: string, code?: string): Promise<Got['json']> {
    return this.does('POST', '/v1/sessions', this.owner, { user, password: PASSWORD, code });
  }

  async session(user: string, code?: string): Promise<string> {
    const reply = await this.signIn(user, code);
    expect(reply['outcome']).to.equal('accepted');
    return String(reply['sessionToken']);
  }

  /** With what the token shows now, which is then over. */
  async signInByToken(user: string, serial: string): Promise<Got['json']> {
    const reply = await this.signIn(user, totp(serial, await this.now()));
    await this.pass('30s');
    return reply;
  }

  /** The last mail to the account by this template. */
  async mail(account: string, template: string): Promise<string | undefined> {
    const { items } = await this.does('GET', '/lab/mail?limit=500', this.owner);
    const mails = items as { account?: string; template: string; text: string }[];
    return mails.findLast((mail) => mail.account === account && mail.template === template)?.text;
  }

  async lastText(): Promise<string> {
    const { items } = await this.does('GET', '/lab/texts?limit=500', this.owner);
    const { text } = (items as { text: string }[]).at(-1) ?? { text: '' };
    return /\b\d{6,8}\b/.exec(text)?.[0] ?? text;
  }

  async credential(account: string, key: string): Promise<Credential> {
    const where = `/v1/accounts/${account}/credentials`;
    const { items } = await this.does('GET', where, key);
    const [first] = items as Credential[];
    if (first === undefined) throw new Error(`${account} has no credential`);
    return first;
  }
}

const SHIPPED = { shipping: ADDRESS, billing: ADDRESS, disclaimer: true };
const idOf = ({ order }: Got['json']): string => (order as { readonly id: string }).id;
const stateOf = ({ proofing }: Got['json']) => (proofing as { readonly state: string }).state;

describe('the business, played over HTTP', function () {
  this.timeout(60_000);
  let sandbox: ProofingSandbox;
  let served: Served;
  let lab: Lab;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  beforeEach(async () => {
    const settings = { proofing: sandbox.optionsFile } as BusinessSettings;
    const directory = path.dirname(sandbox.optionsFile);
    served = await serve({ lab: true, business: createBusinessOptions(settings, directory) });
    // The sandbox goes by the computer's clock. From the beginning of a time step on.
    served.clock.at = (Math.floor(Date.now() / 30_000) * 30_000) as UnixMillis;
    lab = new Lab(served, await served.key());
  });
  afterEach(() => served.close());

  it('seed 001: a hardware token from its purchase to its revocation', async () => {
    await addPerson(served, 'jen', { legalName: NAME, country: 'DE', email: 'jen@example.com' });
    await addPerson(served, 'agnes', { roles: ['proofing-agent'], serial: 'AGNES1' });
    await addPerson(served, 'bill', { roles: ['billing'], serial: 'BILL1' });
    const agent = await signInWith(served, 'agnes', 'AGNES1');
    const billing = await signInWith(served, 'bill', 'BILL1');
    await served.stock(timeEntry('FT001'));

    // Step 1: the purchase, by invoice; the key comes once it is paid.
    let jen = await lab.session('jen');
    const own = '/v1/accounts/jen';
    const order = idOf(
      await lab.does('POST', `${own}/orders`, jen, {
        ...SHIPPED,
        lines: [{ product: 'hardware-token-proofed' }],
        payment: { method: 'invoice', purchaseOrder: 'PO-77' },
      }),
    );
    expect(order).to.match(/^SO-\d{5}$/);
    expect(await lab.mail('jen', 'orderConfirmation')).to.include(order);
    expect(await lab.mail('jen', 'licenceKey')).to.equal(undefined);
    await lab.does('POST', `/v1/orders/${order}/payment`, billing, { reference: 'bank 1' });
    const purchasedAt = await lab.now();
    const licenceKey = KEY.exec((await lab.mail('jen', 'licenceKey')) ?? '')?.[0] ?? '';

    // Step 2: once the token has come, the key is entered, once.
    await lab.pass('5d');
    jen = await lab.session('jen');
    await lab.does('POST', `${own}/licence-keys`, jen, { licenceKey });
    const again = await lab.refuses('POST', `${own}/licence-keys`, jen, { licenceKey });
    expect(again).to.equal('licenceKeyUsed');
    const { id, subscription } = await lab.credential('jen', jen);
    const credential = `${own}/credentials/${id}`;
    const early = await lab.refuses('POST', `${credential}/activation`, jen, {});
    expect(early).to.equal('proofingRequired');

    // Step 3: proofing, by live video outside the United States.
    const proofing = `${own}/proofings/${subscription}`;
    const profile = { legalName: NAME, country: 'DE' };
    await lab.does('POST', `${proofing}/profile`, jen, profile);
    expect(await lab.refuses('POST', `${proofing}/questions`, jen)).to.equal('methodNotOffered');
    await lab.does('POST', `${proofing}/video`, jen);
    const agnes = await lab.signInByToken('agnes', 'AGNES1');
    const holding = String(agnes['sessionToken']);
    expect(agent).not.to.equal(holding);
    const at = new Date(await lab.now()).toISOString();
    await lab.does('POST', `/v1/proofings/${subscription}/appointment`, holding, { at });
    const verdict = { passed: true, note: 'Passport shown.' };
    const decided = await lab.does(
      'POST',
      `/v1/proofings/${subscription}/verdict`,
      holding,
      verdict,
    );
    expect(stateOf(decided)).to.equal('passed');
    expect(await lab.mail('jen', 'proofingPassed')).not.to.equal(undefined);

    // Steps 4 and 5: activation with the agent's code, and registration with two codes.
    const { activationCode } = decided;
    const without = await lab.refuses('POST', `${credential}/activation`, jen, {});
    expect(without).to.equal('activationRefused');
    await lab.does('POST', `${credential}/activation`, jen, { activationCode });
    const time = await lab.now();
    const registered = await lab.does('POST', `${credential}/registration`, jen, {
      serial: 'FT001',
      code1: totp('FT001', time),
      code2: totp('FT001', time + 30_000),
    });
    expect(registered).to.deep.include({ outcome: 'accepted' });
    await lab.pass('60s');
    const signedIn = await lab.signInByToken('jen', 'FT001');
    expect(signedIn['session']).to.include({ strength: 'hardwareToken', serial: 'FT001' });

    // A year from the purchase, not from the activation, it is suspended.
    await lab.pass(`${Math.ceil((purchasedAt + 366 * DAY - (await lab.now())) / 1000)}s`);
    expect((await lab.signInByToken('jen', 'FT001'))['outcome']).to.equal('suspended');
    expect(await lab.mail('jen', 'expired')).not.to.equal(undefined);
    jen = await lab.session('jen');
    expect(await lab.credential('jen', jen)).to.include({ status: 'suspended', renewable: true });

    // Renewed, by card, the same token continues.
    const renewal = idOf(
      await lab.does('POST', `${own}/orders`, jen, {
        ...SHIPPED,
        lines: [{ product: 'renewal', subscription }],
        payment: { method: 'card' },
      }),
    );
    const bill = String((await lab.signInByToken('bill', 'BILL1'))['sessionToken']);
    await lab.does('POST', `/v1/orders/${renewal}/payment`, bill, { reference: 'card 1' });
    const renewed = await lab.signInByToken('jen', 'FT001');
    expect(renewed['session']).to.include({ strength: 'hardwareToken', serial: 'FT001' });

    // Revoked, once that is confirmed, it never works again.
    jen = String(renewed['sessionToken']);
    const unconfirmed = await lab.refuses('POST', `${credential}/revoke`, jen, {});
    expect(unconfirmed).to.equal('confirmationRequired');
    await lab.does('POST', `${credential}/revoke`, jen, { confirmed: true });
    const over = await lab.signInByToken('jen', 'FT001');
    expect(over['outcome']).not.to.equal('accepted');
  });

  it('seed 003: Phone OTP with instant proofing, from its purchase to its renewal', async () => {
    await addPerson(served, 'jen', { legalName: NAME, country: 'US', email: 'jen@example.com' });
    let jen = await lab.session('jen');
    const own = '/v1/accounts/jen';
    const order = idOf(
      await lab.does('POST', `${own}/orders`, jen, {
        billing: ADDRESS,
        disclaimer: true,
        lines: [{ product: 'phone-proofed' }],
        payment: { method: 'card' },
      }),
    );
    await lab.does('POST', `/v1/orders/${order}/payment`, lab.owner, { reference: 'card 1' });
    const licenceKey = KEY.exec((await lab.mail('jen', 'licenceKey')) ?? '')?.[0] ?? '';
    await lab.does('POST', `${own}/licence-keys`, jen, { licenceKey });
    const { id, subscription } = await lab.credential('jen', jen);

    // Instant proofing leads on to activation by itself.
    const proofing = `${own}/proofings/${subscription}`;
    await lab.does('POST', `${proofing}/profile`, jen, { legalName: NAME, country: 'US' });
    const { questions } = await lab.does('POST', `${proofing}/questions`, jen);
    const answers = rightAnswers(questions as readonly Question[]);
    expect(stateOf(await lab.does('POST', `${proofing}/answers`, jen, { answers }))).to.equal(
      'passed',
    );
    await lab.does('POST', `${own}/credentials/${id}/activation`, jen, {});

    // The first phone belongs to the activation sequence; separators do not matter.
    const phone = { number: '(202) 555-0123', country: 'US', kind: 'text' };
    const added = await lab.does('POST', `${own}/phones`, jen, phone);
    const phoneId = (added['phone'] as { readonly id: string }).id;
    const verification = `${own}/phones/${phoneId}/verification`;
    const verified = await lab.does('POST', verification, jen, { code: await lab.lastText() });
    expect(verified['outcome']).to.equal('accepted');
    expect((await lab.credential('jen', jen)).stage).to.equal('active');

    // Signing in: password, Send, a code within two minutes; Resend once it has expired.
    await lab.pass('60s');
    jen = await lab.session('jen');
    const send = () => lab.does('POST', `${own}/phones/${phoneId}/code`, jen, {});
    await send();
    const expired = await lab.lastText();
    await lab.pass('120s');
    const elevation = (code: string) =>
      lab.does('POST', '/v1/sessions/elevation', lab.owner, { sessionToken: jen, code });
    expect((await elevation(expired))['outcome']).not.to.equal('accepted');
    await send();
    const elevated = await elevation(await lab.lastText());
    expect(elevated['outcome']).to.equal('accepted');
    expect(elevated['session']).to.include({ strength: 'phoneOtp' });

    // A renewal, and no new purchase, before the year is over.
    await lab.pass('350d');
    jen = await lab.session('jen');
    expect(await lab.credential('jen', jen)).to.include({ status: 'active', renewable: true });
    const lines = [{ product: 'renewal', subscription }];
    const paid = { billing: ADDRESS, disclaimer: true, payment: { method: 'card' } };
    const renewal = idOf(await lab.does('POST', `${own}/orders`, jen, { ...paid, lines }));
    await lab.does('POST', `/v1/orders/${renewal}/payment`, lab.owner, { reference: 'card 2' });
    await lab.pass('30d');
    jen = await lab.session('jen');
    expect(await lab.credential('jen', jen)).to.include({ status: 'active', renewable: false });
    await lab.does('POST', `${own}/phones/${phoneId}/code`, jen, {});
    const still = await elevation(await lab.lastText());
    expect(still['outcome']).to.equal('accepted');
  });
});
