import { Counter, type Registry } from 'prom-client';

/** A counter with one label or two. */
export interface TallyOptions<Names extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: Names;
}

/** The values of the labels. Their number must be bounded. */
type Tally = (first: string, second?: string | number) => void;

/**
 * Counts in maps, and hands the counts over when somebody asks for them: a counter of the library
 * makes a text of its labels each time, and this is on the way of every request.
 */
export function createTally(
  registers: Registry[],
  options: TallyOptions<readonly [string]>,
): (value: string) => void;
export function createTally(
  registers: Registry[],
  options: TallyOptions<readonly [string, string]>,
): (first: string, second: string | number) => void;
export function createTally(
  registers: Registry[],
  { name, help, labelNames }: TallyOptions<readonly [string, ...string[]]>,
): Tally {
  const [firstName, secondName] = labelNames;
  const counts = new Map<string, Map<string | number, number>>();
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers,
    collect() {
      for (const [first, bySecond] of counts) {
        for (const [second, count] of bySecond) {
          this.inc({ [firstName]: first, ...(secondName && { [secondName]: second }) }, count);
        }
      }
      counts.clear();
    },
  });
  return (first, second = '') => {
    const known = counts.get(first);
    const bySecond = known ?? new Map<string | number, number>();
    if (known === undefined) counts.set(first, bySecond);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  };
}
