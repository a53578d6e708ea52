import { invalidInput } from '../../shared/errors.ts';

/**
 * What a program without types misspells would otherwise be left away without a word.
 *
 * @throws FobtwinError `invalidInput` naming the first option that is none
 */
export function checkOptions(options: object, names: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  throw invalidInput(unknown, 'unknownField', `There is no option ${unknown}`, {
    nextStep: `Options are ${Object.keys(names).join(', ')}.`,
  });
}
