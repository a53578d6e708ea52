import { expect } from 'chai';
import { issuedCodesKey } from '../../../server/accounts/issued-codes.ts';
import { type CredentialRecord, credentialKey } from '../../../server/credentials/record.ts';
import { hashSessionToken, sessionKey } from '../../../server/sessions/record.ts';
import { put, replyOnly } from '../../../server/store/port.ts';
import { tokenKey } from '../../../server/tokens/record.ts';
import { createOtp } from '../../../shared/otp.ts';
import { parseOtpauth } from '../../../shared/seed-files/otpauth.ts';
import type { AccountId, Serial } from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { addPerson, buy, pass, signIn, signInWith } from '../http/people.ts';
import { type Served, STEP_MILLIS, serve, timeCode, timeEntry } from '../http/served.ts';

const otp = createOtp(nodeCrypto);
const USER = '/v1/accounts/jennifer';
const TOKEN = 'FT00000001' as Serial;
const HERS = 'SO-10001-1-1';
const BOUGHT = 'SO-20002-1-1';
const US = { number: '(202) 555-0123', country: 'US', kind: 'text' };

/**
 * A thief has jennifer's password and money, and she a proofed hardware token: he buys what is not
 * proofed, sets it up as hers, and signs in at a strength above the password.
 */
describe('whoever has stolen the password of a proofed person', function () {
  this.timeout(20_000);
  let served: Served;

  beforeEach(async () => {
    served = await serve({ lab: true });
    await addPerson(served, 'jennifer', { serial: TOKEN });
    await proof();
  });
  afterEach(() => served.close());

  const send = (path: string, key: string, body: object = {}) =>
    served.send({ path: `${USER}${path}`, key, body });
  const codeOf = async (...sent: Parameters<typeof send>) => (await send(...sent)).json['code'];

  async function proof(): Promise<void> {
    const bought = await buy(served, {
      ...{ account: 'jennifer', type: 'hardwareToken', stage: 'active', serial: TOKEN },
      subscription: HERS,
    });
    const at = served.clock.at;
    const proofed: CredentialRecord = {
      ...bought,
      registeredAt: at,
      proofing: { state: 'passed', at, method: 'video' },
    };
    const until = (at + 365 * 86_400_000) as typeof at;
    const keys = [credentialKey(bought.id), tokenKey(TOKEN)] as const;
    await served.store.transact(keys, ([, token]) => {
      if (token === undefined) throw new Error('no token');
      const entitlement = { credential: bought.id, until, proofed: true };
      return {
        ...replyOnly(undefined),
        writes: [put(keys[0], proofed), put(keys[1], { ...token, entitlement })],
      };
    });
  }
  const credential = async () =>
    (
      await served.send({
        method: 'GET',
        path: `${USER}/credentials/${HERS}.hardwareToken`,
        key: await served.key(),
      })
    ).json['credential'] as Record<string, unknown>;

  /** Signed in with a Mobile ID that was bought and set up by the password alone. */
  async function withMobileId(): Promise<string> {
    await buy(served, { account: 'jennifer', type: 'mobileId', subscription: BOUGHT });
    const thief = await signIn(served, 'jennifer');
    const { json } = await send('/mobile-ids', thief, { credential: `${BOUGHT}.mobileId` });
    const { seed, parameters } = parseOtpauth(String(json['uri']));
    const code = () => {
      pass(served, STEP_MILLIS);
      return otp.code(seed, Math.floor(served.clock.at / STEP_MILLIS), parameters);
    };
    const pair = { code1: code(), code2: code() };
    const confirmed = await send(`/mobile-ids/${json['serial']}/confirmation`, thief, pair);
    expect(confirmed.json['outcome'], confirmed.text).to.equal('accepted');
    return signIn(served, 'jennifer', code());
  }

  /** Signed in with a hardware token likewise. */
  async function withToken(serial: string): Promise<string> {
    await buy(served, { account: 'jennifer', type: 'hardwareToken', subscription: BOUGHT });
    await served.stock(timeEntry(serial));
    const thief = await signIn(served, 'jennifer');
    const code1 = timeCode(serial, served.clock.at);
    pass(served, STEP_MILLIS);
    const body = { serial, code1, code2: timeCode(serial, served.clock.at) };
    const path = `/credentials/${BOUGHT}.hardwareToken/registration`;
    expect((await send(path, thief, body)).json['outcome']).to.equal('accepted');
    pass(served, STEP_MILLIS);
    return signInWith(served, 'jennifer', serial);
  }

  const OWN = `/credentials/${HERS}.hardwareToken`;
  const ways = {
    'a Mobile ID': withMobileId,
    'a hardware token': () => withToken('FT00000009'),
  };
  for (const [what, signInBy] of Object.entries(ways)) {
    describe(`and has bought ${what}`, () => {
      it('gets no proofed token by it', async () => {
        const thief = await signInBy();
        await send(`${OWN}/replacement`, thief, { reason: 'err' });
        expect(await credential()).to.include({ proofing: 'due' });
        await send(`${OWN}/replacement`, thief, { reason: 'err' });
        await send(`${OWN}/revoke`, thief, { confirmed: true });
        await served.stock(timeEntry('FT00000008'));
        const codes = { serial: 'FT00000008', code1: '000000', code2: '000001' };
        expect(await codeOf(`${OWN}/registration`, thief, codes)).to.equal('proofingRequired');
        expect(await credential()).to.deep.include({ stage: 'proofing' });
      });

      it('gets no phone whose codes are proofed', async () => {
        const thief = await signInBy();
        expect(await codeOf('/phones', thief, US)).to.equal('strengthTooLow');
        await send(`${OWN}/replacement`, thief, { reason: 'err' });
        expect(await codeOf('/phones', thief, US)).to.equal('strengthTooLow');
      });

      it('does not find her lost token', async () => {
        const thief = await signInBy();
        await send(`${OWN}/replacement`, thief, { reason: 'err' });
        await send(`/tokens/${TOKEN}/lost`, await signIn(served, 'jennifer'));
        const found = await send(`/tokens/${TOKEN}/found`, thief);
        expect(found.json['code'], found.text).to.equal('strengthTooLow');
      });
    });
  }

  it('keeps her from nothing: her own token makes her known again', async () => {
    const thief = await withMobileId();
    await send(`${OWN}/replacement`, thief, { reason: 'err' });
    const hers = await signInWith(served, 'jennifer', TOKEN);
    await send(`${OWN}/replacement`, hers, { reason: 'err' });
    expect(await credential()).to.include({ proofing: 'passed' });
    expect((await send('/phones', hers, US)).status).to.equal(201);
  });

  it('keeps her from nothing: so does what her phone is sent, with the token gone', async () => {
    const id = await phone();
    await send(`${OWN}/replacement`, await withMobileId(), { reason: 'err' });
    await send(`${OWN}/revoke`, await signIn(served, 'jennifer'), { confirmed: true });
    expect((await credential())['stage']).to.equal('proofing');
    const weak = await signIn(served, 'jennifer');
    expect((await send(`/phones/${id}/code`, weak)).status).to.equal(200);
    const hers = await signIn(served, 'jennifer', await newestCode());
    await served.stock(timeEntry('FT00000008'));
    const codes = { serial: 'FT00000008', code1: '000000', code2: '000001' };
    await send(`${OWN}/registration`, hers, codes);
    expect(await credential()).to.deep.include({ stage: 'registration' });
    expect(await credential()).to.include({ proofing: 'passed' });
  });

  describe('and had confirmed an own number while her token was held', () => {
    let planted: string;
    const byAdmin = async (verb: string) =>
      served.send({ path: `/v1/tokens/${TOKEN}/${verb}`, key: await served.key(), body: {} });

    beforeEach(async () => {
      await buy(served, { account: 'jennifer', type: 'phoneOtp', subscription: BOUGHT });
      expect((await byAdmin('suspend')).status).to.equal(200);
      planted = await confirmed(await signIn(served, 'jennifer'));
      expect((await byAdmin('resume')).status).to.equal(200);
    });

    const proofed = () =>
      served.store.transact([issuedCodesKey('jennifer' as AccountId)], ([record]) =>
        replyOnly(record?.phone?.proofed),
      );
    async function byPhone(): Promise<string> {
      const sent = await send(`/phones/${planted}/code`, await signIn(served, 'jennifer'));
      expect(sent.status, sent.text).to.equal(200);
      return signIn(served, 'jennifer', await newestCode());
    }
    const rests = {
      'what he has bought': () => Promise.resolve(undefined),
      'her token alone': async () => {
        const over = await send(`/credentials/${BOUGHT}.phoneOtp/revoke`, await byPhone(), {
          confirmed: true,
        });
        expect(over.status, over.text).to.equal(200);
        pass(served, 60_000);
      },
    };
    for (const [what, begin] of Object.entries(rests)) {
      it(`gets nothing that is proofed by its codes, which rest on ${what}`, async () => {
        await begin();
        await send(`/phones/${planted}/code`, await signIn(served, 'jennifer'));
        expect(await proofed()).to.equal(false);
        const thief = await signIn(served, 'jennifer', await newestCode());
        expect(await codeOf('/phones', thief, US)).to.equal('strengthTooLow');
        await send(`${OWN}/replacement`, thief, { reason: 'err' });
        expect(await credential()).to.include({ proofing: 'due' });
        await send(`${OWN}/replacement`, thief, { reason: 'err' });
        expect(await credential()).to.include({ proofing: 'due' });
        await send(`/tokens/${TOKEN}/lost`, await signIn(served, 'jennifer'));
        const found = await send(`/tokens/${TOKEN}/found`, thief);
        expect(found.json['code'], found.text).to.equal('strengthTooLow');
      });
    }
  });

  it('locks her out of no Phone OTP that she was just proofed for, by an own number', async () => {
    await buy(served, { account: 'jennifer', type: 'phoneOtp', subscription: BOUGHT });
    const token = await signInWith(served, 'jennifer', TOKEN);
    pass(served, 60_000);
    const planted = await confirmed(token);
    const bought = await buy(served, {
      ...{ account: 'jennifer', type: 'phoneOtp', subscription: 'SO-40004-1-1' },
    });
    const hers = await signIn(served, 'jennifer');
    const key = credentialKey(bought.id);
    const at = served.clock.at;
    const keys = [key, sessionKey(hashSessionToken(hers))] as const;
    await served.store.transact(keys, ([, session]) => ({
      ...replyOnly(undefined),
      writes: [
        put(key, {
          ...bought,
          proofing: { state: 'passed', at, method: 'questions' },
          ...(session && { proofedIn: session.id }),
        }),
      ],
    }));
    const path = `${USER}/phones/${planted}`;
    const removal = (session: string) => served.send({ method: 'DELETE', path, key: session });
    expect((await removal(await signIn(served, 'jennifer'))).json['code']).to.equal(
      'strengthTooLow',
    );
    expect((await send('/phones', hers, { ...US, number: '(202) 555-0124' })).status).to.equal(201);
  });

  /** US, and a minute passes. */
  async function confirmed(session: string): Promise<string> {
    const added = await send('/phones', session, US);
    expect(added.status, added.text).to.equal(201);
    const { id } = added.json['phone'] as { id: string };
    const code = await newestCode();
    const verified = await send(`/phones/${id}/verification`, session, { code });
    expect(verified.json['outcome'], verified.text).to.equal('accepted');
    pass(served, 60_000);
    return id;
  }

  async function newestCode(): Promise<string> {
    const key = await served.key('lab');
    const { json } = await served.send({ method: 'GET', path: '/lab/texts', key });
    const texts = json['items'] as readonly { text: string }[];
    return /\d{6}/.exec(texts.at(-1)?.text ?? '')?.[0] ?? '';
  }

  /** Her own, added with her token; she has a Phone OTP beside it that lasts longer. */
  async function phone(): Promise<string> {
    const hers = await signInWith(served, 'jennifer', TOKEN);
    pass(served, 60_000);
    await buy(served, { account: 'jennifer', type: 'phoneOtp', subscription: 'SO-30003-1-1' });
    return confirmed(hers);
  }
});
