import {
  type CertificateFiles,
  daysLeft,
  EXPIRY_WARNING_MILLIS,
  readCertificate,
} from '../http/certificate.ts';
import { DEFAULT_POLICY, type Policy } from '../verification/policy.ts';
import { fromError } from './files.ts';
import { type Finding, ok, orOk, warn } from './finding.ts';

/** Options of which more lets more codes in, or lets more be guessed. */
const LOOSER_WHEN_GREATER: readonly (keyof Policy)[] = [
  'lookAhead',
  'resyncCounters',
  'windowStepsMax',
  'windowDeviations',
  'resyncSteps',
  'pairStepsMax',
  'waitAfterFailures',
  'lockAfterFailures',
  'disableAfterFailures',
  'repeatSeconds',
  'resyncFailedPairs',
  'registrationFailedPairsPerAccountDay',
  'registrationFailedPairsPerSerial',
];
const LOOSER_WHEN_SMALLER: readonly (keyof Policy)[] = ['waitSeconds', 'waitSecondsMax'];

/** The policy is possible, or fobd would not start; here, whether it is looser than it ought. */
export function checkPolicy(policy: Policy): readonly Finding[] {
  const looser = [
    ...LOOSER_WHEN_GREATER.filter((name) => policy[name] > DEFAULT_POLICY[name]),
    ...LOOSER_WHEN_SMALLER.filter((name) => policy[name] < DEFAULT_POLICY[name]),
  ];
  const findings = looser.map((name) =>
    warn(
      'policy',
      `${name} is ${policy[name]}, looser than the default ${DEFAULT_POLICY[name]}`,
      'See the odds in server/RULES.md, and set it back unless they are small enough.',
    ),
  );
  const { lookAhead, lockAfterFailures } = policy;
  const odds = ((lookAhead * lockAfterFailures) / 1e6).toExponential(0);
  return orOk(findings, 'policy', `Guessing an event token until it locks succeeds with ${odds}`);
}

/** A served certificate, as it will be found by a fobd that starts now. */
export async function checkCertificate(
  files: CertificateFiles | undefined,
  { now, servedUntil }: { readonly now: number; readonly servedUntil?: number | undefined },
): Promise<readonly Finding[]> {
  const served = servedUntil === undefined ? [] : [describeServed(servedUntil, now)];
  if (files === undefined) {
    return orOk(served, 'certificate', 'No TLS certificate was named: plain HTTP');
  }
  try {
    const certificate = await readCertificate(files, now);
    const days = daysLeft(certificate, now);
    const says = `The certificate for ${certificate.names} is good for ${days} days more`;
    if (certificate.expiresAt - now > EXPIRY_WARNING_MILLIS) {
      return [...served, ok('certificate', says)];
    }
    return [...served, warn('certificate', says, RENEW)];
  } catch (error) {
    return [...served, fromError('certificate', error)];
  }
}

const RENEW = 'Renew it under the same file names; a serving fobd takes the new one up by itself.';

function describeServed(servedUntil: number, now: number): Finding {
  const days = daysLeft({ expiresAt: servedUntil }, now);
  const says = `The certificate being served is good for ${days} days more`;
  const isLong = servedUntil - now > EXPIRY_WARNING_MILLIS;
  return isLong ? ok('certificate', says) : warn('certificate', says, RENEW);
}
