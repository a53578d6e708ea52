import { expect } from 'chai';
import { PROOFING_STATES, type ProofingState } from '../../../server/proofing/record.ts';
import {
  isAllowed,
  PROOFING_VERBS,
  type ProofingVerb,
  stateAfter,
} from '../../../server/proofing/states.ts';
import { FobtwinError } from '../../../shared/errors.ts';

/** Written once more, apart from the table: where each verb leads to; what is absent is refused. */
const EXPECTED: Readonly<Record<ProofingVerb, { readonly [S in ProofingState]?: ProofingState }>> =
  {
    confirmProfile: {
      profile: 'choice',
      choice: 'choice',
      questions: 'choice',
      requested: 'requested',
      scheduled: 'scheduled',
      failed: 'failed',
    },
    beginQuestions: { choice: 'questions', questions: 'questions' },
    passQuestions: { questions: 'passed' },
    failQuestions: { questions: 'choice' },
    requestVideo: { choice: 'requested', questions: 'requested', failed: 'requested' },
    schedule: { requested: 'scheduled', scheduled: 'scheduled' },
    passVideo: { scheduled: 'passed' },
    failVideo: { scheduled: 'failed' },
    reissueCode: { passed: 'passed' },
  };

describe('the states of a proofing', () => {
  for (const verb of PROOFING_VERBS) {
    for (const state of PROOFING_STATES) {
      const to = EXPECTED[verb][state];
      if (to === undefined) {
        it(`refuses ${verb} at ${state}, and says what to do instead`, () => {
          expect(isAllowed({ state }, verb)).to.equal(false);
          const refused = refusalOf(() => stateAfter({ state }, verb));
          expect(refused.code).to.equal('notAllowedNow');
          expect(refused.nextStep).to.match(/\.$/);
        });
      } else {
        it(`leads from ${state} by ${verb} to ${to}`, () => {
          expect(isAllowed({ state }, verb)).to.equal(true);
          expect(stateAfter({ state }, verb)).to.equal(to);
        });
      }
    }
  }
});

function refusalOf(work: () => unknown): FobtwinError {
  try {
    work();
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
