import type { Code } from '../../shared/types.ts';
import type { SentPurpose } from './port.ts';
import type { PhoneKind } from './record.ts';

/** What a phone is told. Plain ASCII, so that a text is one text. */

const PURPOSES: Readonly<Record<SentPurpose, string>> = {
  signIn: 'Your code to sign in is',
  verification: 'Your code to confirm this phone is',
};

/** Spoken digit by digit, and once more: nobody can look at it again. */
const spoken = (code: Code): string => [...code].join(', ');

export function messageText(code: Code, purpose: SentPurpose, kind: PhoneKind): string {
  const lead = PURPOSES[purpose];
  return kind === 'text'
    ? `${lead} ${code}. It is valid for two minutes. Give it to nobody.`
    : `${lead}: ${spoken(code)}. Again: ${spoken(code)}. It is valid for two minutes.`;
}
