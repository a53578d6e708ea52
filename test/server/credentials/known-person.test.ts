import { expect } from 'chai';
import { bundleWrites, inBundle, withEach } from '../../../server/credentials/bundle.ts';
import { type CredentialRecord, credentialKey } from '../../../server/credentials/record.ts';
import { activated, proofingPassed, registeredWith } from '../../../server/credentials/stages.ts';
import type { ProductId } from '../../../server/orders/catalogue.ts';
import { put } from '../../../server/store/port.ts';
import { tokenKey } from '../../../server/tokens/record.ts';
import type {
  AccountId,
  CredentialId,
  CredentialType,
  Serial,
  Strength,
} from '../../../shared/types.ts';
import { errorOf } from '../accounts/room.ts';
import { codeOfError, holding } from '../tokens/room.ts';
import { type CredentialsRoom, credentialOf, openCredentialsRoom } from './room.ts';

/** Of the helpdesk: who calls has been called back, and has proved no strength. */
const AGENT = holding('helpdesk', 'credentials:admin');

/** Who gets another authenticator of a proofed credential is known by more than the password. */
describe('another authenticator of a proofed credential', () => {
  let room: CredentialsRoom;
  let jennifer: AccountId;

  beforeEach(async () => {
    room = await openCredentialsRoom();
    jennifer = await room.person('jennifer');
  });
  afterEach(() => room.store.close());

  /** Proofed, activated, and under the token that is registered already. */
  async function proofed(product: ProductId, type: CredentialType): Promise<CredentialId> {
    const bought = await room.redeemed(jennifer, product);
    const serial = (await room.registered('FT01', jennifer)) as Serial;
    const id = credentialOf(bought, type);
    const at = room.now;
    await inBundle(bought.subscription, [tokenKey(serial)], room.store, (bundle, [token]) => {
      if (bundle === undefined || token === undefined) throw new Error('no bundle');
      const after = withEach(bundle, (each) =>
        registeredWith(activated(proofingPassed(each, { at, method: 'questions' }), at), {
          at,
          serial,
        }),
      );
      const entitlement = { credential: id, until: bundle.subscription.expiresAt, proofed: true };
      const writes = [
        ...bundleWrites(bundle, after),
        put(tokenKey(serial), { ...token, entitlement }),
      ];
      return { writes, auditDrafts: [], reply: undefined };
    });
    return id;
  }

  const revoked = async (credential: CredentialId, strength: Strength) => {
    const command = { account: jennifer, credential, confirmed: true };
    return (await room.credentials.revoke(command, room.by(jennifer, strength))).credential;
  };

  it('is a Mobile ID set up anew after proofing, for who has the password alone', async () => {
    const id = await proofed('mobile-id-proofed', 'mobileId');
    const after = await revoked(id, 'password');
    expect(after).to.deep.include({ stage: 'proofing', proofing: { state: 'due' } });
    expect(after.serial).to.equal(undefined);
  });

  it('is a Mobile ID set up anew at once, for who has signed in by phone or more', async () => {
    const id = await proofed('mobile-id-proofed', 'mobileId');
    const after = await revoked(id, 'phoneOtp');
    expect(after.stage).to.equal('registration');
    expect(after.proofing?.state).to.equal('passed');
  });

  it('is a Mobile ID proofed anew where staff revoked the token', async () => {
    const id = await proofed('mobile-id-proofed', 'mobileId');
    await room.tokens.changeLife({ serial: 'FT01' as Serial, verb: 'revoke' }, room.owner);
    expect((await room.credentials.get(jennifer, id)).credential).to.deep.include({
      stage: 'proofing',
      proofing: { state: 'due' },
    });
  });

  it('is no hardware token that staff exchanges without a grant', async () => {
    const id = await proofed('hardware-token-proofed', 'hardwareToken');
    const next = await room.stock('FT02');
    const [code1, code2] = room.pair(next);
    const command = { serial: 'FT01' as Serial, newSerial: next, code1, code2 };
    expect(await codeOfError(room.tokens.replace(command, room.owner))).to.equal(
      'proofingRequired',
    );
    const grant = { account: jennifer, credential: id, reason: 'err' } as const;
    await room.credentials.grantReplacement(grant, room.by(jennifer, 'phoneOtp'));
    expect((await room.tokens.replace(command, room.owner)).outcome).to.equal('accepted');
    const [credential] = await room.store.transact([credentialKey(id)], (records) => ({
      writes: [],
      auditDrafts: [],
      reply: records,
    }));
    expect(credential).to.deep.include({ stage: 'active', serial: 'FT02' });
    expect(credential?.proofing?.state).to.equal('passed');
  });

  describe('asked for by the password, whose person signs in by phone afterwards', () => {
    let id: CredentialId;
    let passed: CredentialRecord['proofing'];

    beforeEach(async () => {
      id = await proofed('hardware-token-proofed', 'hardwareToken');
      passed = (await present()).proofing;
      room.pass(60_000);
      await grant('password');
      expect(await present()).to.deep.include({ stage: 'active', proofing: { state: 'due' } });
    });

    const present = async () => (await room.credentials.get(jennifer, id)).credential;
    const grant = (strength: Strength) =>
      room.credentials.grantReplacement(
        { account: jennifer, credential: id, reason: 'err' },
        room.by(jennifer, strength),
      );
    const entries = async () =>
      (await room.audit()).filter(({ action }) => action === 'recognisePerson');
    const register = async (strength: Strength) => {
      const serial = await room.stock('FT02');
      const [code1, code2] = room.pair(serial);
      const command = { account: jennifer, credential: id, serial, code1, code2 };
      return room.credentials.registerToken(command, room.by(jennifer, strength));
    };

    it('is proofed as before once he asks again, which the log tells', async () => {
      const { credential } = await grant('phoneOtp');
      expect(credential.proofing).to.deep.equal(passed);
      expect(credential.replacement).to.deep.equal({ grantedAt: room.now, reason: 'err' });
      expect((await room.detail('FT01' as Serial)).token.entitlement?.proofed).to.equal(true);
      expect(await entries()).to.have.length(1);
      expect((await entries())[0]).to.deep.include({
        actor: 'account:jennifer',
        account: 'jennifer',
        details: { credential: id },
      });
      await grant('phoneOtp');
      expect(await entries()).to.have.length(1);
    });

    it('is proofed as before once he revokes the old one', async () => {
      const after = await revoked(id, 'phoneOtp');
      expect(after).to.deep.include({ stage: 'registration', proofing: passed });
      expect(await entries()).to.have.length(1);
    });

    it('is proofed as before once he registers the new one, and not by the password', async () => {
      expect((await revoked(id, 'password')).stage).to.equal('proofing');
      const weak = await errorOf(register('password'));
      expect(weak.code).to.equal('proofingRequired');
      expect(weak.nextStep).to.contain('Sign in with Phone OTP');
      expect((await register('phoneOtp')).outcome).to.equal('accepted');
      const after = await present();
      expect(after).to.deep.include({ stage: 'active', serial: 'FT02', proofing: passed });
      expect(after.replacement).to.equal(undefined);
      expect((await room.detail('FT02' as Serial)).token.entitlement?.proofed).to.equal(true);
    });

    it('stays in doubt for everybody else, staff and a check by call back among them', async () => {
      const ada = await room.person('ada');
      const callers = [room.owner, room.as(AGENT), room.by(jennifer, 'password')];
      for (const caller of callers) {
        const { credential } = await room.credentials.recognise(jennifer, id, caller);
        expect(credential.proofing).to.deep.equal({ state: 'due' });
      }
      const other = room.credentials.recognise(ada, id, room.by(ada, 'hardwareToken'));
      expect(await codeOfError(other)).to.equal('notFound');
      await room.credentials.recognise(jennifer, id, room.by(ada, 'hardwareToken'));
      expect((await present()).proofing).to.deep.equal({ state: 'due' });
      expect(await entries()).to.deep.equal([]);
    });

    it('is left alone where he was proofed anew meanwhile', async () => {
      const { subscription } = (await room.credentials.get(jennifer, id)).credential;
      const anew = { at: room.now, method: 'video' } as const;
      await inBundle(subscription, [], room.store, (bundle) => {
        if (bundle === undefined) throw new Error('no bundle');
        const after = withEach(bundle, (each) => proofingPassed(each, anew));
        return { writes: bundleWrites(bundle, after), auditDrafts: [], reply: undefined };
      });
      expect((await grant('phoneOtp')).credential.proofing).to.deep.equal({
        state: 'passed',
        ...anew,
      });
      expect(await entries()).to.deep.equal([]);
    });

    it('is recognised once by many at once', async () => {
      const caller = room.by(jennifer, 'hardwareToken');
      const all = Array.from({ length: 20 }, () =>
        room.credentials.recognise(jennifer, id, caller),
      );
      for (const { credential } of await Promise.all(all)) {
        expect(credential.proofing).to.deep.equal(passed);
      }
      expect(await entries()).to.have.length(1);
    });
  });

  it('is a Mobile ID that waits for its app again once its person signs in by phone', async () => {
    const id = await proofed('mobile-id-proofed', 'mobileId');
    await room.tokens.changeLife({ serial: 'FT01' as Serial, verb: 'revoke' }, room.owner);
    const known = room.by(jennifer, 'phoneOtp');
    const { credential } = await room.credentials.recognise(jennifer, id, known);
    expect(credential.stage).to.equal('registration');
    expect(credential.proofing?.state).to.equal('passed');
  });

  it('is nothing to whoever was never proofed, however he signs in', async () => {
    const bought = await room.redeemed(jennifer, 'hardware-token-proofed');
    const id = credentialOf(bought, 'hardwareToken');
    const strong = room.by(jennifer, 'hardwareToken');
    const { credential } = await room.credentials.recognise(jennifer, id, strong);
    expect(credential).to.deep.include({ stage: 'proofing', proofing: { state: 'due' } });
  });
});
