import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import { formatTime } from '../../shared/time.ts';
import type { SubscriptionId, UnixMillis } from '../../shared/types.ts';
import type { Caller, Principal } from '../access/scopes.ts';
import {
  type ActivationText,
  activationCodeMac,
  issuedActivation,
  makeActivationText,
} from '../credentials/activation-code.ts';
import { bundleWrites } from '../credentials/bundle.ts';
import type { ActivationCode } from '../credentials/record.ts';
import type { Decision } from '../store/port.ts';
import {
  asksCode,
  bundlePassed,
  codeReissued,
  videoDecided,
  videoRequested,
  videoScheduled,
} from './changes.ts';
import { type Deciding, decideProofing, type Mail } from './decide.ts';
import { requireName } from './legal-name.ts';
import type { HandedOver, ProofingService, SubscriptionOf } from './port.ts';
import { type ProofingRecord, VIDEO_SESSIONS_MAX } from './record.ts';
import { stateAfter } from './states.ts';
import { entryOf, proofingWrite, refuseOwn, type Subject } from './subject.ts';

/** Live video: a person asks for a session, an agent holds it and hands over an activation code. */

/** A session that is noted while it is held. */
const LATE_MILLIS = 3_600_000;
const AHEAD_MILLIS = 90 * 86_400_000;

export const requestVideo = (
  of: SubscriptionOf,
  caller: Caller,
  deciding: Deciding,
): Promise<ProofingRecord> =>
  decideProofing(of, caller, deciding, ({ account, proofing }) => {
    stateAfter(proofing, 'requestVideo');
    requireName(account, proofing.legalName ?? '');
    if (proofing.videoSessions >= VIDEO_SESSIONS_MAX) {
      throw new FobtwinError('attemptsSpent', 'No further live session is held.', {
        nextStep: 'Contact customer support.',
      });
    }
    const after = videoRequested(proofing, caller.now);
    const details = { session: after.videoSessions };
    return {
      writes: [proofingWrite(after)],
      auditDrafts: [entryOf(caller, 'requestProofingVideo', after, details)],
      reply: after,
    };
  });

export async function schedule(
  { subscription, at }: Parameters<ProofingService['schedule']>[0],
  caller: Caller,
  deciding: Deciding,
): Promise<ProofingRecord> {
  requireNear(at, caller.now);
  return decideProofing({ subscription }, caller, deciding, (subject, mail) => {
    refuseOwn(subject, caller);
    const agent = agentOf(caller.principal);
    const after = videoScheduled(subject.proofing, { at, agent, now: caller.now });
    const moment = formatTime(at);
    return {
      writes: [proofingWrite(after), ...mail('proofingScheduled', { at: moment, agent })],
      auditDrafts: [entryOf(caller, 'scheduleProofing', after, { appointment: moment })],
      reply: after,
    };
  });
}

/** What an agent is called to the person. */
const agentOf = ({ account, actor }: Principal): string => account ?? actor;

function requireNear(at: UnixMillis, now: UnixMillis): void {
  if (at < now - LATE_MILLIS) {
    throw invalidInput('/at', 'tooSmall', 'The session would have been held already.', {
      nextStep: 'Give a moment from now on.',
    });
  }
  if (at > now + AHEAD_MILLIS) {
    throw invalidInput('/at', 'tooLarge', 'The session is too far off.', {
      nextStep: 'Give a moment within 90 days.',
    });
  }
}

export async function decide(
  { subscription, passed, note }: Parameters<ProofingService['decide']>[0],
  caller: Caller,
  deciding: Deciding,
): Promise<HandedOver> {
  const text = makeActivationText(deciding.rng);
  return decideProofing({ subscription }, caller, deciding, (subject, mail) => {
    refuseOwn(subject, caller);
    requireBegun(subject.proofing, caller.now);
    const by = caller.principal.actor;
    const after = videoDecided(subject.proofing, { passed, note, by, at: caller.now });
    if (!passed) return failedVideo(after, caller, mail);
    requireName(subject.account, after.legalName ?? '');
    return passedVideo(subject, {
      after,
      caller,
      mail,
      ...issuedTo(subject, text, caller, deciding),
    });
  });
}

/** A verdict on a session that has not begun is one on nobody. */
function requireBegun(proofing: ProofingRecord, now: UnixMillis): void {
  stateAfter(proofing, 'passVideo');
  if (proofing.appointment !== undefined && now >= proofing.appointment.at) return;
  throw new FobtwinError('notAllowedNow', 'The live session has not begun.', {
    nextStep: 'Schedule it for now where it was brought forward.',
  });
}

interface Issued {
  readonly text: ActivationText;
  readonly activation: ActivationCode;
}

const issuedTo = (
  { account }: Subject,
  text: ActivationText,
  { now }: Caller,
  { activationKey }: Deciding,
): Issued => ({
  text,
  activation: issuedActivation(activationCodeMac(account.id, text, activationKey), now),
});

function failedVideo(after: ProofingRecord, caller: Caller, mail: Mail): Decision<HandedOver> {
  return {
    writes: [proofingWrite(after), ...mail('proofingFailed', { method: 'video' })],
    auditDrafts: [entryOf(caller, 'failProofing', after)],
    reply: { proofing: after },
  };
}

interface PassedVideo extends Issued {
  readonly after: ProofingRecord;
  readonly caller: Caller;
  readonly mail: Mail;
}

function passedVideo(
  { bundle }: Subject,
  { after, caller, mail, text, activation }: PassedVideo,
): Decision<HandedOver> {
  const proofed = bundlePassed(bundle, { at: caller.now, method: 'video', activation });
  const isAsked = asksCode(proofed);
  return {
    writes: [
      proofingWrite(after),
      ...bundleWrites(bundle, proofed),
      ...mail('proofingPassed', { method: 'video' }),
    ],
    auditDrafts: [entryOf(caller, 'passProofing', after, { activationCode: isAsked })],
    reply: { proofing: after, ...(isAsked ? { activationCode: text } : {}) },
  };
}

export function reissueCode(
  subscription: SubscriptionId,
  caller: Caller,
  deciding: Deciding,
): Promise<HandedOver> {
  const text = makeActivationText(deciding.rng);
  return decideProofing({ subscription }, caller, deciding, (subject) => {
    const { bundle, proofing } = subject;
    refuseOwn(subject, caller);
    stateAfter(proofing, 'reissueCode');
    if (!asksCode(bundle)) throw noneWaits();
    const { activation } = issuedTo(subject, text, caller, deciding);
    return {
      writes: bundleWrites(bundle, codeReissued(bundle, activation)),
      auditDrafts: [entryOf(caller, 'reissueActivationCode', proofing)],
      reply: { proofing, activationCode: text },
    };
  });
}

const noneWaits = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'No activation waits for an activation code.', {
    nextStep: 'The person activates without one, or has activated already.',
  });
