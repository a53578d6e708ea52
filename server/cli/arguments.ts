import { FobtwinError } from '../../shared/errors.ts';
import { parseAccountId, parseApplicationId, parseSerial } from '../../shared/types.ts';

/** Arguments that name something, checked before anything is opened. */

function named<T>(parse: (text: string) => T | undefined, form: string) {
  return (text: string): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw new FobtwinError('usage', `${JSON.stringify(text)} is not ${form}`);
  };
}

export const serialArgument = named(
  parseSerial,
  'a serial: letters, digits and . _ -, at most 64, the first a letter or a digit',
);
export const accountArgument = named(
  parseAccountId,
  'an account id: letters, digits and . _ @ -, at most 128, the first a letter or a digit',
);
export const applicationArgument = named(
  parseApplicationId,
  "an application's id: 16 hexadecimal digits, as `fobd application list` shows",
);

/** A whole number given as text. */
export function numberArgument(
  flag: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value >= least && value <= most) return value;
  throw new FobtwinError('usage', `${flag} is a whole number from ${least} to ${most}`);
}
