import * as proofing from '../proofing-schemas.ts';
import { subscriptionPath } from '../schemas.ts';
import type { Operation } from './operation.ts';

const OF_PERSON = '/v1/accounts/{id}/proofings/{subscription}';
const OF_AGENT = '/v1/proofings/{subscription}';

/** Operations on identity proofing. */
export const PROOFING_OPERATIONS = {
  getProofing: {
    method: 'GET',
    path: OF_PERSON,
    summary: 'How far the identity proofing of a subscription has come',
    params: proofing.proofingPath,
    status: 200,
    reply: proofing.proofingReply,
  },
  confirmProofingProfile: {
    method: 'POST',
    path: `${OF_PERSON}/profile`,
    summary: 'Confirm the legal name and the country, which come first',
    params: proofing.proofingPath,
    body: proofing.proofingProfileRequest,
    status: 200,
    reply: proofing.proofingReply,
  },
  beginProofingQuestions: {
    method: 'POST',
    path: `${OF_PERSON}/questions`,
    summary: 'Instant proofing, in the United States: ask the questions; each time is an attempt',
    params: proofing.proofingPath,
    status: 200,
    reply: proofing.proofingQuestionsReply,
  },
  answerProofingQuestions: {
    method: 'POST',
    path: `${OF_PERSON}/answers`,
    summary: 'Answer the questions, within ten minutes and once',
    params: proofing.proofingPath,
    body: proofing.proofingAnswersRequest,
    status: 200,
    reply: proofing.proofingReply,
  },
  requestProofingVideo: {
    method: 'POST',
    path: `${OF_PERSON}/video`,
    summary: 'Ask for a live video session with an agent',
    params: proofing.proofingPath,
    status: 200,
    reply: proofing.proofingReply,
  },
  listProofings: {
    method: 'GET',
    path: '/v1/proofings',
    summary: 'Proofings that were begun: requested sessions wait for an agent',
    query: proofing.proofingListQuery,
    status: 200,
    reply: proofing.proofingPage,
  },
  scheduleProofing: {
    method: 'POST',
    path: `${OF_AGENT}/appointment`,
    summary: 'Schedule a live session, or move it; never of the own account',
    params: subscriptionPath,
    body: proofing.proofingAppointmentRequest,
    status: 200,
    reply: proofing.proofingReply,
  },
  decideProofing: {
    method: 'POST',
    path: `${OF_AGENT}/verdict`,
    summary: 'Record the verdict of a live session; passed, the reply has the activation code',
    params: subscriptionPath,
    body: proofing.proofingVerdictRequest,
    status: 200,
    reply: proofing.proofingHandedOverReply,
  },
  reissueActivationCode: {
    method: 'POST',
    path: `${OF_AGENT}/activation-code`,
    summary: 'Give another activation code; the one before is none any more',
    params: subscriptionPath,
    status: 200,
    reply: proofing.proofingHandedOverReply,
  },
} as const satisfies Record<string, Operation>;
