/** An expectation that was not met: a result, not an error. */
export interface Mismatch {
  readonly expected: string;
  readonly seen: string;
}

/** Undefined when all is as expected. */
export type Checked = Mismatch | undefined;

export function isMismatch(value: unknown): value is Mismatch {
  return typeof value === 'object' && value !== null && 'expected' in value && 'seen' in value;
}

/** Text as it stands in a message; a dark display is told from one that reads nothing. */
export const shown = (text: string): string => (text === '' ? 'nothing' : `"${text}"`);
