import { MALFORMATIONS } from './packet.ts';

/**
 * What became of a packet: each that arrives is counted once, under one of these, and under nothing
 * that its sender chose.
 */
export const PACKET_RESULTS = [
  // Answered.
  'accessAccept',
  'accessReject',
  'accessChallenge',
  'statusServer',
  /** A retransmission: it got, or waits for, the reply of the first. */
  'repeated',
  // Not answered, though nothing was wrong with it.
  /** The flow had nothing to say. */
  'unanswered',
  /** Deciding it failed; the log says why. */
  'failed',
  // Dropped, because of its sender or its form.
  'unknownClient',
  ...MALFORMATIONS,
  'unsupportedCode',
  'authenticatorAbsent',
  'authenticatorBad',
  'authenticatorTwice',
  'authenticatorMalformed',
  /** Proxy-State without Message-Authenticator (CVE-2024-3596). */
  'unprotectedProxyState',
  /** EAP-Message without Message-Authenticator (RFC 3579 section 3.1). */
  'unprotectedEap',
  /** Identifier and authenticator of another request, and something else in it. */
  'conflicting',
  /** Source port 0. */
  'unanswerable',
  // Dropped for want of room; the client asks again.
  'clientQueueFull',
  'clientBusy',
  'busy',
  'repliesFull',
  'stopping',
] as const;
export type PacketResult = (typeof PACKET_RESULTS)[number];

/** Told of every packet once. */
export type PacketObserver = (result: PacketResult) => void;
