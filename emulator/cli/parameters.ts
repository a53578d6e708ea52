import type { TokenParameters } from '../../shared/types.ts';

/** How a token makes codes, in a few words: `time, 30 s, 6 digits, SHA1`. */
export function describeParameters(parameters: TokenParameters): string {
  const { type, digits, algorithm } = parameters;
  const factor = type === 'time' ? `time, ${parameters.stepSeconds} s` : 'event';
  return `${factor}, ${digits} digits, ${algorithm}`;
}
