import { expect } from 'chai';
import { parseActivationText } from '../../../server/credentials/activation-code.ts';
import { VIDEO_SESSIONS_MAX } from '../../../server/proofing/record.ts';
import type { CredentialId, CredentialType, OrderNumber } from '../../../shared/types.ts';
import { person } from '../credentials/room.ts';
import { codeOfError } from '../tokens/room.ts';
import { AGENT, type Holder, NAME, openProofingRoom, type ProofingRoom } from './room.ts';

const DAY = 86_400_000;
const ABROAD = { legalName: NAME, country: 'DE' };

describe('live video proofing', () => {
  let room: ProofingRoom;

  beforeEach(async () => {
    room = await openProofingRoom();
  });
  afterEach(() => room.store.close());

  const activate = (of: Holder, code?: string, type: CredentialType = 'hardwareToken') => {
    const id = `${of.subscription}.${type}` as CredentialId;
    return room.credentials.activate(of.account, id, code, room.by(of.account));
  };

  it('is for everybody: requested, scheduled, held, and activated with the code', async () => {
    const jen = await room.chooser('jen', undefined, ABROAD);
    expect(await room.request(jen)).to.include({ state: 'requested', videoSessions: 1 });
    const at = room.now + DAY;
    expect((await room.schedule(jen, at)).appointment).to.deep.equal({ at, agent: 'agnes' });
    room.pass(DAY);
    const { proofing, activationCode } = await room.decide(jen, true, 'Passport shown.');
    expect(proofing).to.include({ state: 'passed' });
    expect(proofing.verdict).to.include({ passed: true, by: 'account:agnes' });
    expect(proofing.verdict).to.include({ note: 'Passport shown.' });
    expect(activationCode).to.match(/^[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(await codeOfError(activate(jen))).to.equal('activationRefused');
    const { credential } = await activate(jen, activationCode?.toLowerCase().replaceAll('-', ' '));
    expect(credential).to.include({ stage: 'registration' });
    const templates = (await room.proofingMails(jen)).map(({ template }) => template);
    expect(templates).to.have.members(['proofingScheduled', 'proofingPassed']);
    const actions = ['requestProofingVideo', 'scheduleProofing', 'passProofing'];
    expect(await room.actions()).to.include.members(actions);
  });

  it('refuses the activation code of another account', async () => {
    const [jen, max] = [await room.chooser('jen'), await room.chooser('max')];
    const { activationCode } = await room.passVideo(jen);
    await room.passVideo(max);
    expect(await codeOfError(activate(max, activationCode))).to.equal('activationRefused');
    expect((await activate(jen, activationCode)).credential.stage).to.equal('registration');
  });

  it('refuses an activation code that has expired, and after five wrong ones any', async () => {
    const jen = await room.chooser('jen');
    const { activationCode } = await room.passVideo(jen);
    room.pass(7 * DAY);
    expect(await codeOfError(activate(jen, activationCode))).to.equal('activationRefused');
    const { activationCode: next } = await room.proofing.reissueCode(jen.subscription, room.agent);
    const { activationCode: foreign } = await room.passVideo(await room.chooser('max'));
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect(await codeOfError(activate(jen, foreign))).to.equal('activationRefused');
    }
    expect(await codeOfError(activate(jen, next))).to.equal('attemptsSpent');
  });

  it('lets an agent hand over another code, which ends the one before', async () => {
    const jen = await room.chooser('jen');
    const { activationCode: first } = await room.passVideo(jen);
    const { activationCode: second } = await room.proofing.reissueCode(
      jen.subscription,
      room.agent,
    );
    expect(await codeOfError(activate(jen, first))).to.equal('activationRefused');
    expect((await activate(jen, second)).credential.stage).to.equal('registration');
    const again = room.proofing.reissueCode(jen.subscription, room.agent);
    expect(await codeOfError(again)).to.equal('notAllowedNow');
    expect(await room.actions()).to.include('reissueActivationCode');
  });

  it('hands over no other code before the verdict', async () => {
    const jen = await room.chooser('jen');
    await room.request(jen);
    const early = room.proofing.reissueCode(jen.subscription, room.agent);
    expect(await codeOfError(early)).to.equal('notAllowedNow');
  });

  it('hands over one code for all of a bundle', async () => {
    const jen = await room.chooser('jen', 'mobile-id-hardware-token-proofed');
    const { activationCode } = await room.passVideo(jen);
    for (const { stage, proofing, activation } of (await room.credentialsOf(jen)).values()) {
      expect(stage).to.equal('activation');
      expect(proofing).to.include({ state: 'passed', method: 'video' });
      expect(activation).to.include({ attemptsLeft: 5, expiresAt: room.now + 7 * DAY });
    }
    await activate(jen, activationCode);
    await activate(jen, undefined, 'mobileId');
  });

  it('keeps no activation code, in the store, the log or a mail', async () => {
    const jen = await room.chooser('jen');
    const { activationCode = '' } = await room.passVideo(jen);
    expect(parseActivationText(activationCode)).to.equal(activationCode);
    const dump = await room.store.dump();
    const rows: string[] = [];
    for await (const piece of dump.rows) rows.push(...piece.map((row) => row.join('\n')));
    await dump.close();
    expect(rows.join('\n')).to.include('attemptsLeft').and.not.include(activationCode);
  });

  it('hands over none where a credential works already, which stays active', async () => {
    const account = await room.person('jen', { legalName: NAME, country: 'DE' });
    const { subscription, serial } = await room.working(account, 'FT1');
    const line = { subscription, order: 'SO-20001' as OrderNumber, line: 1, paidAt: room.now };
    await room.subscriptions.upgrade(line, room.owner);
    const jen = { account, subscription };
    await room.confirm(jen, ABROAD);
    const { proofing, activationCode } = await room.passVideo(jen);
    expect(proofing.state).to.equal('passed');
    expect(activationCode).to.equal(undefined);
    const token = (await room.credentialsOf(jen)).get('hardwareToken');
    expect(token).to.include({ stage: 'active' });
    expect((await room.tokens.get(serial)).token.entitlement).to.include({ proofed: true });
  });

  it('may be requested again after it was not passed, three times in all', async () => {
    const jen = await room.chooser('jen');
    for (let session = 1; session <= VIDEO_SESSIONS_MAX; session += 1) {
      await room.request(jen);
      await room.schedule(jen);
      const { proofing, activationCode } = await room.decide(jen, false, 'Another person.');
      expect(proofing).to.include({ state: 'failed', videoSessions: session });
      expect(activationCode).to.equal(undefined);
    }
    expect(await codeOfError(room.request(jen))).to.equal('attemptsSpent');
    expect(room.proofing.offered(await room.proofing.get(jen))).to.deep.equal([]);
    expect((await room.credentialsOf(jen)).get('hardwareToken')?.stage).to.equal('proofing');
    const templates = (await room.proofingMails(jen)).map(({ template }) => template);
    expect(templates.filter((each) => each === 'proofingFailed')).to.have.length(3);
  });

  it('is never held by an agent for the own account', async () => {
    const agnes = await room.chooser('agnes');
    await room.request(agnes);
    expect(await codeOfError(room.schedule(agnes))).to.equal('forbidden');
    const other = { ...AGENT, account: undefined, actor: 'application:0011223344556677' };
    const { account: _, ...application } = other;
    const colleague = room.as(application);
    await room.proofing.schedule({ subscription: agnes.subscription, at: room.now }, colleague);
    expect(await codeOfError(room.decide(agnes, true))).to.equal('forbidden');
    await room.proofing.decide({ subscription: agnes.subscription, passed: true }, colleague);
    const own = room.proofing.reissueCode(agnes.subscription, room.agent);
    expect(await codeOfError(own)).to.equal('forbidden');
  });

  it('has no verdict before the session has begun, nor twice', async () => {
    const jen = await room.chooser('jen');
    expect(await codeOfError(room.decide(jen, true))).to.equal('notAllowedNow');
    await room.request(jen);
    expect(await codeOfError(room.decide(jen, true))).to.equal('notAllowedNow');
    await room.schedule(jen, room.now + DAY);
    expect(await codeOfError(room.decide(jen, true))).to.equal('notAllowedNow');
    // Brought forward.
    await room.schedule(jen);
    await room.decide(jen, true);
    expect(await codeOfError(room.decide(jen, true))).to.equal('notAllowedNow');
  });

  it('is scheduled for a moment from now on, within 90 days', async () => {
    const jen = await room.chooser('jen');
    await room.request(jen);
    expect(await codeOfError(room.schedule(jen, room.now - DAY))).to.equal('invalidInput');
    expect(await codeOfError(room.schedule(jen, room.now + 91 * DAY))).to.equal('invalidInput');
    expect((await room.schedule(jen, room.now + 90 * DAY)).state).to.equal('scheduled');
  });

  it('is not found by an agent where there is none', async () => {
    const jen = await room.holder('jen', 'hardware-token');
    expect(await codeOfError(room.schedule(jen))).to.equal('notFound');
    expect(await codeOfError(room.decide(jen, true))).to.equal('notFound');
  });

  it('is begun anew for a replacement that must be proofed, by its own counts', async () => {
    const jen = await room.chooser('jen');
    const { activationCode } = await room.passVideo(jen);
    await activate(jen, activationCode);
    await room.stock('FT1');
    const serial = 'FT1' as Parameters<typeof room.pair>[0];
    const credential = `${jen.subscription}.hardwareToken` as CredentialId;
    const [code1, code2] = room.pair(serial);
    const command = { account: jen.account, credential, serial, code1, code2 };
    await room.credentials.registerToken(command, room.by(jen.account));
    const asked = { account: jen.account, credential, reason: 'err' as const };
    const signedIn = room.as(person(jen.account, 'password'));
    await room.credentials.grantReplacement(asked, signedIn);
    expect(await room.proofing.get(jen)).to.include({ state: 'profile', videoSessions: 0 });
    const revoke = { account: jen.account, credential, confirmed: true };
    const { credential: free } = await room.credentials.revoke(revoke, signedIn);
    expect(free).to.deep.include({ stage: 'proofing', proofing: { state: 'due' } });
    expect(await room.proofing.get(jen)).to.include({ state: 'profile' });
    await room.confirm(jen);
    const { activationCode: second } = await room.passVideo(jen);
    await activate(jen, second);
    const other = await room.stock('FT2');
    const [next1, next2] = room.pair(other);
    const again = { account: jen.account, credential, serial: other, code1: next1, code2: next2 };
    const { outcome, credential: after } = await room.credentials.registerToken(
      again,
      room.by(jen.account),
    );
    expect(outcome).to.equal('accepted');
    expect(after).to.deep.include({ stage: 'active', serial: 'FT2' });
    expect(after?.proofing?.state).to.equal('passed');
    expect(after?.replacement).to.equal(undefined);
    expect((await room.detail(other)).token.entitlement?.proofed).to.equal(true);
    expect(await room.proofing.get(jen)).to.include({ state: 'passed' });
  });
});
