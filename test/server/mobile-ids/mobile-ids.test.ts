import { Buffer } from 'node:buffer';
import { expect } from 'chai';
import { credentialKey } from '../../../server/credentials/record.ts';
import { put, replyOnly } from '../../../server/store/port.ts';
import { createOtp } from '../../../shared/otp.ts';
import { parseOtpauth } from '../../../shared/seed-files/otpauth.ts';
import type { CredentialId } from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { addPerson, buy, pass, signIn, signInWith } from '../http/people.ts';
import { type Got, type Served, STEP_MILLIS, serve, timeEntry } from '../http/served.ts';

const otp = createOtp(nodeCrypto);
const DAY = 86_400_000;
const CSV = { format: 'csv', plain: true };
const CREDENTIAL = 'SO-10001-1-1.mobileId';

interface Made {
  readonly serial: string;
  readonly uri: string;
  readonly qrCode: string;
}

/** What an app that has scanned the address shows. */
function appCode(uri: string, at: number): string {
  const { seed, parameters } = parseOtpauth(uri);
  return otp.code(seed, Math.floor(at / STEP_MILLIS), parameters);
}

describe('a Mobile ID over HTTP', function () {
  this.timeout(20_000);
  let served: Served;
  let key: string;

  beforeEach(async () => {
    served = await serve();
    key = await served.key();
    await addPerson(served, 'jennifer');
  });
  afterEach(() => served.close());

  const create = (account: string, as: string, credential?: string): Promise<Got> =>
    served.send({ path: `/v1/accounts/${account}/mobile-ids`, key: as, body: { credential } });
  const confirm = (account: string, serial: string, as: string, codes: readonly string[]) =>
    served.send({
      path: `/v1/accounts/${account}/mobile-ids/${serial}/confirmation`,
      key: as,
      body: { code1: codes[0], code2: codes[1] },
    });
  /** Two codes of the app that follow each other; a step passes. */
  const pair = (uri: string): readonly [string, string] => {
    const first = appCode(uri, served.clock.at);
    pass(served, STEP_MILLIS);
    return [first, appCode(uri, served.clock.at)];
  };
  const made = async (account: string, as: string, credential?: string): Promise<Made> => {
    const { status, json, text } = await create(account, as, credential);
    expect(status, text).to.equal(201);
    return json as unknown as Made;
  };
  const taken = async (account: string, as: string, credential?: string): Promise<Made> => {
    const one = await made(account, as, credential);
    const reply = await confirm(account, one.serial, as, pair(one.uri));
    expect(reply.json['outcome'], reply.text).to.equal('accepted');
    pass(served, STEP_MILLIS);
    return one;
  };
  const token = async (serial: string) =>
    (await served.send({ method: 'GET', path: `/v1/tokens/${serial}`, key })).json['token'];
  const credential = () =>
    served.store.transact([credentialKey(CREDENTIAL as CredentialId)], ([found]) =>
      replyOnly(found),
    );
  const entries = async () => {
    const { text } = await served.send({ method: 'GET', path: '/v1/audit?limit=500', key });
    return text;
  };

  it('is made by its owner with a password, confirmed by two codes, and a token then', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    const session = await signIn(served, 'jennifer');
    const { serial, uri } = await taken('jennifer', session, CREDENTIAL);
    expect(serial).to.match(/^MID-[0-9A-HJKMNP-TV-Z]{12}$/);
    expect(parseOtpauth(uri)).to.deep.include({
      serial,
      issuer: 'Fobtwin',
      parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 },
    });
    expect(parseOtpauth(uri).seed).to.have.length(20);
    expect(await credential()).to.include({ stage: 'active', serial });
    const body = { account: 'jennifer', code: appCode(uri, served.clock.at) };
    const { json } = await served.send({ path: '/v1/verify', key, body });
    expect(json).to.include({ outcome: 'accepted', serial, strength: 'mobileId' });
  });

  it('is shown once: neither the token, the audit log nor an export has its seed', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    await served.stock(timeEntry('FT00000009'));
    const { serial, uri } = await taken('jennifer', key, CREDENTIAL);
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    const hex = Buffer.from(parseOtpauth(uri).seed).toString('hex');
    const seen = JSON.stringify(await token(serial)) + (await entries());
    expect(seen).to.include(serial);
    for (const form of [secret, hex, hex.toUpperCase()]) expect(seen).not.to.include(form);
    const all = await served.send({ path: '/v1/seed-files/export', key, body: CSV });
    expect(all.text).not.to.include(serial);
    expect(all.text).to.include('FT00000009');
    const named = await served.send({
      path: '/v1/seed-files/export',
      key,
      body: { ...CSV, serials: [serial] },
    });
    expect([named.status, named.json['code']]).to.deep.equal([409, 'notAllowedNow']);
  });

  it('waits alone: another ends the one that was never confirmed', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    const first = await made('jennifer', key, CREDENTIAL);
    const second = await made('jennifer', key, CREDENTIAL);
    expect(second.serial).not.to.equal(first.serial);
    expect(await token(first.serial)).to.include({ life: 'revoked' });
    const late = await confirm('jennifer', first.serial, key, pair(first.uri));
    expect(late.json['code']).to.equal('notFound');
    const reply = await confirm('jennifer', second.serial, key, pair(second.uri));
    expect(reply.json['outcome']).to.equal('accepted');
  });

  it('waits alone also when twenty are made at once', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => create('jennifer', key, CREDENTIAL)),
    );
    for (const { status } of replies) expect(status).to.equal(201);
    const path = '/v1/tokens?state=stocked&limit=100';
    const { json } = await served.send({ method: 'GET', path, key });
    expect(json['items']).to.have.length(1);
  });

  it('can be confirmed for a day', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    const { serial, uri } = await made('jennifer', key, CREDENTIAL);
    pass(served, DAY);
    const late = await confirm('jennifer', serial, key, pair(uri));
    expect([late.status, late.json['code']]).to.deep.equal([404, 'notFound']);
  });

  it('has a wrong pair refused and tried again, as any registration', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    const { serial, uri } = await made('jennifer', key, CREDENTIAL);
    const wrong = await confirm('jennifer', serial, key, ['900001', '900002']);
    expect(wrong.json['outcome']).to.equal('wrongCode');
    const equal = await confirm('jennifer', serial, key, ['900001', '900001']);
    expect(equal.json['errors']).to.deep.equal([{ field: '/code2', code: 'equalCodes' }]);
    const right = await confirm('jennifer', serial, key, pair(uri));
    expect(right.json['outcome']).to.equal('accepted');
  });

  it('locks and is resynced like other tokens', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    const { serial, uri } = await taken('jennifer', key, CREDENTIAL);
    for (let n = 0; n < 10; n += 1) {
      await served.send({ path: '/v1/verify', key, body: { serial, code: String(900_000 + n) } });
      pass(served, 300_000);
    }
    expect(await token(serial)).to.deep.include({ holds: ['locked'] });
    const [code1, code2] = pair(uri);
    const path = `/v1/tokens/${serial}/resync`;
    const { json } = await served.send({ path, key, body: { code1, code2 } });
    expect(json['outcome']).to.equal('accepted');
    expect(await token(serial)).to.deep.include({ holds: [] });
  });

  it('is registered to nobody else, and under no other credential than its own', async () => {
    await buy(served, { account: 'jennifer', type: 'mobileId' });
    await addPerson(served, 'mallory');
    const { serial, uri } = await made('jennifer', key, CREDENTIAL);
    const agent = await served.key('tokens:register');
    for (const account of ['mallory', 'jennifer']) {
      const [code1, code2] = pair(uri);
      const path = `/v1/tokens/${serial}/registration`;
      const reply = await served.send({ path, key: agent, body: { account, code1, code2 } });
      expect(reply.json['outcome'], account).to.equal('wrongCode');
    }
    expect(await token(serial)).to.include({ life: 'stocked' });
  });

  describe('refuses', () => {
    const refusal = async (account: string, as: string, id?: string) =>
      (await create(account, as, id)).json['code'];

    it('wrongProduct: a credential of another type', async () => {
      const { id } = await buy(served, { account: 'jennifer', type: 'hardwareToken' });
      expect(await refusal('jennifer', key, id)).to.equal('wrongProduct');
    });

    it('proofingRequired and notAllowedNow: a credential not at registration yet', async () => {
      await buy(served, { account: 'jennifer', type: 'mobileId', stage: 'proofing' });
      expect(await refusal('jennifer', key, CREDENTIAL)).to.equal('proofingRequired');
      await buy(served, { account: 'jennifer', type: 'mobileId', stage: 'activation' });
      expect(await refusal('jennifer', key, CREDENTIAL)).to.equal('notAllowedNow');
    });

    it('revokeFirst: a credential that has its Mobile ID', async () => {
      await buy(served, { account: 'jennifer', type: 'mobileId' });
      await taken('jennifer', key, CREDENTIAL);
      expect(await refusal('jennifer', key, CREDENTIAL)).to.equal('revokeFirst');
    });

    it('revoked: what was never renewed for a year', async () => {
      await buy(served, { account: 'jennifer', type: 'mobileId' });
      pass(served, 2 * 366 * DAY);
      expect(await refusal('jennifer', key, CREDENTIAL)).to.equal('revoked');
    });

    it("notFound: another account's credential, in the same words as none at all", async () => {
      await addPerson(served, 'mallory');
      await buy(served, { account: 'jennifer', type: 'mobileId' });
      const session = await signIn(served, 'mallory');
      const foreign = await create('mallory', session, CREDENTIAL);
      const none = await create('mallory', session, 'SO-99999-1-1.mobileId');
      expect(foreign.status).to.equal(404);
      const { requestId: _, ...said } = foreign.json;
      const { requestId: __, ...saidOfNone } = none.json;
      expect(said).to.deep.equal(saidOfNone);
      expect((await create('jennifer', session, CREDENTIAL)).status).to.equal(403);
    });

    it('wrongProduct: one without a credential for who is not of the staff', async () => {
      expect(await refusal('jennifer', key)).to.equal('wrongProduct');
      expect(await refusal('jennifer', await signIn(served, 'jennifer'))).to.equal('wrongProduct');
    });
  });

  it('is set up again at once by a proofed person whom a sign-in has made known', async () => {
    await addPerson(served, 'paula', { serial: 'FT00000007' });
    const bought = await buy(served, { account: 'paula', type: 'mobileId', stage: 'proofing' });
    const at = served.clock.at;
    const proofed = { at, method: 'video' } as const;
    const replacement = { grantedAt: at, reason: 'other', proofAnew: true, proofed } as const;
    const key = credentialKey(bought.id);
    await served.store.transact([key], () => ({
      ...replyOnly(undefined),
      writes: [put(key, { ...bought, replacement })],
    }));
    const weak = await create('paula', await signIn(served, 'paula'), CREDENTIAL);
    expect(weak.json['code']).to.equal('proofingRequired');
    await taken('paula', await signInWith(served, 'paula', 'FT00000007'), CREDENTIAL);
    expect(await credential()).to.deep.include({
      stage: 'active',
      proofing: { state: 'passed', ...proofed },
    });
  });

  describe('of staff', () => {
    beforeEach(() => addPerson(served, 'henry', { roles: ['helpdesk'], serial: 'FT00000001' }));

    it('needs nothing bought, but an administrator or a sign-in that is strong', async () => {
      const weak = await signIn(served, 'henry');
      expect((await create('henry', weak)).json['code']).to.equal('strengthTooLow');
      const { serial } = await taken('henry', key);
      expect(await token(serial)).to.include({ account: 'henry', life: 'registered' });
      const strong = await signInWith(served, 'henry', 'FT00000001');
      await taken('henry', strong);
    });

    it('is not set up with a password alone by a credential that a thief has bought', async () => {
      await buy(served, { account: 'henry', type: 'mobileId' });
      const weak = await signIn(served, 'henry');
      const { status, json } = await create('henry', weak, CREDENTIAL);
      expect([status, json['code']]).to.deep.equal([403, 'strengthTooLow']);
    });
  });
});
