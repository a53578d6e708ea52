import type { Output } from './surroundings.ts';

/** What a long command is at, a line each, for a person at a terminal. */
export function stagesOn(
  errors: Output,
  { json }: { readonly json: boolean },
): { readonly onStage?: (text: string) => void } {
  if (json || errors.isTTY !== true) return {};
  return { onStage: (text) => void errors.write(`fobd: ${text}\n`) };
}
