import { MANAGE_OTP, momentOf, SIGN_IN, type Template } from './mail-body.ts';

/** Proofing and activation (seeds 002, 003). */

export const credentialActivated: Template<'credentialActivated'> = ({ credential, product }) => ({
  subject: 'Your credential is activated',
  parts: [
    `Your credential ${credential} (${product}) is activated.`,
    'One step is left: register its token by serial number and two codes, its phone by the code ' +
      'that is sent to it, or its Mobile ID by two codes of the app.',
    'Then sign in with it: applications that ask for it can be reached only so. Your credential ' +
      'strength shows what you have signed in with.',
  ],
});

const METHODS: Readonly<Record<string, string>> = {
  questions: 'instant proofing',
  video: 'live video proofing',
};
const methodText = (method: string): string => METHODS[method] ?? method;

export const proofingScheduled: Template<'proofingScheduled'> = ({ at, agent }) => ({
  subject: `Your proofing session on ${momentOf(at)}`,
  parts: [
    'Your live video proofing session is arranged:',
    {
      facts: [
        ['When', momentOf(at)],
        ['With', agent],
      ],
    },
    'Have your identity document ready; the name in your account must be the one in it. At the ' +
      'end the agent gives you an activation code.',
  ],
});

export const proofingPassed: Template<'proofingPassed'> = ({ method }) => ({
  subject: 'Your identity is proofed',
  parts: [
    `You have passed ${methodText(method)}.`,
    `To go on: ${SIGN_IN}, ${MANAGE_OTP}, then Purchase or Register Credentials, ` +
      'and activate your credential. After a live session that needs the code which the agent ' +
      'gave you.',
  ],
});

export const proofingFailed: Template<'proofingFailed'> = ({ method }) => ({
  subject: 'Your identity could not be proofed',
  parts: [
    `Your identity could not be proofed by ${methodText(method)}.`,
    method === 'questions'
      ? 'You can arrange a live video session with an agent instead.'
      : 'Please write to us before you arrange another session.',
    'Nothing that you own already has changed by this.',
  ],
});
