import { expect } from 'chai';
import { bundleWrites, inBundle, withEach } from '../../../server/credentials/bundle.ts';
import { credentialKey } from '../../../server/credentials/record.ts';
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
import { codeOfError } from '../tokens/room.ts';
import { type CredentialsRoom, credentialOf, openCredentialsRoom } from './room.ts';

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
});
