import { FobtwinError } from '../../shared/errors.ts';
import type { SubscriptionId } from '../../shared/types.ts';
import { inBundle } from '../credentials/bundle.ts';
import { PROOFING_METHODS } from '../credentials/record.ts';
import { replyOnly, type ScanRange, type Store } from '../store/port.ts';
import { attemptsSpent, profileConfirmed } from './changes.ts';
import { type Deciding, decideProofing } from './decide.ts';
import { requireCountry, requireName } from './legal-name.ts';
import type { ProofingService, SubscriptionOf } from './port.ts';
import { answerQuestions, beginQuestions, isQuestioned } from './questions.ts';
import {
  PROOFINGS,
  type ProofingRecord,
  proofingKey,
  QUESTION_ATTEMPTS_MAX,
  VIDEO_SESSIONS_MAX,
} from './record.ts';
import { isAllowed } from './states.ts';
import { entryOf, noProofing, proofingWrite, subjectOf } from './subject.ts';
import { decide, reissueCode, requestVideo, schedule } from './video.ts';

export interface ProofingServiceOptions extends Deciding {
  readonly store: Pick<Store, 'transact' | 'scan'>;
}

export function createProofingService(options: ProofingServiceOptions): ProofingService {
  const once = oneAtATime();
  return {
    get: (of) => getProofing(of, options),
    offered: (proofing) => offered(proofing, options),
    confirmProfile: (command, caller) => confirmProfile(command, caller, options),
    beginQuestions: (of, caller) =>
      once(of.subscription, () => beginQuestions(of, caller, options)),
    answerQuestions: (command, caller) =>
      once(command.subscription, () => answerQuestions(command, caller, options)),
    requestVideo: (of, caller) => requestVideo(of, caller, options),
    schedule: (command, caller) => schedule(command, caller, options),
    decide: (command, caller) => decide(command, caller, options),
    reissueCode: (subscription, caller) => reissueCode(subscription, caller, options),
    list: (query) => listProofings(query, options),
  };
}

/** Of each subscription: no provider is asked about anybody twice at the same time. */
function oneAtATime(): <R>(id: SubscriptionId, work: () => Promise<R>) => Promise<R> {
  const busy = new Set<SubscriptionId>();
  return async (id, work) => {
    if (busy.has(id)) {
      throw new FobtwinError('notAllowedNow', 'The provider of the questions is being asked.', {
        nextStep: 'Wait for its answer.',
      });
    }
    busy.add(id);
    try {
      return await work();
    } finally {
      busy.delete(id);
    }
  };
}

function getProofing(
  { account, subscription }: SubscriptionOf,
  { store }: ProofingServiceOptions,
): Promise<ProofingRecord> {
  return inBundle(subscription, [proofingKey(subscription)], store, (bundle, [present]) => {
    const subject = subjectOf(bundle, present, account);
    if (subject === undefined) throw noProofing();
    return replyOnly(subject.proofing);
  });
}

function offered(proofing: ProofingRecord, { provider }: Pick<Deciding, 'provider'>) {
  const { country, videoSessions } = proofing;
  const isOffered = {
    questions:
      isAllowed(proofing, 'beginQuestions') &&
      provider !== undefined &&
      isQuestioned(country) &&
      attemptsSpent(proofing) < QUESTION_ATTEMPTS_MAX,
    video: isAllowed(proofing, 'requestVideo') && videoSessions < VIDEO_SESSIONS_MAX,
  };
  return PROOFING_METHODS.filter((method) => isOffered[method]);
}

const confirmProfile = (
  { legalName, country, ...of }: Parameters<ProofingService['confirmProfile']>[0],
  caller: Parameters<ProofingService['confirmProfile']>[1],
  deciding: Deciding,
): Promise<ProofingRecord> =>
  decideProofing(of, caller, deciding, ({ account, proofing }) => {
    const name = requireName(account, legalName);
    requireCountry(account, country);
    const after = profileConfirmed(proofing, { legalName: name, country, at: caller.now });
    return {
      writes: [proofingWrite(after)],
      auditDrafts: [entryOf(caller, 'confirmProofingProfile', after)],
      reply: after,
    };
  });

/** Both filters: those of the account, the other states left out, so that a page may be short. */
async function listProofings(
  { state, account, after, limit }: Parameters<ProofingService['list']>[0],
  { store }: ProofingServiceOptions,
): ReturnType<ProofingService['list']> {
  const range: ScanRange = { limit, ...(after === undefined ? {} : { after }) };
  if (account === undefined) {
    const index = state === undefined ? {} : { index: 'state', value: state };
    return store.scan(PROOFINGS, { ...range, ...index });
  }
  const page = await store.scan(PROOFINGS, { ...range, index: 'account', value: account });
  const items = page.items.filter((each) => state === undefined || each.state === state);
  return { items, next: page.next };
}
