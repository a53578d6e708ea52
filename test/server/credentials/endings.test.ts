import { expect } from 'chai';
import { bundleWrites, inBundle, withEach } from '../../../server/credentials/bundle.ts';
import type { CredentialRecord } from '../../../server/credentials/record.ts';
import { proofingPassed } from '../../../server/credentials/stages.ts';
import type { AccountId, CredentialId, Serial } from '../../../shared/types.ts';
import { codeOfError } from '../tokens/room.ts';
import { type CredentialsRoom, credentialOf, DAY, openCredentialsRoom } from './room.ts';

describe('a credential that is replaced or ends', () => {
  let room: CredentialsRoom;
  let jennifer: AccountId;

  beforeEach(async () => {
    room = await openCredentialsRoom();
    jennifer = await room.person('jennifer');
  });
  afterEach(() => room.store.close());

  describe('a replacement', () => {
    const grant = (
      credential: CredentialId,
      reason: 'err' | 'display' | 'battery' | 'lost' | 'other',
      caller = room.by(jennifer),
    ) => room.credentials.grantReplacement({ account: jennifer, credential, reason }, caller);

    for (const reason of ['err', 'display', 'battery'] as const) {
      it(`for ${reason} is granted within the 45 days of warranty, and not after`, async () => {
        const { credential, subscription } = await room.working(jennifer, 'FT01');
        const { purchasedAt } = await room.subscription({ subscription });
        room.until(purchasedAt + 45 * DAY);
        expect(await codeOfError(grant(credential, reason))).to.equal('outsideWarranty');
        room.until(purchasedAt + 45 * DAY - 1);
        const { credential: after } = await grant(credential, reason);
        expect(after.replacement).to.deep.equal({ grantedAt: room.now, reason });
      });
    }

    it('for a lost token is none of the warranty, unless an administrator grants it', async () => {
      const { credential } = await room.working(jennifer, 'FT01');
      expect(await codeOfError(grant(credential, 'lost'))).to.equal('outsideWarranty');
      const { credential: after } = await grant(credential, 'lost', room.owner);
      expect(after.replacement?.reason).to.equal('lost');
    });

    it('lets another token be registered once the present one is revoked', async () => {
      const { credential, serial } = await room.working(jennifer, 'FT01');
      await grant(credential, 'err');
      const command = { account: jennifer, credential, confirmed: true };
      const { credential: free } = await room.credentials.revoke(command, room.by(jennifer));
      expect(free.stage).to.equal('registration');
      expect((await room.detail(serial)).token.life).to.equal('revoked');
      const other = await room.stock('FT02');
      const [code1, code2] = room.pair(other);
      const { outcome, credential: again } = await room.credentials.registerToken(
        { account: jennifer, credential, serial: other, code1, code2 },
        room.by(jennifer),
      );
      expect(outcome).to.equal('accepted');
      expect(again).to.include({ stage: 'active', serial: 'FT02' });
      expect(again?.replacement).to.equal(undefined);
    });

    async function proofed(): Promise<CredentialRecord> {
      const bought = await room.redeemed(jennifer, 'hardware-token-proofed');
      await inBundle(bought.subscription, [], room.store, (bundle) => {
        if (bundle === undefined) throw new Error('no bundle');
        const passed = { at: room.now, method: 'questions' } as const;
        const after = withEach(bundle, (each) => proofingPassed(each, passed));
        return { writes: bundleWrites(bundle, after), auditDrafts: [], reply: undefined };
      });
      const id = credentialOf(bought, 'hardwareToken');
      await room.credentials.activate(jennifer, id, undefined, room.by(jennifer));
      const serial = await room.stock('FT01');
      const [code1, code2] = room.pair(serial as Serial);
      const command = { account: jennifer, credential: id, serial, code1, code2 };
      await room.credentials.registerToken(command, room.by(jennifer));
      return (await room.credentials.get(jennifer, id)).credential;
    }

    it('of a proofed one needs no proofing anew for who signed in by phone', async () => {
      const { id } = await proofed();
      const { credential } = await grant(id, 'err', room.by(jennifer, 'phoneOtp'));
      expect(credential.proofing?.state).to.equal('passed');
      const command = { account: jennifer, credential: id, confirmed: true };
      const revoked = await room.credentials.revoke(command, room.by(jennifer));
      expect(revoked.credential.stage).to.equal('registration');
    });

    it('of a proofed one is proofed anew for who signed in with the password only', async () => {
      const { id } = await proofed();
      const { credential } = await grant(id, 'err', room.by(jennifer, 'password'));
      expect(credential.proofing).to.deep.equal({ state: 'due' });
      const command = { account: jennifer, credential: id, confirmed: true };
      const revoked = await room.credentials.revoke(command, room.by(jennifer));
      expect(revoked.credential.stage).to.equal('proofing');
    });
  });

  describe('revoking', () => {
    it('must be confirmed', async () => {
      const { credential } = await room.working(jennifer, 'FT01');
      const command = { account: jennifer, credential, confirmed: false };
      const unconfirmed = room.credentials.revoke(command, room.by(jennifer));
      expect(await codeOfError(unconfirmed)).to.equal('confirmationRequired');
    });

    it('is final: the token, its credential, and the subscription that had no other', async () => {
      const { credential, serial, ...bought } = await room.working(jennifer, 'FT01');
      const command = { account: jennifer, credential, confirmed: true };
      const { credential: after } = await room.credentials.revoke(command, room.by(jennifer));
      expect(after).to.include({ stage: 'revoked', revokedAt: room.now });
      expect((await room.detail(serial)).token.life).to.equal('revoked');
      expect((await room.accounts.get(jennifer)).serials).to.deep.equal([]);
      const again = room.credentials.revoke(command, room.by(jennifer));
      expect(await codeOfError(again)).to.equal('revoked');
      expect(await codeOfError(room.renew(bought, 'SO-20000'))).to.equal('revoked');
      const last = await room.lastEntry();
      expect(last).to.include({ action: 'revoke', actor: 'account:jennifer', serial });
    });

    it('a token by staff ends the subscription that had no other credential too', async () => {
      const { serial, ...bought } = await room.working(jennifer, 'FT01');
      await room.tokens.changeLife({ serial, verb: 'revoke' }, room.owner);
      expect((await room.subscription(bought)).revokedAt).to.equal(room.now);
      expect(await codeOfError(room.renew(bought, 'SO-20000'))).to.equal('revoked');
      room.until(room.now + 800 * DAY);
      await room.subscriptions.runDue(room.now);
      expect(await room.stepMails(bought)).to.deep.equal([]);
    });

    it('a token by staff leaves the subscription to the other of a bundle', async () => {
      const { serial, ...bought } = await room.working(
        jennifer,
        'FT01',
        'mobile-id-hardware-token',
      );
      await room.tokens.changeLife({ serial, verb: 'revoke' }, room.owner);
      expect((await room.subscription(bought)).revokedAt).to.equal(undefined);
    });

    it('of one of a bundle leaves the others, and their renewal', async () => {
      const bought = await room.redeemed(jennifer, 'mobile-id-hardware-token');
      const credential = credentialOf(bought, 'mobileId');
      const command = { account: jennifer, credential, confirmed: true };
      await room.credentials.revoke(command, room.by(jennifer));
      const { revokedAt } = await room.subscription(bought);
      expect(revokedAt).to.equal(undefined);
    });
  });

  describe('what entitles an account', () => {
    it('is an active credential in its year, and no other', async () => {
      const none = () => room.credentials.entitlement(jennifer, 'hardwareToken', room.now);
      expect(await none()).to.equal(undefined);
      const { credential, subscription } = await room.working(jennifer, 'FT01');
      expect((await none())?.credential.id).to.equal(credential);
      const { expiresAt } = await room.subscription({ subscription });
      room.until(expiresAt);
      expect(await none()).to.equal(undefined);
    });

    it('to phones is a hardware token too, also while it is lost or replaced', async () => {
      const { credential, serial } = await room.working(jennifer, 'FT01');
      const phone = () => room.credentials.entitlement(jennifer, 'phoneOtp', room.now);
      expect((await phone())?.credential.id).to.equal(credential);
      await room.tokens.changeLife({ serial, verb: 'lost' }, room.owner);
      expect((await phone())?.credential.id).to.equal(credential);
      const grant = { account: jennifer, credential, reason: 'lost' } as const;
      await room.credentials.grantReplacement(grant, room.owner);
      await room.credentials.revoke({ ...grant, confirmed: true }, room.owner);
      expect((await phone())?.credential.id).to.equal(credential);
    });
  });
});
