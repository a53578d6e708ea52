import { Counter, type Registry } from 'prom-client';

/** A counter with one label. */
export interface CountOptions {
  readonly name: string;
  readonly help: string;
  readonly labelName: string;
}

/** The value of the label. Their number must be bounded. */
export type Count = (value: string) => void;

/** What `createTally` is for two labels. */
export function createCount(registers: Registry[], { name, help, labelName }: CountOptions): Count {
  const counts = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames: [labelName],
    registers,
    collect() {
      for (const [value, count] of counts) this.inc({ [labelName]: value }, count);
      counts.clear();
    },
  });
  return (value) => {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  };
}

/** A counter with two labels. */
export interface TallyOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [string, string];
}

/** The values of the two labels. Their number must be bounded. */
export type Tally = (first: string, second: string | number) => void;

/**
 * Counts in maps, and hands the counts over when somebody asks for them: a counter of the library
 * makes a text of its labels each time, and this is on the way of every request.
 */
export function createTally(
  registers: Registry[],
  { name, help, labelNames: [firstName, secondName] }: TallyOptions,
): Tally {
  const counts = new Map<string, Map<string | number, number>>();
  new Counter({
    name,
    help,
    labelNames: [firstName, secondName],
    registers,
    collect() {
      for (const [first, bySecond] of counts) {
        for (const [second, count] of bySecond) {
          this.inc({ [firstName]: first, [secondName]: second }, count);
        }
      }
      counts.clear();
    },
  });
  return (first, second) => {
    const known = counts.get(first);
    const bySecond = known ?? new Map<string | number, number>();
    if (known === undefined) counts.set(first, bySecond);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  };
}
