import { expect } from 'chai';
import {
  activationCodeMac,
  issuedActivation,
  makeActivationText,
} from '../../../server/credentials/activation-code.ts';
import { bundleWrites, inBundle, withEach } from '../../../server/credentials/bundle.ts';
import { proofingPassed } from '../../../server/credentials/stages.ts';
import { makeLicenceKey } from '../../../server/orders/licence-key.ts';
import { deriveKey } from '../../../server/vault/keys.ts';
import { seededRng } from '../../../shared/rng.ts';
import type { AccountId, CredentialId, SubscriptionId } from '../../../shared/types.ts';
import { codeOfError } from '../tokens/room.ts';
import { type CredentialsRoom, credentialOf, DAY, openCredentialsRoom, ROOT_KEY } from './room.ts';

describe('credentials', () => {
  let room: CredentialsRoom;
  let jennifer: AccountId;
  let henry: AccountId;

  beforeEach(async () => {
    room = await openCredentialsRoom();
    jennifer = await room.person('jennifer');
    henry = await room.person('henry');
  });
  afterEach(() => room.store.close());

  describe('a licence key', () => {
    it('makes a credential of each type, without proofing ready for activation', async () => {
      const bought = await room.buy(jennifer, 'mobile-id-hardware-token');
      const made = await room.credentials.redeem(jennifer, bought.key, room.by(jennifer));
      const told = made.map(({ credential: { type, stage } }) => `${type} ${stage}`);
      expect(told).to.deep.equal(['mobileId activation', 'hardwareToken activation']);
      expect(await room.credentials.list(jennifer)).to.have.length(2);
    });

    it('leads to proofing first where proofing was bought', async () => {
      const { key } = await room.buy(jennifer, 'hardware-token-proofed');
      const [made] = await room.credentials.redeem(jennifer, key, room.by(jennifer));
      expect(made?.credential).to.deep.include({ stage: 'proofing', proofing: { state: 'due' } });
      const id = made?.credential.id as CredentialId;
      const early = room.credentials.activate(jennifer, id, undefined, room.by(jennifer));
      expect(await codeOfError(early)).to.equal('proofingRequired');
    });

    it('is whoever holds it, until it is used', async () => {
      const { key } = await room.buy(jennifer);
      const [made] = await room.credentials.redeem(henry, key, room.by(henry));
      expect(made?.subscription).to.include({ purchaser: jennifer, account: henry });
    });

    it('is used once: a second time it is refused', async () => {
      const { key } = await room.redeemed(jennifer);
      for (const who of [jennifer, henry]) {
        const again = room.credentials.redeem(who, key, room.by(who));
        expect(await codeOfError(again)).to.equal('licenceKeyUsed');
      }
    });

    it('redeemed by 50 at once is redeemed by one', async () => {
      const { key, subscription } = await room.buy(jennifer);
      const people = await Promise.all(
        Array.from({ length: 50 }, (_, n) => room.person(`person-${n}`)),
      );
      const outcomes = await Promise.all(
        people.map((who) => codeOfError(room.credentials.redeem(who, key, room.by(who)))),
      );
      expect(outcomes.filter((code) => code === undefined)).to.have.length(1);
      expect(outcomes.filter((code) => code === 'licenceKeyUsed')).to.have.length(49);
      const { account } = await room.subscription({ subscription });
      const lists = await Promise.all(people.map((who) => room.credentials.list(who)));
      expect(lists.map((list) => list.length).reduce((sum, n) => sum + n)).to.equal(1);
      expect(lists[people.indexOf(account as AccountId)]).to.have.length(1);
    });

    it('that there is none of is refused in the same work, and is written nowhere', async () => {
      const unknown = makeLicenceKey(seededRng(1));
      const { key } = await room.redeemed(jennifer);
      const before = (await room.audit()).length;
      for (const each of [unknown, key]) {
        await codeOfError(room.credentials.redeem(henry, each, room.by(henry)));
      }
      const entries = (await room.audit()).slice(before);
      expect(entries.map(({ action, details }) => [action, details?.['refused']])).to.deep.equal([
        ['redeemLicenceKey', 'licenceKeyUnknown'],
        ['redeemLicenceKey', 'licenceKeyUsed'],
      ]);
      const log = JSON.stringify(await room.audit());
      for (const each of [unknown, key]) expect(log).not.to.include(each);
    });

    it('is revoked with its subscription, a year after that has expired', async () => {
      const { key } = await room.buy(jennifer);
      room.pass(731 * DAY);
      const late = room.credentials.redeem(jennifer, key, room.by(jennifer));
      expect(await codeOfError(late)).to.equal('revoked');
    });
  });

  /** As an agent does it at the end of a live session. */
  async function passVideo(account: AccountId, subscription: SubscriptionId): Promise<string> {
    const text = makeActivationText(seededRng(account.length));
    const mac = activationCodeMac(account, text, deriveKey(ROOT_KEY, 'activationCodes'));
    const activation = issuedActivation(mac, room.now);
    const passed = { at: room.now, method: 'video', activation } as const;
    await inBundle(subscription, [], room.store, (bundle) => {
      if (bundle === undefined) throw new Error('no bundle');
      const after = withEach(bundle, (each) => proofingPassed(each, passed));
      return { writes: bundleWrites(bundle, after), auditDrafts: [], reply: undefined };
    });
    return text;
  }

  describe('activation', () => {
    it('needs the code that the agent provided, one for all of a bundle', async () => {
      const bought = await room.redeemed(jennifer, 'mobile-id-hardware-token-proofed');
      const code = await passVideo(jennifer, bought.subscription);
      const [mobile, token] = [
        credentialOf(bought, 'mobileId'),
        credentialOf(bought, 'hardwareToken'),
      ];
      const without = room.credentials.activate(jennifer, mobile, undefined, room.by(jennifer));
      expect(await codeOfError(without)).to.equal('activationRefused');
      const typed = code.toLowerCase().replaceAll('-', ' ');
      const done = await room.credentials.activate(jennifer, mobile, typed, room.by(jennifer));
      expect(done.credential).to.include({ stage: 'registration', activatedAt: room.now });
      const other = await room.credentials.activate(jennifer, token, undefined, room.by(jennifer));
      expect(other.credential.stage).to.equal('registration');
      const mails = (await room.mails()).filter(
        ({ template }) => template === 'credentialActivated',
      );
      expect(mails).to.have.length(2);
    });

    it('is the sign-in in which its person was proofed, for all of a bundle', async () => {
      const bought = await room.redeemed(jennifer, 'mobile-id-phone-proofed');
      const code = await passVideo(jennifer, bought.subscription);
      const by = room.by(jennifer);
      const hers = { ...by, principal: { ...by.principal, session: 'hers' } };
      const mobile = credentialOf(bought, 'mobileId');
      await room.credentials.activate(jennifer, mobile, code, hers);
      const phone = credentialOf(bought, 'phoneOtp');
      await room.credentials.activate(jennifer, phone, undefined, room.by(jennifer));
      for (const id of [mobile, phone]) {
        const { credential } = await room.credentials.get(jennifer, id);
        expect(credential.proofedIn, id).to.equal('hers');
      }
    });

    it('refuses the code of another account like any wrong one, five times', async () => {
      const bought = await room.redeemed(jennifer, 'hardware-token-proofed');
      const others = await room.redeemed(henry, 'hardware-token-proofed');
      const code = await passVideo(jennifer, bought.subscription);
      const foreign = await passVideo(henry, others.subscription);
      const id = credentialOf(bought, 'hardwareToken');
      const attempt = (text: string) =>
        codeOfError(room.credentials.activate(jennifer, id, text, room.by(jennifer)));
      for (const text of [foreign, 'nonsense', foreign, foreign, foreign]) {
        expect(await attempt(text)).to.equal('activationRefused');
      }
      expect(await attempt(code)).to.equal('attemptsSpent');
    });

    it('refuses an expired code', async () => {
      const bought = await room.redeemed(jennifer, 'hardware-token-proofed');
      const code = await passVideo(jennifer, bought.subscription);
      room.pass(7 * DAY);
      const id = credentialOf(bought, 'hardwareToken');
      const late = room.credentials.activate(jennifer, id, code, room.by(jennifer));
      expect(await codeOfError(late)).to.equal('activationRefused');
    });

    it("reads another account's credential as one that there is none of", async () => {
      const bought = await room.redeemed(jennifer);
      const id = credentialOf(bought, 'hardwareToken');
      const none = 'SO-99999-1-1.hardwareToken' as CredentialId;
      const messages = await Promise.all(
        [id, none].flatMap((each) => [
          room.credentials.get(henry, each).catch(String),
          room.credentials.activate(henry, each, undefined, room.by(henry)).catch(String),
        ]),
      );
      expect(new Set(messages).size).to.equal(1);
    });
  });

  describe('registration of a token', () => {
    async function ready(product: 'hardware-token' | 'mobile-id' = 'hardware-token') {
      const bought = await room.redeemed(jennifer, product);
      const type = product === 'mobile-id' ? 'mobileId' : 'hardwareToken';
      const credential = credentialOf(bought, type);
      await room.credentials.activate(jennifer, credential, undefined, room.by(jennifer));
      return { ...bought, credential };
    }
    async function register(credential: CredentialId, name: string) {
      const serial = await room.stock(name);
      const [code1, code2] = room.pair(serial);
      return room.credentials.registerToken(
        { account: jennifer, credential, serial, code1, code2 },
        room.by(jennifer),
      );
    }

    it('before the token could have arrived is allowed, and warned of', async () => {
      const { credential } = await ready();
      const { outcome, warnings, credential: after } = await register(credential, 'FT01');
      expect({ outcome, warnings }).to.deep.equal({
        outcome: 'accepted',
        warnings: ['beforeDelivery'],
      });
      expect(after).to.include({ stage: 'active', serial: 'FT01' });
    });

    it('warns no more once it was sent, or after the five days of delivery', async () => {
      const sent = await ready();
      await room.orders.ship(sent.order, {}, room.owner);
      expect((await register(sent.credential, 'FT01')).warnings).to.deep.equal([]);
      const late = await ready();
      room.pass(5 * DAY);
      expect((await register(late.credential, 'FT02')).warnings).to.deep.equal([]);
    });

    it('of a hardware token needs the credential of one', async () => {
      const { credential } = await ready('mobile-id');
      expect(await codeOfError(register(credential, 'FT01'))).to.equal('wrongProduct');
    });

    it('needs activation before', async () => {
      const bought = await room.redeemed(jennifer);
      const id = credentialOf(bought, 'hardwareToken');
      expect(await codeOfError(register(id, 'FT01'))).to.equal('notAllowedNow');
    });

    it('of a second token is refused until the first is revoked', async () => {
      const { credential } = await room.working(jennifer, 'FT01');
      expect(await codeOfError(register(credential, 'FT02'))).to.equal('revokeFirst');
    });

    it('lets the token end with the year that was paid', async () => {
      const { serial, subscription } = await room.working(jennifer, 'FT01');
      const { expiresAt } = await room.subscription({ subscription });
      expect((await room.detail(serial)).token.entitlement?.until).to.equal(expiresAt);
    });
  });
});
