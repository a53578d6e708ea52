import { expect } from 'chai';
import type { IssuedProof } from '../../../server/accounts/issued-codes.ts';
import type { CredentialRecord } from '../../../server/credentials/record.ts';
import type { PhoneId, UnixMillis } from '../../../shared/types.ts';
import { errorOf } from '../accounts/room.ts';
import { openRoom, type Room, US_NUMBER, US_SECOND, USER } from './room.ts';

/** Of a credential whose person asked for another token by the password alone. */
const inDoubt = (at: UnixMillis): Partial<CredentialRecord> => {
  const proofed = { at, method: 'video' } as const;
  const replacement = { grantedAt: at, reason: 'err', proofAnew: true, proofed } as const;
  return { registeredAt: at, proofing: { state: 'due' }, replacement };
};

/** The phones that come with a hardware token: what they prove, and until when. */
describe('phones: what rests on the bonus of a hardware token', () => {
  it('asks for the token too where its proofing is in doubt, whatever was bought', async () => {
    const room = await openRoom();
    const credential = inDoubt(room.now);
    await room.subscribe('hardware-token-proofed', { stage: 'active', credential });
    await room.subscribe('phone');
    const stolen = await errorOf(room.add(US_NUMBER, room.person('password')));
    expect(stolen.code).to.equal('strengthTooLow');
    const id = await room.proved(US_NUMBER, room.person('hardwareToken'));
    await room.send(id);
    expect((await room.issued())?.phone).to.include({ proofed: false });
  });

  it('says who it is to the token alone that the number was confirmed with', async () => {
    const room = await openRoom();
    const serial = await room.tokens.registered('E6-00000001', USER);
    const credential = { ...inDoubt(room.now), serial };
    await room.subscribe('hardware-token-proofed', { stage: 'active', credential });
    const own = room.person('hardwareToken', USER, { serial, proofed: false });
    const id = await room.proved(US_NUMBER, own);
    const sent = async () => {
      await room.send(id);
      room.pass(30);
      return (await room.issued())?.phone;
    };
    expect(await sent()).to.include({ vouched: true, proofed: false });
    const proofing = { state: 'passed', at: room.now, method: 'video' } as const;
    const other = { registeredAt: room.now, proofing };
    await room.subscribe('hardware-token-proofed', { stage: 'active', credential: other });
    expect(await sent()).to.include({ vouched: true, proofed: false, bonusOf: serial });
  });

  it('gives out codes that end with the token, and not while it is lost', async () => {
    for (const [verb, outcome] of [
      ['lost', 'accepted'],
      ['suspend', 'suspended'],
      ['revoke', 'notRegistered'],
    ] as const) {
      const room = await openRoom();
      const serial = await room.tokens.registered('E6-00000001', USER);
      const id = await room.proved(US_NUMBER, room.person('hardwareToken'));
      await room.send(id);
      expect((await room.issued())?.phone).to.include({ bonusOf: serial });
      const command = { account: USER, code: room.code() };
      await room.tokens.tokens.changeLife({ serial, verb }, room.staff);
      const answer = await room.tokens.tokens.verify(command, room.staff);
      expect(answer.outcome, verb).to.equal(outcome);
      if (outcome !== 'accepted') continue;
      expect(answer.issued).to.deep.equal({ by: 'phone', phone: id, bonusOf: serial });
    }
  });

  it('names the token that is at hand, of two of which one is lost', async () => {
    const room = await openRoom();
    const lost = await room.tokens.registered('E6-00000001', USER);
    const kept = await room.tokens.registered('E6-00000002', USER);
    const id = await room.proved(US_NUMBER, room.person('hardwareToken'));
    await room.tokens.tokens.changeLife({ serial: lost, verb: 'lost' }, room.staff);
    await room.send(id);
    expect((await room.issued())?.phone).to.include({ bonusOf: kept });
    await room.tokens.tokens.changeLife({ serial: lost, verb: 'revoke' }, room.staff);
    const command = { account: USER, code: room.code() };
    expect((await room.tokens.tokens.verify(command, room.staff)).outcome).to.equal('accepted');
  });

  it('of what was bought goes on while another token is awaited, and no longer', async () => {
    const room = await openRoom();
    const serial = await room.tokens.registered('E6-00000001', USER);
    const credential = { registeredAt: room.now, serial };
    await room.subscribe('hardware-token', { stage: 'active', credential });
    const id = await room.proved(US_NUMBER, room.person('hardwareToken'));
    const [own] = await room.credentials.list(USER);
    if (own === undefined) throw new Error('no credential');
    const bought = { account: USER, credential: own.credential.id };
    const grant = { ...bought, reason: 'err' } as const;
    await room.credentials.grantReplacement(grant, room.person('hardwareToken'));
    const proofs: (IssuedProof | undefined)[] = [];
    for (const then of ['awaited', 'over'] as const) {
      await room.send(id);
      await room.credentials.revoke({ ...bought, confirmed: true }, room.person('password'));
      const command = { account: USER, code: room.code() };
      const { outcome, issued } = await room.tokens.tokens.verify(command, room.staff);
      expect(outcome, then).to.equal(then === 'awaited' ? 'accepted' : 'notRegistered');
      proofs.push(issued);
      room.pass(30);
    }
    expect(proofs[0]).to.include({ credential: own.credential.id });
  });

  describe('and counts as proofed by who had confirmed the number', () => {
    let room: Room;
    let id: PhoneId;
    const token = () => room.person('hardwareToken');

    beforeEach(async () => {
      room = await openRoom();
      await room.subscribe('phone');
      id = await room.proved(US_NUMBER, room.person('password'));
      const proofing = { state: 'passed', at: room.now, method: 'video' } as const;
      await room.subscribe('hardware-token-proofed', {
        stage: 'active',
        credential: { registeredAt: room.now, proofing },
      });
    });

    const isProofed = async (): Promise<boolean | undefined> => {
      room.pass(30);
      await room.send(id);
      room.pass(30);
      return (await room.issued())?.phone?.proofed;
    };

    it('keeps the number working, and proofed no more than the Phone OTP is', async () => {
      expect(await isProofed()).to.equal(false);
      const { outcome } = await room.tokens.verifyBy(USER, room.code());
      expect(outcome).to.equal('accepted');
      expect(await room.phones.uncounted(USER, room.now)).to.deep.equal([id]);
      expect(await room.proved(US_SECOND, token())).not.to.equal(id);
      expect(await room.phones.uncounted(USER, room.now)).to.deep.equal([id]);
    });

    it('has it count once it is added again with the token', async () => {
      expect(await room.proved(US_NUMBER, token())).to.equal(id);
      expect(await isProofed()).to.equal(true);
      expect(await room.phones.uncounted(USER, room.now)).to.deep.equal([]);
      expect((await errorOf(room.add(US_NUMBER, token()))).code).to.equal('exists');
    });

    it('likewise once it is sent a code for that, and that is entered with the token', async () => {
      const again = { account: USER, phone: id, purpose: 'verification' } as const;
      const weak = await errorOf(room.phones.send(again, room.person('password')));
      expect(weak.code).to.equal('strengthTooLow');
      expect((await room.phones.send(again, token())).purpose).to.equal('verification');
      await room.verify(id, room.code(), room.person('password'));
      expect(await isProofed()).to.equal(false);
      await room.phones.send(again, token());
      await room.verify(id, room.code(), token());
      expect(await isProofed()).to.equal(true);
      expect((await errorOf(room.phones.send(again, token()))).code).to.equal('exists');
    });

    it('takes the word of whoever may add numbers for others', async () => {
      const { phone } = await room.add(US_SECOND, room.staff);
      await room.verify(phone.id, room.code());
      expect(await room.phones.uncounted(USER, room.now)).to.deep.equal([id]);
    });
  });
});
