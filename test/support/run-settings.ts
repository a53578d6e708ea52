/** What a person sets to replay a random run or to make it longer. The only reader of these. */

/**
 * The integer in the environment variable `name`, or `undefined` where it is not set.
 *
 * @throws Error when it is something else, or less than `least`
 */
export function integerFrom(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${name} is an integer of at least ${least}`);
}

/** Whether the long rounds are asked for in full (`npm run soak`). */
export const isSoak = (): boolean => process.env['FOBTWIN_SOAK'] === '1';
