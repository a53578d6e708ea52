/** Where in a scenario's file something stands; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Why a scenario is not run: one thing that is wrong with its text. */
export interface Refusal extends Place {
  readonly message: string;
  /** What its writer can do, one sentence. */
  readonly nextStep?: string;
}

/** `drift.yaml:12:5: what is wrong`, as editors and terminals make a link of it. */
export function refusalText(file: string, { line, column, message }: Refusal): string {
  return `${file}:${line}:${column}: ${message}`;
}

const QUOTED_CHARACTERS_MAX = 40;

/** What stands in a file, short enough to be quoted, without signs that would move the cursor. */
export function quoted(text: string): string {
  const plain = text.replace(/\p{C}/gu, '?');
  const short =
    plain.length > QUOTED_CHARACTERS_MAX ? `${plain.slice(0, QUOTED_CHARACTERS_MAX)}…` : plain;
  return `"${short}"`;
}
