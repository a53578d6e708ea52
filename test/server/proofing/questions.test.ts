import { expect } from 'chai';
import { type ProofingState, QUESTION_ATTEMPTS_MAX } from '../../../server/proofing/record.ts';
import type { OrderNumber } from '../../../shared/types.ts';
import { codeOfError } from '../tokens/room.ts';
import {
  type Holder,
  NAME,
  openProofingRoom,
  type ProofingRoom,
  rightAnswers,
  wrongAnswers,
} from './room.ts';

describe('instant proofing by questions', () => {
  let room: ProofingRoom;

  beforeEach(async () => {
    room = await openProofingRoom();
  });
  afterEach(() => room.store.close());

  const stateOf = async (of: Holder): Promise<ProofingState> => (await room.proofing.get(of)).state;

  it('leads on to activation by itself, without an activation code', async () => {
    const jen = await room.chooser('jen');
    const { proofing, questions } = await room.begin(jen);
    expect(proofing).to.include({ state: 'questions', questionAttempts: 1 });
    const passed = await room.answer(jen, rightAnswers(questions));
    expect(passed).to.include({ state: 'passed', method: 'questions' });
    expect(passed).not.to.have.property('inquiry');
    const token = (await room.credentialsOf(jen)).get('hardwareToken');
    expect(token).to.include({ stage: 'activation' }).and.not.to.have.property('activation');
    expect(token?.proofing).to.deep.include({ state: 'passed', method: 'questions' });
    const by = room.by(jen.account);
    const id = `${jen.subscription}.hardwareToken` as Parameters<typeof room.credentials.get>[1];
    const { credential } = await room.credentials.activate(jen.account, id, undefined, by);
    expect(credential.stage).to.equal('registration');
    expect((await room.proofingMails(jen)).map(({ template }) => template)).to.deep.equal([
      'proofingPassed',
    ]);
  });

  it('keeps in which sign-in of the person the answers came, and of nobody else', async () => {
    for (const [name, session] of [
      ['jen', 'a1b2c3d4e5f60718'],
      ['agnes', undefined],
    ] as const) {
      const jen = await room.chooser(`jen-${name}`);
      const { questions } = await room.begin(jen);
      const person = room.by(jen.account);
      const principal =
        name === 'jen'
          ? { ...person.principal, session }
          : { ...room.agent.principal, session: 'x' };
      const answers = rightAnswers(questions);
      await room.proofing.answerQuestions({ ...jen, answers }, { ...person, principal });
      const token = (await room.credentialsOf(jen)).get('hardwareToken');
      expect(token?.proofedIn, name).to.equal(session);
    }
  });

  it('holds for every credential of a bundle', async () => {
    const jen = await room.chooser('jen', 'mobile-id-hardware-token-proofed');
    const { questions } = await room.begin(jen);
    await room.answer(jen, rightAnswers(questions));
    const credentials = await room.credentialsOf(jen);
    expect([...credentials.keys()]).to.have.members(['mobileId', 'hardwareToken']);
    for (const { stage, proofing } of credentials.values()) {
      expect(stage).to.equal('activation');
      expect(proofing).to.include({ state: 'passed' });
    }
  });

  it('is not offered outside the United States', async () => {
    const jen = await room.chooser('jen', undefined, { legalName: NAME, country: 'CA' });
    expect(room.proofing.offered(await room.proofing.get(jen))).to.deep.equal(['video']);
    expect(await codeOfError(room.begin(jen))).to.equal('methodNotOffered');
    expect(room.provider.begun).to.equal(0);
  });

  for (const territory of ['PR', 'GU', 'VI', 'AS', 'MP', 'UM']) {
    it(`is not offered in the United States' territories either: ${territory}`, async () => {
      const jen = await room.chooser('jen', undefined, { legalName: NAME, country: territory });
      expect(await codeOfError(room.begin(jen))).to.equal('methodNotOffered');
    });
  }

  it('is not offered where nobody asks questions', async () => {
    const without = await openProofingRoom({ hasProvider: false });
    const jen = await without.chooser('jen');
    expect(without.proofing.offered(await without.proofing.get(jen))).to.deep.equal(['video']);
    expect(await codeOfError(without.begin(jen))).to.equal('methodNotOffered');
    await without.store.close();
  });

  it('is not offered to somebody of whom the provider knows nothing, at no cost', async () => {
    const profile = { legalName: 'Jennifer Nobody', country: 'US' };
    const jen = await room.chooser('jen', undefined, profile);
    expect(await codeOfError(room.begin(jen))).to.equal('methodNotOffered');
    expect(await room.proofing.get(jen)).to.include({ state: 'choice', questionAttempts: 0 });
  });

  it('ends after its attempts, and live video is the way on', async () => {
    const jen = await room.chooser('jen');
    for (let attempt = 1; attempt <= QUESTION_ATTEMPTS_MAX; attempt += 1) {
      const { questions } = await room.begin(jen);
      const failed = await room.answer(jen, wrongAnswers(questions));
      expect(failed).to.include({ state: 'choice', questionAttempts: attempt });
      expect(failed.verdict).to.include({ passed: false, by: 'questionProvider' });
    }
    expect(await codeOfError(room.begin(jen))).to.equal('attemptsSpent');
    expect(room.proofing.offered(await room.proofing.get(jen))).to.deep.equal(['video']);
    expect((await room.credentialsOf(jen)).get('hardwareToken')?.stage).to.equal('proofing');
    const { proofing } = await room.passVideo(jen);
    expect(proofing).to.include({ state: 'passed', method: 'video' });
    const templates = (await room.proofingMails(jen)).map(({ template }) => template);
    expect(templates.filter((each) => each === 'proofingFailed')).to.have.length(2);
  });

  it('lets somebody in the United States choose live video while questions are asked', async () => {
    const jen = await room.chooser('jen');
    await room.begin(jen);
    expect(await room.request(jen)).to.include({ state: 'requested', method: 'video' });
  });

  it('counts an inquiry that was left, and takes no answers after ten minutes', async () => {
    const jen = await room.chooser('jen');
    const { questions } = await room.begin(jen);
    room.pass(600_000);
    expect(await codeOfError(room.answer(jen, rightAnswers(questions)))).to.equal('codeExpired');
    expect(room.provider.judged).to.equal(0);
    const again = await room.begin(jen);
    expect(again.proofing.questionAttempts).to.equal(2);
    room.pass(599_999);
    expect((await room.answer(jen, rightAnswers(again.questions))).state).to.equal('passed');
  });

  it('takes no answers before questions were asked, nor after the verdict', async () => {
    const jen = await room.chooser('jen');
    expect(await codeOfError(room.answer(jen, {}))).to.equal('notAllowedNow');
    const { questions } = await room.begin(jen);
    await room.answer(jen, rightAnswers(questions));
    expect(await codeOfError(room.answer(jen, rightAnswers(questions)))).to.equal('notAllowedNow');
    expect(await codeOfError(room.begin(jen))).to.equal('notAllowedNow');
  });

  it('spends no attempt on a provider that cannot be reached', async () => {
    const jen = await room.chooser('jen');
    room.provider.isDown = true;
    expect(await codeOfError(room.begin(jen))).to.equal('unavailable');
    expect(await room.proofing.get(jen)).to.include({ state: 'choice', questionAttempts: 0 });
    room.provider.isDown = false;
    const { questions } = await room.begin(jen);
    room.provider.isDown = true;
    expect(await codeOfError(room.answer(jen, wrongAnswers(questions)))).to.equal('unavailable');
    room.provider.isDown = false;
    // The same questions can be answered still.
    expect((await room.answer(jen, rightAnswers(questions))).state).to.equal('passed');
  });

  it('begins again at no cost where no verdict was ever heard', async () => {
    const jen = await room.chooser('jen');
    for (let outage = 0; outage < 4; outage += 1) {
      room.provider.isDown = false;
      const { proofing, questions } = await room.begin(jen);
      expect(proofing.questionAttempts).to.equal(1);
      room.provider.isDown = true;
      expect(await codeOfError(room.answer(jen, wrongAnswers(questions)))).to.equal('unavailable');
    }
  });

  it('counts an inquiry that the provider has forgotten as failed', async () => {
    const jen = await room.chooser('jen');
    const { questions } = await room.begin(jen);
    room.provider.forget();
    expect((await room.answer(jen, rightAnswers(questions))).state).to.equal('choice');
    const [last] = (await room.audit()).filter(({ action }) => action === 'failProofing');
    expect(last?.details).to.include({ reason: 'expired', method: 'questions' });
  });

  it('asks the provider once at a time: of 50 at once one begins, and one is judged', async () => {
    const jen = await room.chooser('jen');
    const begun = await Promise.allSettled(Array.from({ length: 50 }, () => room.begin(jen)));
    const asked = begun.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    expect(asked).to.have.length(1);
    expect(room.provider.begun).to.equal(1);
    const answers = rightAnswers(asked[0]?.questions ?? []);
    const judged = await Promise.allSettled(
      Array.from({ length: 50 }, () => room.answer(jen, answers)),
    );
    expect(judged.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    expect(room.provider.judged).to.equal(1);
    expect(await stateOf(jen)).to.equal('passed');
  });

  it('judges one set of answers of two nodes alone', async () => {
    const jen = await room.chooser('jen');
    const { questions } = await room.begin(jen);
    const verdict = room.provider.hold();
    const answering = room.answer(jen, rightAnswers(questions));
    await verdict.reached;
    const other = { ...jen, answers: wrongAnswers(questions) };
    const second = room.node().answerQuestions(other, room.by(jen.account));
    expect(await codeOfError(second)).to.equal('notAllowedNow');
    verdict.release();
    expect((await answering).state).to.equal('passed');
  });

  it('keeps neither questions nor answers, in the store, the log or a mail', async () => {
    const jen = await room.chooser('jen');
    const { questions } = await room.begin(jen);
    await room.answer(jen, rightAnswers(questions));
    const rows: string[] = [];
    const dump = await room.store.dump();
    for await (const piece of dump.rows) rows.push(...piece.map(([, value]) => value));
    await dump.close();
    const kept = rows.join('\n');
    expect(kept).to.include('passProofing').and.include(jen.subscription);
    for (const { text, choices } of questions) {
      expect(kept).not.to.include(text);
      for (const choice of choices) expect(kept).not.to.include(choice.text);
    }
  });

  it('makes a credential that works already proofed, which stays active', async () => {
    const jen = await room.person('jen', { legalName: NAME, country: 'US' });
    const { subscription, serial } = await room.working(jen, 'FT1');
    const line = { subscription, order: 'SO-20001' as OrderNumber, line: 1, paidAt: room.now };
    await room.subscriptions.upgrade(line, room.owner);
    const of = { account: jen, subscription };
    expect((await room.tokens.get(serial)).token.entitlement).to.include({ proofed: false });
    await room.confirm(of);
    const { questions } = await room.begin(of);
    await room.answer(of, rightAnswers(questions));
    const token = (await room.credentialsOf(of)).get('hardwareToken');
    expect(token).to.include({ stage: 'active' });
    expect((await room.tokens.get(serial)).token.entitlement).to.include({ proofed: true });
  });
});
