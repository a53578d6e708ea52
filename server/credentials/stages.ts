import { FobtwinError } from '../../shared/errors.ts';
import type { Serial, UnixMillis } from '../../shared/types.ts';
import {
  type ActivationCode,
  type CredentialRecord,
  isInDoubt,
  isProofed,
  type ProofingMethod,
  type Replacement,
  type Stage,
} from './record.ts';

/**
 * The table of a credential's stages: verbs by stages. Whatever has no row is refused, each verb
 * with the code that says what is to be done instead.
 */
export const CREDENTIAL_VERBS = [
  'passProofing',
  'activate',
  'register',
  'demandProofing',
  'grantReplacement',
  'recognise',
  'unregister',
  'unregisterUnproofed',
  'revoke',
] as const;
export type CredentialVerb = (typeof CREDENTIAL_VERBS)[number];

interface StageRow {
  readonly from: readonly Stage[];
  /** Absent: the stage stays. */
  readonly to?: Stage;
}

export const STAGE_TABLE: Readonly<Record<CredentialVerb, readonly StageRow[]>> = {
  passProofing: [
    { from: ['proofing'], to: 'activation' },
    // An upgrade of a credential that works already.
    { from: ['activation', 'registration', 'active'] },
  ],
  activate: [{ from: ['activation'], to: 'registration' }],
  register: [{ from: ['registration'], to: 'active' }],
  demandProofing: [{ from: ['proofing', 'activation', 'registration', 'active'] }],
  grantReplacement: [{ from: ['active'] }],
  // Its person is known after all: what was proofed is.
  recognise: [{ from: ['active'] }, { from: ['proofing'], to: 'registration' }],
  unregister: [{ from: ['active'], to: 'registration' }],
  // The replacement's person is to be proofed anew, and has not been yet.
  unregisterUnproofed: [{ from: ['active'], to: 'proofing' }],
  revoke: [{ from: ['proofing', 'activation', 'registration', 'active'], to: 'revoked' }],
};

/** The stage that `verb` leads to. @throws FobtwinError where the table has no row */
export function stageAfter(credential: CredentialRecord, verb: CredentialVerb): Stage {
  const { stage, id } = credential;
  const row = STAGE_TABLE[verb].find(({ from }) => from.includes(stage));
  if (row !== undefined) return row.to ?? stage;
  if (stage === 'revoked') {
    throw new FobtwinError('revoked', `Credential ${id} is revoked, and that is final.`, {
      nextStep: 'Purchase and set up a new one.',
    });
  }
  if (stage === 'proofing') {
    throw new FobtwinError('proofingRequired', 'Identity proofing comes first.', {
      nextStep: isInDoubt(credential)
        ? 'Sign in with Phone OTP or stronger, or complete identity proofing anew.'
        : 'Choose a method of proofing, and complete it.',
    });
  }
  throw new FobtwinError('notAllowedNow', `Credential ${id} is at ${stage}: it has no ${verb}.`, {
    nextStep: NEXT_STEPS[stage],
  });
}

const NEXT_STEPS: Readonly<Record<Stage, string>> = {
  proofing: 'Complete identity proofing.',
  activation: 'Activate it.',
  registration: 'Register its token or phone.',
  active: 'It is active; nothing is to be done.',
  revoked: 'Purchase a new one.',
};

/** With a code where a live session's agent hands one over; without it activation asks for none. */
export function proofingPassed(
  credential: CredentialRecord,
  {
    at,
    method,
    activation,
    session,
  }: {
    readonly at: UnixMillis;
    readonly method: ProofingMethod;
    readonly activation?: ActivationCode | undefined;
    /** Whose answers have passed. */
    readonly session?: string | undefined;
  },
): CredentialRecord {
  const stage = stageAfter(credential, 'passProofing');
  const asksCode = stage === 'activation' && activation !== undefined;
  return {
    ...credential,
    stage,
    proofing: { state: 'passed', at, method },
    ...(asksCode ? { activation } : {}),
    ...(session === undefined ? {} : { proofedIn: session }),
  };
}

export function proofingDemanded(credential: CredentialRecord): CredentialRecord {
  const { proofedIn: _, ...rest } = credential;
  return { ...rest, stage: stageAfter(credential, 'demandProofing'), proofing: { state: 'due' } };
}

/**
 * Its activation code has been given, and is asked for no more. Where none is asked for, nothing
 * changes.
 *
 * @param session in which the person gave it
 */
export function codeGiven(credential: CredentialRecord, session?: string): CredentialRecord {
  const { activation, ...rest } = credential;
  const isKnown = activation !== undefined && session !== undefined;
  return isKnown ? { ...rest, proofedIn: session } : rest;
}

/**
 * Whether the code was right, where one is asked for, is judged before.
 *
 * @param session in which the person gave it
 */
export const activated = (
  credential: CredentialRecord,
  at: UnixMillis,
  session?: string,
): CredentialRecord => ({
  ...codeGiven(credential, session),
  stage: stageAfter(credential, 'activate'),
  activatedAt: at,
});

export function registeredWith(
  credential: CredentialRecord,
  { at, serial }: { readonly at: UnixMillis; readonly serial?: Serial },
): CredentialRecord {
  const { replacement: _, ...rest } = credential;
  const stage = stageAfter(credential, 'register');
  return { ...rest, stage, registeredAt: at, ...(serial === undefined ? {} : { serial }) };
}

/** What is to be proofed anew is not proofed from now on, until its person is known. */
export function replacementGranted(
  credential: CredentialRecord,
  replacement: Replacement,
): CredentialRecord {
  const stage = stageAfter(credential, 'grantReplacement');
  const { proofing } = credential;
  if (replacement.proofAnew !== true) return { ...credential, stage, replacement };
  if (proofing?.state !== 'passed') return proofingDemanded({ ...credential, stage, replacement });
  const { at, method } = proofing;
  const doubted: Replacement = { ...replacement, proofed: { at, method } };
  return proofingDemanded({ ...credential, stage, replacement: doubted });
}

/**
 * Whoever the replacement was granted to has shown more than the password since: what was proofed
 * counts again, and the way on is that of a person who was known from the first. The very record
 * where nothing is in doubt.
 */
export function recognised(credential: CredentialRecord): CredentialRecord {
  const { replacement } = credential;
  if (!isInDoubt(credential) || replacement?.proofed === undefined) return credential;
  const { proofAnew: _, proofed, ...granted } = replacement;
  const stage = stageAfter(credential, 'recognise');
  return { ...credential, stage, proofing: { state: 'passed', ...proofed }, replacement: granted };
}

/**
 * Another token takes its token's place in one decision: the stage stays, a grant is used up. A
 * proofed credential needs the grant, which says whether its person was known.
 *
 * @throws FobtwinError `notAllowedNow`, `revoked` unless it is active, `proofingRequired`
 */
export function replacedWith(
  credential: CredentialRecord,
  { at, serial }: { readonly at: UnixMillis; readonly serial: Serial },
): CredentialRecord {
  const { serial: _, ...rest } = credential;
  if (credential.replacement === undefined && isProofed(credential)) {
    throw new FobtwinError('proofingRequired', 'The identity behind this credential is proofed.', {
      nextStep: 'Grant a replacement first; it says whether the person must be proofed anew.',
    });
  }
  // Leaving the old one and taking the new one are both allowed, or neither.
  const { replacement = { grantedAt: at, reason: 'other' } } = credential;
  const left = withoutAuthenticator({ ...rest, replacement }, at);
  return registeredWith(left, { at, serial });
}

/**
 * Its token is revoked: another may be registered where a replacement was granted, or where it is a
 * Mobile ID, which costs nothing to set up anew; else that was the credential.
 *
 * @param options.isKnown whoever revokes it is its person, and has shown more than the password.
 * Default false: a proofed Mobile ID is set up anew after proofing anew
 */
export function withoutAuthenticator(
  present: CredentialRecord,
  at: UnixMillis,
  { isKnown = false }: { readonly isKnown?: boolean } = {},
): CredentialRecord {
  const isGranted = present.replacement !== undefined;
  if (!isGranted && present.type === 'hardwareToken') return revokedAs(present, at);
  const isDoubtful = !isGranted && !isKnown && isProofed(present);
  const anew: Replacement = { grantedAt: at, reason: 'other', proofAnew: true };
  const credential = isDoubtful ? replacementGranted(present, anew) : present;
  const { serial: _, ...rest } = credential;
  const isUnproofed = credential.replacement?.proofAnew === true && !isProofed(credential);
  const verb = isUnproofed ? 'unregisterUnproofed' : 'unregister';
  return { ...rest, stage: stageAfter(credential, verb) };
}

export function revokedAs(credential: CredentialRecord, at: UnixMillis): CredentialRecord {
  const { activation: _, replacement: __, ...rest } = credential;
  return { ...rest, stage: stageAfter(credential, 'revoke'), revokedAt: at };
}
