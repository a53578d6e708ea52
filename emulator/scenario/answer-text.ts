import { type Checked, shown } from './mismatch.ts';

const SEEN_CHARACTERS_MAX = 200;

interface ExpectedText {
  readonly contains?: string | undefined;
  readonly 'contains-not'?: string | undefined;
}

/** Holds the text that a server or a program gave against what it should and should not hold. */
export function expectText(
  text: string,
  { contains, 'contains-not': containsNot }: ExpectedText,
  what: string,
): Checked {
  const seen = shown(brief(text));
  if (contains !== undefined && !text.includes(contains)) {
    return { expected: `${what} with ${shown(contains)}`, seen };
  }
  if (containsNot !== undefined && text.includes(containsNot)) {
    return { expected: `${what} without ${shown(containsNot)}`, seen };
  }
  return undefined;
}

function brief(text: string): string {
  const plain = text.trim().replace(/\p{C}/gu, ' ');
  return plain.length > SEEN_CHARACTERS_MAX ? `${plain.slice(0, SEEN_CHARACTERS_MAX)}…` : plain;
}
