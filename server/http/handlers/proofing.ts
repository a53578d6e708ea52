import { formatTime } from '../../../shared/time.ts';
import type { AccountId, SubscriptionId } from '../../../shared/types.ts';
import type { ReplyOf } from '../../../shared/wire/operations.ts';
import type { Caller, Principal } from '../../access/scopes.ts';
import type { ProofingMethod } from '../../credentials/record.ts';
import { attemptsSpent } from '../../proofing/changes.ts';
import type { HandedOver, ProofingService } from '../../proofing/port.ts';
import {
  type ProofingRecord,
  QUESTION_ATTEMPTS_MAX,
  VIDEO_SESSIONS_MAX,
} from '../../proofing/record.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { momentOf } from '../moment.ts';
import type { Handlers } from './handler.ts';

type Ids =
  | 'getProofing'
  | 'confirmProofingProfile'
  | 'beginProofingQuestions'
  | 'answerProofingQuestions'
  | 'requestProofingVideo'
  | 'listProofings'
  | 'scheduleProofing'
  | 'decideProofing'
  | 'reissueActivationCode';

type View = ReplyOf<'getProofing'>['proofing'];

const ofPath = ({ id, subscription }: { id: AccountId; subscription: SubscriptionId }) => ({
  account: id,
  subscription,
});

export function proofingHandlers({
  proofing: service,
}: {
  readonly proofing: ProofingService;
}): Handlers<Ids> {
  const view = (proofing: ProofingRecord, { principal }: Caller): View =>
    viewProofing(proofing, service.offered(proofing), principal);
  const handedOver = ({ proofing, activationCode }: HandedOver, caller: Caller) => ({
    proofing: view(proofing, caller),
    ...(activationCode === undefined ? {} : { activationCode }),
  });
  return {
    async getProofing({ params, caller }) {
      return { proofing: view(await service.get(ofPath(params)), caller) };
    },
    async confirmProofingProfile({ params, body, caller }) {
      const command = { ...ofPath(params), ...body };
      return { proofing: view(await service.confirmProfile(command, caller), caller) };
    },
    async beginProofingQuestions({ params, caller }) {
      const { proofing, questions } = await service.beginQuestions(ofPath(params), caller);
      const asked = questions.map((each) => ({ ...each, choices: [...each.choices] }));
      return { proofing: view(proofing, caller), questions: asked };
    },
    async answerProofingQuestions({ params, body, caller }) {
      const command = { ...ofPath(params), answers: body.answers };
      return { proofing: view(await service.answerQuestions(command, caller), caller) };
    },
    async requestProofingVideo({ params, caller }) {
      return { proofing: view(await service.requestVideo(ofPath(params), caller), caller) };
    },
    async listProofings({ query: { cursor, ...query }, caller }) {
      const page = await service.list({ ...query, after: parseCursor(cursor) });
      const items = page.items.map((each) => view(each, caller));
      return { items, nextCursor: formatCursor(page.next) };
    },
    async scheduleProofing({ params, body, caller }) {
      const command = { ...params, at: momentOf(body.at, '/at') };
      return { proofing: view(await service.schedule(command, caller), caller) };
    },
    async decideProofing({ params, body, caller }) {
      return handedOver(await service.decide({ ...params, ...body }, caller), caller);
    },
    async reissueActivationCode({ params, caller }) {
      return handedOver(await service.reissueCode(params.subscription, caller), caller);
    },
  };
}

function viewProofing(
  proofing: ProofingRecord,
  offered: readonly ProofingMethod[],
  { scopes }: Principal,
): View {
  const { id, account, state, legalName, country, method, inquiry, appointment } = proofing;
  return {
    subscription: id,
    account,
    state,
    offered: [...offered],
    legalName,
    country,
    method,
    questionsUntil: inquiry && formatTime(inquiry.expiresAt),
    questionAttemptsLeft: Math.max(0, QUESTION_ATTEMPTS_MAX - attemptsSpent(proofing)),
    videoSessionsLeft: Math.max(0, VIDEO_SESSIONS_MAX - proofing.videoSessions),
    appointment: appointment && { at: formatTime(appointment.at), agent: appointment.agent },
    verdict: viewVerdict(proofing, scopes.has('proofing:agent')),
    changedAt: formatTime(proofing.changedAt),
  };
}

function viewVerdict({ verdict }: ProofingRecord, isForAgents: boolean): View['verdict'] {
  if (verdict === undefined) return undefined;
  const { passed, at, by, note } = verdict;
  return { passed, at: formatTime(at), ...(isForAgents ? { by, note } : {}) };
}
