import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { PROVIDER_FAILURES, type ProviderFailure } from '../../../server/lab/proofing-provider.ts';
import { questionsFor } from '../../../server/lab/proofing-questions.ts';
import type { ProofingOptions } from '../../../server/proofing/options.ts';
import type { AskedQuestions, QuestionProvider } from '../../../server/proofing/port.ts';
import { createHttpProvider } from '../../../server/proofing/provider-http.ts';
import { requestSignature } from '../../../server/proofing/signature.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { type ProofingSandbox, startSandbox } from '../../support/proofing-sandbox.ts';
import { codeOfError } from '../tokens/room.ts';
import { rightAnswers, wrongAnswers } from './room.ts';

const JENNIFER = { legalName: 'Jennifer Marie Blue', country: 'US' };

describe('the provider of questions over HTTP', function () {
  this.timeout(30_000);
  let sandbox: ProofingSandbox;
  let failures: string[];

  before(async () => {
    sandbox = await startSandbox();
  });
  after(async () => {
    expect(await sandbox.stop()).to.equal(0);
  });
  beforeEach(async () => {
    failures = [];
    await sandbox.fail('none');
  });

  function provider(
    differing: Partial<ProofingOptions> = {},
    clockOffsetMillis = 0,
  ): QuestionProvider {
    const { address: url, key } = sandbox;
    return createHttpProvider(
      { url, key, timeoutMillis: 5_000, ...differing },
      {
        systemClock: { now: () => (Date.now() + clockOffsetMillis) as UnixMillis },
        rng: { bytes: (length) => randomBytes(length), uniform: Math.random },
        onFailure: (reason) => failures.push(reason),
      },
    );
  }

  async function begun(by = provider()): Promise<AskedQuestions> {
    const asked = await by.begin(JENNIFER);
    if (asked === undefined) throw new Error('nothing was asked');
    return asked;
  }

  it('asks, and judges right answers and wrong ones', async () => {
    const { inquiry, questions } = await begun();
    expect(questions).to.have.length(4);
    expect(await provider().judge(inquiry, rightAnswers(questions))).to.equal('passed');
    const other = await begun();
    expect(await provider().judge(other.inquiry, wrongAnswers(other.questions))).to.equal('failed');
    expect(failures).to.deep.equal([]);
  });

  it('hears one verdict on an inquiry, whatever is answered later', async () => {
    const { inquiry, questions } = await begun();
    expect(await provider().judge(inquiry, wrongAnswers(questions))).to.equal('failed');
    expect(await provider().judge(inquiry, rightAnswers(questions))).to.equal('failed');
  });

  it('hears that an inquiry is not known, and that there are no questions', async () => {
    expect(await provider().judge('nosuch', { q1: 'c1' })).to.equal('expired');
    expect(await provider().begin({ ...JENNIFER, legalName: 'Jennifer Nobody' })).to.equal(
      undefined,
    );
  });

  const REASONS: Readonly<Record<Exclude<ProviderFailure, 'none'>, RegExp>> = {
    silent: /^it has not answered in time$/,
    hangUp: /^it cannot be reached \(/,
    busy: /^it answered 503$/,
    redirect: /^it answered 302$/,
    unsigned: /is not signed with the key$/,
    wrongSignature: /is not signed with the key$/,
    otherRequest: /is not signed with the key$/,
    oldTimestamp: /^its clock is not the computer's$/,
    oversized: /^its reply is too large$/,
    garbage: /^its reply has not the form of the contract$/,
    wrongForm: /^its reply has not the form of the contract$/,
  };

  for (const failure of PROVIDER_FAILURES) {
    if (failure === 'none') continue;
    it(`is not believed, and does no harm, when it fails: ${failure}`, async () => {
      const { inquiry, questions } = await begun();
      await sandbox.fail(failure);
      const hasty = provider({ timeoutMillis: failure === 'silent' ? 100 : 5_000 });
      expect(await codeOfError(hasty.begin(JENNIFER))).to.equal('unavailable');
      const answers = rightAnswers(questions);
      expect(await codeOfError(hasty.judge(inquiry, answers))).to.equal('unavailable');
      expect(failures).to.have.length(2);
      for (const reason of failures) expect(reason).to.match(REASONS[failure]);
    });
  }

  it('cannot be reached where nobody listens', async () => {
    const nowhere = provider({ url: 'http://127.0.0.1:9' });
    expect(await codeOfError(nowhere.begin(JENNIFER))).to.equal('unavailable');
    expect(failures[0]).to.equal('it cannot be reached (ECONNREFUSED)');
  });

  it('takes no request under another key, nor an old one', async () => {
    const stranger = provider({ key: randomBytes(32) });
    expect(await codeOfError(stranger.begin(JENNIFER))).to.equal('unavailable');
    expect(await codeOfError(provider({}, -301_000).begin(JENNIFER))).to.equal('unavailable');
    expect(await codeOfError(provider({}, -240_000).begin(JENNIFER))).to.equal(undefined);
  });

  it('takes a request once: what was recorded is refused', async () => {
    const body = JSON.stringify(JENNIFER);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const requestId = randomBytes(16).toString('hex');
    const head = { method: 'POST', path: '/inquiries', timestamp, requestId };
    const send = (changed = body) =>
      fetch(`${sandbox.address}/inquiries`, {
        method: 'POST',
        headers: {
          'fobd-timestamp': timestamp,
          'fobd-request-id': requestId,
          'fobd-signature': requestSignature({ ...head, body }, sandbox.key),
        },
        body: changed,
      });
    expect((await send(body.replace('Blue', 'Grey'))).status).to.equal(401);
    expect((await send()).status).to.equal(200);
    expect((await send()).status).to.equal(401);
  });

  it('refuses a body that is too large, and what it does not know', async () => {
    const large = await fetch(`${sandbox.address}/inquiries`, {
      method: 'POST',
      body: 'x'.repeat(20_000),
    });
    expect(large.status).to.equal(413);
    const failure = await fetch(`${sandbox.address}/failure`, { method: 'PUT', body: 'tired' });
    expect(failure.status).to.equal(400);
  });

  it('keeps what it is asked and answered out of every message', async () => {
    const { inquiry } = await begun();
    for (const failure of PROVIDER_FAILURES) {
      if (failure === 'none') continue;
      await sandbox.fail(failure);
      const hasty = provider({ timeoutMillis: failure === 'silent' ? 100 : 5_000 });
      const error = await hasty.judge(inquiry, { q1: 'secretAnswer' }).catch((each) => each);
      const told = JSON.stringify([failures, String(error), { ...error }]);
      expect(told, failure).not.to.match(/secretAnswer|Jennifer/);
    }
  });
});

describe("the sandbox's questions", () => {
  it('have one right choice each, which stands in another place from inquiry to inquiry', () => {
    const places = new Set<string | undefined>();
    for (let count = 0; count < 20; count += 1) {
      const { questions = [] } = questionsFor('Jennifer Blue', `inquiry${count}`) ?? {};
      places.add(rightAnswers(questions)['q1']);
    }
    expect(places.size).to.be.greaterThan(2);
  });
});
