import { STRENGTH_NAMES } from '../../../shared/wire/texts.ts';
import { momentOf, type Template } from './mail-body.ts';

/** What the helpdesk did for somebody who called. */

const STRENGTHS: Readonly<Record<string, string>> = STRENGTH_NAMES;
const ACTIONS: Readonly<Record<string, string>> = {
  temporaryCode: 'gave out a temporary code',
  replacement: 'granted a replacement for a token',
  unlock: 'unlocked a token',
};

export const temporaryCode: Template<'temporaryCode'> = ({ code, expires, strength, reason }) => ({
  subject: 'Your temporary code',
  parts: [
    'The helpdesk has given you a temporary code. Enter it where you would enter the code of ' +
      'your token:',
    { exact: code },
    {
      facts: [
        ['Valid until', momentOf(expires)],
        ['Credential strength', STRENGTHS[strength] ?? strength],
        ['Reason', reason],
      ],
    },
    'Nobody will ask you for this code by telephone or mail. If you did not ask for it, tell ' +
      'your support desk at once.',
  ],
});

export const helpdeskDone: Template<'helpdeskDone'> = ({ action, reason, at }) => ({
  subject: 'The helpdesk has changed something for your account',
  parts: [
    `On ${momentOf(at)} the helpdesk ${ACTIONS[action] ?? `did for your account: ${action}`}, ` +
      'after somebody who called had been checked.',
    { facts: [['Reason', reason]] },
    'If you did not ask for it, tell your support desk at once. This mail goes to every address ' +
      'that your account has had.',
  ],
});
